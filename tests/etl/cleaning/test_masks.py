"""`--mask pii`: what is masked, what is left alone, and that masks survive normalization."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.cleaning import masks
from etl.cleaning.masks import TOKENS, mask_pii
from etl.text.normalize import normalize
from etl.text.sentences import split_sentences


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        pytest.param("me@example.com", "xxemail", id="plain"),
        pytest.param("Jo.Doe+tag@mail.example.co.uk, ok", "xxemail, ok", id="dots, plus, labels"),
        pytest.param("<me@example.com>", "<xxemail>", id="in brackets"),
        pytest.param("Write me@example.com. Then", "Write xxemail. Then", id="ends a sentence"),
        pytest.param("http://example.com/a?b=c&d=1#e", "xxurl", id="http"),
        pytest.param("ftp://example.org", "xxurl", id="ftp"),
        pytest.param("WWW.Example.COM/x", "xxurl", id="www in capitals"),
        pytest.param("(at http://example.com/a).", "(at xxurl).", id="URL ends a bracket"),
        pytest.param("“http://example.com”", "“xxurl”", id="URL in curly quotes"),
        pytest.param("jo.livejournal.com rocks", "xxurl rocks", id="three labels"),
        pytest.param("example.com/~jo/pics rocks", "xxurl rocks", id="host with a path"),
        pytest.param("(212) 555-0123", "xxphone", id="NANP with brackets"),
        pytest.param("+1 212-555-0123 or 1-800-555-0199", "xxphone or xxphone", id="NANP with 1"),
        pytest.param("212.555.0123.", "xxphone.", id="dots"),
        pytest.param("call 555-0123!", "call xxphone!", id="local"),
        pytest.param("+44 (0)20 7946 0958", "xxphone", id="E.164 with (0)"),
        pytest.param("+353 1 234 5678 ok", "xxphone ok", id="E.164"),
    ],
)
def test_is_masked(text: str, masked: str) -> None:
    assert mask_pii(text).text == masked


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("@home with you @ 5", id="at signs"),
        pytest.param("me at example dot com", id="spelt out"),
        pytest.param("a@b", id="no top-level domain"),
        pytest.param("Amazon.com and Yahoo.com", id="names of companies"),
        pytest.param("work.Then we left. www. what", id="missing space"),
        pytest.param("e.g. i.e. a.m. U.S.", id="abbreviations"),
        pytest.param("1999-2004, 10-20-2004, 2004-05-14, 12/05/2004", id="years and dates"),
        pytest.param("10:30-11:45, 3.14159, 1,234,567.89", id="times and numbers"),
        pytest.param("$555-1234 and #555-1234", id="prices and numbers of things"),
        pytest.param("2125550123", id="ten bare digits"),
        pytest.param("1-2-3-4-5, 555-12345, 1555-1234", id="other digits with hyphens"),
        pytest.param("ISBN 0-306-40615-2", id="ISBN"),
    ],
)
def test_is_left_alone(text: str) -> None:
    assert mask_pii(text) == (text, {})


def test_counts_items_by_kind() -> None:
    text = "a@example.com b@example.com http://a.example/c@d.example 555-0123"
    assert mask_pii(text).counts == {"email": 2, "url": 1, "phone": 1}


@pytest.mark.parametrize("kind", TOKENS)
def test_tokens_are_one_word_after_normalization(kind: str) -> None:
    assert normalize(f"Hi {TOKENS[kind]}!") == f"hi {TOKENS[kind]}"


def test_a_mask_does_not_move_the_sentence_boundary() -> None:
    text = "Mail me@example.com. See www.example.com! Call 555-0123. Bye."
    assert split_sentences(mask_pii(text).text) == [
        *("Mail xxemail.", "See xxurl!", "Call xxphone.", "Bye.")
    ]


URL_PIECES = ("http", "ftp", "://", "www", ".", "com", "ORG", "net", "/", "a-b", "x", " ", "@", "Ж")


@given(st.lists(st.sampled_from(URL_PIECES), max_size=12).map("".join))
def test_no_url_is_without_the_marks_that_are_looked_for_first(text: str) -> None:
    is_url = masks.URL.search(text) is not None
    assert is_url <= any(mark in text.lower() for mark in masks.URL_MARKS)
    assert ("url" in mask_pii(text).counts) == is_url


@given(st.text("a1.@:/-+() wcom", max_size=60))
def test_masking_twice_is_masking_once(text: str) -> None:
    masked = mask_pii(text).text
    assert mask_pii(masked).text == masked


@pytest.mark.timeout(30)  # quadratic, one of these takes minutes
@pytest.mark.parametrize(
    "unit", ["a", "1", "a.", "1-", "@", "a@", "www.", "http://", "555-", "+1 "]
)
def test_a_long_run_is_not_quadratic(unit: str) -> None:
    masked = mask_pii(f"x@ www. 1 {unit * (300_000 // len(unit))} one@two.org").text
    assert masked.startswith("x@ www. 1 ")
    assert masked.endswith(" xxemail")


def test_doctests() -> None:
    assert doctest.testmod(masks).failed == 0
