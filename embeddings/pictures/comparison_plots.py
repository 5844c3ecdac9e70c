"""Plots of runs: what stands where in an SVG of an HTML page, in the page's own colours and fonts.

The template of the page draws them; docs/adr/0007 says why not matplotlib.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from matplotlib.ticker import MaxNLocator

from embeddings.scoring.text_tables import interval, show

WIDTH, HEIGHT = 340, 220
"""Of a panel, in pixels of SVG."""

LEFT, RIGHT, TOP, BOTTOM = 52, 16, 12, 46
ROW = 22
"""Height of a run in the plot by run."""

NAMES = 190
"""Width of the names in the plot by run; longer ones are cut."""

NAME_LETTERS = 26
RUN_WIDTH = 720
COLOURS = 6
"""Classes c0 to c5 of the page's style sheet, one per corpus; more corpora share them."""

LETTER = 7.0
"""Pixels of a letter of a tick, about."""

LOG_FROM = 5.0
"""Numbers of which the largest is so many times the smallest stand on a log scale."""


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


@dataclass
class Plot:
    """What an SVG is made of: attributes of its elements by kind, in pixels from the upper left."""

    label: str
    width: int
    height: int
    lines: list[dict[str, Any]] = field(default_factory=list)
    texts: list[dict[str, Any]] = field(default_factory=list)
    dots: list[dict[str, Any]] = field(default_factory=list)

    def line(self, start: tuple[float, float], end: tuple[float, float], kind: str) -> None:
        """A straight one."""
        (x1, y1), (x2, y2) = start, end
        ends = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
        self.lines.append({name: round(value, 1) for name, value in ends.items()} | {"kind": kind})

    def text(self, x: float, y: float, text: str, anchor: str = "middle", kind: str = "") -> None:
        """Text that begins, ends or has its middle at a place."""
        place = {"x": round(x, 1), "y": round(y, 1)}
        self.texts.append({**place, "text": text, "anchor": anchor, "kind": kind})

    def dot(self, x: float, y: float, mark: Mark, told: str = "") -> None:
        """A run; what hovering shows begins with `told`."""
        place = {"x": round(x, 1), "y": round(y, 1)}
        self.dots.append({**place, "kind": f"c{mark.colour}", "title": told + mark.title})


def plot_by_run(marks: Sequence[Mark]) -> Plot:
    """mean_rho of every run, a line each, with its interval."""
    ends = [end for mark in marks for end in (mark.y, mark.low, mark.high) if end is not None]
    axis = Axis(ends, NAMES, RUN_WIDTH - RIGHT, is_linear=True)
    bottom = TOP + ROW * len(marks)
    plot = Plot("mean_rho by run", RUN_WIDTH, bottom + 28)
    for x, text in axis.ticks:
        plot.line((x, TOP), (x, bottom), "grid")
        plot.text(x, bottom + 18, text)
    for number, mark in enumerate(marks):
        y = TOP + ROW * (number + 0.5)
        plot.text(NAMES - 12, y + 4, _cut(mark.label), "end")
        if mark.low is not None and mark.high is not None:
            plot.line((axis.place(mark.low), y), (axis.place(mark.high), y), f"c{mark.colour}")
        plot.dot(axis.place(mark.y), y, mark)
    return plot


def plot_against(name: str, marks: Sequence[Mark]) -> Plot:
    """mean_rho against one hyperparameter."""
    shown = [mark for mark in marks if mark.x is not None]
    across = Axis([mark.x for mark in shown], LEFT, WIDTH - RIGHT)
    up = Axis([mark.y for mark in shown], HEIGHT - BOTTOM, TOP, 4, is_linear=True)
    plot = Plot(f"mean_rho against {name}", WIDTH, HEIGHT)
    for y, text in up.ticks:
        plot.line((LEFT, y), (WIDTH - RIGHT, y), "grid")
        plot.text(LEFT - 8, y + 4, text, "end")
    for x, text in across.ticks:
        plot.text(x, HEIGHT - BOTTOM + 18, text)
    scale = f"{name} (log)" if across.is_log else name
    plot.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, scale, kind="axis")
    for mark in shown:
        plot.dot(across.place(mark.x), up.place(mark.y), mark, f"{name} {show(mark.x)}, ")
    return plot


