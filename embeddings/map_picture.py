"""The map of words as a PNG, with labels that can be read."""

import io
import warnings
from collections.abc import Sequence

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from embeddings.label_places import Floats, place_labels
from embeddings.projection import MapPoint

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
