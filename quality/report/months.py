"""Posts by year and month, as a grid of cells."""

from collections.abc import Mapping
from math import log

from markupsafe import Markup
from matplotlib.axes import Axes

from quality.report.axes import label_row, make_rows
from quality.report.svg import BAR, INK, mark, style, to_svg
from quality.report.tables import short_count

ROW, TOP, LEFT, RIGHT = 25.0, 20.0, 40.0, 4.0
"""Pixels of a year, of the months' names above, and of the margins."""

PALEST, FULLEST = 0.10, 0.55
"""Opacity of a cell, with one post and with the most; numbers have to stay readable in it."""

LETTERS = "JFMAMJJASOND"


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
        axes = make_rows(len(years), ROW, LEFT, RIGHT, TOP)
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


def _cell(axes: Axes, at: tuple[int, int], count: int, fullness: float, title: str) -> None:
    column, row = at
    alpha = PALEST + (FULLEST - PALEST) * fullness
    bar = axes.bar(column, 0.88, 0.92, bottom=row - 0.44, color=BAR, alpha=alpha)
    mark(bar[0], title)
    axes.text(column, row, short_count(count), ha="center", va="center", color=INK, fontsize=9.5)
