"""`--splitter spacy`: spaCy's own rule-based sentencizer, one pipeline a worker."""

from functools import lru_cache

from spacy.lang.en import English

PIECE_CHARACTERS = 900_000
"""spaCy refuses texts of more than a million characters, so longer ones go in pieces."""


@lru_cache(maxsize=1)
def pipeline() -> English:
    """A blank English pipeline with the sentencizer alone."""
    nlp = English()
    nlp.add_pipe("sentencizer")
    return nlp


class SpacySplitter:
    """Post → sentences, as spaCy's `sentencizer` finds them."""

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
