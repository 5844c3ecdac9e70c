"""The map of words: an HTML page that works alone, and a PNG with labels that can be read.

The page is plain SVG and script: about 20 KB and the words. A page by plotly or bokeh carries 1 to
5 MB of library, and has no search and no keyboard.
"""

import io
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from embeddings.pictures.pages import render_page
from embeddings.vectors.projection import MapPoint

Floats = npt.NDArray[np.float64]

DIGITS = 4
"""Of coordinates on the page, from -1 to 1: finer than a pixel at the greatest zoom."""

INCHES, DPI = (16.0, 12.0), 120
MAP = (0.01, 0.01, 0.98, 0.925)
"""Left, bottom, width and height of the map in the picture; the headings are above."""

MARGIN = 0.04
"""Share of the map that dots keep from its edges: labels need room there."""

SMALLEST, LARGEST = 8.0, 12.0
"""Points of the labels: the first word has the largest."""

INK, DOT, LINE = "#1b2733", "#2a78b8", "#8fa6b8"
LEADER_PIXELS = 14.0
"""Distance of a label from which a line shows whose it is."""


GAPS = (4.0, 10.0, 17.0, 26.0, 37.0, 50.0)
"""Pixels between a dot and its label: the nearest place that is free is taken."""

SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
DOT_PIXELS = 3.0
"""Half of the square around a dot that labels keep out of."""

OUTSIDE_COST = 1000.0
"""A pixel out of the frame is worse than any overlap."""


def map_page(points: Sequence[MapPoint], title: str, subtitle: str = "") -> str:
    """The page's HTML.

    Args:
        points: from `project`, most frequent word first.
        title: heading, any text.
        subtitle: what the map was made of, any text.
    """
    rows = [_to_row(point) for point in points]
    return render_page("map.html", title, subtitle=subtitle, points=rows)


def _to_row(point: MapPoint) -> list[Any]:
    """[word, rank, x, y, [[neighbour, cosine], …]]: names of fields would double the page."""
    nearest = [[word, round(cosine, 3)] for word, cosine in point.nearest]
    return [point.word, point.rank, round(point.x, DIGITS), round(point.y, DIGITS), nearest]


def map_picture(points: Sequence[MapPoint], title: str, subtitle: str = "") -> bytes:
    """A PNG of the map: the same points give the same picture.

    Args:
        points: from `project`, most frequent word first; the first ones get the best places.
        title: heading, any text.
        subtitle: what the map was made of, any text.
    """
    figure = Figure(figsize=INCHES, dpi=DPI, facecolor="white")
    canvas = FigureCanvasAgg(figure)
    figure.text(0.015, 0.975, title, size=16, color=INK, va="center", parse_math=False)
    figure.text(0.015, 0.95, subtitle, size=10, color=INK, va="center", parse_math=False)
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # A script that the font lacks shows as boxes; a warning a letter helps nobody.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        _draw(figure, canvas, points)
        figure.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
    return buffer.getvalue()


def _draw(figure: Figure, canvas: FigureCanvasAgg, points: Sequence[MapPoint]) -> None:
    """Dots, labels, and lines to the labels that are far from their dots."""
    frame = canvas.get_width_height()
    dots = _dots(points, frame)
    labels = [_label(figure, point, len(points)) for point in points]
    extents = [label.get_window_extent() for label in labels]
    sizes = np.array([[extent.width, extent.height] for extent in extents])
    boxes = place_labels(dots, sizes, (frame[0], (MAP[1] + MAP[3]) * frame[1]))
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, frame[0]), ylim=(0, frame[1]), zorder=-1)
    axes.set_axis_off()
    for dot, box, label in zip(dots, boxes, labels, strict=True):
        middle = (box[:2] + box[2:]) / 2
        label.set_position((middle[0] / frame[0], middle[1] / frame[1]))
        edge = np.clip(dot, box[:2], box[2:])
        if np.hypot(*(dot - edge)) > LEADER_PIXELS:
            axes.plot(*zip(dot, edge, strict=True), color=LINE, linewidth=0.6, zorder=1)
    axes.scatter(dots[:, 0], dots[:, 1], s=9, color=DOT, linewidths=0, zorder=2)


def _dots(points: Sequence[MapPoint], frame: tuple[int, int]) -> Floats:
    """Pixels from the lower left of the picture; the map fills its part of it, with a margin."""
    places = np.array([[point.x, point.y] for point in points])
    share = MARGIN + (1 - 2 * MARGIN) * (places + 1) / 2
    left_bottom, size = np.array(MAP[:2]), np.array(MAP[2:])
    pixels: Floats = (left_bottom + size * share) * np.array(frame)
    return pixels


def _label(figure: Figure, point: MapPoint, count: int) -> Text:
    share = 1 - np.log(point.rank) / np.log(count)
    return figure.text(
        0,
        0,
        point.word,
        size=SMALLEST + (LARGEST - SMALLEST) * float(share),
        color=INK,
        ha="center",
        va="center",
        parse_math=False,
    )


def place_labels(dots: Floats, sizes: Floats, frame: tuple[float, float]) -> Floats:
    """A box per label, in the order given: earlier ones get the better places.

    A label takes the nearest place that touches no dot and no label placed before; where there is
    none, the one that overlaps least.

    Args:
        dots: shape (labels, 2), pixels from the lower left.
        sizes: shape (labels, 2), widths and heights of the labels, pixels.
        frame: width and height of the picture, which no label should leave.

    Returns:
        Shape (labels, 4): left, bottom, right, top.
    """
    taken = np.concatenate([dots - DOT_PIXELS, dots + DOT_PIXELS], axis=1)
    boxes = np.empty((len(dots), 4))
    for index, (dot, size) in enumerate(zip(dots, sizes, strict=True)):
        candidates = _candidates(dot, size)
        costs = [overlap(box, taken) + _outside(box, frame) for box in candidates]
        boxes[index] = candidates[int(np.argmin(costs))]
        taken = np.concatenate([taken, boxes[index : index + 1]])
    return boxes


def overlap(box: Floats, others: Floats) -> float:
    """Square pixels that a box, shape (4,), shares with others, shape (n, 4), in all."""
    widths = np.minimum(box[2], others[:, 2]) - np.maximum(box[0], others[:, 0])
    heights = np.minimum(box[3], others[:, 3]) - np.maximum(box[1], others[:, 1])
    return float((widths.clip(0) * heights.clip(0)).sum())


def _candidates(dot: Floats, size: Floats) -> Floats:
    """Boxes around a dot, nearest first; shape (`GAPS` times `SIDES`, 4)."""
    centres = [
        dot + np.array(side) * (size / 2 + gap / np.hypot(*side)) for gap in GAPS for side in SIDES
    ]
    return np.array([[*(centre - size / 2), *(centre + size / 2)] for centre in centres])


def _outside(box: Floats, frame: tuple[float, float]) -> float:
    over = [-box[0], -box[1], box[2] - frame[0], box[3] - frame[1]]
    return OUTSIDE_COST * sum(max(0.0, float(pixels)) for pixels in over)
