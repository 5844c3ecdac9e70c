"""Plots of runs as SVG for an HTML page, in the page's own colours and fonts.

Written by hand, not by matplotlib: its SVG fixes colours, so it can't be light and dark, draws
letters as outlines, and links to the web in its metadata.
"""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from embeddings.axis import Axis
from embeddings.report import interval

WIDTH, HEIGHT = 340.0, 220.0
"""Of a panel, in pixels of SVG."""

LEFT, RIGHT, TOP, BOTTOM = 52.0, 16.0, 12.0, 46.0
RADIUS = 4.5
ROW = 22.0
"""Height of a run in the plot by run."""

NAMES = 190.0
"""Width of the names in the plot by run; longer ones are cut."""

NAME_LETTERS = 26
RUN_WIDTH = 720.0
COLOURS = 6
"""Classes c0 to c5 of the page's style sheet, one a corpus; more corpora share them."""


@dataclass(frozen=True)
class Mark:
    """One run in a plot.

    Attributes:
        label: name of the run.
        group: letter of its corpus.
        colour: 0 to `COLOURS` - 1.
        x: the value along, of any type; None where there is none.
        y: mean_rho.
        low: lower end of its interval; None if not known.
        high: its upper end.
    """

    label: str
    group: str
    colour: int
    x: Any
    y: float
    low: float | None = None
    high: float | None = None

    @property
    def title(self) -> str:
        """What hovering shows."""
        ends = interval(self.low, self.high)
        return f"{self.label}, corpus {self.group}: {self.y:.4f}, 95 % interval {ends}"


def plot_by_run(marks: Sequence[Mark]) -> str:
    """mean_rho of every run, a line each, with its interval."""
    ends = [end for mark in marks for end in (mark.y, mark.low, mark.high) if end is not None]
    axis = Axis(ends, NAMES, RUN_WIDTH - RIGHT)
    bottom = TOP + ROW * len(marks)
    parts = [_line(x, TOP, x, bottom, "grid") for x, _ in axis.ticks]
    parts += [_text(x, bottom + 18, text) for x, text in axis.ticks]
    for number, mark in enumerate(marks):
        y = TOP + ROW * (number + 0.5)
        parts.append(_text(NAMES - 12, y + 4, _cut(mark.label), "end"))
        if mark.low is not None and mark.high is not None:
            low, high = axis.place(mark.low), axis.place(mark.high)
            parts.append(_line(low, y, high, y, f"c{mark.colour}"))
        parts.append(_dot(axis.place(mark.y), y, mark))
    return _svg(RUN_WIDTH, bottom + 28, "mean_rho by run", parts)


def plot_against(name: str, marks: Sequence[Mark]) -> str:
    """mean_rho against one hyperparameter."""
    shown = [mark for mark in marks if mark.x is not None]
    across = Axis([mark.x for mark in shown], LEFT, WIDTH - RIGHT)
    up = Axis([mark.y for mark in shown], HEIGHT - BOTTOM, TOP, 4)
    parts = [_line(LEFT, y, WIDTH - RIGHT, y, "grid") for y, _ in up.ticks]
    parts += [_text(LEFT - 8, y + 4, text, "end") for y, text in up.ticks]
    parts += [_text(x, HEIGHT - BOTTOM + 18, text) for x, text in across.ticks]
    scale = f"{name} (log)" if across.is_log else name
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, scale, "middle", "axis"))
    parts += [_dot(across.place(mark.x), up.place(mark.y), mark) for mark in shown]
    return _svg(WIDTH, HEIGHT, f"mean_rho against {name}", parts)


def _cut(name: str) -> str:
    return name if len(name) <= NAME_LETTERS else name[: NAME_LETTERS - 1] + "…"


def _dot(x: float, y: float, mark: Mark) -> str:
    return (
        f'<circle class="c{mark.colour}" cx="{x:.1f}" cy="{y:.1f}" r="{RADIUS}">'
        f"<title>{html.escape(mark.title)}</title></circle>"
    )


def _line(x: float, y: float, to_x: float, to_y: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}"/>'


def _text(x: float, y: float, text: str, anchor: str = "middle", kind: str = "") -> str:
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">'
        f"{html.escape(text)}</text>"
    )


def _svg(width: float, height: float, label: str, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{html.escape(label)}" '
        f'style="max-width:{width:g}px">{"".join(parts)}</svg>'
    )
