"""Sentence → corpus line: what the reference run's cleaning did, with its options.

Lower case; each character that is neither a letter nor a digit (Unicode's, as `str.isalnum` has
them) becomes a space; runs of white space become one. `don't` is `don t`, as in the reference run.
"""

import re
import unicodedata

NOT_WORD = re.compile(r"[\W_]+")
"""Runs of what is neither letter nor digit."""

INNER_APOSTROPHE = re.compile(r"(?<=[^\W_])['’](?=[^\W_])")
"""An apostrophe inside a word, typed or typographic."""

KEPT_APOSTROPHE = "'"


def fold(text: str) -> str:
    """Letters without their diacritics: `café` → `cafe`; `ß`, `ø` and `æ` are letters and stay.

    >>> fold("Ångström, naïve, ½")
    'Angstrom, naive, ½'
    """
    decomposed = unicodedata.normalize("NFD", text)
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", bare)


def normalize(
    sentence: str, *, fold_diacritics: bool = False, keep_apostrophes: bool = False
) -> str:
    """The corpus line of one sentence, or "" where nothing is left.

    Args:
        sentence: any text.
        fold_diacritics: `café` becomes `cafe`.
        keep_apostrophes: `don’t` becomes `don't` instead of `don t`.

    >>> normalize("Don’t panic -- it's only $3.50!")
    'don t panic it s only 3 50'
    """
    text = fold(sentence).lower() if fold_diacritics else sentence.lower()
    if not keep_apostrophes:
        return NOT_WORD.sub(" ", text).strip()
    words = (NOT_WORD.sub(" ", part).strip(" ") for part in INNER_APOSTROPHE.split(text))
    return KEPT_APOSTROPHE.join(words)
