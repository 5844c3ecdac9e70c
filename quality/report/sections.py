"""The sections of the report in their order: figures, and tables that stand open."""

from collections.abc import Sequence
from dataclasses import dataclass

from quality.report.figure import Figure, Metrics
from quality.report.group_figures import group_figures
from quality.report.ledger_figures import ledger_figures
from quality.report.tables import Table, count_table, count_text, share_text
from quality.report.text_figures import length_figures, time_figures, vocabulary_figures


@dataclass(frozen=True)
class Section:
    """A section of the report.

    Attributes:
        name: what links to it name.
        title: its heading.
        figures: what is drawn.
        tables: what stands there as a table alone.
    """

    name: str
    title: str
    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()

    @property
    def columns(self) -> list[Sequence[Figure]]:
        """The figures in reading order, cut in two columns of about the same height."""
        heights = [figure.height for figure in self.figures]
        cuts = range(len(heights) + 1)
        best = min(cuts, key=lambda cut: abs(sum(heights[:cut]) - sum(heights[cut:])))
        return [part for part in (self.figures[:best], self.figures[best:]) if part]


def sections(metrics: Metrics) -> list[Section]:
    """All sections that there is anything to say in; a plain file has fewer than a build."""
    ledger, posts, words = metrics["ledger"], metrics["posts"], metrics["vocabulary"]
    found = [
        Section("ledger", "Ledger", ledger_figures(ledger) if ledger else ()),
        Section("lengths", "Lengths", length_figures(metrics), _quantiles(metrics)),
        Section("time", "Years and months", time_figures(posts) if posts else ()),
        Section("words", "Words", vocabulary_figures(words), _training_tables(words)),
        Section("bloggers", "Bloggers", group_figures(posts) if posts else ()),
        Section("lines", "Lines", (), _line_tables(metrics)),
    ]
    return [section for section in found if section.figures or section.tables]


def _quantiles(metrics: Metrics) -> list[Table]:
    asked = (
        ("sentences in a post", "sentences_per_post"),
        ("tokens in a line", "tokens_per_sentence"),
    )
    known = [(text, metrics[key]) for text, key in asked if metrics[key] and metrics[key]["count"]]
    if not known:
        return []
    levels = list(known[0][1]["quantiles"])
    header = ("", "mean", "shortest", *(f"{float(level):.0%}" for level in levels), "longest")
    rows = [
        (
            text,
            f"{one['mean']:.2f}",
            count_text(one["shortest"]),
            *(count_text(one["quantiles"][level]) for level in levels),
            count_text(one["longest"]),
        )
        for text, one in known
    ]
    return [Table("Quantiles", header, tuple(rows))]


def _training_tables(words: Metrics) -> list[Table]:
    """What training would see at each min_count."""
    missing = {one["min_count"]: one for one in words["ws353"]["by_min_count"]}
    rows = [
        (
            count_text(one["min_count"]),
            count_text(one["words"]),
            count_text(one["training_words"]),
            share_text(one["share"]),
            count_text(missing.get(one["min_count"], {}).get("pairs_missing")),
        )
        for one in words["min_count"]
    ]
    pairs = (
        f"WS-353 pairs lost, of {next(iter(missing.values()))['pairs']}"
        if missing
        else "WS-353 pairs lost"
    )
    header = ("min_count", "words", "tokens kept", "share of tokens", pairs)
    return [Table("Vocabulary by min_count", header, tuple(rows))]


def _line_tables(metrics: Metrics) -> list[Table]:
    lines, repeated, characters = metrics["lines"], metrics["repeated_lines"], metrics["characters"]
    total = metrics["corpus"]["lines"]
    measures = ("longest_bytes", "unterminated")
    counts = [(name.replace("_", " "), n) for name, n in lines.items() if name not in measures]
    left = [(token, n) for token, n in metrics["leftovers"].items() if n]
    repeats = (
        (
            "lines that repeat another",
            count_text(repeated["repeats"]),
            share_text(repeated["share"]),
        ),
        (
            f"lines that are one of the {repeated['top']} most repeated",
            count_text(repeated["top_lines"]),
            share_text(repeated["top_share"]),
        ),
    )
    odd = characters["non_ascii"]
    others = (
        ("longest line, bytes", count_text(lines["longest_bytes"]), ""),
        ("characters", count_text(characters["total"]), ""),
        (
            "characters that are not ASCII",
            count_text(odd),
            share_text(odd / max(1, characters["total"])),
        ),
    )
    return [
        count_table("Lines by what is in them", "lines with", counts, total, "lines"),
        count_table(
            "Tokens that mark-up leaves", "token", left, metrics["corpus"]["tokens"], "tokens"
        ),
        Table("Repeated lines", ("", "count", "share"), repeats + others),
    ]
