"""What every suite is made of: named figures of a corpus, and what each of them means."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Metrics = Mapping[str, Any]
Figures = dict[str, float | int]


@dataclass(frozen=True)
class Check:
    """A figure that has a threshold.

    Attributes:
        says: what a good corpus has, in a sentence for people.
        look: where in the metrics, the output or the options to look if it has not.
    """

    says: str
    look: str


def share(part: float, whole: float) -> float:
    """A share, 0 of nothing."""
    return round(part / whole, 8) if whole else 0.0


def drop_unknown(figures: Mapping[str, float | int | None]) -> Figures:
    """Without the figures that can't be told, as the mean of nothing."""
    return {name: value for name, value in figures.items() if value is not None}
