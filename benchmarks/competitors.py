"""Sentence splitters of others, each called at its best: one post → its sentences.

Packages are imported by their loader only, so that a missing one costs one row.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

Split = Callable[[str], list[str]]


class Competitor(NamedTuple):
    """A splitter to measure.

    Attributes:
        name: as tables call it.
        package: what to install, and whose version to tell.
        load: imports it and makes it ready; raises ImportError where it is missing.
    """

    name: str
    package: str
    load: Callable[[], Split]


def load_spacy() -> Split:
    """SpaCy's blank English pipeline with the sentencizer alone."""
    from etl.text.english import SpacySplitter

    return SpacySplitter().split


def load_blingfire() -> Split:
    """One call a post, its lines are the sentences; a model of one's own would be slower."""
    from blingfire import text_to_sentences

    return lambda text: text_to_sentences(text).split("\n")


def load_nupunkt() -> Split:
    """The shipped model, loaded before anything is timed."""
    from nupunkt import load_default_model, sent_tokenize

    load_default_model()
    return lambda text: [str(sentence) for sentence in sent_tokenize(text)]


def load_sentencex() -> Split:
    """The Rust function itself."""
    from sentencex import segment

    return lambda text: segment("en", text)


def load_icu() -> Split:
    """ICU's sentence BreakIterator for American English."""
    from icu import BreakIterator, Locale, UnicodeString

    iterator = BreakIterator.createSentenceInstance(Locale("en_US"))

    def split(text: str) -> list[str]:
        units = UnicodeString(text)  # its offsets count UTF-16 units
        iterator.setText(units)
        starts = [0, *iterator]
        source = text if len(units) == len(text) else units
        return [str(source[a:b]) for a, b in pairwise(starts)]

    return split


SPACY = Competitor("spaCy sentencizer", "spacy", load_spacy)
BLINGFIRE = Competitor("BlingFire", "blingfire", load_blingfire)
NUPUNKT = Competitor("nupunkt", "nupunkt", load_nupunkt)
SENTENCEX = Competitor("sentencex", "sentencex", load_sentencex)
ICU = Competitor("ICU BreakIterator, en_US", "PyICU-binary", load_icu)
