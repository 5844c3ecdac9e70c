"""Rows of the report: bars across, in panels and in pairs, months of years; each one figure as SVG.

All are as wide as a small phone, and so are hardly scaled down; on wider screens they stand side
by side. Every mark tells its value when one points at it.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import log
from typing import NamedTuple

from markupsafe import Markup
from matplotlib.axes import Axes

from quality.report.figures import share_text, short_count
from quality.report.svg import (
    BAR,
    INK,
    SECOND,
    WIDTH,
    cut,
    make_axes,
    make_figure,
    mark,
    style,
    text_width,
    to_svg,
)

ROW, PAIR, YEAR = 18.0, 25.0, 25.0
"""Pixels of a bar across, of two, or of a year's months, and the gap to the next."""

LEGEND, PERCENTAGE = 22.0, 52.0
"""Pixels above pairs of bars, and right of the longest."""

MONTHS_TOP, MONTHS_LEFT, MONTHS_RIGHT = 20.0, 40.0, 4.0
"""Pixels of the months' names above, and of the margins."""

PALEST, FULLEST = 0.10, 0.55
"""Opacity of a month, with one post and with the most; numbers have to stay readable in it."""

LETTERS = "JFMAMJJASOND"

MOST_LABEL = 23
"""Letters of a label beside a bar."""

WIDEST = 0.5 * WIDTH
"""Of the labels together; in a script with wide letters they reach beyond the figure."""

Counts = Sequence[tuple[str, int]]
Pair = tuple[str, float, float]


def bars(name: str, label: str, counts: Counts, total: int = 0, colour: str = BAR) -> Markup:
    """One bar across for each count, with its number behind it.

    Args:
        name: of the figure.
        label: for screen readers.
        counts: label and count, the first on top.
        total: what the shares are of; none are shown if 0.
        colour: of the bars.
    """
    numbers = [_number(count, total) for _, count in counts]
    right = text_width(numbers, 11)
    with style():
        axes = make_rows(len(counts), ROW, label_width([text for text, _ in counts]), right)
        axes.set_xlim(0, max([1, *(count for _, count in counts)]))
        for row, ((text, count), number) in enumerate(zip(counts, numbers, strict=True)):
            label_row(axes, row, text)
            _bar(axes, row, count, 0.72, colour, f"{text}: {number}")
            write_beside(axes, (count, row), number)
        return to_svg(axes, name, label)


class Panel(NamedTuple):
    """Counts of one kind of things, and how many of these there are in all."""

    name: str
    counts: Counts
    total: int


def panels(name: str, label: str, parts: Sequence[Panel], colour: str = BAR) -> Markup:
    """A panel for each kind of things: a bar across for each share of it, all on one scale.

    Args:
        name: of the figure.
        label: for screen readers.
        parts: at least one with a count; a total is above 0 where there is one.
        colour: of the bars.
    """
    counted = [(text, count, part.total) for part in parts for text, count in part.counts]
    numbers = [_number(count, total) for _, count, total in counted]
    left, right = label_width([text for text, _, _ in counted]), text_width(numbers, 11)
    with style():
        axes = make_rows(len(counted) + len(parts), ROW, left, right)
        axes.set_xlim(0, max(count / total for _, count, total in counted))
        row = 0
        for part in parts:
            said = f"{part.name}, of {part.total:,}" + ("" if part.counts else ": none")
            axes.annotate(
                said,
                (0, row),
                (-left, 0),
                xycoords=("axes fraction", "data"),
                textcoords="offset points",
                va="center",
                fontweight="bold",
            )
            for text, count in part.counts:
                row += 1
                share, number = count / part.total, _number(count, part.total)
                label_row(axes, row, text)
                _bar(axes, row, share, 0.72, colour, f"{part.name}, {text}: {number}")
                write_beside(axes, (share, row), number)
            row += 1
        return to_svg(axes, name, label)


