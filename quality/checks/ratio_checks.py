"""The figures of a corpus as ratios to those of another: the published run, or an earlier build."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from quality.checks.check import WARNING, Check, Metrics
from quality.checks.corpus_checks import row_of

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


@dataclass(frozen=True)
class Baseline:
    """Another corpus.

    Attributes:
        name: "reference" or "baseline", the dataset of its checks.
        source: where its figures come from.
        figures: names of `SAYS`; those that it does not know are missing.
    """

    name: str
    source: str
    figures: dict[str, float]

    def ratio(self, name: str, metrics: Metrics) -> float | None:
        """Ours to theirs; None where not both know it."""
        ours, theirs = compared_figures(metrics).get(name), self.figures.get(name)
        return round(ours / theirs, 4) if ours is not None and theirs else None

    def checks(self, rows: Sequence[Check]) -> Iterator[Check]:
        """Rows of its dataset, whose figures are ratios to it."""
        for row in rows:
            yield replace(row, figure=partial(self.ratio, row.name), look=self.source)


REFERENCE = Baseline(
    "reference",
    "BlazingText run of 27 June 2020, whole Blog Authorship Corpus",
    {
        "lines": 7_480_869,
        "bytes": 676 * 2**20,
        "tokens": 148_000_000 - 7_480_869,
        "tokens_per_line": (148_000_000 - 7_480_869) / 7_480_869,
        "bytes_per_token": 676 * 2**20 / (148_000_000 - 7_480_869),
        "vocabulary": 50_298,
        "ws353_pairs_missing": 6,
    },
)
"""7,480,869 lines, "File size: 676 MB" (MiB), "Read 148M words" (one end of sentence a line among
them), 50,298 words at min_count 40, 6 pairs not found. Source: "Training and evaluating a Word2Vec
model using BlazingText in SageMaker"."""


def compared_figures(metrics: Metrics) -> dict[str, float]:
    """What of the metrics, or of as much as a manifest has of them, is compared."""
    corpus, vocabulary = metrics["corpus"], metrics.get("vocabulary")
    lines, tokens = corpus["lines"], corpus["tokens"]
    figures: dict[str, float] = {name: corpus[name] for name in ("bytes", "lines", "tokens")}
    figures["tokens_per_line"] = tokens / lines if lines else 0.0
    figures["bytes_per_token"] = corpus["bytes"] / tokens if tokens else 0.0
    if metrics.get("ledger"):
        figures["posts_kept"] = metrics["ledger"]["posts"]["kept"]
    if vocabulary:
        figures["types"] = vocabulary["types"]
        figures["repeated_share"] = metrics["repeated_lines"]["share"]
        figures["vocabulary"] = row_of(vocabulary["min_count"], REFERENCE_MIN_COUNT)["words"]
        pairs = row_of(vocabulary["ws353"]["by_min_count"], REFERENCE_MIN_COUNT)
        figures["ws353_pairs_missing"] = pairs["pairs_missing"]
    return figures


def _ratio(
    other: str,
    name: str,
    at_least: float | None,
    at_most: float,
    from_tokens: int = 0,
    note: str = "",
) -> Check:
    """A row whose figure is ours until `Baseline.checks` divides it by theirs."""
    says = f"{SAYS[name].capitalize()}, as a ratio to the {other}"
    figure = partial(_compared_figure, name)
    return Check(name, says, figure, other, at_least, at_most, WARNING, from_tokens, note)


def _compared_figure(name: str, metrics: Metrics) -> float | None:
    return compared_figures(metrics).get(name)


# fmt: off
REFERENCE_RATIOS = (
    _ratio("reference", "bytes_per_token", 0.97, 1.03, 1_000_000, "of 5.02; a tenth: 1.003"),
    _ratio(*("reference", "tokens_per_line", 0.7, 1.3, 1_000_000),
           "of 18.9; a tenth: 0.81, since more sentences are told apart"),
    _ratio("reference", "tokens", 0.95, 1.05, 100_000_000, "of 140.5 M"),
    _ratio("reference", "lines", 0.7, 1.4, 100_000_000, "of 7.48 M"),
    _ratio("reference", "vocabulary", 0.95, 1.05, 100_000_000, "of 50,298"),
    _ratio("reference", "ws353_pairs_missing", None, 1.5, 100_000_000, "of 6"),
)
# fmt: on
"""Those that depend on size only for a corpus of about that of the reference run."""

BASELINE_RATIOS = (
    _ratio("baseline", "lines", 0.9, 1.1),
    _ratio("baseline", "tokens", 0.9, 1.1),
    _ratio("baseline", "bytes", 0.9, 1.1),
    _ratio("baseline", "posts_kept", 0.9, 1.1),
    _ratio("baseline", "types", 0.9, 1.1),
    _ratio("baseline", "tokens_per_line", 0.95, 1.05),
    _ratio("baseline", "repeated_share", 0.5, 1.5),
)
"""Those to the build of `--baseline`, which is known only then."""
