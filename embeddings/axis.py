"""An axis of a plot: values to pixels, and readable ticks."""

import math
from collections.abc import Sequence
from typing import Any

from matplotlib.ticker import MaxNLocator

LOG_FROM = 5.0
"""Numbers of which the largest is so many times the smallest stand on a log scale."""


class Axis:
    """Where values stand along a line of pixels, and where the ticks are.

    Numbers stand on a linear or a log scale; anything else, truth values too, as kinds in equal
    steps.

    Args:
        values: all that will be placed; at least one.
        start: pixel of the low end.
        end: pixel of the high end.
        steps: ticks, about.

    Attributes:
        kinds: the distinct values, sorted; empty for numbers.
        is_log: whether the scale is logarithmic.
        ticks: pixels and texts.
    """

    def __init__(self, values: Sequence[Any], start: float, end: float, steps: int = 5) -> None:
        self._start, self._end = start, end
        self.kinds = [] if all(map(_is_number, values)) else sorted({str(one) for one in values})
        numbers = [] if self.kinds else [float(one) for one in values]
        self.is_log = bool(numbers) and min(numbers) > 0 and max(numbers) / min(numbers) >= LOG_FROM
        self._low, self._high = _reach(self.kinds, [self._on(one) for one in numbers])
        self.ticks = self._ticks(numbers, steps)

    def place(self, found: Any) -> float:
        """Pixel of a value."""
        at = self.kinds.index(str(found)) if self.kinds else self._on(float(found))
        return self._start + (self._end - self._start) * (at - self._low) / (self._high - self._low)

    def _on(self, number: float) -> float:
        return math.log(number) if self.is_log else number

    def _ticks(self, numbers: Sequence[float], steps: int) -> list[tuple[float, str]]:
        if self.kinds:
            return [(self.place(kind), kind) for kind in self.kinds]
        if self.is_log:
            found = _log_ticks(min(numbers), max(numbers))
        else:
            found = [float(one) for one in MaxNLocator(steps).tick_values(self._low, self._high)]
        return [
            (self.place(tick), f"{tick:.6g}")
            for tick in found
            if self._low <= self._on(tick) <= self._high
        ]


def _reach(kinds: Sequence[str], numbers: Sequence[float]) -> tuple[float, float]:
    """Ends of an axis: room for half a kind, or a twentieth of the numbers' range, at each."""
    if kinds:
        return -0.5, len(kinds) - 0.5
    low, high = min(numbers), max(numbers)
    room = (high - low) / 20 or abs(high) / 20 or 1
    return low - room, high + room


def _log_ticks(low: float, high: float) -> list[float]:
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = [digit * 10.0**decade for decade in decades for digit in (1, 2, 5)]
    return [tick for tick in ticks if low <= tick * 1.001 and tick <= high * 1.001]


def _is_number(found: Any) -> bool:
    return isinstance(found, int | float) and not isinstance(found, bool)
