"""The text of the report's page: what it says, in which order; and its files."""

import doctest
import html
import re
from collections import Counter
from xml.etree import ElementTree as ET

import pytest

from quality.report import corpus_card, corpus_figures, figures, svg, verdict_texts
from quality.report.corpus_figures import group_figures
from quality.report.figures import figure_text, share_text, short_count
from quality.report.ledger_figures import ledger_figures, ledger_flow
from quality.report.report_page import report_page
from quality.report.report_sections import sections
from quality.report.row_plots import bars

EVIL = "</style><script>alert(1)</script><img src=x onerror=alert(1)>&\"'{{x}}$a_1$"
TRACE = {
    "split": [{"blogger_id": 7, "post_ordinal": 2, "before": "A. <b>B</b>", "after": ["A.", "B"]}],
    "dropped.post.blank": [{"blogger_id": 7, "post_ordinal": 3, "before": "\t", "after": None}],
    "repair.link": [{"blogger_id": 9, "post_ordinal": 0, "before": "urlLink it", "after": "it"}],
}


@pytest.fixture(scope="module")
def page(inputs):
    return report_page(*inputs())


def section(page, name):
    return re.findall(rf'<section id="{name}".*?</section>', page, re.DOTALL)[0]


def text(part):
    return " ".join(html.unescape(re.sub("<[^>]*>", " ", part)).split())


def marks(svg):
    return [title.text for title in ET.fromstring(svg).iter("title")]


def test_all_sections_stand_in_their_order_and_are_linked(page):
    names = ["checks", "ledger", "lengths", "time", "words", "bloggers", "lines"]
    names += ["comparisons", "origin"]
    assert re.findall(r'<section id="([^"]*)"', page) == names
    assert re.findall(r'<a[^>]* href="#([^"]*)"', page) == ["content", *names]


def test_the_page_refers_to_nothing_outside_and_has_no_script(page):
    assert "://" not in page and "<script" not in page and "@import" not in page
    assert set(re.findall(r'\b(?:src|href)="([^"#]+)', page)) == {"data:,", "../manifest.json"}
    assert not re.search(r"url\((?!#)", page)
    assert "default-src 'none'" in page


def test_ids_are_unique_and_all_that_is_referred_to_is_there(page):
    ids = re.findall(r'\bid="([^"]*)"', page)
    assert len(ids) == len(set(ids)) > 30
    wanted = re.findall(r'(?:href="#|url\(#|aria-labelledby=")([^")]+)', page)
    assert len(wanted) > 100 and set(wanted) <= set(ids)


def test_failed_checks_come_first_and_say_what_was_found_expected_and_where_to_look(page):
    checks = text(section(page, "checks"))
    assert "let this through: 1 error, 1 warning in 3 checks." in checks
    failed = "Failed No line is too long found 8 expected at most 0 look at lines.too_long"
    header = "check found expected look at name"
    warned = f"1 warning {header} Posts are many 25.0 % at least 50 % posts posts.spread_share"
    passed = f"1 passed {header} No line is empty 0 at most 0"
    places = [checks.index(words) for words in (failed, warned, passed)]
    assert places == sorted(places)
    assert "corpus.long" in checks


def test_a_gate_that_was_off_is_said_to_be_off(metrics, manifest):
    checks = section(report_page(metrics, {"gate": "off"}, manifest), "checks")
    assert "Not checked: the gate was off." in checks
    assert "gate-off" in checks and "Failed" not in checks and "passed" not in checks


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"gate": "passed", "errors": 0}, "The gate passed: 0 errors, 1 warning in 3 checks."),
        ({"gate": None, "passed": False}, "The checks failed: 1 error, 1 warning in 3 checks."),
        ({"gate": None, "passed": True, "errors": 0}, "The checks passed: 0 errors, 1 warning"),
    ],
)
def test_what_the_gate_said_is_told(metrics, quality, change, said):
    quality = {name: it for name, it in (quality | change).items() if it is not None}
    checks = section(report_page(metrics, quality), "checks")
    assert said in text(checks)
    assert f'class="gate gate-{said.split()[2].strip(":")}"' in checks


def test_the_page_names_no_folder_of_the_machine(metrics, quality, manifest):
    manifest["input"]["uri"] = "/home/ann/data/blogs.zip"
    page = report_page(metrics, quality, manifest)
    assert "From blogs.zip, built" in page and "/home" not in page and "ann" not in text(page)