def _cut(name: str, letters: int = NAME_LETTERS) -> str:
    """A name without its middle: names of runs differ at their ends.

    >>> _cut("build/models/job-000", 10)
    'buil…b-000'
    """
    if len(name) <= letters:
        return name
    end = letters // 2
    return f"{name[: letters - 1 - end]}…{name[-end:]}"


class Axis:
    """Where values stand along a line of pixels, and where the ticks are.

    Numbers stand on a linear or a log scale; anything else, truth values too, as kinds in equal
    steps.

    Args:
        values: all that will be placed; at least one.
        start: pixel of the low end.
        end: pixel of the high end.
        steps: ticks, about.
        is_linear: whether numbers never stand on a log scale, whatever their range.

    Attributes:
        kinds: the distinct values, sorted; empty for numbers.
        is_log: whether the scale is logarithmic.
        ticks: pixels and texts, none of which overlap.
    """

    def __init__(
        self,
        values: Sequence[Any],
        start: float,
        end: float,
        steps: int = 5,
        is_linear: bool = False,
    ) -> None:
        self._start, self._end = start, end
        self.kinds = [] if all(map(_is_number, values)) else sorted(set(map(str, values)))
        numbers = [] if self.kinds else [*map(float, values)]
        self._are_whole = bool(numbers) and all(isinstance(value, int) for value in values)
        is_wide = bool(numbers) and min(numbers) > 0 and max(numbers) / min(numbers) >= LOG_FROM
        self.is_log = is_wide and not is_linear
        self._low, self._high = _reach(self.kinds, [*map(self._on, numbers)])
        self.ticks = self._ticks(numbers, steps)

    def place(self, value: Any) -> float:
        """Pixel of a value."""
        at = self.kinds.index(str(value)) if self.kinds else self._on(float(value))
        return self._start + (self._end - self._start) * (at - self._low) / (self._high - self._low)

    def _on(self, number: float) -> float:
        return math.log(number) if self.is_log else number

    def _ticks(self, numbers: Sequence[float], steps: int) -> list[tuple[float, str]]:
        if self.kinds:
            letters = int(abs(self._end - self._start) / len(self.kinds) / LETTER) - 1
            return [(self.place(kind), _cut(kind, max(1, letters))) for kind in self.kinds]
        if self.is_log:
            values = self._log_ticks(min(numbers), max(numbers))
        else:
            locator = MaxNLocator(steps, integer=self._are_whole)
            values = [*map(float, locator.tick_values(self._low, self._high))]
        inside = [value for value in values if self._low <= self._on(value) <= self._high]
        return _apart([(self.place(tick), f"{tick:.6g}") for tick in inside])

    def _log_ticks(self, low: float, high: float) -> list[float]:
        """Three a decade where there is room for their texts, else one."""
        ticks = _log_ticks(low, high, (1, 2, 5))
        texts = [(self.place(tick), f"{tick:.6g}") for tick in ticks]
        return ticks if len(_apart(texts)) == len(texts) else _log_ticks(low, high, (1,)) or ticks


def _apart(ticks: Sequence[tuple[float, str]]) -> list[tuple[float, str]]:
    """The ticks whose texts leave room for that of the one before."""
    kept: list[tuple[float, str]] = []
    for x, text in ticks:
        room = LETTER * (len(text) + len(kept[-1][1]) + 1) / 2 if kept else 0
        if not kept or abs(x - kept[-1][0]) >= room:
            kept.append((x, text))
    return kept


def _reach(kinds: Sequence[str], numbers: Sequence[float]) -> tuple[float, float]:
    """Ends of an axis: room for half a kind, or a twentieth of the numbers' range, at each."""
    if kinds:
        return -0.5, len(kinds) - 0.5
    low, high = min(numbers), max(numbers)
    room = (high - low) / 20 or abs(high) / 20 or 1
    return low - room, high + room


def _log_ticks(low: float, high: float, digits: Sequence[int]) -> list[float]:
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = [digit * 10.0**decade for decade in decades for digit in digits]
    return [tick for tick in ticks if low <= tick * 1.001 and tick <= high * 1.001]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
