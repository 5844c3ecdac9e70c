"""A figure of the report: a drawing, what to see in it, and the same numbers as a table.

And figures as text: how numbers are written in the report and the card.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

VIEW_HEIGHT = re.compile(r'viewBox="0 0 \S+ ([\d.]+)"')
AROUND = 140.0
"""Pixels of title, caption and margins, about."""

Metrics = dict[str, Any]
"""A corpus's metrics, or a part of them, in the form of `quality.metrics`."""

UNITS = ((1e9, "G"), (1e6, "M"), (1e3, "k"))


@dataclass(frozen=True)
class Table:
    """A table of the report.

    Attributes:
        label: what it is, for screen readers.
        header: of the columns; the first one names the rows.
        rows: as many texts each.
        is_numeric: whether all but the first column hold numbers, which stand to the right.
        folded: more rows, which a reader unfolds.
    """

    label: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    is_numeric: bool = True
    folded: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Figure:
    """A figure of the report.

    Attributes:
        name: of the figure, unique in the page; ids are made of it.
        title: what it shows.
        svg: the drawing; empty where there is nothing to draw.
        caption: what to see in it.
        table: the same numbers.
    """

    name: str
    title: str
    svg: Markup
    caption: str
    table: Table

    @property
    def height(self) -> float:
        """About the pixels that it takes, at the width of a phone."""
        return AROUND + (float(VIEW_HEIGHT.findall(self.svg)[0]) if self.svg else 0.0)


def count_table(
    label: str, name: str, counts: Sequence[tuple[str, int]], total: int = 0, of: str = ""
) -> Table:
    """Counts, and their shares of a total if there is one."""
    header = (name, "count", f"share of {of}") if total else (name, "count")
    rows = [(text, count_text(count), share_of(count, total)) for text, count in counts]
    return Table(label, header, tuple(row[: len(header)] for row in rows))


def count_text(count: Any) -> str:
    """A count with commas; a dash where nothing was counted.

    >>> count_text(1933), count_text(None)
    ('1,933', '–')
    """
    return f"{count:,}" if isinstance(count, int | float) else "–"


def share_text(share: float | None) -> str:
    """A share as a percentage, to two or three figures; what is not all or none never reads so.

    >>> share_text(0.00741), share_text(0.5), share_text(0), share_text(1)
    ('0.74 %', '50.0 %', '0 %', '100 %')
    >>> share_text(1e-6), share_text(0.9997)
    ('< 0.01 %', '> 99.9 %')
    """
    if share is None:
        return "–"
    if share in (0, 1):
        return f"{share * 100:.0f} %"
    if share < 0.0001:
        return "< 0.01 %"
    if share >= 0.9995:
        return "> 99.9 %"
    return f"{share * 100:.{2 if share < 0.1 else 1}f} %"


def share_of(part: int, total: int) -> str:
    """The share that a part is of a total; a dash where there is no total.

    >>> share_of(1, 4), share_of(0, 0)
    ('25.0 %', '–')
    """
    return share_text(part / total if total else None)


def short_count(count: float) -> str:
    """A count for a scale or a small cell: three figures and a unit.

    >>> [short_count(count) for count in (0, 85, 1234, 14_421, 7_480_869, 0.5)]
    ['0', '85', '1.2k', '14k', '7.5M', '0.5']
    """
    for size, unit in UNITS:
        if count >= size:
            value = count / size
            return f"{value:.1f}".removesuffix(".0") + unit if value < 10 else f"{value:.0f}{unit}"
    return f"{count:g}"


def place_text(location: str) -> str:
    """A location without the folders of the machine that it was on, which are nobody's business.

    >>> place_text("/home/ann/data/blogs.zip"), place_text("data/"), place_text("s3://bucket/blogs")
    ('blogs.zip', 'data', 's3://bucket/blogs')
    """
    if "://" in location.removeprefix("file://"):
        return location
    return location.rstrip("/").rpartition("/")[2] or location


def figure_text(value: Any) -> str:
    """What was found by a check, whatever it is: a number, a text, nothing.

    >>> figure_text(0.0123456), figure_text(14602849), figure_text(None), figure_text("a")
    ('0.01235', '14,602,849', 'not measured', 'a')
    """
    if value is None:
        return "not measured"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1000 else f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
