"""The sections of the report in their order: figures, and tables that stand open."""

from collections.abc import Sequence
from dataclasses import dataclass

from quality.report.corpus_figures import (
    group_figures,
    length_figures,
    time_figures,
    vocabulary_figures,
)
from quality.report.figures import Figure, Metrics, Table, count_table, count_text, share_text
from quality.report.ledger_figures import ledger_figures


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
    all_sections = [
        Section("ledger", "Ledger", ledger_figures(ledger) if ledger else ()),
        Section("lengths", "Lengths", length_figures(metrics), _quantiles(metrics)),
        Section("time", "Years and months", time_figures(posts) if posts else ()),
        Section("words", "Words", vocabulary_figures(words), _training_tables(words)),
        Section("bloggers", "Bloggers", group_figures(posts) if posts else ()),
        Section("lines", "Lines", (), _line_tables(metrics)),
    ]
    return [section for section in all_sections if section.figures or section.tables]


def _quantiles(metrics: Metrics) -> list[Table]:
    texts = {"sentences_per_post": "sentences in a post", "tokens_per_sentence": "tokens in a line"}
    known = [(text, metrics[key]) for key, text in texts.items() if metrics[key]]
    known = [(text, lengths) for text, lengths in known if lengths["count"]]
    if not known:
        return []
    levels = list(known[0][1]["quantiles"])
    header = ("", "mean", "shortest", *(f"{float(level):.0%}" for level in levels), "longest")
    rows = []
    for text, lengths in known:
        values = (lengths["shortest"], *lengths["quantiles"].values(), lengths["longest"])
        rows.append((text, f"{lengths['mean']:.2f}", *map(count_text, values)))
    return [Table("Quantiles", header, tuple(rows))]


def _training_tables(words: Metrics) -> list[Table]:
    """What training would see at each min_count."""
    coverage = {row["min_count"]: row for row in words["ws353"]["by_min_count"]}
    rows = []
    for row in words["min_count"]:
        counts = (row["min_count"], row["words"], row["training_words"])
        lost = coverage.get(row["min_count"], {}).get("pairs_missing")
        rows.append((*map(count_text, counts), share_text(row["share"]), count_text(lost)))
    of = "".join(f", of {row['pairs']}" for row in words["ws353"]["by_min_count"][:1])
    header = ("min_count", "words", "tokens kept", "share of tokens", f"WS-353 pairs lost{of}")
    return [Table("Vocabulary by min_count", header, tuple(rows))]


def _line_tables(metrics: Metrics) -> list[Table]:
    lines, repeated, characters = metrics["lines"], metrics["repeated_lines"], metrics["characters"]
    corpus, measures = metrics["corpus"], ("longest_bytes", "unterminated")
    flaws = [(name.replace("_", " "), n) for name, n in lines.items() if name not in measures]
    kinds = [(name, n) for name, n in flaws if n]
    if none := len(flaws) - len(kinds):
        kinds.append((f"any of {none} other flaws", 0))
    left = [(token, n) for token, n in metrics["leftovers"].items() if n]
    top = f"lines that are one of the {repeated['top']} most repeated"
    odd = characters["non_ascii"]
    rows = (
        ("lines that repeat another", repeated["repeats"], share_text(repeated["share"])),
        (top, repeated["top_lines"], share_text(repeated["top_share"])),
        ("longest line, bytes", lines["longest_bytes"], ""),
        ("characters", characters["total"], ""),
        ("characters that are not ASCII", odd, share_text(odd / max(1, characters["total"]))),
    )
    repeats = tuple((name, count_text(count), share) for name, count, share in rows)
    return [
        count_table("Lines by what is in them", "lines with", kinds, corpus["lines"], "lines"),
        count_table("Tokens that mark-up leaves", "token", left, corpus["tokens"], "tokens"),
        Table("Repeated lines", ("", "count", "share"), repeats),
    ]
