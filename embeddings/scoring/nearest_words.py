"""Nearest neighbours of words, by cosine."""

from collections.abc import Sequence
from dataclasses import dataclass

from gensim.models.keyedvectors import KeyedVectors

from embeddings.vectors.cosines import nearest
from storage.errors import WordNotFoundError

NEIGHBOURS = 10

ALIKE = 0.99
"""Cosine from which on two words are as good as one: no two of a trained model all are."""

FEWEST = 3
"""Neighbours that it takes to say so of a model."""


@dataclass(frozen=True)
class Neighbours:
    """The words nearest to another.

    Attributes:
        word: as it was looked up, in lower case.
        is_known: whether it is in the vocabulary; else its vector is made from its n-grams.
        nearest: words and cosines, nearest first.
    """

    word: str
    is_known: bool
    nearest: list[tuple[str, float]]


def neighbours(vectors: KeyedVectors, word: str, count: int = NEIGHBOURS) -> Neighbours:
    """The nearest words of the vocabulary.

    Args:
        vectors: FastText's can take any word; others those of their vocabulary.
        word: looked up in lower case, as the corpus is; as it stands, if only that is known.
        count: of neighbours, at most.

    Raises:
        WordNotFoundError: the word has no vector, and none can be made.
    """
    lower = word.lower()
    key = word if word in vectors.key_to_index and lower not in vectors.key_to_index else lower
    try:
        words = nearest(vectors, key, count)
    except (KeyError, ZeroDivisionError):
        raise WordNotFoundError(
            f"{key!r} is not among the {len(vectors):,} words with a vector; only models with "
            f"subwords can make one"
        ) from None
    return Neighbours(key, key in vectors.key_to_index, words)


def are_alike(lists: Sequence[Neighbours]) -> bool:
    """Whether all cosines are near 1, so that neighbours say nothing of what words mean."""
    cosines = [cosine for neighbours in lists for _, cosine in neighbours.nearest]
    return len(cosines) >= FEWEST and min(cosines) >= ALIKE
