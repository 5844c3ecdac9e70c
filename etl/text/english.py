"""English by spaCy: its language data, which our rules use, and its own sentencizer.

spaCy takes two seconds to import and Spark starts many Python workers, so the driver reads the
data once and ships it: see `etl.chain.Chain`.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.lang.en import English

ABBREVIATION = re.compile(r"[A-Za-z]{2,}\.|[A-Za-z]+(?:\.[A-Za-z]+)+\.")
"""What of spaCy's exceptions ends in a full stop and is letters: `Mr.`, `e.g.`, but not `10a.m.`"""

VOWEL = re.compile("[aeiouy]", re.IGNORECASE)

PIECE_CHARACTERS = 900_000
"""spaCy refuses texts of more than a million characters, so longer ones go in pieces."""


@dataclass(frozen=True)
class EnglishData:
    """What the splitter knows of English.

    Attributes:
        abbreviations: without their last full stop, in spaCy's spelling (`Mr`, `e.g`), and in
            lower case too where no vowel makes a word of them (`mr`, `vs`; but not `miss`, `ill`).
        emoticons: those that begin neither as a word does nor as a sentence ends.
        titles: those of the abbreviations without a vowel, nearly all of them titles (`Mr`, `Dr`,
            `St`), which no sentence ends with.
        openers: capitalized words that open a sentence after an initial or a dotted
            abbreviation (`The`, `It`), where a name would not (`J. Smith`).
    """

    abbreviations: frozenset[str]
    emoticons: tuple[str, ...]
    titles: frozenset[str]
    openers: frozenset[str]


@lru_cache(maxsize=1)
def english() -> EnglishData:
    """The data, from spaCy's tokenizer exceptions and stop words."""
    from spacy.lang.en.stop_words import STOP_WORDS
    from spacy.lang.en.tokenizer_exceptions import TOKENIZER_EXCEPTIONS
    from spacy.lang.tokenizer_exceptions import emoticons

    abbreviations = {w[:-1] for w in TOKENIZER_EXCEPTIONS if ABBREVIATION.fullmatch(w)}
    titles = {w for w in abbreviations if "." not in w and not VOWEL.search(w)}
    titles |= {w.lower() for w in titles}
    smileys = (e for e in emoticons if not e[0].isalnum() and e[0] != ".")
    return EnglishData(
        abbreviations=frozenset(abbreviations | titles),
        titles=frozenset(titles),
        emoticons=tuple(sorted(smileys, key=lambda smiley: (-len(smiley), smiley))),
        openers=frozenset(w.capitalize() for w in STOP_WORDS if w.isalpha()),
    )


@lru_cache(maxsize=1)
def pipeline() -> "English":
    """A blank English pipeline with the sentencizer alone."""
    from spacy.lang.en import English

    nlp = English()
    nlp.add_pipe("sentencizer")
    return nlp


class SpacySplitter:
    """`--splitter spacy`: post → sentences, as spaCy's `sentencizer` finds them."""

    def split(self, text: str) -> list[str]:
        """Sentences, stripped, in order; together they are all of the text."""
        sentences = (
            sentence.text.strip() for piece in _pieces(text) for sentence in pipeline()(piece).sents
        )
        return [sentence for sentence in sentences if sentence]


def _pieces(text: str) -> list[str]:
    """The text, cut at white space into pieces that spaCy takes."""
    pieces = []
    while len(text) > PIECE_CHARACTERS:
        cut = text.rfind(" ", 1, PIECE_CHARACTERS)
        cut = PIECE_CHARACTERS if cut == -1 else cut
        pieces.append(text[:cut])
        text = text[cut:]
    return [*pieces, text]
