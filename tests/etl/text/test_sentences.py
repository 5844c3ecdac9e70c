"""The rules of `etl.text.sentences`, case by case (sentence_cases.tsv), and what always holds."""

import hashlib
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest
from composition import ONE_BYTE_TOKENS, OTHER_TOKENS, texts
from hypothesis import given
from hypothesis import strategies as st

from etl.text.english import EnglishData
from etl.text.sentences import (
    ELLIPSIS,
    LOWER,
    OTHER,
    PERIOD,
    STRONG,
    UPPER,
    SentenceSplitter,
    default_splitter,
    first_letter,
    is_glued,
    split_sentences,
    terminator_kind,
)

CASES = Path(__file__).with_name("sentence_cases.tsv")
KNOWN_FAILURE = "known failure: "
ESCAPES = {
    **{"\\n": "\n", "\\r": "\r", "\\t": "\t"},
    **{"\\u00a0": "\xa0", "\\u00ad": "\xad", "\\u0301": "\u0301"},
}


def cases() -> Iterator[object]:
    """One parameter a line of the table: (text, its sentences)."""
    for line in CASES.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        rule, marked = line.split("\t")
        for escape, character in ESCAPES.items():
            marked = marked.replace(escape, character)
        sentences = [sentence.strip() for sentence in marked.split("|")]
        # white space beside a mark is the text's own, but for the one space on each side
        text = marked.replace(" | ", " ").replace("|", "")
        marks = [pytest.mark.xfail(strict=True)] if rule.startswith(KNOWN_FAILURE) else []
        yield pytest.param(text, sentences, id=rule, marks=marks)


@pytest.mark.parametrize(("text", "sentences"), list(cases()))
def test_rule(text: str, sentences: list[str]) -> None:
    assert split_sentences(text) == sentences


@pytest.mark.parametrize("text", ["", " ", "\r\n\t", "\xa0"], ids=repr)
def test_no_text_has_no_sentence(text: str) -> None:
    assert split_sentences(text) == []


ANY_TEXT = st.one_of(
    st.text(max_size=60),
    texts(ONE_BYTE_TOKENS + OTHER_TOKENS, 20),
    st.text(st.sampled_from(".!?…\"')](:;- \n\xa0aBMr1é"), max_size=40),
)


@given(ANY_TEXT)
def test_nothing_is_lost_and_every_sentence_is_stripped(text: str) -> None:
    sentences = split_sentences(text)
    assert "".join("".join(sentences).split()) == "".join(text.split())
    assert all(sentence and sentence == sentence.strip() for sentence in sentences)
    place = 0
    for sentence in sentences:  # each of them as it stood
        place = text.index(sentence, place) + len(sentence)


@given(ANY_TEXT)
def test_starts_are_inside_the_text_ascending_and_different(text: str) -> None:
    starts = default_splitter().starts(text)
    assert starts == sorted(set(starts))
    assert all(0 < start < len(text) for start in starts)


@given(ANY_TEXT)
def test_a_pickled_splitter_splits_the_same(text: str) -> None:
    assert pickle.loads(pickle.dumps(default_splitter())).split(text) == split_sentences(text)


def test_a_splitter_knows_only_the_language_it_was_given() -> None:
    empty = EnglishData(
        **dict.fromkeys(EnglishData.__dataclass_fields__, ())  # type: ignore[arg-type]
        | {"emoticons": (":x",)}
    )
    splitter = pickle.loads(pickle.dumps(SentenceSplitter(empty)))
    text = "He met Mira. Smith! :) So did I :x Then all. Inc. The end of Prof. Smith."
    assert splitter.split(text) == [
        "He met Mira.",
        "Smith! :) So did I :x",
        "Then all.",
        "Inc.",
        "The end of Prof.",
        "Smith.",
    ]
    assert split_sentences(text) == [
        "He met Mira.",
        "Smith! :)",
        "So did I :x",
        "Then all.",
        "Inc.",
        "The end of Prof. Smith.",
    ]


def test_the_default_splitter_is_made_once() -> None:
    assert default_splitter() is default_splitter()


