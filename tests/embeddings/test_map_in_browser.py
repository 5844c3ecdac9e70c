"""The map's page as its reader has it: with a mouse, with fingers, with keys, light and dark."""

import html
import re

import made_up_runs
import pytest

from embeddings.pictures.word_map import map_page
from embeddings.vectors.projection import outside_words, project

VECTORS = made_up_runs.make_vectors(60, extra=tuple(made_up_runs.EVIL))
POINTS = project(VECTORS)
PAGE = map_page(POINTS, "Words <b>", 'of "vectors" & more')
PHONE = {"width": 390, "height": 844, "touch": True}
EMPTY = "No word chosen"


@pytest.fixture
def show(browser, tmp_path):
    """Opens the page, and asserts in the end that it never complained."""

    def show(**screen):
        path = tmp_path / "map.html"
        path.write_text(PAGE, encoding="utf-8")
        browser.open(path, **screen)
        return browser

    yield show
    assert browser.complaints == []


def place(browser, number):
    """Where a point is in the window."""
    left, top = browser.run(
        f"[points[{number}].left + map.getBoundingClientRect().left,"
        f" points[{number}].top + map.getBoundingClientRect().top]"
    )
    return left, top


def empty_spot(browser):
    """A spot of the map with no word near."""
    left, top = browser.run(
        "(() => { const box = map.getBoundingClientRect();"
        "for (let top = 30; top < size.height - 30; top += 5)"
        "for (let left = 30; left < size.width - 30; left += 5)"
        "if (!nearestTo(left, top)) return [left + box.left, top + box.top]; })()"
    )
    return left, top


def middle(browser):
    """The window's spot in the middle of the map."""
    left, top = browser.run(
        "(box => [box.left + box.width / 2, box.top + box.height / 2])(map.getBoundingClientRect())"
    )
    return left, top


def view(browser):
    return browser.run("[view.zoom, view.x, view.y]")


def chosen(browser):
    """The heading of the card."""
    return browser.run("document.querySelector('#card h2').textContent")


def moved(spot, right, down):
    return spot[0] + right, spot[1] + down


def test_search_finds_a_word_and_says_how_many(show):
    browser, wanted = show(), POINTS[20]
    browser.run("search.focus()")
    for letter in wanted.word.upper():
        browser.press(letter)
    hits = browser.run("[...document.querySelectorAll('text.hit')].map(it => it.textContent)")
    assert wanted.word in hits and all(wanted.word in word for word in hits)
    count = browser.run("document.getElementById('count').textContent")
    assert count == f"{len(hits)} of {len(POINTS)}"
    card = browser.run("document.getElementById('card').innerHTML")
    assert f"<h2>{wanted.word}</h2>" in card and f"rank {wanted.rank};" in card
    for word, cosine in wanted.nearest:
        assert html.escape(word, quote=False) in card and f"{cosine:.3f}" in card


def test_search_answers_for_words_outside_the_map(browser, tmp_path):
    path, others = tmp_path / "map.html", outside_words(VECTORS, 20)
    path.write_text(map_page(POINTS[:20], "Few", "", others), encoding="utf-8")
    browser.open(path)
    word, nearest = others[5]
    count = "document.getElementById('count').textContent"
    assert browser.run(f"search.value = '{word}'; find(true); {count}") == "outside the map"
    assert chosen(browser) == word
    told = browser.run("document.getElementById('card').textContent")
    assert "rank 26, outside the map" in told and nearest[0][0] in told
    browser.run("document.querySelector('#card button').click()")
    assert chosen(browser) == nearest[0][0]
    assert browser.run(f"search.value = 'zzzz'; find(true); {count}") == "no such word"
    assert browser.complaints == []


def test_lines_go_from_a_word_to_its_neighbours(show):
    browser = show()
    browser.run("choose(points[12])")
    near = {word for word, _ in POINTS[12].nearest} & {point.word for point in POINTS}
    assert browser.run("lines.childElementCount") == len(near) > 0
    browser.run("choose(null)")
    assert browser.run("lines.childElementCount") == 0


