"""The report's page in a real browser: what is drawn, on which screens, and by which keys."""

import json
from itertools import pairwise
from math import log
from pathlib import Path

import pytest

from quality.report.report_page import report_page

METRICS = json.loads((Path(__file__).parent / "metrics.json").read_text())
WORDS, POSTS, LEDGER = METRICS["vocabulary"], METRICS["posts"], METRICS["ledger"]
SECTIONS = ["checks", "ledger", "lengths", "time", "words", "bloggers", "lines", "comparisons"]
SECTIONS += ["trace", "origin"]
PHONE = {"width": 360, "height": 780, "touch": True}
TRACE = {"normalize": [{"blogger_id": 7, "post_ordinal": 2, "before": "A" * 400, "after": "a"}]}
EVIL = "<img src=x onerror=alert(1)><script>alert(1)</script>" + "LawEnforcement" * 9

BOXES = """[...document.querySelectorAll('#plot-{} .mark')].map(mark => {{
  const box = mark.getBBox();
  return [mark.querySelector('title').textContent, box.x, box.y, box.width, box.height];
}})"""
LABELS = "[...document.querySelectorAll('#plot-{} text')].map(text => text.textContent)"
WIDE = "document.documentElement.scrollWidth"
PLACE = "document.activeElement.closest('section')?.id ?? document.activeElement.className"
LABEL_ABOVE = 7
"""Pixels from the top of a scale's label to the middle of it."""

CONTRASTS = """(() => {
  const light = colour => {
    const parts = colour.match(/[\\d.]+/g).slice(0, 3).map(part => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  const ground = element => {
    const colour = getComputedStyle(element).backgroundColor;
    return colour === 'rgba(0, 0, 0, 0)' ? ground(element.parentElement) : colour;
  };
  const texts = [...document.querySelectorAll('text, p, h1, h2, h3, td, th, dt, dd, a, summary')];
  return texts.filter(text => text.textContent.trim()).map(text => {
    const style = getComputedStyle(text);
    const own = light(text.tagName === 'text' ? style.fill : style.color);
    const [less, more] = [own, light(ground(text))].sort((one, two) => one - two);
    return (more + 0.05) / (less + 0.05);
  });
})()"""


def largest_first(counts):
    return sorted(counts.values(), reverse=True)


def class_counts(distribution):
    counts = [one["count"] for one in distribution["histogram"]]
    return counts[: max(place for place, count in enumerate(counts) if count) + 1]


def by_year(months):
    years = sorted({month[:4] for month in months})
    return [sum(n for month, n in months.items() if month[:4] == year) for year in years]


BARS = {
    "encodings": largest_first(LEDGER["encodings"]),
    "repairs": largest_first(LEDGER["repairs"]),
    "years": by_year(POSTS["by_month"]),
    "frequent": [count for _, count in WORDS["most_frequent"][:30]],
}
DENSITIES = {
    "sentences-per-post": class_counts(METRICS["sentences_per_post"]),
    "tokens-per-sentence": class_counts(METRICS["tokens_per_sentence"]),
}
AGES = {int(age): group["posts"] for age, group in POSTS["by_age"].items()}


@pytest.fixture(scope="module")
def page(tmp_path_factory, inputs):
    path = tmp_path_factory.mktemp("page") / "index.html"
    metrics, quality, manifest = inputs()
    path.write_text(report_page(metrics, quality, manifest, TRACE), encoding="utf-8")
    return path


@pytest.fixture
def opened(browser, page):
    browser.open(page)
    return browser


def proportional(sizes, counts):
    """Whether sizes are to each other as counts are, to a fifth of a pixel."""
    scale = max(sizes) / max(counts)
    return sizes == pytest.approx([count * scale for count in counts], abs=0.2)


def test_it_opens_without_a_complaint_and_asks_for_nothing_else(opened, page):
    assert opened.complaints == []
    assert opened.requests == [page.as_uri()]


def test_the_browser_would_have_told(browser, tmp_path):
    path = tmp_path / "index.html"
    path.write_text("<script>nothing.there</script><img src='other.png'>")
    browser.open(path)
    assert any("nothing is not defined" in line for line in browser.complaints)
    assert browser.requests == [path.as_uri(), (tmp_path / "other.png").as_uri()]


