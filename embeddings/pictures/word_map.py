"""The map of words: an HTML page that works alone, and a PNG with labels that can be read.

The page is plain SVG and script: about 20 KB, and the words with their neighbours. One by plotly or
bokeh carries 1 to 5 MB of library, and has no search and no keyboard.
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
from embeddings.vectors.projection import MapPoint, Outside

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

INK, LINE = "#1b2733", "#8fa6b8"
COLOURS = ("#2671b0", "#b04d06", "#2c8a4b", "#8a4bb3", "#b52c55", "#6f6a12", "#0d7f88", "#6b5a4c")
"""Of the clusters, in their order; the page has the same, and others for the dark."""

LEADER_PIXELS = 14.0
"""Distance of a label from which a line shows whose it is."""


GAPS = (4.0, 10.0, 17.0, 26.0, 37.0, 50.0)
"""Pixels between a dot and its label: the nearest place that is free is taken."""

SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
DOT_PIXELS = 3.0
"""Half of the square around a dot that labels keep out of."""


def map_page(
    points: Sequence[MapPoint], title: str, subtitle: str = "", outside: Sequence[Outside] = ()
) -> str:
    """The page's HTML.

    Args:
        points: from `project`, most frequent word first.
        title: heading, any text.
        subtitle: what the map was made of, any text.
        outside: words that follow, whose neighbours the page can tell.
    """
    rows = [_to_row(point) for point in points]
    words, neighbours = _outside_rows(points, outside)
    return render_page(
        "map.html", title, subtitle=subtitle, points=rows, words=words, neighbours=neighbours
    )


def _to_row(point: MapPoint) -> list[Any]:
    """[word, rank, x, y, [[neighbour, cosine], …], cluster]: names would double the page."""
    nearest = [[word, round(cosine, 3)] for word, cosine in point.nearest]
    x, y = round(point.x, DIGITS), round(point.y, DIGITS)
    return [point.word, point.rank, x, y, nearest, point.cluster]


def _outside_rows(
    points: Sequence[MapPoint], outside: Sequence[Outside]
) -> tuple[list[str], list[list[int]]]:
    """Words outside the map, then others that are near them; and of each its neighbours.

    A row is [place, thousandths, place, thousandths, …]; places count the words on the map first.
    """
    words = [*(point.word for point in points), *(word for word, _ in outside)]
    places = {word: place for place, word in reversed(list(enumerate(words)))}
    rows = []
    for _, nearest in outside:
        row = []
        for word, cosine in nearest:
            if word not in places:
                places[word] = len(words)
                words.append(word)
            row += [places[word], round(cosine * 1000)]
        rows.append(row)
    return words[len(points) :], rows


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
        if np.isnan(box).any():
            label.set_visible(False)
            continue
        middle = (box[:2] + box[2:]) / 2
        label.set_position((middle[0] / frame[0], middle[1] / frame[1]))
        edge = np.clip(dot, box[:2], box[2:])
        if np.hypot(*(dot - edge)) > LEADER_PIXELS:
            axes.plot(*zip(dot, edge, strict=True), color=LINE, linewidth=0.6, zorder=1)
    colours = [COLOURS[point.cluster % len(COLOURS)] for point in points]
    axes.scatter(dots[:, 0], dots[:, 1], s=9, c=colours, linewidths=0, zorder=2)


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

    A label takes the nearest place inside the frame that touches no label placed before, and of
    these the one that covers least of the dots. Where there is none, it is left out.

    Args:
        dots: shape (labels, 2), pixels from the lower left.
        sizes: shape (labels, 2), widths and heights of the labels, pixels.
        frame: width and height of the picture, which no label should leave.

    Returns:
        Shape (labels, 4): left, bottom, right, top; NaN for a label that is left out.
    """
    around = np.concatenate([dots - DOT_PIXELS, dots + DOT_PIXELS], axis=1)
    boxes, placed = np.full((len(dots), 4), np.nan), np.empty((0, 4))
    for index, (dot, size) in enumerate(zip(dots, sizes, strict=True)):
        near = around[(np.abs(dots - dot) <= size + 2 * GAPS[-1]).all(axis=1)]
        candidates = _candidates(dot, size)
        free = [box for box in candidates if _is_inside(box, frame) and not overlap(box, placed)]
        if free:
            boxes[index] = min(free, key=lambda box: overlap(box, near))
            placed = np.concatenate([placed, boxes[index : index + 1]])
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


def _is_inside(box: Floats, frame: tuple[float, float]) -> bool:
    return bool((box[:2] >= 0).all() and box[2] <= frame[0] and box[3] <= frame[1])
