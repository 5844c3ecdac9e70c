"""The corpus card: YAML head and Markdown, from manifest and metrics alone."""

import copy
import json
import re

import pytest

from quality.report.corpus_card import code, corpus_card

yaml = pytest.importorskip("yaml")  # no types, and none needed for one test
EVIL = "a`b``|<b>\nc | d"


@pytest.fixture
def card(manifest, metrics):
    return corpus_card(manifest, metrics)


def rows(card, first):
    """Cells of the rows of a table that begin with a cell."""
    found = [line.strip("| ").split(" | ") for line in card.splitlines() if line.startswith("| ")]
    return [cells[1:] for cells in found if cells[0] == first]


def test_the_head_is_what_dataset_cards_hold(card):
    head = yaml.safe_load(re.findall(r"\A---\n(.*?)\n---\n", card, re.DOTALL)[0])
    assert head["license"] == "other" and head["license_name"] == "non-commercial-research"
    assert head["size_categories"] == ["1K<n<10K"] and head["language"] == ["en"]
    assert list(head["tags"]) == ["word2vec", "blogs"]


def test_it_tells_source_licence_and_whom_to_cite(card):
    told = " ".join(card.split())
    assert "Input: `sample` (folder, 43 files, 99.4 KiB)" in told
    assert "**non-commercial research**" in told and "Effects of Age and Gender on Blogging" in told
    assert "Schler" in told and "(2006)" in told


def test_it_tells_how_the_corpus_was_made_and_what_came_of_it(card):
    assert rows(card, "`splitter`") == [["`spacy`"]]
    given, usual = card.split("<details><summary>2 options with their defaults</summary>")
    assert rows(given, "`splitter`") and rows(usual, "`keep_apostrophes`") == [["`false`"]]
    assert rows(card, "`sources_sha256`") == [["`c0de`"]]
    assert rows(card, "posts") == [
        ["269", "261", "97.0 %"],
        ["`blank`", "4", "1.49 %"],
        ["`no_word`", "4", "1.49 %"],
    ]
    assert rows(card, "`female`") == [["20", "131", "670", "7,953"]]
    assert "71.1 KiB" in card and "15,159 tokens" in card


def test_checksums_are_as_sha256sum_reads_them(card):
    assert "```text\n5a3  corpus/cleaned_sentences.csv\n```" in card
    assert "`d16e57`" in card


def test_limits_are_those_of_this_corpus(card, manifest, metrics):
    assert "31 lines (2.41 %) repeat another" in card and "1,000 tokens" not in card
    assert "3 posts have a date that could not be read" in card and "`don t`" in card
    metrics["lines"]["too_long"] = 8
    manifest["options"]["keep_apostrophes"] = True
    manifest["ledger"]["dates"]["unreadable"] = 0
    other = corpus_card(manifest, metrics)
    assert "- 8 lines are longer than the 1,000 tokens" in other
    assert "apostrophes were kept" in other and "date that could" not in other


def test_minors_are_those_below_eighteen(manifest, metrics):
    ages = {"17": 2, "18": 3, "44": 1}
    metrics["posts"]["by_age"] = {age: {"bloggers": count} for age, count in ages.items()}
    assert "diaries, 2 of 6 by minors, and" in corpus_card(manifest, metrics)
    metrics["posts"]["by_age"]["unknown"] = {"bloggers": 9}
    assert "diaries, 2 of 6 by minors, and" in corpus_card(manifest, metrics)
    metrics["posts"]["by_age"] = {"unknown": {"bloggers": 9}}
    assert "diaries, and" in corpus_card(manifest, metrics)


def test_failed_checks_and_an_open_gate_are_told(manifest, metrics, quality, card):
    assert rows(card, "checks") == [["Not checked: the gate was off"]]
    told = corpus_card(manifest | {"quality": quality}, metrics)
    assert "1 error, 1 warning in 3 checks" in rows(told, "checks")[0][0]
    assert "- Failed check (error): `No line is too long`; found `8`, expected `at most 0`." in told
    assert "No line is empty" not in told


def test_without_metrics_it_says_less(manifest):
    card = corpus_card(manifest)
    assert "1,288 lines" in card and "Vocabulary" not in card and "repeat another" not in card
    assert "These are people's diaries, and" in card


def test_same_manifest_same_card(card, manifest, metrics):
    again = json.loads(json.dumps(manifest)), json.loads(json.dumps(metrics))
    before = copy.deepcopy(again)
    assert corpus_card(*again) == card
    assert again == before


def test_nothing_from_outside_is_markdown(manifest, metrics):
    manifest["input"]["uri"] = manifest["options"]["splitter"] = EVIL
    manifest["ledger"]["posts"]["rejected"] = {EVIL: 8}
    card = corpus_card(manifest, metrics)
    assert rows(card, "`splitter`") == [[r"```a`b`` <b>\nc   d```"]]
    assert card.count("<b>") == card.count(r"```a`b`` <b>\nc   d```") == 3


def test_a_name_that_is_no_text_can_be_written(manifest):
    manifest["input"]["uri"] = "caf\udce9"
    assert r"`caf\xe9`" in corpus_card(manifest).encode("utf-8").decode("utf-8")


@pytest.mark.parametrize(
    ("value", "shown"),
    [("a", "`a`"), ("`", "`` ` ``"), ("", "` `"), (None, "`None`"), ("x" * 400, f"`{'x' * 300}`")],
)
def test_inline_code_can_not_be_ended(value, shown):
    assert code(value) == shown