def test_every_figure_is_drawn(opened):
    drawn = opened.run("[...document.querySelectorAll('svg')].map(svg => svg.id)")
    assert drawn == [
        *("plot-flow", "plot-reasons", "plot-encodings", "plot-repairs"),
        *("plot-sentences-per-post", "plot-tokens-per-sentence", "plot-years", "plot-months"),
        *("plot-growth", "plot-zipf", "plot-frequent"),
        *("plot-gender", "plot-age-group", "plot-age", "plot-industry"),
    ]
    assert (
        opened.run("Math.min(...[...document.querySelectorAll('svg')].map(s => s.clientWidth))")
        > 300
    )


@pytest.mark.parametrize("name", BARS)
def test_bars_are_as_long_as_their_counts(opened, name):
    boxes = opened.run(BOXES.format(name))
    assert proportional([box[3] for box in boxes], BARS[name])
    labels = opened.run(LABELS.format(name))
    for box, count in zip(boxes, BARS[name], strict=True):
        assert f": {count:,}" in box[0]
        assert any(label.startswith(f"{count:,}") for label in labels)


@pytest.mark.parametrize("name", DENSITIES)
def test_a_class_of_a_length_covers_its_share_from_where_it_begins_to_where_it_ends(opened, name):
    boxes = opened.run(BOXES.format(name))
    assert [box[0].split(": ")[1].split()[0] for box in boxes] == [
        f"{count:,}" for count in DENSITIES[name]
    ]
    areas = [box[3] * box[4] for box in boxes]
    shares = [count / sum(DENSITIES[name]) for count in DENSITIES[name]]
    assert [area / sum(areas) for area in areas] == pytest.approx(shares, abs=0.003)
    wide = {box[0].split(":")[0]: box[3] for box in boxes}
    assert wide["1"] / wide["4"] == pytest.approx(log(3) / log(4.5 / 3.5), rel=0.02)
    at = {level: METRICS[name.replace("-", "_")]["quantiles"][level] for level in ("0.5", "0.95")}
    labels = set(opened.run(LABELS.format(name)))
    assert {f"median {at['0.5']}", f"95 % {at['0.95']}"} <= labels


def test_ages_stand_where_they_are_and_leave_gaps(opened):
    boxes = opened.run(BOXES.format("age"))
    assert [box[0] for box in boxes] == [f"{age}: {count:,}" for age, count in AGES.items()]
    assert proportional([box[4] for box in boxes], list(AGES.values()))
    years = [age - min(AGES) for age in AGES]
    assert max(b - a for a, b in pairwise(AGES)) > 1  # there are gaps
    assert proportional([box[1] - boxes[0][1] for box in boxes], years)
    assert "Nobody is 18–22" in opened.run("document.querySelector('#figure-age p').textContent")


def test_scales_say_what_they_count(opened):
    lengths = opened.run(LABELS.format("tokens-per-sentence"))
    assert {"1", "10", "100", "0 %", "tokens in a line"} <= set(lengths)
    assert "share of the lines, per doubling" in lengths
    assert {"tokens read", "different tokens", "0"} <= set(opened.run(LABELS.format("growth")))
    assert {"occurrences", "rank, the most frequent token first", "1", "10", "100"} <= set(
        opened.run(LABELS.format("zipf"))
    )
    assert {"15", "age in years", "posts"} <= set(opened.run(LABELS.format("age")))


def test_the_strips_of_the_flow_are_as_wide_as_their_shares(opened):
    wide = {title: width for title, _, _, width, _ in opened.run(BOXES.format("flow"))}
    assert wide["files read: 43 (100 %)"] == wide["files found: 43"]
    kept = wide["posts kept: 261 (97.0 %)"] / wide["posts found: 269"]
    assert kept == pytest.approx(261 / 269, abs=0.002)
    labels = opened.run(LABELS.format("flow"))
    assert {"269 posts found", "261 kept (97.0 %)", "8 rejected (2.97 %)"} <= set(labels)


def test_the_months_are_cells_that_are_fuller_the_more_posts_there_are(opened):
    script = (
        "[...document.querySelectorAll('#plot-months .mark')].map(mark => ["
        "mark.querySelector('title').textContent,"
        "+getComputedStyle(mark.querySelector('path')).opacity])"
    )
    cells = dict(opened.run(script))
    assert list(cells) == [f"{month}: {count:,}" for month, count in POSTS["by_month"].items()]
    assert cells["2004-09: 1"] < cells["2004-07: 13"] < cells["2004-03: 29"] < 0.6


