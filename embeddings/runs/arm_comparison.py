"""Arms side by side: what each differs from the first, on each table of pairs, and how surely."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from embeddings.runs.comparison_table import csv_cell
from embeddings.runs.run_scores import RunScore
from embeddings.scoring.crossed_intervals import Effect, Indices, effects
from embeddings.scoring.evaluation import CONFIDENCE
from embeddings.scoring.text_tables import NONE, figure, table
from embeddings.scoring.word_pairs import WS353_ALL, PairSet, ws353
from storage.errors import BadPairsError, BadRunError, UsageError
from storage.printable import printable

FORMAT = 1
BEGIN, END = "<!-- comparison -->", "<!-- end of comparison -->"
"""Marks of a document between which the table stands."""

FEWEST_COMMON = 10
"""Pairs without which nothing is compared."""

MEAN_RHO = "mean_rho"
UNCLEAR = "no difference that this can see"
BETTER, WORSE, BASE = "better", "worse", "the others differ from this"
NO_INTERVAL = "one seed gives no interval"


@dataclass(frozen=True)
class SetEffects:
    """All arms on one table of pairs.

    Attributes:
        name: of the table, or `mean_rho`.
        pairs: in the table.
        common: pairs of them that all arms know, on which they are compared.
        missing: pairs that each arm lacks.
        effects: of each arm.
    """

    name: str
    pairs: int
    common: int
    missing: Sequence[int]
    effects: Sequence[Effect]


@dataclass(frozen=True)
class ArmComparison:
    """An experiment's result.

    Attributes:
        arms: any line of each, for what it is; the first is what the others are compared with.
        seeds: that all of them have, on all tables.
        left_out: runs with other seeds.
        sets: one per table, WordSim-353 in its parts and their mean.
    """

    arms: Sequence[RunScore]
    seeds: Sequence[int]
    left_out: int
    sets: Sequence[SetEffects]

    @property
    def names(self) -> list[str]:
        """Of the arms."""
        return [arm.arm for arm in self.arms]

    def rows(self, on: SetEffects) -> Iterator[tuple[int, str, int, Effect]]:
        """Of each arm on a table of pairs: number, name, pairs that it lacks, effect."""
        numbers = range(len(self.arms))
        return zip(numbers, self.names, on.missing, on.effects, strict=True)


def compare_arms(scores: Sequence[RunScore], tables: Iterable[PairSet]) -> ArmComparison:
    """The comparison of runs by their lines.

    Args:
        scores: in the order that the arms are to have.
        tables: those to compare on.

    Raises:
        BadRunError: there is no seed that all arms have on all tables.
        BadPairsError: the arms have fewer than `FEWEST_COMMON` pairs of a table in common.
    """
    tables = list(tables)
    lines = {score.key: score for score in scores}
    arms = {score.arm: score for score in reversed(scores)}
    names = list(dict.fromkeys(score.arm for score in scores))
    runs = {(score.arm, score.seed) for score in scores}
    seeds = sorted(
        seed
        for seed in {score.seed for score in scores}
        if all((name, seed, table.name) in lines for name in names for table in tables)
    )
    if not seeds or not tables:
        raise BadRunError(f"no seed has a run of each of {', '.join(names)} on the same pairs")
    sets = [
        effect
        for table in tables
        for effect in _set_effects(
            table, [[lines[name, seed, table.name] for seed in seeds] for name in names]
        )
    ]
    left_out = len(runs) - len(seeds) * len(names)
    return ArmComparison([arms[name] for name in names], seeds, left_out, sets)


def verdict(effect: Effect, is_first: bool) -> str:
    """What an interval says, in words."""
    if is_first:
        return BASE
    if effect.low is None:
        return NO_INTERVAL
    if not effect.is_clear:
        return UNCLEAR
    return BETTER if effect.difference > 0 else WORSE


def comparison_text(comparison: ArmComparison) -> str:
    """A table per set, then what the arms are."""
    blocks = []
    header = ["", "missing", "rho", "sd", "difference", "95 % interval", ""]
    for effects_of_set in comparison.sets:
        rows = [
            [name, f"{missing:,}", figure(effect.rho), figure(effect.deviation, 3)]
            + (_difference(effect) if number else [NONE, NONE])
            + [verdict(effect, not number)]
            for number, name, missing, effect in comparison.rows(effects_of_set)
        ]
        blocks.append(table([_title(effects_of_set), *header[1:]], rows))
    return "\n\n".join([*blocks, "\n".join(comparison_notes(comparison))])


def comparison_markdown(comparison: ArmComparison) -> str:
    """One table: the first arm's rho per set, then a line per arm with what it differs by.

    With half the interval's width, and bold where the interval leaves out 0.
    """
    names = [each.name.removesuffix(".txt") for each in comparison.sets]
    missing = [f"{each.pairs - each.common:,}" for each in comparison.sets]
    pairs = [f"{each.common:,}" for each in comparison.sets]
    header = ["", "lines", "words", *names]
    lines = [header, ["---", *["---:"] * (len(header) - 1)]]
    lines.append(["pairs that all know", "", "", *pairs])
    lines.append(["other pairs", "", "", *missing])
    for number, arm in enumerate(comparison.arms):
        cells = [_change(each.effects[number], not number) for each in comparison.sets]
        lines.append([arm.arm.replace("|", r"\|"), f"{arm.lines:,}", f"{arm.words:,}", *cells])
    seeds = len(comparison.seeds)
    counted = f"{seeds} {'seed' if seeds == 1 else 'seeds'}"
    note = f"\n{counted} each; {comparison.left_out} runs left out.\n"
    return "".join(f"| {' | '.join(line)} |\n" for line in lines) + note


def _change(effect: Effect, is_first: bool) -> str:
    if is_first:
        return figure(effect.rho)
    if effect.high is None:
        return f"{effect.difference:+.3f}"
    shown = f"{effect.difference:+.3f} ± {effect.high - effect.difference:.3f}"
    return f"**{shown}**" if effect.is_clear else shown


def fill_document(document: str, name: str, table: str) -> str:
    """A document with the table in the place of the one between its marks.

    Raises:
        UsageError: it has no marks.
    """
    before, has_begin, rest = document.partition(BEGIN)
    _, has_end, after = rest.partition(END)
    if not has_begin or not has_end:
        raise UsageError(f"{name} has no {BEGIN} … {END}, where the table would stand")
    return f"{before}{BEGIN}\n{table}{END}{after}"


def comparison_json(comparison: ArmComparison) -> str:
    """All of it."""
    content: dict[str, Any] = {
        "format": FORMAT,
        "confidence": CONFIDENCE,
        "seeds": list(comparison.seeds),
        "runs_left_out": comparison.left_out,
        "arms": [{name: getattr(arm, name) for name in ARM_FIELDS} for arm in comparison.arms],
        "sets": [
            {
                "name": effects_of_set.name,
                "pairs": effects_of_set.pairs,
                "common": effects_of_set.common,
                "arms": list(_records(comparison, effects_of_set)),
            }
            for effects_of_set in comparison.sets
        ],
    }
    return json.dumps(content, indent=2, allow_nan=False) + "\n"


def comparison_csv(comparison: ArmComparison) -> str:
    """A line per set and arm."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    rows = [
        {"set": each.name, "pairs": each.pairs, "common": each.common, **record}
        for each in comparison.sets
        for record in _records(comparison, each)
    ]
    writer.writerow(rows[0])
    writer.writerows([csv_cell(value) for value in row.values()] for row in rows)
    return stream.getvalue()