@pytest.mark.parametrize(
    ("before", "run", "kind"),
    [
        pytest.param("so", ".", PERIOD, id="full stop"),
        pytest.param("so ", ".", PERIOD, id="full stop behind a space"),
        pytest.param("", ".", PERIOD, id="full stop at the start"),
        pytest.param(" ", ".", PERIOD, id="full stop behind nothing but a space"),
        pytest.param("so", "!", STRONG, id="exclamation mark"),
        pytest.param("so", "?", STRONG, id="question mark"),
        pytest.param("so", "...?", STRONG, id="dots and a question mark"),
        pytest.param("so", "!.", STRONG, id="exclamation mark and a dot"),
        pytest.param("so", "...", ELLIPSIS, id="three dots"),
        pytest.param("so", "..", ELLIPSIS, id="two dots"),
        pytest.param("so", "…", ELLIPSIS, id="one character"),
        pytest.param("so. ", ".", ELLIPSIS, id="last of spaced dots"),
        pytest.param("so… ", ".", ELLIPSIS, id="behind a spaced ellipsis"),
        pytest.param("so.\n", ".", ELLIPSIS, id="any white space"),
        pytest.param("so.x", ".", PERIOD, id="a letter between dots"),
        pytest.param("so.  ", ".", PERIOD, id="two spaces between dots"),
        pytest.param("so! ", ".", PERIOD, id="spaced, but behind an exclamation mark"),
    ],
)
def test_terminator_kind(before: str, run: str, kind: int) -> None:
    assert terminator_kind(f"{before}{run} x", len(before), len(before + run)) == kind


@pytest.mark.parametrize(
    ("text", "first"),
    [
        pytest.param("The", UPPER, id="capital"),
        pytest.param("the", LOWER, id="lower case"),
        pytest.param("7th", OTHER, id="digit"),
        pytest.param("漢", UPPER, id="letter without case"),
        pytest.param("ǅ", UPPER, id="title case"),
        pytest.param("éa", LOWER, id="accented lower case"),
        pytest.param("ª", LOWER, id="ordinal indicator"),
        pytest.param('("The', UPPER, id="openers, then a capital"),
        pytest.param("-- the", OTHER, id="openers, then a space"),
        pytest.param("((((((The", UPPER, id="six openers"),
        pytest.param("(((((((The", OTHER, id="seven openers"),
        pytest.param("", OTHER, id="nothing"),
        pytest.param('"', OTHER, id="nothing but an opener"),
        pytest.param("@the", OTHER, id="another sign"),
    ],
)
def test_first_letter(text: str, first: int) -> None:
    assert first_letter(text, 0) == first
    assert first_letter(f"x. {text}", 3) == first


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        pytest.param("the work", "Then I", True, id="two words"),
        pytest.param("work", "Then I", True, id="at the start of the text"),
        pytest.param("“work", "Then I", True, id="quoted"),
        pytest.param("the work", "I left", True, id="a word of one letter"),
        pytest.param("don't", "I’m", True, id="apostrophes"),
        pytest.param("a", "Then", False, id="one letter before"),
        pytest.param("the woRK", "Then", False, id="capitals before"),
        pytest.param("http://site", "Org", False, id="URL"),
        pytest.param("me@site", "Org", False, id="mail address"),
        pytest.param("v2beta", "One", False, id="digit in the word before"),
        pytest.param("foo_bar", "Baz", False, id="underscore"),
        pytest.param("work", "THEN", False, id="capitals behind"),
        pytest.param("work", "T", False, id="nothing behind the capital"),
        pytest.param("a" * 25, "Then", True, id="long word: its last 24 letters count"),
    ],
)
def test_is_glued(left: str, right: str, expected: bool) -> None:
    assert is_glued(f"{left}.{right}", len(left), len(left) + 1) is expected


@pytest.mark.timeout(30)  # quadratic, one of these takes minutes
@pytest.mark.parametrize(
    "unit",
    [
        ".",
        "…!",
        ".)",
        ":)",
        ":) ",
        ". . ",
        "\n ",
        "\n",
        " ",
        '"',
        "(",
        ". (",
        "A.",
        "a.B",
        ".Ab",
        "- ",
    ],
    ids=repr,
)
def test_100_000_characters_of_one_thing_are_not_quadratic(unit: str) -> None:
    text = f"Hi {unit * (100_000 // len(unit))}x"
    sentences = split_sentences(text)
    assert (
        hashlib.sha256("".join("".join(sentences).split()).encode()).digest()
        == hashlib.sha256("".join(text.split()).encode()).digest()
    )


@pytest.mark.timeout(30)
def test_a_megabyte_of_dots_is_not_quadratic() -> None:
    dots = "." * 1_000_000
    is_whole = split_sentences(f"Hi{dots}x yes. No") == [f"Hi{dots}x yes.", "No"]
    assert is_whole
