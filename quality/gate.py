"""The gate: a corpus that is built → verdicts, and no corpus where an error is among them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from etl.built_corpus import BuiltCorpus, Gate, RefusedError
from etl.counting import line_hashes, token_counts
from etl.counting.profile import COUNTS, HASHES, TOKENS, Profile
from quality.baseline import read_baseline
from quality.checks.build_checks import LEDGER, POSTS, REJECTS, reject_checks
from quality.checks.check import ERROR, Check, Checks, Metrics, read_thresholds
from quality.checks.corpus_checks import CORPUS, PREFLIGHT, SENTENCES
from quality.checks.ratio_checks import (
    BASELINE_RATIOS,
    REFERENCE,
    REFERENCE_RATIOS,
    SAYS,
    Baseline,
    compared_figures,
)
from quality.checks.table_checks import LEDGER_ROWS, POST_ROWS, REJECT_ROWS, SENTENCE_ROWS
from quality.judge import Verdict, failures, judge_plainly, summarize
from quality.metrics import describe_corpus
from quality.repeated_lines import RepeatedLines
from quality.vocabulary import Pairs
from schemas.output import DATA_DOCS, METRICS
from storage.s3_client import S3Options

CHECKS: Checks = {
    "ledger": (*LEDGER, *LEDGER_ROWS),
    "rejects": (*REJECTS, *REJECT_ROWS),
    "posts": (*POSTS, *POST_ROWS),
    "sentences": (*SENTENCES, *SENTENCE_ROWS),
    "corpus": CORPUS,
    "reference": REFERENCE_RATIOS,
    "baseline": BASELINE_RATIOS,
    "preflight": PREFLIGHT,
}
"""All there are."""


@dataclass(frozen=True)
class Standard:
    """What a corpus is held to.

    Attributes:
        checks: of all datasets.
        source: the user's file of thresholds, or "default".
        baselines: other corpora to compare with.
    """

    checks: Checks = field(default_factory=lambda: CHECKS)
    source: str = "default"
    baselines: Sequence[Baseline] = (REFERENCE,)

    def checks_of(self, metrics: Metrics) -> dict[str, list[Check]]:
        """Those of each dataset that the metrics know, and of each comparison."""
        rows, of_build = self.checks, {}
        if metrics["ledger"]:
            rejects = list(reject_checks(rows["rejects"], metrics))
            of_build = {"ledger": [*rows["ledger"]], "rejects": rejects}
        if metrics["ledger"] and metrics["posts"]:
            of_build["posts"] = [*rows["posts"]]
        of_file = {name: [*rows[name]] for name in ("sentences", "corpus")}
        ratios = {other.name: list(other.checks(rows[other.name])) for other in self.baselines}
        return of_build | of_file | ratios


def read_standard(
    thresholds: Path | None = None, baseline: str | None = None, s3: S3Options | None = None
) -> Standard:
    """The default one, with what a user's files say.

    Args:
        thresholds: a TOML file.
        baseline: see `read_baseline`.
        s3: how to reach a baseline on S3.

    Raises:
        UsageError, InputNotFoundError: one of the files is not what it should be.
        AwsError: S3 said no.
    """
    checks = read_thresholds(thresholds, CHECKS) if thresholds else CHECKS
    others = [REFERENCE, *([read_baseline(baseline, s3)] if baseline else [])]
    return Standard(checks, str(thresholds) if thresholds else "default", others)


def make_gate(standard: Standard, pairs: Pairs, *, enforce: bool = True) -> Gate:
    """A gate for `etl.build.run`.

    Args:
        standard: what the corpus is held to.
        pairs: WS-353, whose coverage is told.
        enforce: whether a failed error keeps the corpus back.
    """

    def gate(built: BuiltCorpus) -> dict[str, Any]:
        metrics = describe_build(built, pairs)
        quality = judge(metrics, standard, docs=built.folder / DATA_DOCS)
        write_metrics(metrics, built.folder / METRICS)
        if enforce and not quality["passed"]:
            raise RefusedError(explain(quality), quality | {"gate": "refused"})
        return quality | {"gate": "passed" if quality["passed"] else "failed"}

    return gate


def describe_build(built: BuiltCorpus, pairs: Pairs) -> Metrics:
    """The metrics of a build, from what its tasks counted."""
    total, lengths = Profile(), list[int]()
    for profile in Profile.read_counts(part.read() for part in built.parts(COUNTS)):
        total.lines.update(profile.lines)
        total.posts.update(profile.posts)
        lengths.append(profile.lines.tokens)
    repeated = RepeatedLines()
    for part in built.parts(HASHES):
        repeated.add(line_hashes.from_text(part.read()))
    tables = (token_counts.from_text(part.read()) for part in built.parts(TOKENS))
    metrics = describe_corpus(
        total.lines,
        token_counts.merge(token_counts.in_order(zip(lengths, tables, strict=True))),
        repeated,
        pairs,
        posts=total.posts,
        ledger=built.ledger,
    )
    metrics["corpus"]["sha256"] = built.corpus.sha256
    return metrics


def judge(
    metrics: Metrics,
    standard: Standard,
    checks: Mapping[str, Sequence[Check]] | None = None,
    docs: Path | None = None,
) -> dict[str, Any]:
    """The verdicts on a corpus, as the manifest has them.

    Args:
        metrics: of the corpus.
        standard: what it is held to.
        checks: dataset → what is judged; None for all that a build has to pass.
        docs: folder for GX's pages; None for none, and then for no GX.
    """
    checks = standard.checks_of(metrics) if checks is None else checks
    if docs:
        from quality.expectations import judging  # takes seconds, which not everybody needs

        verdicts = judging.judge(judging.Figures(metrics, checks), docs=docs)
    else:
        verdicts = [
            verdict
            for name, rows in checks.items()
            for verdict in judge_plainly(name, rows, metrics)
        ]
    return conclude(verdicts, metrics, standard, checks)


def conclude(
    verdicts: Sequence[Verdict],
    metrics: Metrics,
    standard: Standard,
    checks: Mapping[str, Sequence[Check]],
) -> dict[str, Any]:
    """Verdicts as the manifest has them, with the comparisons that were asked for."""
    compared = [other for other in standard.baselines if other.name in checks]
    return {
        **summarize(verdicts),
        "thresholds": {"source": standard.source},
        "comparisons": [compare(metrics, other, verdicts) for other in compared],
    }


def compare(metrics: Metrics, other: Baseline, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """A comparison as the manifest has it: a row per figure, judged or not."""
    ours = compared_figures(metrics)
    judged = {verdict.expectation: verdict for verdict in verdicts if verdict.dataset == other.name}
    rows = [
        {
            "figure": name,
            "says": SAYS[name],
            "found": ours[name],
            "expected": theirs,
            "ratio": other.ratio(name, metrics),
            "severity": judged[name].severity if name in judged else None,
            "passed": judged[name].passed if name in judged else None,
            "tolerance": judged[name].expected if name in judged else None,
        }
        for name, theirs in other.figures.items()
        if name in ours and theirs
    ]
    return {"with": other.name, "source": other.source, "rows": rows}


def explain(quality: Mapping[str, Any]) -> str:
    """The line of a corpus that fails."""
    errors = failures(quality, ERROR)
    count = f"{len(errors)} quality check{'s' if len(errors) > 1 else ''} failed"
    return f"{count}: {'; '.join(map(str, errors))}"


def write_metrics(metrics: Metrics, path: Path) -> None:
    """The metrics as a file, for the report and for later builds to compare with."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(metrics, indent=1, ensure_ascii=False)
    path.write_text(f"{text}\n", encoding="utf-8")