def test_a_comparison_shows_both_sides(page):
    told = text(section(page, "comparisons"))
    assert "lines 1,288 7,480,869 0.0002 – not judged" in told
    assert "Compared with the reference run: the run of 2020" in told
    assert "repeated lines 2.41 % 25.0 % 0.09 – not judged" in told
    assert "Compared with the baseline: build" in told and "/home" not in told
    assert "tokens a line 15.29 18.87 0.81 ±25 % within" in told


def test_how_it_was_made_shows_all_options_and_no_file_of_the_input(page):
    made = text(section(page, "origin"))
    assert "Options options value splitter spacy 2 with their defaults" in made
    assert "keep_apostrophes no min_tokens 1" in made and "sha256 5a3" in made
    assert "commit none" in made and "Arts.Leo" not in page


def test_the_flow_has_every_count_of_the_ledger(metrics):
    assert marks(ledger_flow(metrics["ledger"])) == [
        "files found: 43",
        "files read: 43 (100 %)",
        "posts found: 269",
        "posts kept: 261 (97.0 %)",
        "posts rejected: 8 (2.97 %)",
        "sentences found: 1,288",
        "sentences written: 1,288 (100 %)",
    ]


def test_reasons_are_shares_of_what_was_found_of_their_kind(metrics):
    metrics["ledger"]["sentences"]["rejected"] = {"no_word": 2}
    metrics["ledger"]["bytes"] |= {"stray": 5}
    reasons = next(it for it in ledger_figures(metrics["ledger"]) if it.name == "reasons")
    assert marks(reasons.svg)[1:3] == [
        "posts, no_word: 4 (1.49 %)",
        "sentences, no_word: 2 (0.16 %)",
    ]
    assert [row[0] for row in reasons.table.rows][-1] == "bytes: outside_post"
    assert "files, of 43: none" in reasons.svg and "posts, of 269" in reasons.svg


def test_many_industries_are_drawn_as_the_first_and_the_rest(metrics):
    given = metrics["posts"]["by_industry"]
    assert len(given) > 13
    industry = next(it for it in group_figures(metrics["posts"]) if it.name == "industry")
    drawn = marks(industry.svg)
    assert len(drawn) == 2 * 13 and len(industry.table.rows) == len(given)
    rest = sorted((it["tokens"] for it in given.values()), reverse=True)[12:]
    share = share_text(sum(rest) / metrics["corpus"]["tokens"])
    assert drawn[-1] == f"the other {len(rest)}: {share} of the tokens"


def test_lines_tell_what_is_there_and_how_much_is_not(page, metrics):
    told = text(section(page, "lines"))
    lines = metrics["lines"]
    nothing = [name for name, n in lines.items() if not n and name != "unterminated"]
    assert f"any of {len(nothing)} other flaws 0 0 %" in told
    assert not any(f"{name.replace('_', ' ')} 0 0 %" in told for name in nothing)


def test_the_numbers_of_each_figure_stand_in_its_table(metrics):
    tables = {one.name: one.table for part in sections(metrics) for one in part.figures}
    assert tables["encodings"].rows[0] == ("ascii", "233", "86.6 %")
    assert tables["years"].rows[0] == ("2001", "2", "0.78 %")
    assert tables["months"].rows[-1] == ("2004-09", "1", "0.39 %")
    assert tables["tokens-per-sentence"].rows[5] == ("6–7", "190", "14.8 %")
    assert tables["gender"].rows[0] == ("female", "20", "131", "670", "7,953")
    assert len(tables["frequent"].rows) == len(metrics["vocabulary"]["most_frequent"])
    assert all(len(row) == len(it.header) for it in tables.values() for row in it.rows)


def test_a_plain_file_has_only_what_its_lines_tell(metrics, quality):
    metrics |= {"source": "file", "ledger": None, "posts": None, "sentences_per_post": None}
    page = report_page(metrics, quality)
    names = ["checks", "lengths", "words", "lines", "comparisons"]
    assert re.findall(r'<section id="([^"]*)"', page) == names
    assert "how it was made is not known" in page and "manifest" not in page
    assert 'id="plot-tokens-per-sentence"' in page and "sentences-per-post" not in page


