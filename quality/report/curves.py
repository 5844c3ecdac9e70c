"""Curves of the report: counts that grow together, and points on logarithmic scales."""

from collections.abc import Sequence
from math import log10

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullFormatter

from quality.report.axes import BOTTOM, LEFT, RIGHT, TOP, make_axes, name_axes, scale_up
from quality.report.svg import BAR, SECOND, make_figure, mark, style, to_svg
from quality.report.tables import short_count

HEIGHT = 240
Points = Sequence[tuple[int, int]]


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
        scale_up(axes, max(1, *up))
        name_axes(axes, *names)
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
        name_axes(axes, *names)
        return to_svg(axes, name, label)


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
