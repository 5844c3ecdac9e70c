"""A figure of the report: a drawing, what to see in it, and the same numbers as a table."""

import re
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from quality.report.tables import Table

VIEW_HEIGHT = re.compile(r'viewBox="0 0 \S+ ([\d.]+)"')
AROUND = 140.0
"""Pixels of title, caption and margins, about."""

Metrics = dict[str, Any]
"""A corpus's metrics, or a part of them, in the form of `quality.metrics`."""


@dataclass(frozen=True)
class Figure:
    """A figure of the report.

    Attributes:
        name: of the figure, unique in the page; ids are made of it.
        title: what it shows.
        svg: the drawing; empty where there is nothing to draw.
        caption: what to see in it.
        table: the same numbers.
    """

    name: str
    title: str
    svg: Markup
    caption: str
    table: Table

    @property
    def height(self) -> float:
        """About the pixels that it takes, at the width of a phone."""
        return AROUND + (float(VIEW_HEIGHT.findall(self.svg)[0]) if self.svg else 0.0)
