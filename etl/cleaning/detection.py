"""`--language`: which language a post is in, by py3langid's naive Bayes model over byte n-grams.

The model travels with the package, so a Spark worker needs no network. docs/adr/0008 has the
comparison with others, and how often each threshold is wrong. The language of the month in a post's
date is not asked: it tells how the blogger's pages were set, not what the post is written in.
"""

from functools import lru_cache
from typing import Any

UNSURE = "unsure"
"""Stands for the language of a post that the model gives none enough of its probability."""

CONFIDENCE = 0.8
"""Probability from which on a language counts as known.

On sentences of the English Web Treebank, 1 of 2,001 is then taken for another language (none of
ten words and more), and 42 of 47 sentences in twenty others are recognized as not English.
"""

READ_CHARACTERS = 1000
"""Beginning of a post that is asked; more makes no difference, and takes longer."""

PACKAGE = "py3langid"
MISSING = f"--language needs {PACKAGE}: pip install 'blazing-corpus[language]'"


@lru_cache(maxsize=1)
def identifier() -> Any:
    """The model, read once a process, which takes a second.

    Raises:
        ModuleNotFoundError: py3langid is not installed.
    """
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def known_languages() -> frozenset[str]:
    """ISO 639 codes of the languages that the model knows.

    Raises:
        ModuleNotFoundError: py3langid is not installed.
    """
    return frozenset(map(str, identifier().labels)) - {"zxx"}


def detect_language(text: str) -> str:
    """ISO 639 code of a text's language, "zxx" for what is none, or `UNSURE`."""
    language, probability = identifier().classify(text[:READ_CHARACTERS])
    return str(language) if probability >= CONFIDENCE else UNSURE
