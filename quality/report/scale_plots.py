"""Plots with scales: columns, counts that grow together, and points on logarithmic scales."""

from collections.abc import Sequence
from math import log10

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullFormatter

from quality.report.figures import short_count
from quality.report.svg import (
    BAR,
    PIXELS_AN_INCH,
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

HEIGHT, COLUMNS_HEIGHT = 240, 180
"""Pixels of a plot; of columns without the labels below."""

LEFT, RIGHT, TOP, BOTTOM = 42.0, 16.0, 28.0, 42.0
"""Margins in pixels."""

MOST_COLUMN_LABEL = 10
"""Letters of a label below a column."""

ALL_LABELLED = 30
"""Columns from which only every other one is labelled."""

Counts = Sequence[tuple[str, int]]
Points = Sequence[tuple[int, int]]


def columns(name: str, label: str, counts: Counts, along: str, up: str) -> Markup:
    """A column for each class, in order; labels stand on end, so there is room for all."""
    labels = [cut(text, MOST_COLUMN_LABEL) for text, _ in counts]
    below = min(0.5 * WIDTH, text_width(labels, 11)) + 24
    with style():
        axes = make_axes(make_figure(COLUMNS_HEIGHT + below), LEFT, RIGHT, TOP, below)
        for place, (text, count) in enumerate(counts):
            column = axes.bar(place, count, width=0.8, color=BAR)
            mark(column[0], f"{text}: {count:,}")
        ticks = range(0, len(counts), 2 if len(counts) > ALL_LABELLED else 1)
        axes.set_xticks(ticks, [labels[tick] for tick in ticks], rotation=90)
        axes.tick_params(length=0)
        axes.set_xlim(-0.6, len(counts) - 0.4)
        _scale_up(axes, max([1, *(count for _, count in counts)]))
        _name_axes(axes, along, up)
        return to_svg(axes, name, label)


def line(name: str, label: str, points: Points, names: tuple[str, str]) -> Markup:
    """Counts that grow together, from nothing on: points joined by a line.

    Args:
        name: of the figure.
        label: for screen readers.
        points: how far along, how far up.
        names: of what is counted along, and up.
    """
    with style():
        axes = make_axes(make_figure(HEIGHT), LEFT, RIGHT, TOP, BOTTOM)
        along, up = [0, *(x for x, _ in points)], [0, *(y for _, y in points)]
        axes.plot(along, up, color=BAR, linewidth=1.8)
        for x, y in points:
            _dot(axes, x, y, f"{x:,} {names[0]}: {y:,} {names[1]}")
        axes.set_xlim(0, max(1, *along))
        axes.locator_params(axis="x", nbins=4)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: short_count(x)))
        _scale_up(axes, max(1, *up))
        _name_axes(axes, *names)
        return to_svg(axes, name, label)


def log_points(
    name: str,
    label: str,
    points: Points,
    names: tuple[str, str],
    fit: tuple[float, int, int] | None,
) -> Markup:
    """Points on two logarithmic scales, with a straight line where one was fitted.

    Args:
        name: of the figure.
        label: for screen readers.
        points: all above 0.
        names: of what lies along, and up.
        fit: slope, and the first and last x that it was fitted to; None for no line.
    """
    with style():
        axes = make_axes(make_figure(HEIGHT), LEFT, RIGHT, TOP, BOTTOM)
        axes.loglog()
        for x, y in points:
            _dot(axes, x, y, f"{names[0]} {x:,}: {y:,}")
        if fit:
            axes.plot(*_fitted(points, *fit), color=SECOND, linewidth=2, dashes=(3, 2), zorder=3)
        for scale in (axes.xaxis, axes.yaxis):
            scale.set_major_formatter(FuncFormatter(lambda value, _: short_count(value)))
            scale.set_minor_formatter(NullFormatter())
        axes.minorticks_off()
        axes.grid(linewidth=0.8)
        _name_axes(axes, *names)
        return to_svg(axes, name, label)


def _scale_up(axes: Axes, most: float) -> None:
    """A scale of counts from 0, with lines across."""
    axes.set_ylim(0, most * 1.04)
    axes.locator_params(axis="y", nbins=5, min_n_ticks=3)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: short_count(y)))
    axes.grid(axis="y", linewidth=0.8)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _name_axes(axes: Axes, along: str, up: str) -> None:
    """Says what lies along and what up."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    height = figure.get_figheight() * PIXELS_AN_INCH
    figure.text(1 - RIGHT / WIDTH, 6 / height, along, ha="right")
    figure.text(8 / WIDTH, 1 - 14 / height, up)


def _dot(axes: Axes, x: float, y: float, title: str) -> None:
    mark(axes.plot(x, y, color=BAR, marker="o", markersize=4, clip_on=False)[0], title)


def _fitted(
    points: Points, slope: float, first: int, last: int
) -> tuple[tuple[int, int], tuple[float, float]]:
    """Two ends of the line of a slope through the middle of the points it was fitted to."""
    inside = [(log10(x), log10(y)) for x, y in points if first <= x <= last]
    middle_x = sum(x for x, _ in inside) / len(inside)
    middle_y = sum(y for _, y in inside) / len(inside)
    start, end = (10 ** (middle_y + slope * (log10(x) - middle_x)) for x in (first, last))
    return (first, last), (start, end)
