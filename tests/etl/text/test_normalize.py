"""Sentence → corpus line, with its options; what Unicode does to that."""

import doctest
import re
import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from etl.text import normalize as module
from etl.text.normalize import DIACRITICS, fold, is_mark, normalize


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
        pytest.param("ΟΔΟΣ ΣΑΣ ΣΑΣ\u0301", "οδος σας σας\u0301", id="sigma at the end of a word"),
        pytest.param("İI\u0307 Ị\u0307 İ\u0301 ẋ", "ii ị í ẋ", id="the dot of İ"),
        pytest.param("K Å ſ ǅ J\u030c", "k å ſ ǆ ǰ", id="letters of one look, title case"),
        pytest.param("cafe\u0301 Re\u0301sume\u0301", "café résumé", id="composed"),
        pytest.param("\u1112\u1161\u11ab\u1100\u116e\u11a8", "한국", id="Hangul by its parts"),
        pytest.param("हिन्दी में। तमிழ் की'है", "हिन्दी में तमிழ் की है", id="vowel signs"),
        pytest.param("ที่นี่ มี!", "ที่นี่ มี", id="Thai tones and vowels"),
        pytest.param("مَرْحَبًا، שָׁלוֹם־עַל", "مَرْحَبًا שָׁלוֹם עַל", id="points"),
        pytest.param(
            "x\u0301\u0323\u20d7 9\u0301", "x\u0323\u0301\u20d7 9\u0301", id="marks behind marks"
        ),
        pytest.param("\u0301a -\u0301b _\u093f c \u0301", "a b c", id="marks behind nothing"),
        pytest.param(
            "1\ufe0f\u20e3 ♥\ufe0f👩\u200d🚒 a\ufe0e 葛\U000e0100", "1 a 葛", id="variations"
        ),
        pytest.param("𐐀\u0301 𑀓𑁂", "𐐨\u0301 𑀓𑁂", id="beyond 16 bits"),
        pytest.param("co\xadop\xader\xada\xadtion \xad", "cooperation", id="soft hyphens"),
        pytest.param(
            "می\u200cخواهم क्\u200dष a\u2060b\ufeffc א\u200fב", "میخواهم क्ष abc אב", id="invisible"
        ),
        pytest.param(
            "zero\u200bwidth a\u2063b", "zero width a b", id="invisible ones that separate"
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
        pytest.param("Άλφα Й ᾳ", "αλφα и α", id="Greek, Cyrillic"),
        pytest.param("مَرْحَبًا أنت שָׁלוֹם", "مرحبا أنت שלום", id="points, but no hamza"),
        pytest.param("한국 हिन्दी ที่ が क़", "한국 हिन्दी ที่ が क\u093c", id="other scripts stay"),
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
        pytest.param("e\u0301'e\u0301 की'है n\xad't", "é'é की'है n't", id="behind a mark"),
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
        st.sampled_from("İıſßẞΣσςǅŉΐﬁªK\u0345\u0301\u0307\u0327\u1100\u1161\u11a8'’_- aAI1½"),
        st.sampled_from("\xad\u034f\u200b\u200c\u2060\ufe0f\u093fकक़ạ\u0323"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=30,
)


@pytest.mark.parametrize("options", OPTIONS)
@given(text=ODD)
@example(text="İ'İ")
@example(text="ΑΣ'Α")
@example(text="\u1100\u0301\u1161")
@example(text="I\u034f\u0307\xadI\u0323\u0307")
def test_a_line_normalizes_to_itself(options: dict[str, bool], text: str) -> None:
    line = normalize(text, **options)
    assert normalize(line, **options) == line


@pytest.mark.parametrize("options", OPTIONS)
@given(text=ODD)
def test_a_line_is_letters_digits_and_single_spaces(options: dict[str, bool], text: str) -> None:
    line = normalize(text, **options)
    assert line == " ".join(line.split())
    words = re.split("[ ']" if options["keep_apostrophes"] else " ", line)
    assert all(WORD.fullmatch(as_letters(word)) for word in words) or not line
    assert line == line.lower() == unicodedata.normalize("NFC", line)
    assert "i\u0307" not in line


WORD = re.compile("a[a~]*")


def as_letters(word: str) -> str:
    """A word with `a` for its letters and digits, `~` for their marks."""
    kinds = {True: "a", False: "-"}
    return "".join("~" if is_mark(c) else kinds[c.isalnum()] for c in word)


@pytest.mark.parametrize("options", OPTIONS)
def test_every_character_of_unicode(options: dict[str, bool]) -> None:
    characters = (chr(c) for c in range(sys.maxunicode + 1) if not 0xD800 <= c < 0xE000)
    line = normalize(" ".join(f"a{character}b" for character in characters), **options)
    signs = {c for c in set(line) if not c.isalnum() and not is_mark(c)}
    assert signs == ({" ", "'"} if options["keep_apostrophes"] else {" "})
    is_same = normalize(line, **options) == line  # by itself, since the text is long
    assert is_same


@pytest.mark.timeout(30)  # Python's own NFC would take minutes
@pytest.mark.parametrize("marks", ["\u0301\u0323", "\u0f73", "\u0315\u0301\u20d7"], ids=ascii)
def test_marks_without_end_are_normalized_as_few_are(marks: str) -> None:
    assert normalize("Äa" + marks * 20) == unicodedata.normalize("NFC", "äa" + marks * 20)
    line = normalize("a" + marks * 200_000, fold_diacritics=True)
    assert unicodedata.is_normalized("NFC", line)


@given(ODD)
def test_fold_leaves_no_diacritic(text: str) -> None:
    folded = fold(text)
    assert not DIACRITICS.search(unicodedata.normalize("NFD", folded))
    assert fold(folded) == folded


def test_doctests() -> None:
    assert doctest.testmod(module).failed == 0