def test_the_vocabulary_grows_as_counted(opened):
    boxes = opened.run(BOXES.format("growth"))
    assert len(boxes) == len(WORDS["growth"])
    tokens, types = zip(*WORDS["growth"], strict=True)
    ways = [box[1] - boxes[0][1] for box in boxes], [boxes[0][2] - box[2] for box in boxes]
    assert proportional(ways[0], [count - tokens[0] for count in tokens])
    assert proportional(ways[1], [count - types[0] for count in types])
    assert boxes[-1][0] == f"{tokens[-1]:,} tokens read: {types[-1]:,} different tokens"


def test_the_points_stand_where_the_scale_says(opened):
    up = "#plot-growth text[style*='text-anchor:end']"
    script = f"[...document.querySelectorAll(`{up}`)].map(it => [it.textContent, it.getBBox().y])"
    ticks = dict(opened.run(script))
    zero, (high, top) = ticks["0"], next(it for it in ticks.items() if it[0].endswith("k"))
    pixels_a_type = (zero - top) / (float(high.removesuffix("k")) * 1000)
    boxes = opened.run(BOXES.format("growth"))
    for box, (_, types) in zip(boxes, WORDS["growth"], strict=True):
        height = zero - (box[2] + box[4] / 2)
        # A label's box begins some pixels above the line that it names.
        assert height + LABEL_ABOVE == pytest.approx(types * pixels_a_type, abs=2.5)


def test_ranks_fall_and_a_line_is_fitted(opened):
    boxes = opened.run(BOXES.format("zipf"))
    assert [box[0] for box in boxes] == [f"rank {r:,}: {n:,}" for r, n in WORDS["rank_frequency"]]
    assert [box[1] for box in boxes] == sorted(box[1] for box in boxes)
    assert [box[2] for box in boxes] == sorted(box[2] for box in boxes)
    dashes = opened.run("document.querySelectorAll('#plot-zipf [style*=dasharray]').length")
    assert dashes == 1  # where the line goes on beyond the points that it was fitted to
    assert f"slope {WORDS['zipf']['slope']:.2f}" in opened.run(LABELS.format("zipf"))
    assert f"slope {WORDS['zipf']['slope']:.3f}" in opened.run("document.body.textContent")


def test_groups_have_a_bar_for_bloggers_and_one_for_tokens(opened):
    boxes = opened.run(BOXES.format("gender"))
    female, male = POSTS["by_gender"]["female"], POSTS["by_gender"]["male"]
    shares = [20 / 43, female["tokens"] / METRICS["corpus"]["tokens"]]
    shares += [23 / 43, male["tokens"] / METRICS["corpus"]["tokens"]]
    assert proportional([box[3] for box in boxes], shares)
    assert boxes[0][0] == "female: 46.5 % of the bloggers"


def test_nothing_is_drawn_outside_of_its_picture(opened):
    outside = """[...document.querySelectorAll('svg')].flatMap(svg => {
      const all = svg.getBoundingClientRect();
      return [...svg.querySelectorAll('text, .mark')].filter(part => {
        const box = part.getBoundingClientRect();
        return box.left < all.left - 1 || box.right > all.right + 1
          || box.top < all.top - 1 || box.bottom > all.bottom + 1;
      }).map(part => svg.id + ': ' + part.textContent);
    })"""
    assert opened.run(outside) == []


@pytest.mark.parametrize("width", [360, 1200])
def test_the_links_to_the_sections_stay_in_sight(browser, page, width):
    browser.open(page, **PHONE | {"width": width})
    browser.run("document.querySelector('#lines').scrollIntoView({behavior: 'instant'})")
    top = "document.querySelector('nav a').getBoundingClientRect().top"
    assert 0 <= browser.run(top) < 60
    assert browser.run("document.querySelector('#lines h2').getBoundingClientRect().top") >= 0


@pytest.mark.parametrize("width", [320, 360, 768, 1200])
def test_the_page_never_scrolls_sideways(browser, page, width):
    browser.open(page, **PHONE | {"width": width})
    assert browser.run(WIDE) == width
    browser.run("document.querySelectorAll('details').forEach(it => it.open = true)")
    assert browser.run(WIDE) == width


