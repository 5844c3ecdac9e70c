"""What the splitter takes from spaCy, and the forms that it relies on."""

import re
import subprocess
import sys

import pytest

from etl.text.characters import WINDOW
from etl.text.english import english
from etl.text.sentences import CLOSERS, TERMINATORS


@pytest.mark.parametrize(
    "word", ["Mr", "Mrs", "Dr", "St", "Prof", "Inc", "Jr", "e.g", "p.m", "Ph.D"]
)
def test_abbreviations_of_spacy_are_there_without_their_full_stop(word: str) -> None:
    assert word in english().abbreviations


@pytest.mark.parametrize("word", ["mr", "mrs", "dr", "vs", "st", "ltd", "jr"])
def test_words_without_a_vowel_are_abbreviations_in_lower_case_too(word: str) -> None:
    assert word in english().abbreviations


@pytest.mark.parametrize("word", ["miss", "ill", "mar", "dec", "mass", "gen", "wash", "ore", "id"])
def test_abbreviations_that_are_words_in_lower_case_are_left_out(word: str) -> None:
    assert word.capitalize() in english().abbreviations
    assert word not in english().abbreviations


@pytest.mark.parametrize("word", ["10a.m", "8p.m", "'S", "C++", "o.O", "v_v"])
def test_what_is_not_all_letters_is_no_abbreviation(word: str) -> None:
    if word != "o.O":
        assert word not in english().abbreviations
    assert f"{word}." not in english().abbreviations


def test_every_abbreviation_has_the_form_that_the_rules_look_for() -> None:
    form = re.compile(r"[A-Za-z]{2,}|[A-Za-z]+(?:\.[A-Za-z]+)+")
    assert [w for w in english().abbreviations if not form.fullmatch(w)] == []
    assert len(english().abbreviations) > 80


def test_undotted_abbreviations_fit_the_window_of_the_fast_path() -> None:
    assert [w for w in english().abbreviations if "." not in w and len(w) >= WINDOW] == []


def test_dotted_abbreviations_end_as_the_fast_path_expects() -> None:
    """In one letter behind a full stop: the fast path asks about no other dotted word."""
    dotted = [w for w in english().abbreviations if "." in w]
    assert dotted
    assert [w for w in dotted if w[-2] != "."] == []


def test_titles_are_abbreviations_without_a_vowel_or_a_dot() -> None:
    titles = english().titles
    assert {"Mr", "mr", "Mrs", "Dr", "St", "st"} <= titles
    assert titles <= english().abbreviations
    assert [w for w in titles if re.search("[aeiouy.]", w, re.IGNORECASE)] == []


@pytest.mark.parametrize("smiley", [":)", ":(", ";)", ":-)", "<3", ":D", ":P", "^_^", "=)"])
def test_common_emoticons_are_there(smiley: str) -> None:
    assert smiley in english().emoticons


@pytest.mark.parametrize("smiley", ["xD", "XD", "8)", "0.0", "O_o", "V.V", "...", "."])
def test_emoticons_that_begin_as_a_word_or_a_terminator_are_not(smiley: str) -> None:
    assert smiley not in english().emoticons


def test_emoticons_come_longest_first_so_that_a_pattern_takes_the_whole_one() -> None:
    lengths = [len(smiley) for smiley in english().emoticons]
    assert lengths == sorted(lengths, reverse=True)
    assert len(set(english().emoticons)) == len(lengths)


def test_emoticons_hold_no_white_space_and_begin_with_no_terminator() -> None:
    smileys = english().emoticons
    assert [s for s in smileys if any(c.isspace() for c in s) or s[0] in TERMINATORS] == []
    assert [s for s in smileys if s in CLOSERS] == []


@pytest.mark.parametrize("word", ["The", "It", "I", "A", "But", "Then", "We", "He", "There"])
def test_stop_words_open_a_sentence(word: str) -> None:
    assert word in english().openers


@pytest.mark.parametrize("word", ["the", "Smith", "THE", "'S", "N't", "Comics"])
def test_other_words_do_not(word: str) -> None:
    assert word not in english().openers


def test_data_is_read_once_and_the_same_in_every_process() -> None:
    assert english() is english()
    code = (
        "import hashlib; from etl.text.english import english; e = english();"
        "print(hashlib.sha256(repr((sorted(e.abbreviations), e.emoticons, sorted(e.titles),"
        " sorted(e.openers))).encode()).hexdigest())"
    )
    ran = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert ran[0] == ran[1]
    assert len(ran[0]) == 65
