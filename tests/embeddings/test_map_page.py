"""The map as a page and as a picture; the page also in a real browser, where there is one."""

import html
import json
import re
import shutil
import subprocess

import made_up_runs
import pytest

from embeddings.map_page import fill_template, map_page, script_json
from embeddings.projection import project

POINTS = project(made_up_runs.make_vectors(60, extra=tuple(made_up_runs.EVIL)))
PAGE = map_page(POINTS, "Words <b>", 'of "vectors" & more')
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), "")
OFFLINE = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--enable-logging=stderr", "--virtual-time-budget=3000", "--window-size=1200,900",
]  # fmt: skip
in_browser = pytest.mark.skipif(
    not CHROMIUM, reason="NO CHROMIUM: the map's search, keys and console are NOT tested"
)


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


def test_a_placeholder_in_a_value_stays_as_it_is():
    assert "{{POINTS}}" in map_page(POINTS, "{{POINTS}}")
    with pytest.raises(KeyError):
        fill_template("map.html", {"TITLE": ""})


def test_json_in_a_script_reads_back_as_it_was():
    value = ["</script>", "<!--", "&", "\u2028\u2029", 'é"\\']
    assert json.loads(script_json(value)) == value
    assert not set(script_json(value)) & set("<>&\u2028\u2029")


def browse(tmp_path, script, *flags):
    """The page's DOM after a script, and its console."""
    done = (
        f"<script>setTimeout(() => {{ {script}; document.body.dataset.done = 1; }}, 200)</script>"
    )
    path = tmp_path / "map.html"
    path.write_text(PAGE + done, encoding="utf-8")
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    found = subprocess.run(
        [CHROMIUM, *OFFLINE, *flags, profile, "--dump-dom", path.as_uri()],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert 'data-done="1"' in found.stdout, found.stderr[-2000:]
    return found.stdout, [line for line in found.stderr.splitlines() if "CONSOLE" in line]


def element(dom, name, identity):
    return re.findall(rf"<{name}[^>]*id=\"{identity}\"[^>]*>(.*?)</{name}>", dom, re.DOTALL)[0]


@in_browser
def test_search_finds_a_word_and_says_how_many(tmp_path):
    wanted = POINTS[20].word
    dom, console = browse(tmp_path, f"search.value = '{wanted.upper()}'; find(true)")
    assert console == []
    hits = re.findall(r'<text class="[^"]*hit[^"]*"[^>]*>(.*?)</text>', dom)
    assert wanted in hits and all(wanted in word for word in hits)
    assert element(dom, "output", "count") == f"{len(hits)} of {len(POINTS)}"
    card = element(dom, "div", "card")
    assert f"<h2>{wanted}</h2>" in card and f"rank {POINTS[20].rank};" in card
    for word, cosine in POINTS[20].nearest:
        assert html.escape(word, quote=False) in card and f"{cosine:.3f}" in card


@in_browser
def test_all_words_are_drawn_as_text_and_no_script_of_theirs_runs(tmp_path):
    dom, console = browse(tmp_path, "zoom(40); showAll()")
    assert console == []
    labels = re.findall(r"<text[^>]*>(.*?)</text>", dom, re.DOTALL)
    assert sorted(map(html.unescape, labels)) == sorted(point.word for point in POINTS)
    assert "<img" not in dom


@in_browser
def test_keys_go_from_word_to_word_and_zoom(tmp_path):
    press = "for (const key of {}) map.dispatchEvent(new KeyboardEvent('keydown', {{ key }}))"
    script = press.format("['ArrowRight', 'ArrowRight', '+']")
    dom, console = browse(tmp_path, f"{script}; document.title = view.zoom + ' ' + chosen.word")
    assert console == []
    zoom, word = re.findall(r"<title>([\d.]+) (.*?)</title>", dom)[0]
    first, chosen = POINTS[0], next(point for point in POINTS if point.word == html.unescape(word))
    assert zoom == "1.5" and chosen.x > first.x
    assert html.unescape(element(dom, "div", "told")).startswith(
        f"{chosen.word}, rank {chosen.rank}"
    )


@in_browser
def test_pointing_at_a_dot_shows_its_word(tmp_path):
    event = "new PointerEvent('pointermove', {pointerType: 'mouse', clientX: at.x, clientY: at.y})"
    script = (
        "const dot = points[30].dot.getBoundingClientRect();"
        "const at = {x: dot.x + dot.width / 2, y: dot.y + dot.height / 2};"
        f"map.dispatchEvent({event})"
    )
    dom, console = browse(tmp_path, script)
    assert console == []
    assert f"<h2>{POINTS[30].word}</h2>" in element(dom, "div", "card")


@in_browser
@pytest.mark.parametrize(("scheme", "colour"), [("1", "251, 251, 249"), ("0", "18, 23, 28")])
def test_the_page_is_light_or_dark_as_the_reader_prefers(tmp_path, scheme, colour):
    dom, _ = browse(
        tmp_path,
        "document.title = getComputedStyle(document.body).backgroundColor",
        f"--blink-settings=preferredColorScheme={scheme}",
    )
    assert f"<title>rgb({colour})</title>" in dom
