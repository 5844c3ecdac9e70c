"""Axes that the plots of the report share; all measures are pixels."""

import warnings
from collections.abc import Iterable

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath
from matplotlib.ticker import FuncFormatter

from quality.report.svg import INK, PIXELS_AN_INCH, WIDTH, cut, make_figure
from quality.report.tables import short_count

GAP = 9.0
"""Between a text and a bar."""

MOST_LABEL = 23
"""Letters of a label beside a bar."""

WIDEST = 0.5 * WIDTH
"""Of the labels together; in a script with wide letters they reach beyond the figure."""

LEFT, RIGHT, TOP, BOTTOM = 42.0, 16.0, 28.0, 42.0
"""Margins of plots that have scales."""

_measure = TextToPath()


def make_axes(figure: Figure, left: float, right: float, top: float, bottom: float) -> Axes:
    """Axes with margins in a figure."""
    height = figure.get_figheight() * PIXELS_AN_INCH
    across, up = WIDTH - left - right, height - top - bottom
    return figure.add_axes((left / WIDTH, bottom / height, across / WIDTH, up / height))


def make_rows(number: int, row: float, left: float, right: float, top: float = 4) -> Axes:
    """Axes without scales, the rows 0 to `number` - 1 downwards, `row` high."""
    figure = make_figure(row * number + top + 8)
    axes = make_axes(figure, left, right, top, 8)
    axes.set_ylim(number - 0.5, -0.5)
    axes.set_axis_off()
    return axes


def text_width(texts: Iterable[str], size: float = 12.0) -> float:
    """Room for the longest of some texts and a gap.

    Measured in matplotlib's own font, DejaVu Sans; the reader's is hardly ever wider.
    """
    font = FontProperties(size=size)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        return GAP + max(_measure.get_text_width_height_descent(it, font, False)[0] for it in texts)


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


def scale_up(axes: Axes, most: float) -> None:
    """A scale of counts from 0, with lines across."""
    axes.set_ylim(0, most * 1.04)
    axes.locator_params(axis="y", nbins=5, min_n_ticks=3)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: short_count(y)))
    axes.grid(axis="y", linewidth=0.8)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)


def name_axes(axes: Axes, along: str, up: str) -> None:
    """Says what lies along and what up."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    height = figure.get_figheight() * PIXELS_AN_INCH
    figure.text(1 - RIGHT / WIDTH, 6 / height, along, ha="right")
    figure.text(8 / WIDTH, 1 - 14 / height, up)
