"""What the map's page holds; how it behaves is in test_map_in_browser.py."""

import json
import re

import made_up_runs
import pytest

from embeddings.map_page import map_page, script_json
from embeddings.projection import project

POINTS = project(made_up_runs.make_vectors(60, extra=tuple(made_up_runs.EVIL)))
PAGE = map_page(POINTS, "Words <b>", 'of "vectors" & more')


def data(page):
    return json.loads(re.findall(r'id="points">(.*?)</script>', page, re.DOTALL)[0])


def test_the_page_holds_every_word_with_rank_place_and_neighbours():
    rows = data(PAGE)
    assert [row[:2] for row in rows] == [[point.word, point.rank] for point in POINTS]
    for (_, _, x, y, nearest), point in zip(rows, POINTS, strict=True):
        assert (x, y) == pytest.approx((point.x, point.y), abs=1e-4)
        assert [word for word, _ in nearest] == [word for word, _ in point.nearest]


def test_the_page_refers_to_nothing_outside():
    assert "://" not in PAGE.replace("http://www.w3.org/2000/svg", "")
    references = re.findall(r"<[a-z][^>]*\b(?:src|href)=[\"']?([^\"'> ]*)", PAGE)
    assert references == ["data:,"]
    assert "default-src 'none'" in PAGE


def test_words_and_titles_are_text_only():
    assert "Words &lt;b&gt;" in PAGE and "of &quot;vectors&quot; &amp; more" in PAGE
    assert PAGE.count("</script>") == 2
    assert not re.search("<script>alert|<img|<!--|\u2028", PAGE)


def test_json_in_a_script_reads_back_as_it_was():
    value = ["</script>", "<!--", "&", "\u2028\u2029", 'é"\\']
    assert json.loads(script_json(value)) == value
    assert not set(script_json(value)) & set("<>&\u2028\u2029")
