"""Plots with scales: densities, columns, counts that grow together, points on log scales."""

from collections.abc import Callable, Mapping, Sequence
from math import log2, log10, pow

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from quality.report.figures import share_text, short_count
from quality.report.svg import (
    BAR,
    PIXELS_AN_INCH,
    SECOND,
    WIDTH,
    make_axes,
    make_figure,
    mark,
    style,
    to_svg,
)

HEIGHT = 240
"""Pixels of a plot."""

LEFT, RIGHT, TOP, BOTTOM = 42.0, 16.0, 28.0, 42.0
"""Margins in pixels."""

Point = tuple[int, int]
Points = Sequence[Point]
Class = tuple[int, int, int]
"""Least and greatest value, and how often they occur."""


def density(
    name: str,
    label: str,
    classes: Sequence[Class],
    quantiles: Mapping[str, int],
    along: str,
    up: str,
) -> Markup:
    """Whole numbers from 1 on a logarithmic scale: the area over a class is its share.

    Classes of any width can be told apart that way: how high they stand does not depend on where
    one class ends and the next begins, as it does where each has a bar as wide as all others.

    Args:
        name: of the figure.
        label: for screen readers.
        classes: least and greatest value, both at least 1, and how often they occur.
        quantiles: what a line across is called → where it stands, lowest first.
        along: what is counted.
        up: what the shares are of.
    """
    total = sum(count for _, _, count in classes)
    with style():
        axes = make_axes(make_figure(HEIGHT), LEFT, RIGHT, TOP + 14, BOTTOM)
        axes.set_xscale("log")
        heights = []
        for low, high, count in classes:
            start, end = low - 0.5, high + 0.5  # a whole number is as wide as what rounds to it
            heights.append(count / total / log2(end / start))
            bar = axes.bar(start, heights[-1], end - start, align="edge", color=BAR)[0]
            mark(bar, f"{_range(low, high)}: {count:,} ({share_text(count / total)})")
        axes.set_xlim(classes[0][0] - 0.5, classes[-1][1] + 0.5)
        _scale_up(axes, max(heights))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y * 100:.3g} %"))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: short_count(x)))
        axes.xaxis.set_minor_formatter(NullFormatter())
        for number, (text, place) in enumerate(quantiles.items()):
            axes.axvline(place, color=SECOND, linewidth=1.4, dashes=(3, 2))
            _write_above(axes, place, f"{text} {place:,}", "left" if number else "right")
        _name_axes(axes, along, f"share of the {up}, per doubling")
        return to_svg(axes, name, label)


def columns(name: str, label: str, counts: Sequence[Point], along: str, up: str) -> Markup:
    """A column for each whole number at its place; where none was counted, there is a gap."""
    with style():
        axes = make_axes(make_figure(HEIGHT), LEFT, RIGHT, TOP, BOTTOM)
        for place, count in counts:
            mark(axes.bar(place, count, width=0.8, color=BAR)[0], f"{place}: {count:,}")
        axes.set_xlim(counts[0][0] - 0.6, counts[-1][0] + 0.6)
        axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
        _scale_up(axes, max(1, *(count for _, count in counts)))
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
            _dot(axes, x, y, f"rank {x:,}: {y:,}")
        if fit:
            _draw_fit(axes, points, *fit)
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


def _write_above(axes: Axes, place: float, text: str, side: str) -> None:
    """What a line across is, above it; `side` is that of the text which the line is at."""
    axes.annotate(
        text,
        (place, 1),
        (2 if side == "left" else -2, 4),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        ha=side,
        color=SECOND,
        fontsize=11,
    )


def _range(low: int, high: int) -> str:
    return f"{low:,}" if low == high else f"{low:,}–{high:,}"


def _name_axes(axes: Axes, along: str, up: str) -> None:
    """Says what lies along and what up."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    height = figure.get_figheight() * PIXELS_AN_INCH
    figure.text(1 - RIGHT / WIDTH, 6 / height, along, ha="right")
    figure.text(8 / WIDTH, 1 - 14 / height, up)


def _dot(axes: Axes, x: float, y: float, title: str) -> None:
    mark(axes.plot(x, y, color=BAR, marker="o", markersize=4, clip_on=False)[0], title)


def _draw_fit(axes: Axes, points: Points, slope: float, first: int, last: int) -> None:
    """A line of a slope through the middle of the points it was fitted to; dashed beyond them."""
    inside = [(log10(x), log10(y)) for x, y in points if first <= x <= last]
    middle_x = sum(x for x, _ in inside) / len(inside)
    middle_y = sum(y for _, y in inside) / len(inside)

    def fitted(x: float) -> float:
        return pow(10.0, middle_y + slope * (log10(x) - middle_x))

    axes.set_ylim(axes.get_ylim())
    axes.plot(*_ends(fitted, first, last), color=SECOND, linewidth=2, zorder=3)
    beyond = _ends(fitted, points[0][0], points[-1][0])
    axes.plot(*beyond, color=SECOND, linewidth=1, dashes=(4, 3), zorder=3)
    text = f"slope {slope:.2f}"
    axes.text(0.97, 0.93, text, transform=axes.transAxes, ha="right", color=SECOND)


def _ends(of: Callable[[float], float], first: float, last: float) -> tuple[list[float], ...]:
    return [first, last], [of(first), of(last)]