def test_all_words_are_drawn_as_text_and_no_script_of_theirs_runs(show):
    browser = show()
    labels = browser.run("[...document.querySelectorAll('#map text')].map(it => it.textContent)")
    assert sorted(labels) == sorted(point.word for point in POINTS)
    assert browser.run("document.querySelectorAll('img, script').length") == 4  # the page's own


@pytest.mark.parametrize("number", [0, 30])
def test_pointing_at_a_dot_shows_its_word(show, number):
    browser = show()
    browser.mouse("mouseMoved", place(browser, number))
    assert chosen(browser) == POINTS[number].word


def test_the_mouse_drags_the_map_and_a_click_on_nothing_lets_go(show):
    browser = show()
    browser.mouse("mouseMoved", place(browser, 3))
    start = empty_spot(browser)
    browser.mouse("mousePressed", start, button="left", buttons=1, clickCount=1)
    browser.mouse("mouseReleased", start, button="left", clickCount=1)
    assert (chosen(browser), view(browser)) == (EMPTY, [1, 0, 0])
    before = place(browser, 0)
    browser.mouse("mousePressed", start, button="left", buttons=1, clickCount=1)
    browser.mouse("mouseMoved", moved(start, -40, 30), button="left", buttons=1)
    browser.mouse("mouseReleased", moved(start, -40, 30), button="left", clickCount=1)
    assert place(browser, 0) == pytest.approx(moved(before, -40, 30), abs=0.1)


def test_the_wheel_zooms_about_the_pointer(show):
    browser = show()
    spot = place(browser, 7)
    browser.mouse("mouseWheel", spot, deltaX=0, deltaY=-200)
    assert view(browser)[0] == pytest.approx(1.65, abs=0.01)
    assert place(browser, 7) == pytest.approx(spot, abs=0.5)


def test_a_tap_shows_what_pointing_shows_and_a_tap_on_nothing_lets_go(show):
    browser = show(**PHONE)
    spot = place(browser, 12)
    browser.fingers([spot], [moved(spot, 4, 3)])  # no finger stands quite still
    browser.lift()
    assert (chosen(browser), view(browser)) == (POINTS[12].word, [1, 0, 0])
    card = browser.run("document.getElementById('card').textContent")
    assert f"rank {POINTS[12].rank}; nearest by cosine:" in card
    assert all(word in card for word, _ in POINTS[12].nearest)
    browser.fingers([empty_spot(browser)])
    browser.lift()
    assert chosen(browser) == EMPTY


def test_a_neighbour_in_the_card_is_a_link_for_fingers(show):
    browser = show(**PHONE)
    browser.fingers([place(browser, 12)])
    browser.lift()
    left, top, height, word = browser.run(
        "(it => { it.scrollIntoView(); const box = it.getBoundingClientRect();"
        "return [box.left + 5, box.top + 5, box.height, it.textContent]; })"
        "(document.querySelector('#card button'))"
    )
    assert height >= 40  # pixels: as wide as a fingertip
    browser.fingers([(left, top)])
    browser.lift()
    assert chosen(browser) == word != POINTS[12].word


def test_one_finger_moves_the_map_and_chooses_nothing(show):
    browser = show(**PHONE)
    start, before = place(browser, 12), place(browser, 0)
    browser.fingers([start], [moved(start, 20, 0)], [moved(start, 60, 25)])
    browser.lift()
    right, down = place(browser, 0)[0] - before[0], place(browser, 0)[1] - before[1]
    assert right == pytest.approx(60, abs=0.5) and down == pytest.approx(25, abs=0.5)
    assert chosen(browser) == EMPTY
    assert browser.run("[scrollX, scrollY, visualViewport.scale]") == [0, 0, 1]