def test_nothing_counted_is_said_and_not_drawn(metrics):
    metrics["ledger"]["posts"]["rejected"] = {}
    metrics["vocabulary"]["most_frequent"] = []
    metrics["vocabulary"]["zipf"] |= {"slope": None}
    metrics["posts"]["by_month"] = {}
    figures = {one.name: one for part in sections(metrics) for one in part.figures}
    assert figures["reasons"].caption == "Nothing was rejected." and not figures["reasons"].svg
    assert not figures["frequent"].svg and "Too few" in figures["zipf"].caption
    assert "years" not in figures and "months" not in figures


def test_names_of_others_are_text_only(metrics, quality, manifest):
    manifest["input"]["digest"] = manifest["options"]["splitter"] = EVIL
    metrics["posts"]["by_industry"] = {EVIL: metrics["posts"]["by_industry"]["Arts"]}
    metrics["vocabulary"]["most_frequent"][0][0] = EVIL
    quality["verdicts"][1]["look"] = quality["comparisons"][0]["source"] = EVIL
    metrics["ledger"]["posts"]["rejected"] = {EVIL: 8}
    page = report_page(metrics, quality, manifest, {EVIL: TRACE["split"]})
    assert "<script" not in page and "<img" not in page and page.count("</style>") == 1
    assert text(section(page, "origin")).count(EVIL) == 2  # input and option
    assert html.escape(EVIL[:20]) in page and "$a_1$" in page


@pytest.mark.parametrize("name", ["\udce9caf", "a\x00\x1b[1mb", "\u202egro", "日本語" * 60, ""])
def test_a_name_that_can_not_be_drawn_breaks_nothing(name, metrics, quality, manifest):
    manifest["input"]["uri"] = name
    metrics["posts"]["by_industry"] = {name: metrics["posts"]["by_industry"]["Arts"]}
    page = report_page(metrics, quality, manifest)
    page.encode("utf-8")
    drawn = re.findall(r'<svg[^>]*id="plot-industry".*?</svg>', page, re.DOTALL)[0]
    assert len(list(ET.fromstring(drawn).iter("title"))) == 2


def test_text_of_posts_is_there_only_with_a_trace(page, metrics, quality, manifest):
    assert "trace" not in page
    told = section(report_page(metrics, quality, manifest, TRACE), "trace")
    assert "<b>" not in told
    words = text(told)
    assert "blogger 9, post 0 before: urlLink it after: it" in words
    assert "blogger 7, post 2 before: A. <b>B</b> after: A. after: B" in words
    assert re.findall(r"<summary>(\S+)", told) == ["repair.link", "split", "dropped.post.blank"]
    assert words.endswith("dropped")


def test_a_drawing_takes_its_colours_from_the_page(page):
    drawings = "".join(re.findall(r"<svg.*?</svg>", page, re.DOTALL))
    assert not re.search(r"#[0-9a-f]{6}", drawings) and "var(--bar)" in drawings
    used = set(re.findall(r"var\((--[a-z]+)\)", page))
    style = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)[0]
    defined = Counter(re.findall(r"(--[\w-]+):", style))
    assert {defined[name] for name in used} == {2}  # light and dark


def test_a_long_label_is_cut_in_the_drawing_and_whole_in_its_mark():
    drawn = bars("one", "One", [("corrupt_member_of_an_archive", 1_234)], 10_000)
    assert "corrupt_member_of_an_a…" in drawn
    assert marks(drawn) == ["corrupt_member_of_an_archive: 1,234 (12.3 %)"]


@pytest.mark.parametrize(
    ("function", "value", "shown"),
    [
        (figure_text, 7480869, "7,480,869"),
        (figure_text, 0.72354, "0.7235"),
        (figure_text, 12345.678, "12,345.7"),
        (figure_text, None, "not measured"),
        (figure_text, True, "yes"),
        (figure_text, "a–b", "a–b"),
        (share_text, 0.99999, "> 99.9 %"),
        (share_text, 0.00001, "< 0.01 %"),
        (share_text, None, "–"),
        (short_count, 999, "999"),
        (short_count, 14_421, "14k"),
    ],
)
def test_numbers_are_written_for_people(function, value, shown):
    assert function(value) == shown


@pytest.mark.parametrize(
    "module", [svg, figures, corpus_card, corpus_figures, verdict_texts], ids=lambda it: it.__name__
)
def test_doctests(module):
    found = doctest.testmod(module)
    assert found.attempted and not found.failed