def paired_bars(name: str, label: str, pairs: Sequence[Pair], kinds: tuple[str, str]) -> Markup:
    """Two bars across for each row, of shares from 0 to 1 of two kinds of things."""
    with style():
        left = label_width([text for text, _, _ in pairs])
        axes = make_rows(len(pairs), PAIR, left, PERCENTAGE, LEGEND)
        axes.set_xlim(0, max([0.01, *(max(shares) for _, *shares in pairs)]))
        for row, (text, *shares) in enumerate(pairs):
            label_row(axes, row, text)
            for share, kind, shift, colour in _two(shares, kinds, (-0.2, 0.2)):
                title = f"{text}: {share_text(share)} of the {kind}"
                _bar(axes, row + shift, share, 0.36, colour, title)
                write_beside(axes, (share, row + shift), share_text(share), 10)
        for place, kind, _, colour in _two((left, left + 100), kinds, (0, 0)):
            height = PAIR * len(pairs) + LEGEND + 8
            at = (place / WIDTH, 1 - LEGEND / 2 / height)
            axes.figure.text(*at, f"■ {kind}", color=colour, va="center")
        return to_svg(axes, name, label)


def months(name: str, label: str, by_month: Mapping[str, int]) -> Markup:
    """A row for each year and a cell for each month: the more posts, the fuller its colour.

    Args:
        name: of the figure.
        label: for screen readers.
        by_month: `2004-05` → posts, at least one month; months without any may be missing.
    """
    years = sorted({month[:4] for month in by_month})
    most = max(by_month.values())
    with style():
        axes = make_rows(len(years), YEAR, MONTHS_LEFT, MONTHS_RIGHT, MONTHS_TOP)
        axes.set_xlim(-0.5, len(LETTERS) - 0.5)
        for column, letter in enumerate(LETTERS):
            axes.text(column, -0.55, letter, ha="center", va="bottom")
        for row, year in enumerate(years):
            label_row(axes, row, year)
        for month, count in by_month.items():
            if count:
                at = int(month[5:]) - 1, years.index(month[:4])
                fullness = log(1 + count) / log(1 + most)
                _cell(axes, at, count, fullness, f"{month}: {count:,}")
        return to_svg(axes, name, label)


def make_rows(number: int, row: float, left: float, right: float, top: float = 4) -> Axes:
    """Axes without scales, the rows 0 to `number` - 1 downwards, `row` high."""
    figure = make_figure(row * number + top + 8)
    axes = make_axes(figure, left, right, top, 8)
    axes.set_ylim(number - 0.5, -0.5)
    axes.set_axis_off()
    return axes


def label_width(labels: Iterable[str]) -> float:
    """Room for labels beside their rows."""
    return min(WIDEST, text_width(cut(label, MOST_LABEL) for label in labels))


def label_row(axes: Axes, row: float, text: str) -> None:
    """What a row is, to the left of it."""
    axes.annotate(
        cut(text, MOST_LABEL),
        (0, row),
        (-6, 0),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        ha="right",
        va="center",
        color=INK,
    )


def write_beside(axes: Axes, at: tuple[float, float], text: str, size: float = 11.0) -> None:
    """A text right of where a bar ends."""
    axes.annotate(text, at, (5, 0), textcoords="offset points", va="center", fontsize=size)


def _cell(axes: Axes, at: tuple[int, int], count: int, fullness: float, title: str) -> None:
    column, row = at
    alpha = PALEST + (FULLEST - PALEST) * fullness
    bar = axes.bar(column, 0.88, 0.92, bottom=row - 0.44, color=BAR, alpha=alpha)
    mark(bar[0], title)
    axes.text(column, row, short_count(count), ha="center", va="center", color=INK, fontsize=9.5)


def _bar(axes: Axes, row: float, long: float, high: float, colour: str, title: str) -> None:
    mark(axes.barh(row, long, height=high, color=colour)[0], title)


def _two(
    values: Sequence[float], kinds: tuple[str, str], shifts: tuple[float, float]
) -> Sequence[tuple[float, str, float, str]]:
    return list(zip(values, kinds, shifts, (SECOND, BAR), strict=True))


def _number(count: int, total: int) -> str:
    return f"{count:,} ({share_text(count / total)})" if total else f"{count:,}"
