"""Bars of the report: across, in pairs, and columns; each one figure as SVG.

All are as wide as a small phone, and so are hardly scaled down; on wider screens they stand side
by side. Every mark tells its value when one points at it.
"""

from collections.abc import Sequence

from markupsafe import Markup
from matplotlib.axes import Axes

from quality.report.axes import (
    LEFT,
    RIGHT,
    TOP,
    WIDEST,
    label_row,
    label_width,
    make_axes,
    make_rows,
    name_axes,
    scale_up,
    text_width,
    write_beside,
)
from quality.report.svg import BAR, SECOND, WIDTH, cut, make_figure, mark, style, to_svg
from quality.report.tables import share_text

ROW, PAIR = 18.0, 25.0
"""Pixels of a bar across, or two, and the gap to the next."""

LEGEND, PERCENTAGE = 22.0, 52.0
"""Pixels above pairs of bars, and right of the longest."""

COLUMNS_HEIGHT = 180
"""Pixels, without the labels below."""

MOST_COLUMN_LABEL = 10
"""Letters of a label below a column."""

ALL_LABELLED = 30
"""Columns from which only every other one is labelled."""

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


def paired_bars(name: str, label: str, pairs: Sequence[Pair], kinds: tuple[str, str]) -> Markup:
    """Two bars across for each row, of shares from 0 to 1 of two kinds of things."""
    with style():
        left = label_width([text for text, _, _ in pairs])
        axes = make_rows(len(pairs), PAIR, left, PERCENTAGE, LEGEND)
        axes.set_xlim(0, max([0.01, *(max(one, two) for _, one, two in pairs)]))
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


def columns(name: str, label: str, counts: Counts, along: str, up: str) -> Markup:
    """A column for each class, in order; labels stand on end, so there is room for all."""
    labels = [cut(text, MOST_COLUMN_LABEL) for text, _ in counts]
    below = min(WIDEST, text_width(labels, 11)) + 24
    with style():
        axes = make_axes(make_figure(COLUMNS_HEIGHT + below), LEFT, RIGHT, TOP, below)
        for place, (text, count) in enumerate(counts):
            column = axes.bar(place, count, width=0.8, color=BAR)
            mark(column[0], f"{text}: {count:,}")
        ticks = range(0, len(counts), 2 if len(counts) > ALL_LABELLED else 1)
        axes.set_xticks(ticks, [labels[tick] for tick in ticks], rotation=90)
        axes.tick_params(length=0)
        axes.set_xlim(-0.6, len(counts) - 0.4)
        scale_up(axes, max([1, *(count for _, count in counts)]))
        name_axes(axes, along, up)
        return to_svg(axes, name, label)


def _bar(axes: Axes, row: float, long: float, high: float, colour: str, title: str) -> None:
    mark(axes.barh(row, long, height=high, color=colour)[0], title)


def _two(
    values: Sequence[float], kinds: tuple[str, str], shifts: tuple[float, float]
) -> Sequence[tuple[float, str, float, str]]:
    return list(zip(values, kinds, shifts, (SECOND, BAR), strict=True))


def _number(count: int, total: int) -> str:
    return f"{count:,} ({share_text(count / total)})" if total else f"{count:,}"
