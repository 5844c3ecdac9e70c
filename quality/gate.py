"""The gate: a corpus that is built → verdicts, and no corpus where an error is among them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from etl.counting import line_hashes, token_counts
from etl.counting.profile import COUNTS, HASHES, TOKENS, Profile
from etl.gate import Gate, GateInput
from quality.baseline import read_baseline
from quality.figures import Metrics
from quality.judge import Judge
from quality.metrics import describe_corpus
from quality.repeated_lines import RepeatedLines
from quality.subjects import make_subjects
from quality.suites.comparisons import Baseline, compare, reference
from quality.thresholds import ERROR, Thresholds, default_thresholds, read_thresholds
from quality.verdicts import Verdict, failed, summarize
from quality.vocabulary import Pairs
from storage.errors import QualityError
from storage.s3_client import S3Options

DATA_DOCS, METRICS = "data_docs", "metrics.json"


@dataclass(frozen=True)
class Standard:
    """What a corpus is held to.

    Attributes:
        thresholds: bounds of all checks.
        source: the user's file of thresholds, or "default".
        baselines: other corpora to compare with.
    """

    thresholds: Thresholds = field(default_factory=default_thresholds)
    source: str = "default"
    baselines: Sequence[Baseline] = field(default_factory=lambda: [reference()])


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
    read = read_thresholds(thresholds) if thresholds else default_thresholds()
    baselines = [reference(), *([read_baseline(baseline, s3)] if baseline else [])]
    return Standard(read, str(thresholds) if thresholds else "default", baselines)


def make_gate(standard: Standard, pairs: Pairs, *, enforce: bool = True) -> Gate:
    """A gate for `etl.build.run`.

    Args:
        standard: what the corpus is held to.
        pairs: WS-353, whose coverage is told.
        enforce: whether a failed error keeps the corpus back.
    """

    def gate(built: GateInput) -> dict[str, Any]:
        metrics = describe_build(built, pairs)
        quality = judge(metrics, standard, built.report / DATA_DOCS)
        write_metrics(metrics, built.report / METRICS)
        if enforce and not quality["passed"]:
            raise QualityError(explain(quality))
        return quality | {"gate": "passed" if quality["passed"] else "failed"}

    return gate


def describe_build(built: GateInput, pairs: Pairs) -> Metrics:
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


def judge(metrics: Metrics, standard: Standard, docs: Path | None = None) -> dict[str, Any]:
    """The verdicts on a corpus, as the manifest has them; GX's pages too if they have a folder."""
    court = Judge()
    verdicts = court.judge(make_subjects(metrics, standard.thresholds, standard.baselines))
    if docs:
        court.write_docs(docs)
    return {
        **summarize(verdicts),
        "thresholds": {"source": standard.source},
        "comparisons": [compare(metrics, one, verdicts) for one in standard.baselines],
    }


def explain(quality: dict[str, Any]) -> str:
    """The line of a corpus that fails."""
    wrong = failed([Verdict(**one) for one in quality["verdicts"]], ERROR)
    count = f"{len(wrong)} quality check{'s' if len(wrong) > 1 else ''} failed"
    return f"{count}: {'; '.join(map(str, wrong))}"


def write_metrics(metrics: Metrics, path: Path) -> None:
    """The metrics as a file, for the report and for later builds to compare with."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(metrics, indent=1, ensure_ascii=False)
    path.write_text(f"{text}\n", encoding="utf-8")
