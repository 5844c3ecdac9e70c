import struct

import made_up_runs
import numpy as np

from embeddings.label_places import overlap, place_labels
from embeddings.map_picture import DPI, INCHES, map_picture
from embeddings.projection import project

POINTS = project(made_up_runs.make_vectors(60, extra=tuple(made_up_runs.EVIL)))


def test_a_png_of_the_size_announced_and_the_same_again():
    picture = map_picture(POINTS, r"Words $\frac$", r"of $\frac$")
    assert picture.startswith(b"\x89PNG")
    assert struct.unpack(">II", picture[16:24]) == tuple(int(inch * DPI) for inch in INCHES)
    assert map_picture(POINTS, r"Words $\frac$", r"of $\frac$") == picture
    assert map_picture(POINTS, "Words", "of vectors") != picture
    assert map_picture(POINTS[:-1], r"Words $\frac$", r"of $\frac$") != picture


def test_labels_touch_no_dot_and_no_other_label_where_there_is_room():
    rng = np.random.default_rng(1)
    dots, sizes = rng.uniform(0, 1000, (60, 2)), np.tile([50.0, 12.0], (60, 1))
    boxes = place_labels(dots, sizes, (1000, 1000))
    around = np.concatenate([dots - 3, dots + 3], axis=1)
    for index, box in enumerate(boxes):
        assert overlap(box, np.delete(boxes, index, axis=0)) == 0
        assert overlap(box, around) == 0
        assert box[0] >= 0 and box[1] >= 0 and box[2] <= 1000 and box[3] <= 1000
    assert np.allclose(boxes[:, 2:] - boxes[:, :2], sizes)


def test_a_label_stands_right_of_its_dot_if_nothing_is_there():
    [box] = place_labels(np.array([[100.0, 50.0]]), np.array([[40.0, 10.0]]), (500, 500))
    assert list(box) == [104, 45, 144, 55]


def test_without_room_the_least_overlap_is_taken():
    dots = np.full((80, 2), 100.0)
    boxes = place_labels(dots, np.tile([60.0, 14.0], (80, 1)), (200, 200))
    assert boxes.shape == (80, 4) and boxes.min() >= 0 and boxes.max() <= 200
    assert len(np.unique(boxes, axis=0)) > 20