ARM_FIELDS = ("arm", "corpus", "lines", "words", "settings", "backend", "versions")


def _set_effects(table: PairSet, lines: Sequence[Sequence[RunScore]]) -> Iterator[SetEffects]:
    """Of a table, or of WordSim-353's mean and parts; lines are arms × seeds."""
    cosines = np.array([[line.known() for line in arm] for arm in lines])
    is_common: Any = ~np.isnan(cosines).any(axis=(0, 1))
    people = np.array([pair.score for pair in table.pairs])
    parts = [(table, np.arange(len(people)))]
    if table.name == WS353_ALL:
        parts = [(part, _places(part, table)) for part in ws353()]
        shared = [_within(places, is_common) for _, places in parts]
        missing = [arm[0].missing for arm in lines]
        _check_common(table, is_common.sum())
        means = effects(people[is_common], cosines[..., is_common], shared)
        yield SetEffects(MEAN_RHO, len(people), int(is_common.sum()), missing, means)
    for part, places in parts:
        kept = places[is_common[places]]
        _check_common(part, len(kept))
        missing = [int(np.isnan(arm[0][places]).sum()) for arm in cosines]
        own = effects(people[kept], cosines[..., kept])
        yield SetEffects(part.name, len(places), len(kept), missing, own)


def _check_common(table: PairSet, common: int) -> None:
    if common < FEWEST_COMMON:
        raise BadPairsError(
            f"{table.name}: only {common} of its {len(table.pairs):,} pairs are known to all "
            f"arms, and a comparison takes {FEWEST_COMMON}"
        )


def _places(part: PairSet, whole: PairSet) -> Indices:
    """Where the pairs of a part stand."""
    inside = set(part.pairs)
    return np.flatnonzero([pair in inside for pair in whole.pairs])


def _within(places: Indices, is_common: Any) -> Indices:
    """Where the common ones of some places stand among all common pairs."""
    ranks = np.cumsum(is_common) - 1
    within: Indices = ranks[places[is_common[places]]]
    return within


def _records(comparison: ArmComparison, effects_of_set: SetEffects) -> Iterator[dict[str, Any]]:
    for number, name, missing, effect in comparison.rows(effects_of_set):
        yield {"arm": name, "missing": missing, **_rounded(effect)} | {
            "verdict": verdict(effect, not number)
        }


def _rounded(effect: Effect) -> dict[str, float | None]:
    return {
        name: None if value is None else round(value, 6) for name, value in asdict(effect).items()
    }


def _difference(effect: Effect) -> list[str]:
    if effect.low is None or effect.high is None:
        return [f"{effect.difference:+.4f}", NONE]
    return [f"{effect.difference:+.4f}", f"{effect.low:+.3f} to {effect.high:+.3f}"]


def _title(effects_of_set: SetEffects) -> str:
    return f"{effects_of_set.name} ({effects_of_set.common:,} of {effects_of_set.pairs:,} pairs)"


def comparison_notes(comparison: ArmComparison) -> Iterator[str]:
    """What the arms are, a line each, and what the intervals are over."""
    first = comparison.arms[0]
    for arm in comparison.arms:
        changed = [item for item in arm.settings.split() if item not in first.settings.split()]
        other = f", {' '.join(changed)}" if changed else ""
        yield printable(
            f"{arm.arm}: sha256 {arm.corpus[:12]}…, {arm.lines:,} lines, {arm.words:,} words{other}"
        )
    yield printable(f"all: {first.settings}")
    seeds = ", ".join(map(str, comparison.seeds))
    yield f"seeds {seeds}; the intervals are over seeds and pairs of words"
    if comparison.left_out:
        yield f"{comparison.left_out} runs are left out: not all arms have their seeds"