def test_letters_stay_readable_on_a_phone(browser, page):
    browser.open(page, **PHONE)
    smallest = """Math.min(...[...document.querySelectorAll('svg text')].map(text => {
      const scale = Math.hypot(text.getScreenCTM().a, text.getScreenCTM().b);
      return parseFloat(getComputedStyle(text).fontSize) * scale;
    }))"""
    assert browser.run(smallest) > 8.5


def test_names_from_outside_neither_run_nor_widen_the_page(browser, tmp_path, inputs):
    metrics, quality, manifest = inputs()
    metrics["posts"]["by_industry"][EVIL] = metrics["posts"]["by_industry"]["Arts"]
    metrics["vocabulary"]["most_frequent"][0][0] = EVIL
    metrics["ledger"]["posts"]["rejected"] = {EVIL: 8}
    manifest["input"]["uri"] = EVIL
    path = tmp_path / "index.html"
    trace = {EVIL: [TRACE["normalize"][0] | {"before": EVIL}]}
    path.write_text(report_page(metrics, quality, manifest, trace), encoding="utf-8")
    browser.open(path, **PHONE)
    browser.run("document.querySelectorAll('details').forEach(it => it.open = true)")
    assert browser.run("document.querySelectorAll('img, script').length") == 0
    assert browser.run(WIDE) == PHONE["width"]
    assert browser.complaints == [] and browser.requests == [path.as_uri()]


def colours(browser):
    return browser.run("""[document.body, ...['#plot-years .mark path', '#plot-years text'].map(
      place => document.querySelector(place))].map(element => {
        const style = getComputedStyle(element);
        return element === document.body ? style.backgroundColor : style.fill;
      })""")


def test_dark_is_another_set_of_colours(browser, page):
    browser.open(page, dark=False)
    light = colours(browser)
    browser.open(page, dark=True)
    dark = colours(browser)
    assert light == ["rgb(251, 251, 249)", "rgb(38, 113, 176)", "rgb(27, 39, 51)"]
    assert dark == ["rgb(18, 23, 28)", "rgb(108, 176, 230)", "rgb(228, 234, 239)"]


@pytest.mark.parametrize("dark", [False, True])
def test_all_text_stands_out_from_its_ground(browser, page, dark):
    browser.open(page, dark=dark)
    contrasts = browser.run(CONTRASTS)
    # WCAG 2.2, 1.4.3: 4.5 to 1.
    assert len(contrasts) > 300 and min(contrasts) >= 4.5


def test_the_first_key_offers_to_skip_to_the_report(opened):
    opened.press("Tab")
    assert opened.run("document.activeElement.textContent") == "Skip to the report"
    assert opened.run("document.activeElement.getBoundingClientRect().left") >= 0
    opened.press("Enter")
    assert opened.run("document.activeElement.id || location.hash") in ("content", "#content")


def test_a_keyboard_reaches_every_section(opened):
    reached: list[str] = []
    for _ in range(200):
        opened.press("Tab")
        place = opened.run(PLACE)
        if place == "skip" and reached:
            break
        reached.append(place)
    assert list(dict.fromkeys(place for place in reached if place in SECTIONS)) == SECTIONS


def test_a_keyboard_opens_the_numbers_of_a_figure(opened):
    opened.run("document.querySelector('#figure-years summary').focus()")
    assert opened.run("document.querySelector('#figure-years table').checkVisibility()") is False
    opened.press("Enter")
    assert opened.run("document.querySelector('#figure-years table').checkVisibility()") is True
    cells = "[...document.querySelectorAll('#figure-years tbody td:nth-child(2)')]"
    assert opened.run(f"{cells}.map(it => it.innerText)") == [
        f"{count:,}" for count in BARS["years"]
    ]


def test_a_screen_reader_has_names_for_drawings_and_tables(opened):
    unnamed = """[...document.querySelectorAll('svg, nav, [role=region], section')].filter(it =>
      !it.getAttribute('aria-label') && !document.getElementById(it.getAttribute('aria-labelledby'))
    ).length"""
    assert opened.run(unnamed) == 0
    levels = opened.run("[...document.querySelectorAll('h1, h2, h3')].map(it => +it.tagName[1])")
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
