"""Sentence → corpus line, with its options; what Unicode does to that."""

import doctest
import sys
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from etl.text import normalize as module
from etl.text.normalize import fold, normalize


@pytest.mark.parametrize(
    ("sentence", "line"),
    [
        pytest.param("It SAVED My Ass.", "it saved my ass", id="lower case, no full stop"),
        pytest.param(
            "don't I’ll rock'n'roll", "don t i ll rock n roll", id="apostrophes are spaces"
        ),
        pytest.param("well-known snake_case a/b", "well known snake case a b", id="joined words"),
        pytest.param("$3.50, 10:30", "3 50 10 30", id="digits stay"),
        pytest.param("café Ünder Straße", "café ünder straße", id="accented letters stay"),
        pytest.param("Όλοι Мы 漢字 かな", "όλοι мы 漢字 かな", id="all scripts"),
        pytest.param("½ ² ª Ⅷ ٣", "½ ² ª ⅷ ٣", id="all that Unicode calls alphanumeric"),
        pytest.param(" a \t\r\n  b\xa0c\u2003d ", "a b c d", id="white space of any kind"),
        pytest.param("I ♥ 😀 ™ €", "i", id="symbols go"),
        pytest.param("?! ... -- ___ :-)", "", id="nothing is left"),
        pytest.param("", "", id="nothing"),
        pytest.param("İstanbul", "i stanbul", id="İ is an i and a dot, which is no letter"),
        pytest.param("cafe\u0301s", "cafe s", id="a combining accent is no letter"),
        pytest.param("ΟΔΟΣ ΣΑΣ", "οδος σας", id="sigma at the end of a word"),
        pytest.param("हिन्दी", "ह न द", id="vowel signs are no letters"),
        pytest.param(
            "co\xadop zero\u200bwidth", "co op zero width", id="invisible ones are spaces"
        ),
    ],
)
def test_line(sentence: str, line: str) -> None:
    assert normalize(sentence) == line


@pytest.mark.parametrize(
    ("sentence", "line"),
    [
        pytest.param("Café NAÏVE façade", "cafe naive facade", id="accents go"),
        pytest.param("cafe\u0301s", "cafes", id="combining ones too"),
        pytest.param("Straße, øre, æ, đ, ł", "straße øre æ đ ł", id="letters of their own stay"),
        pytest.param("İstanbul", "istanbul", id="İ is i"),
        pytest.param("Άλφα й", "αλφα и", id="in all scripts"),
        pytest.param("한국", "한국", id="Hangul stays composed"),
        pytest.param("½ ª", "½ ª", id="compatibility characters stay"),
    ],
)
def test_fold_diacritics(sentence: str, line: str) -> None:
    assert normalize(sentence, fold_diacritics=True) == line


@pytest.mark.parametrize(
    ("sentence", "line"),
    [
        pytest.param("Don't I’ll", "don't i'll", id="typed and typographic become one"),
        pytest.param("rock'n'roll o'clock's", "rock'n'roll o'clock's", id="several in a word"),
        pytest.param("'quoted' ‘so’ dogs' 'em", "quoted so dogs em", id="around a word they go"),
        pytest.param("a''b a'’b", "a b a b", id="two in a row go"),
        pytest.param("a_'b a' b a 'b a'_b", "a b a b a b a b", id="inside means between letters"),
        pytest.param("4'11 '04", "4'11 04", id="digits count as letters"),
        pytest.param("l‘eau l`eau l´eau", "l eau l eau l eau", id="other marks are no apostrophes"),
        pytest.param("'", "", id="nothing else"),
        pytest.param("it's -- don't!", "it's don't", id="spaces between are one"),
    ],
)
def test_keep_apostrophes(sentence: str, line: str) -> None:
    assert normalize(sentence, keep_apostrophes=True) == line


def test_both_options() -> None:
    line = normalize("L’Été n'est pas\nFINI!", fold_diacritics=True, keep_apostrophes=True)
    assert line == "l'ete n'est pas fini"


OPTIONS = [
    pytest.param({"fold_diacritics": f, "keep_apostrophes": k}, id=f"fold={f:d}-apostrophes={k:d}")
    for f in (False, True)
    for k in (False, True)
]
ODD = st.text(
    st.one_of(
        st.sampled_from("İıſßẞΣσςǅŉΐﬁªK\u0345\u0301\u0307\u0327\u1100\u1161\u11a8'’_- aA1½"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=30,
)


@pytest.mark.parametrize("options", OPTIONS)
@settings(max_examples=300, deadline=None)
@given(text=ODD)
@example(text="İ'İ")
@example(text="ΑΣ'Α")
@example(text="\u1100\u0301\u1161")
def test_a_line_normalizes_to_itself(options: dict[str, bool], text: str) -> None:
    line = normalize(text, **options)
    assert normalize(line, **options) == line


@pytest.mark.parametrize("options", OPTIONS)
@settings(max_examples=300, deadline=None)
@given(text=ODD)
def test_a_line_is_letters_digits_and_single_spaces(options: dict[str, bool], text: str) -> None:
    line = normalize(text, **options)
    assert line == " ".join(line.split())
    letters = line.replace(" ", "")
    if options["keep_apostrophes"]:
        assert "''" not in letters
        assert all(part for part in letters.split("'")) or not letters
        letters = letters.replace("'", "")
    assert not letters or letters.isalnum()
    assert line == line.lower()


@pytest.mark.parametrize("options", OPTIONS)
def test_every_character_of_unicode(options: dict[str, bool]) -> None:
    characters = (chr(c) for c in range(sys.maxunicode + 1) if not 0xD800 <= c < 0xE000)
    line = normalize(" ".join(f"a{character}b" for character in characters), **options)
    signs = {character for character in set(line) if not character.isalnum()}
    assert signs == ({" ", "'"} if options["keep_apostrophes"] else {" "})
    is_same = normalize(line, **options) == line  # by itself, since the text is long
    assert is_same


@settings(max_examples=200)
@given(ODD)
def test_fold_leaves_no_combining_character(text: str) -> None:
    folded = fold(text)
    decomposed = unicodedata.normalize("NFD", folded)
    assert not any(unicodedata.combining(c) for c in decomposed)
    assert fold(folded) == folded


def test_doctests() -> None:
    assert doctest.testmod(module).failed == 0
