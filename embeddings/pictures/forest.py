"""Forest plots: per table of pairs how much each arm differs from the first, with its interval."""

import math

from embeddings.pictures.comparison_plots import Axis, Mark, Plot
from embeddings.pictures.pages import render_page
from embeddings.runs.arm_comparison import ArmComparison, SetEffects, comparison_notes, verdict
from embeddings.runs.run_record import now
from embeddings.scoring.text_tables import NONE, figure, interval

TITLE = "What each corpus changes"
NAMES, PANEL, GAP, RIGHT = 170, 210, 26, 12
"""Widths, in pixels: of the arms' names, of a panel, between panels, at the end."""

TOP, ROW, BOTTOM = 30, 22, 40
COLUMNS, TICKS = 4, 4
"""Panels beside one another; marks on an axis, about."""

CLEAR, UNCLEAR = 1, 0
"""Colours: of a difference whose interval leaves out 0, and of any other."""


def forest_page(comparison: ArmComparison, made: str = "") -> str:
    """The page's HTML.

    Args:
        comparison: of arms.
        made: when; now if empty.
    """
    return render_page(
        "forest.html",
        TITLE,
        subtitle=f"{len(comparison.seeds)} seeds; made {made or now()}",
        first=comparison.names[0],
        plot=forest_plot(comparison),
        tables=[
            (each.name, each.common, each.pairs, _cells(comparison, each))
            for each in comparison.sets
        ],
        notes=list(comparison_notes(comparison)),
    )


def forest_svg(comparison: ArmComparison) -> str:
    """The plot as a file of its own, as documents show it."""
    return render_page("forest_alone.html", TITLE, plot=forest_plot(comparison))


def forest_plot(comparison: ArmComparison) -> Plot:
    """A panel per set, `COLUMNS` beside one another, to one scale; a row per arm but the first."""
    names = comparison.names[1:]
    height = TOP + ROW * len(names) + BOTTOM
    bands = math.ceil(len(comparison.sets) / COLUMNS)
    columns = min(COLUMNS, len(comparison.sets))
    width = NAMES + columns * (PANEL + GAP) - GAP + RIGHT
    plot = Plot(f"differences from {comparison.names[0]}", width, bands * height)
    ends = _ends(comparison)
    for number, each in enumerate(comparison.sets):
        band, column = divmod(number, COLUMNS)
        top = band * height + TOP
        if not column:
            for row, name in enumerate(names):
                plot.text(NAMES - 12, top + ROW * (row + 0.5) + 4, name, "end")
        left = NAMES + column * (PANEL + GAP)
        plot.text(left + PANEL / 2, top - 12, each.name.removesuffix(".txt"), kind="axis")
        _panel(plot, each, names, Axis(ends, left, left + PANEL, TICKS, is_linear=True), top)
    return plot


def _ends(comparison: ArmComparison) -> list[float]:
    """All that has to be on the axes."""
    return [
        end
        for each in comparison.sets
        for effect in each.effects
        for end in (effect.difference, effect.low, effect.high)
        if end is not None
    ]


def _panel(plot: Plot, each: SetEffects, names: list[str], axis: Axis, top: float) -> None:
    shown, bottom = each.effects[1:], top + ROW * len(names)
    for x, text in axis.ticks:
        plot.line((x, top), (x, bottom), "grid")
        plot.text(x, bottom + 18, text)
    plot.line((axis.place(0), top), (axis.place(0), bottom), "zero")
    for number, (name, effect) in enumerate(zip(names, shown, strict=True)):
        y = top + ROW * (number + 0.5)
        colour = CLEAR if effect.is_clear else UNCLEAR
        mark = Mark(name, each.name, colour, None, effect.difference, effect.low, effect.high)
        if effect.low is not None and effect.high is not None:
            plot.line((axis.place(effect.low), y), (axis.place(effect.high), y), f"c{colour}")
        plot.dot(axis.place(effect.difference), y, mark)


def _cells(comparison: ArmComparison, each: SetEffects) -> list[tuple[str, list[str]]]:
    """Arm and cells of each row of a set's table."""
    return [
        (
            name,
            [
                f"{missing:,}",
                figure(effect.rho),
                figure(effect.deviation),
                f"{effect.difference:+.4f}" if number else NONE,
                interval(effect.low, effect.high),
                verdict(effect, not number),
            ],
        )
        for number, name, missing, effect in comparison.rows(each)
    ]
