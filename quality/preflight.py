"""Any training file → its metrics and whether BlazingText should be paid to train on it."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from etl.counting.line_counts import LineCounts
from etl.counting.token_counts import in_order, merge
from quality.file_profile import count_file, digest
from quality.gate import Standard
from quality.judge import Judge, Subject, judged
from quality.metrics import describe_corpus
from quality.repeated_lines import RepeatedLines
from quality.subjects import make_subjects
from quality.suites import preflight
from quality.suites.comparisons import compare
from quality.verdicts import summarize
from quality.vocabulary import Pairs, counts_of


def describe_file(
    path: Path, pairs: Pairs, min_count: int, processes: int, sha256: str | None
) -> dict[str, Any]:
    """The metrics of a file, and under `min_count` what a training with it would see.

    Args:
        path: the file.
        pairs: WS-353.
        min_count: hyperparameter of the training.
        processes: that count.
        sha256: the digest that a manifest has for the file; None without one.

    Raises:
        OSError: it can't be read.
    """
    lines, repeated = LineCounts(), RepeatedLines()

    def tables() -> Iterator[tuple[int, pa.Table]]:
        for segment in count_file(path, processes):
            lines.update(segment.lines)
            repeated.add(segment.hashes)
            yield segment.lines.tokens, segment.tokens

    tokens = merge(in_order(tables()))
    metrics = describe_corpus(lines, tokens, repeated, pairs)
    found = digest(path)
    metrics["corpus"]["sha256"] = found
    metrics["corpus"]["is_manifests"] = None if sha256 is None else sha256 == found
    metrics["min_count"] = describe_training(tokens, pairs, min_count)
    return metrics


def describe_training(tokens: pa.Table, pairs: Pairs, min_count: int) -> dict[str, Any]:
    """What a min_count leaves."""
    counts = tokens["count"].to_numpy()
    kept = counts[counts >= min_count]
    of_pairs = counts_of(tokens, {word for pair in pairs for word in pair})
    missing = sorted(word for word, count in of_pairs.items() if count < min_count)
    return {
        "min_count": min_count,
        "words": int(kept.size),
        "training_words": int(kept.sum()),
        "ws353_missing": missing,
    }


def judge_file(metrics: dict[str, Any], standard: Standard, *, strict: bool) -> dict[str, Any]:
    """The verdicts of the preflight, and where strict those that a build has to pass too."""
    tokens, checks = metrics["corpus"]["tokens"], standard.thresholds["preflight"]
    subject = Subject("preflight", preflight.figures(metrics), preflight.CHECKS, checks)
    subjects = [judged(subject, tokens)]
    if strict:
        subjects += make_subjects(metrics, standard.thresholds, standard.baselines)
    verdicts = Judge().judge(subjects)
    compared: Sequence[Any] = standard.baselines if strict else ()
    return {
        **summarize(verdicts),
        "thresholds": {"source": standard.source},
        "comparisons": [compare(metrics, one, verdicts) for one in compared],
    }
