"""Finds places for labels beside their dots, so that they overlap little."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

GAPS = (4.0, 10.0, 17.0, 26.0, 37.0, 50.0)
"""Pixels between a dot and its label: the nearest place that is free is taken."""

SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
DOT_PIXELS = 3.0
"""Half of the square around a dot that labels keep out of."""

OUTSIDE_COST = 1000.0
"""A pixel out of the frame is worse than any overlap."""


def place_labels(dots: Floats, sizes: Floats, frame: tuple[float, float]) -> Floats:
    """A box a label, in the order given: earlier ones get the better places.

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
