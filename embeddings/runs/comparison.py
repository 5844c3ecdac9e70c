"""Runs side by side: the best first, those of different corpora told apart."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embeddings.runs.run_record import COMPLETED, RUN_FILE, RunRecord, read_runs
from embeddings.scoring.word_pairs import WS353_ALL
from storage.errors import BadRunError, InputNotFoundError

MEAN_RHO = "mean_rho"
SEED = "seed"


@dataclass(frozen=True)
class Row:
    """One run of the comparison.

    Attributes:
        place: path or URI of its run.json.
        group: letter of its corpus; runs with the same letter were trained on the same bytes.
        record: all of it.
        low: lower end of the 95 % interval of mean_rho; None where it is not known.
        high: its upper end.
        missing: pairs of WS-353 ALL without a score; None without evaluation.
    """

    place: str
    group: str
    record: RunRecord
    low: float | None
    high: float | None
    missing: int | None


def collect(locations: Iterable[str | Path], broken: Callable[[str], None]) -> list[Row]:
    """All runs below some places, each once, by mean_rho, best first; those without one last.

    Args:
        locations: folders, and S3 prefixes.
        broken: told in one line about each run.json that is left out.

    Raises:
        InputNotFoundError: a place is not there, or there is no run.json in any.
        BadRunError: there are some, and all are broken.
        AwsError: S3 can't be read.
    """
    return make_rows(find_runs(locations, broken))


def find_runs(
    locations: Iterable[str | Path], broken: Callable[[str], None]
) -> dict[str, RunRecord]:
    """The same by their places, in no order."""
    places, failures = [str(location) for location in locations], 0

    def count(line: str) -> None:
        nonlocal failures
        failures += 1
        broken(line)

    runs: dict[str, RunRecord] = {}
    for location in places:
        for place, record in read_runs(location, count):
            if wrong := discrepancy(record):
                count(f"{place}: {wrong}")
            else:
                runs.setdefault(_identity(place), record)
    if not runs and failures:
        raise BadRunError(f"all {failures} runs below {', '.join(places)} are broken")
    if not runs:
        raise InputNotFoundError(f"no {RUN_FILE} below {', '.join(places)}")
    return runs


def make_rows(runs: dict[str, RunRecord]) -> list[Row]:
    """Runs by their places as rows, best first."""
    best_first = sorted(runs.items(), key=lambda item: (_sort_key(item[1]), item[0]))
    letters: dict[str, str] = {}
    rows = []
    for place, record in best_first:
        identity = corpus_identity(record.corpus)
        group = letters.setdefault(identity, _letter(len(letters)))
        score = record.score(MEAN_RHO)
        missing = (record.evaluation or {}).get(WS353_ALL, {}).get("not_found")
        rows.append(Row(place, group, record, score.get("low"), score.get("high"), missing))
    return rows


def discrepancy(record: RunRecord) -> str:
    """What of a record can't be shown or sorted; empty if nothing is: types only, not values."""
    numbers = ("seconds", "training_seconds", "words_per_second", "vocabulary", "price_usd", "seed")
    wrong = [name for name in numbers if not _is_number(getattr(record, name))]
    if not _is_evaluation(record.evaluation):
        wrong.append("evaluation")
    if not isinstance(record.scores, list) or not all(map(_is_score, record.scores)):
        wrong.append("scores")
    texts = ("name", "status", "backend", "started")
    wrong += [name for name in texts if not isinstance(getattr(record, name), str)]
    return f"{', '.join(wrong)} of a wrong type" if wrong else ""


def labels(rows: Sequence[Row]) -> list[str]:
    """The runs' names; those that share one have as much of their paths before it as it takes."""
    named: dict[str, list[str]] = {}
    for row in rows:
        named.setdefault(row.record.name, []).append(row.place)
    return [_label(row, named[row.record.name]) for row in rows]


def _label(row: Row, places: Sequence[str]) -> str:
    if len(places) == 1:
        return row.record.name
    folders = [place.split("/")[:-1] for place in places]
    own = row.place.split("/")[:-1]
    for length in range(1, len(own) + 1):
        if sum(folder[-length:] == own[-length:] for folder in folders) == 1:
            tail = own[-length:]
            break
    else:
        tail = own
    return "/".join(tail if tail[-1] == row.record.name else [*tail, row.record.name])


def varying(rows: Sequence[Row]) -> list[str]:
    """Hyperparameters that are not the same in all runs, in BlazingText's order; then the seed."""
    if not rows:
        return []
    names = [name for name in _hyperparameters(rows) if len(_values(rows, name)) > 1]
    return names + ([SEED] if len({row.record.seed for row in rows}) > 1 else [])


def constant(rows: Sequence[Row]) -> dict[str, Any]:
    """Hyperparameters that are the same in all runs."""
    first, different = rows[0].record.hyperparameters, varying(rows)
    return {name: first[name] for name in _hyperparameters(rows) if name not in different}


def value(row: Row, name: str) -> Any:
    """A hyperparameter of a run, or its seed; None where it has none."""
    return row.record.seed if name == SEED else row.record.hyperparameters.get(name)


def corpora(rows: Iterable[Row]) -> dict[str, dict[str, Any]]:
    """What run.json says of each group's corpus, by letter."""
    return {row.group: row.record.corpus for row in rows}


def corpus_identity(corpus: dict[str, Any]) -> str:
    """What runs on the same corpus have in common: the digest; its build or URI if that is all."""
    for name in ("sha256", "manifest_sha256", "uri"):
        if corpus.get(name):
            return f"{name} {corpus[name]}"
    return "unknown"


def _sort_key(record: RunRecord) -> tuple[bool, float]:
    rho = record.mean_rho if record.status.lower() == COMPLETED else None
    return rho is None, -(rho or 0.0)


def _letter(index: int) -> str:
    """A to Z, then A1 to Z1, and so on."""
    turn, place = divmod(index, 26)
    return chr(ord("A") + place) + (str(turn) if turn else "")


def _identity(place: str) -> str:
    """The same for one file that was found below two of the places given."""
    return place if "://" in place else str(Path(place).resolve())


def _hyperparameters(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row.record.hyperparameters))


def _values(rows: Sequence[Row], name: str) -> set[str]:
    return {repr(row.record.hyperparameters.get(name)) for row in rows}


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _is_evaluation(content: Any) -> bool:
    """None, or what eval.json may hold, as far as it is shown."""
    if not isinstance(content, dict):
        return content is None
    everything = content.get(WS353_ALL, {})
    if not isinstance(everything, dict) or not _is_number(everything.get("not_found")):
        return False
    return _is_number(content.get(MEAN_RHO))


def _is_score(content: Any) -> bool:
    return (
        isinstance(content, dict)
        and isinstance(content.get("name"), str)
        and all(_is_number(content.get(name)) for name in ("rho", "low", "high"))
    )
