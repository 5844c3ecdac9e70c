"""Comparisons: the figures of a corpus as ratios to those of another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from quality.figures import Check, Figures, Metrics
from quality.verdicts import Verdict

SAYS = {
    "bytes": "bytes",
    "lines": "lines",
    "tokens": "tokens",
    "tokens_per_line": "tokens a line",
    "bytes_per_token": "bytes a token",
    "types": "types",
    "posts_kept": "posts kept",
    "repeated_share": "share of repeated lines",
    "vocabulary": "words that occur 40 times",
    "ws353_pairs_missing": "pairs of WS-353 with a word that does not occur 40 times",
}
"""Every figure that is compared, in words."""

REFERENCE_MIN_COUNT = 40

REFERENCE: dict[str, float] = {
    "lines": 7_480_869,
    "bytes": 676 * 2**20,
    "tokens": 148_000_000 - 7_480_869,
    "tokens_per_line": (148_000_000 - 7_480_869) / 7_480_869,
    "bytes_per_token": 676 * 2**20 / (148_000_000 - 7_480_869),
    "vocabulary": 50_298,
    "ws353_pairs_missing": 6,
}
"""The BlazingText run of 27 June 2020: 7,480,869 lines, "File size: 676 MB" (MiB), "Read 148M
words" (one end of sentence a line among them), 50,298 words at min_count 40, 6 pairs not found.
Source: "Training and evaluating a Word2Vec model using BlazingText in SageMaker"."""

REFERENCE_SOURCE = "BlazingText run of 27 June 2020, whole Blog Authorship Corpus"


@dataclass(frozen=True)
class Baseline:
    """Another corpus.

    Attributes:
        name: "reference" or "baseline", the dataset of the thresholds.
        source: where its figures come from.
        figures: names of `SAYS`; those that it does not know are missing.
    """

    name: str
    source: str
    figures: dict[str, float]

    def check_of(self, name: str) -> Check:
        """The check of one ratio."""
        return Check(f"{SAYS[name].capitalize()}, as a ratio to the {self.name}", self.source)

    def ratios(self, figures: Figures) -> Figures:
        """Ours to theirs, for what both know."""
        return {
            name: round(figures[name] / value, 4)
            for name, value in self.figures.items()
            if name in figures and value
        }


def reference() -> Baseline:
    """The published run."""
    return Baseline("reference", REFERENCE_SOURCE, REFERENCE)


def compared_figures(metrics: Metrics) -> Figures:
    """What of the metrics is compared."""
    corpus, vocabulary = metrics["corpus"], metrics.get("vocabulary")
    lines, tokens = corpus["lines"], corpus["tokens"]
    figures: Figures = {name: corpus[name] for name in ("bytes", "lines", "tokens")}
    figures["tokens_per_line"] = tokens / lines if lines else 0.0
    figures["bytes_per_token"] = corpus["bytes"] / tokens if tokens else 0.0
    if metrics.get("ledger"):
        figures["posts_kept"] = metrics["ledger"]["posts"]["kept"]
    if vocabulary:
        figures["types"] = vocabulary["types"]
        figures["repeated_share"] = metrics["repeated_lines"]["share"]
        figures["vocabulary"] = _row(vocabulary["min_count"])["words"]
        pairs = _row(vocabulary["ws353"]["by_min_count"])
        figures["ws353_pairs_missing"] = pairs["pairs_missing"]
    return figures


def compare(metrics: Metrics, baseline: Baseline, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """A comparison as the manifest has it: a row a figure, judged or not."""
    found, ratios = compared_figures(metrics), baseline.ratios(compared_figures(metrics))
    judged = {one.expectation: one for one in verdicts if one.dataset == baseline.name}
    rows = []
    for name, ratio in ratios.items():
        verdict = judged.get(name)
        rows.append(
            {
                "figure": name,
                "says": SAYS[name],
                "found": found[name],
                "expected": baseline.figures[name],
                "ratio": ratio,
                "severity": verdict.severity if verdict else None,
                "passed": verdict.passed if verdict else None,
                "tolerance": verdict.expected if verdict else None,
            }
        )
    return {"with": baseline.name, "source": baseline.source, "rows": rows}


def _row(rows: Any) -> Any:
    return next(row for row in rows if row["min_count"] == REFERENCE_MIN_COUNT)
