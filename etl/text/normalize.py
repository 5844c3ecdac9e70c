"""Sentence → corpus line: what the reference run's cleaning did, with its options.

Lower case, in Unicode's form NFC; each character that is neither a letter nor a digit (Unicode's,
as `str.isalnum` has them) nor a mark of one becomes a space; runs of white space become one.
`don't` is `don t`, as in the reference run.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import groupby, takewhile

NOT_WORD = re.compile(r"[\W_]+")
"""Runs of what is neither letter nor digit; they may begin with marks of the word before them."""

NOT_ASCII_WORD = re.compile(r"[^\w\0-\x7f]")

INVISIBLE = re.compile(
    "[\xad\u034f\u061c\u180b-\u180f\u200c-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufe00-\ufe0f\ufeff"
    "\U000e0100-\U000e01ef]"
)
"""What nobody sees and ends no word: soft hyphen, joiners, byte order mark, signs of direction,
variation selectors (Unicode Standard Annex 29, WB4). The zero-width space, U+200B, ends one."""

MANY_MARKS = re.compile(r"[^\w\s\0-\x7f]{30,}")

LEFT_DOT = re.compile("(?<=[iįḭị])\u0307")
"""The dot of `İ`, which lower-casing leaves above an `i` that has its own."""

DIACRITICS = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"  # Europe's
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"  # Hebrew points
    "\u0610-\u061a\u064b-\u0652\u0670"  # Arabic vowels, and signs of the Koran
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed]+"
)
"""Marks without which a word stays that word. Other scripts write vowels by marks: they stay."""

APOSTROPHES = ("'", "’")
KEPT_APOSTROPHE = "'"


def fold(text: str) -> str:
    """Latin, Greek and Cyrillic letters without diacritics, Arabic and Hebrew ones without points.

    `ß`, `ø` and `æ` are letters and stay, as all marks of other scripts do, and Arabic's hamza.

    >>> fold("Ångström, naïve, ½, हिन्दी, שָׁלוֹם")
    'Angstrom, naive, ½, हिन्दी, שלום'
    """
    return unicodedata.normalize("NFC", DIACRITICS.sub("", unicodedata.normalize("NFD", text)))


@lru_cache(maxsize=10_000)
def is_mark(character: str) -> bool:
    """Whether a character belongs to the letter or digit before it: Unicode's Mn and Mc."""
    is_any = unicodedata.category(character) in ("Mn", "Mc")
    return is_any and not INVISIBLE.match(character)


def _has_marks(text: str) -> bool:
    """Whether any mark is in a text."""
    return not text.isascii() and any(map(is_mark, set(NOT_ASCII_WORD.findall(text))))


def lower_case(text: str) -> str:
    r"""Lower case in NFC, without what is invisible: equal to the eye, equal words.

    >>> lower_case("İstanbul, cafe\u0301, co\xadop")
    'istanbul, café, coop'
    """
    if text.isascii():
        return text.lower()
    text = MANY_MARKS.sub(_in_order, INVISIBLE.sub("", text).lower())
    text = unicodedata.normalize("NFC", text)
    return unicodedata.normalize("NFC", LEFT_DOT.sub("", text)) if "\u0307" in text else text


def _in_order(run: re.Match[str]) -> str:
    """The same marks in canonical order, which Python may take quadratic time for (gh-149079)."""
    marks = "".join(unicodedata.normalize("NFD", mark) for mark in run[0])
    groups = groupby(marks, lambda mark: unicodedata.combining(mark) > 0)
    return "".join("".join(sorted(group, key=unicodedata.combining)) for _, group in groups)


def normalize(
    sentence: str, *, fold_diacritics: bool = False, keep_apostrophes: bool = False
) -> str:
    """The corpus line of one sentence, or "" where nothing is left.

    Args:
        sentence: any text.
        fold_diacritics: `café` becomes `cafe`, see `fold`.
        keep_apostrophes: `don’t` becomes `don't` instead of `don t`.

    >>> normalize("Don’t panic -- it's only $3.50!")
    'don t panic it s only 3 50'
    """
    text = lower_case(sentence)
    if not (keep_apostrophes or (fold_diacritics and not text.isascii()) or _has_marks(text)):
        return NOT_WORD.sub(" ", text).strip()

    def between_words(run: re.Match[str]) -> str:
        marks = "".join(takewhile(is_mark, run[0])) if run.start() else ""
        signs = run[0][len(marks) :]
        if keep_apostrophes and signs in APOSTROPHES and run.start() > 0 and run.end() < len(text):
            return marks + KEPT_APOSTROPHE
        return f"{marks} " if signs else marks

    text = fold(text) if fold_diacritics else text
    return NOT_WORD.sub(between_words, text).strip()
