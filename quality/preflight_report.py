"""What `jobs/check_corpus.py` prints: the file, its vocabulary, what a training costs, verdicts."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from etl.publishing.summary import align, human_bytes
from quality.judge import Verdict

SHOWN_WORDS = 12
MIN_COUNT_HEADER = ("min_count", "words", "training words", "share", "WS-353 pairs missing")


def describe_preflight(
    metrics: Mapping[str, Any], quality: Mapping[str, Any], training: Iterable[tuple[str, str]]
) -> str:
    """Several lines for people.

    Args:
        metrics: of the file.
        quality: its verdicts.
        training: what a training would come to, as lines with their labels.
    """
    rows = [*_file_rows(metrics), *training]
    return "\n".join(
        [*align(rows), "", *_vocabulary_table(metrics["vocabulary"]), "", *_verdict_lines(quality)]
    )


def _file_rows(metrics: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    corpus, lengths = metrics["corpus"], metrics["tokens_per_sentence"]
    repeated, missing = metrics["repeated_lines"], metrics["min_count"]["ws353_missing"]
    yield "size", human_bytes(corpus["bytes"])
    yield "sha256", corpus["sha256"]
    yield "lines", f"{corpus['lines']:,}"
    yield "tokens", f"{corpus['tokens']:,}"
    if lengths["count"]:
        median = lengths["quantiles"]["0.5"]
        mean, longest = lengths["mean"], lengths["longest"]
        yield "tokens a line", f"mean {mean:,.1f}, median {median:,}, longest {longest:,}"
    yield "types", f"{metrics['vocabulary']['types']:,}"
    yield "repeated lines", f"{repeated['repeats']:,} ({repeated['share']:.1%})"
    words, least = metrics["min_count"]["words"], metrics["min_count"]["min_count"]
    yield "vocabulary", f"{words:,} words that occur {least:,} times or more"
    shown = f": {', '.join(missing[:SHOWN_WORDS])}{' …' if len(missing) > SHOWN_WORDS else ''}"
    yield "WS-353 words missing", f"{len(missing):,}{shown if missing else ''}"


def _vocabulary_table(vocabulary: Mapping[str, Any]) -> Iterator[str]:
    rows = [MIN_COUNT_HEADER]
    pairs = vocabulary["ws353"]["by_min_count"]
    for row, coverage in zip(vocabulary["min_count"], pairs, strict=True):
        words, training = f"{row['words']:,}", f"{row['training_words']:,}"
        lost = f"{coverage['pairs_missing']} of {coverage['pairs']}"
        rows.append((f"{row['min_count']}", words, training, f"{row['share']:.2%}", lost))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return (
        "  ".join(f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True))
        for row in rows
    )


def _verdict_lines(quality: Mapping[str, Any]) -> Iterator[str]:
    verdicts = [Verdict(**verdict) for verdict in quality["verdicts"]]
    passed = sum(verdict.passed for verdict in verdicts)
    yield f"{passed} of {len(verdicts)} checks passed"
    for verdict in verdicts:
        if not verdict.passed:
            yield f"{verdict.severity}: {verdict}"