def test_two_fingers_zoom_about_their_middle_and_carry_it_along(show):
    browser = show(**PHONE)
    at = middle(browser)
    pairs = [[moved(at, -wide, 0), moved(at, wide, 0)] for wide in (40, 60, 80)]
    under = "[(0 - view.x) * scale()[0], (view.y - 0) * scale()[1]]"  # the plane's middle
    browser.fingers(*pairs)
    assert view(browser) == pytest.approx([2, 0, 0], abs=0.02)
    browser.fingers(pairs[-1], [moved(spot, 30, -20) for spot in pairs[-1]])
    assert view(browser)[0] == pytest.approx(2, abs=0.02)
    assert browser.run(under) == pytest.approx([30, -20], abs=1)
    browser.lift()
    assert chosen(browser) == EMPTY
    assert browser.run("[scrollX, scrollY, visualViewport.scale]") == [0, 0, 1]


def test_a_pinch_that_ends_with_one_finger_goes_on_as_a_drag(show):
    browser = show(**PHONE)
    left, right = moved(middle(browser), -80, 0), moved(middle(browser), 80, 0)
    browser.fingers([moved(left, 40, 0), moved(right, -40, 0)], [left, right])
    before = view(browser)
    browser.lift_last()
    assert view(browser) == before != [1, 0, 0]  # no jump
    spot = place(browser, 0)
    browser.fingers([moved(left, 50, 0)])
    assert place(browser, 0) == pytest.approx(moved(spot, 50, 0), abs=1)
    browser.lift()
    assert chosen(browser) == EMPTY


def test_a_phone_has_the_buttons_in_sight_for_those_who_can_not_pinch(show):
    browser = show(**PHONE)
    browser.run("choose(points[0])")
    spot = browser.run(
        "(box => [box.left + box.width / 2, box.top + box.height / 2])"
        "(document.getElementById('in').getBoundingClientRect())"
    )
    browser.fingers([spot])
    browser.lift()
    assert view(browser) == [1.5, 0, 0] and chosen(browser) == POINTS[0].word


def test_keys_go_from_word_to_word_zoom_move_and_let_go(show):
    browser = show()
    browser.run("map.focus()")
    for key in ("ArrowRight", "ArrowRight", "+"):
        browser.press(key)
    assert view(browser)[0] == 1.5
    [point] = [point for point in POINTS if point.word == chosen(browser)]
    assert point.x > POINTS[0].x
    told = browser.run("document.getElementById('told').textContent")
    assert told.startswith(f"{point.word}, rank {point.rank}, nearest {point.nearest[0][0]}")
    browser.press("0")
    assert view(browser) == [1, 0, 0]
    before = place(browser, 0)
    browser.press("ArrowRight", shift=True)
    browser.press("ArrowUp", shift=True)
    assert place(browser, 0) == pytest.approx(moved(before, -80, 80), abs=0.5)
    assert chosen(browser) == point.word
    browser.press("Escape")
    assert chosen(browser) == EMPTY
    browser.press("/")
    assert browser.run("document.activeElement.id + search.value") == "search"


@pytest.mark.parametrize("screen", [{}, PHONE, {"width": 844, "height": 390, "touch": True}])
def test_nothing_sticks_out_of_the_window(show, screen):
    browser = show(**screen)
    browser.run("choose(points[0])")
    wide, high = browser.run(
        "[document.documentElement.scrollWidth - innerWidth,"
        " document.documentElement.scrollHeight - innerHeight]"
    )
    assert (wide, high) == (0, 0)
    assert browser.run("map.clientHeight / innerHeight") > 0.4


@pytest.mark.parametrize(("dark", "colour"), [(False, "251, 251, 249"), (True, "18, 23, 28")])
def test_the_page_is_light_or_dark_as_the_reader_prefers(show, dark, colour):
    browser = show(dark=dark)
    found = browser.run("getComputedStyle(document.body).backgroundColor")
    assert found == f"rgb({colour})"
    halo = browser.run("getComputedStyle(document.querySelector('text')).stroke")
    assert re.sub(r"\D+", " ", halo) == re.sub(r"\D+", " ", found)
