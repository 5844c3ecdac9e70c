"""What the map's page and picture hold; how the page behaves is in test_map_in_browser.py."""

import json
import re
import struct

import made_up_runs
import numpy as np
import pytest
from jinja2 import UndefinedError

from embeddings.pictures.pages import page_environment, render_page
from embeddings.pictures.word_map import DPI, INCHES, map_page, map_picture, overlap, place_labels
from embeddings.vectors import cosines
from embeddings.vectors.projection import outside_words, project
from storage.printable import printable

VECTORS = made_up_runs.make_vectors(60, extra=tuple(made_up_runs.EVIL))
POINTS = project(VECTORS)
OUTSIDE = outside_words(VECTORS, 20, 50)
PAGE = map_page(POINTS, "Words <b>", 'of "vectors" & {{ more }}')


def test_the_page_holds_every_word_with_rank_place_and_neighbours():
    rows = json.loads(re.findall(r'id="points">(.*?)</script>', PAGE, re.DOTALL)[0])
    assert [row[:2] for row in rows] == [[point.word, point.rank] for point in POINTS]
    for (_, _, x, y, nearest, cluster), point in zip(rows, POINTS, strict=True):
        assert cluster == point.cluster
        assert (x, y) == pytest.approx((point.x, point.y), abs=1e-4)
        assert [word for word, _ in nearest] == [word for word, _ in point.nearest]


def test_words_outside_the_map_have_their_neighbours():
    page = map_page(POINTS[:20], "", "", OUTSIDE)
    words, rows = (
        json.loads(re.findall(rf'id="{name}">(.*?)</script>', page, re.DOTALL)[0])
        for name in ("words", "neighbours")
    )
    known = [*(point.word for point in POINTS[:20]), *words]
    assert words[:30] == [word for word, _ in OUTSIDE] and len(rows) == 30
    for row, (word, nearest) in zip(rows, OUTSIDE, strict=True):
        assert [known[place] for place in row[::2]] == [other for other, _ in nearest]
        assert [n / 1000 for n in row[1::2]] == pytest.approx([c for _, c in nearest], abs=6e-4)
        expected = [other for other, _ in cosines.nearest(VECTORS, word, len(nearest))]
        assert [other for other, _ in nearest] == [printable(other) for other in expected]


def test_words_that_point_the_same_way_are_of_one_colour():
    topics = [(point.word.rstrip("0123456789"), point.cluster) for point in POINTS[:60]]
    colours = {topic: {colour for it, colour in topics if it == topic} for topic, _ in topics}
    assert POINTS[0].cluster == 0 and len({point.cluster for point in POINTS}) > 1
    assert all(len(clusters) <= 4 for clusters in colours.values()), colours


def test_the_page_refers_to_nothing_outside():
    assert "://" not in PAGE.replace("http://www.w3.org/2000/svg", "")
    references = re.findall(r"<[a-z][^>]*\b(?:src|href)=[\"']?([^\"'> ]*)", PAGE)
    assert references == ["data:,"]


def test_words_and_titles_are_text_only():
    assert "<title>Words &lt;b&gt;</title>" in PAGE and "<h1>Words &lt;b&gt;</h1>" in PAGE
    assert "of &#34;vectors&#34; &amp; {{ more }}" in PAGE
    assert PAGE.count("</script>") == 4
    assert not re.search("<script>alert|<img|<!--|\u2028", PAGE)


def test_pages_share_a_head_whose_policy_allows_a_script_only_where_there_is_one():
    assert PAGE.startswith('<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">')
    assert PAGE.count("<head>") == PAGE.count("</head>") == PAGE.count("</html>") == 1
    bare = page_environment().get_template("page.html").render(title="")
    for page, scripts in ((PAGE, "'unsafe-inline'"), (bare, "'none'")):
        policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src {scripts}; "
        assert (
            f'<meta http-equiv="Content-Security-Policy" content="{policy}img-src data:">' in page
        )


def test_a_value_that_is_missing_is_an_error():
    with pytest.raises(UndefinedError, match="subtitle"):
        render_page("map.html", "", points=[])


def test_json_in_a_script_reads_back_as_it_was():
    value = ["</script>", "<!--", "&", "\u2028\u2029", "é\"\\'"]
    text = page_environment().from_string("{{ value|tojson }}").render(value=value)
    assert json.loads(text) == value
    assert not set(text) & set("<>&\u2028\u2029")


def test_a_png_of_the_size_announced_and_the_same_again():
    picture = map_picture(POINTS, r"Words $\frac$", r"of $\frac$")
    assert picture.startswith(b"\x89PNG")
    assert struct.unpack(">II", picture[16:24]) == tuple(int(inch * DPI) for inch in INCHES)
    assert map_picture(POINTS, r"Words $\frac$", r"of $\frac$") == picture
    assert map_picture(POINTS, "Words", "of vectors") != picture
    assert map_picture(POINTS[:-1], r"Words $\frac$", r"of $\frac$") != picture


def test_labels_touch_no_other_label_and_stay_inside():
    rng = np.random.default_rng(1)
    dots, sizes = rng.uniform(0, 1000, (60, 2)), np.tile([50.0, 12.0], (60, 1))
    boxes = place_labels(dots, sizes, (1000, 1000))
    for index, box in enumerate(boxes):
        assert overlap(box, np.delete(boxes, index, axis=0)) == 0
        assert box[0] >= 0 and box[1] >= 0 and box[2] <= 1000 and box[3] <= 1000
    assert np.allclose(boxes[:, 2:] - boxes[:, :2], sizes)


def test_a_label_stands_right_of_its_dot_if_nothing_is_there():
    [box] = place_labels(np.array([[100.0, 50.0]]), np.array([[40.0, 10.0]]), (500, 500))
    assert list(box) == [104, 45, 144, 55]


def test_without_room_a_label_is_left_out():
    dots = np.full((80, 2), 100.0)
    boxes = place_labels(dots, np.tile([60.0, 14.0], (80, 1)), (200, 200))
    placed = boxes[~np.isnan(boxes).any(axis=1)]
    assert 2 < len(placed) < 80 and placed.min() >= 0 and placed.max() <= 200
    assert not any(overlap(box, np.delete(placed, n, axis=0)) for n, box in enumerate(placed))
