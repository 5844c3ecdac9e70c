"""Cosines, the measure of all that is told of vectors; one of all zeros has cosine 0 with any."""

from typing import Any

import numpy as np
import numpy.typing as npt
from gensim.models.keyedvectors import KeyedVectors

Floats = npt.NDArray[Any]

MOST_COMPARED = 100_000
"""Words that `nearest_of_many` looks among: more than any run here has, and seconds of work."""

CELLS = 2**24
"""Cosines that it holds at a time: 64 MiB."""


def lengths(vectors: Floats) -> npt.NDArray[np.float64]:
    """Of each row; 1 for a row of zeros, which stays what it is when it is divided by it.

    Doubles, added up without a copy of all: squares leave the range of float32 at 1e19 and 1e-23.
    """
    norms = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))
    return np.where(norms > 0, norms, 1.0)


def unit_vectors(vectors: Floats) -> Floats:
    """Each row by its length, in the type given; the dot product of two of them is their cosine."""
    units: Floats = np.empty_like(vectors)
    return np.divide(vectors, lengths(vectors)[:, None], out=units, casting="same_kind")


def nearest(vectors: KeyedVectors, word: str, count: int) -> list[tuple[str, float]]:
    """The words with the highest cosines to a word, itself left out, nearest first.

    Args:
        vectors: their `norms` are found once, and kept.
        word: one of the vocabulary, or one of whose n-grams FastText's can make a vector.
        count: at most so many.

    Raises:
        KeyError: the word has no vector, and none can be made.
    """
    if vectors.norms is None:
        vectors.norms = lengths(vectors.vectors)
    index = vectors.key_to_index.get(word)
    vector = np.asarray(vectors.get_vector(word))
    if index is None and not vector.any():
        raise KeyError(word)
    unit = unit_vectors(vector[None])[0]
    with np.errstate(over="ignore", invalid="ignore"):
        dots = (vectors.vectors @ unit).astype(np.float64)
    beyond = ~np.isfinite(dots)  # the range of float32
    dots[beyond] = vectors.vectors[beyond].astype(np.float64) @ unit
    cosines = np.clip(dots / vectors.norms, -1.0, 1.0)
    if index is not None:
        cosines[index] = -np.inf
    count = min(count, len(cosines) - (index is not None))
    top = np.argpartition(-cosines, count - 1)[:count] if count else np.empty(0, int)
    best = top[np.lexsort((top, -cosines[top]))]
    return [(str(vectors.index_to_key[other]), float(cosines[other])) for other in best]


def nearest_of_many(
    vectors: KeyedVectors, indexes: range, count: int
) -> list[list[tuple[int, float]]]:
    """The same for many words at once, as indexes, among the first `MOST_COMPARED` words.

    Args:
        vectors: most frequent word first.
        indexes: of the words, all below `MOST_COMPARED`.
        count: of each at most so many.
    """
    compared = vectors.vectors[:MOST_COMPARED]
    units = unit_vectors(np.asarray(compared, np.float32))
    count, rows = min(count, len(units) - 1), max(1, CELLS // len(units))
    neighbours: list[list[tuple[int, float]]] = []
    for start in range(indexes.start, indexes.stop, rows):
        batch = np.arange(start, min(start + rows, indexes.stop))
        cosines = np.clip(units[batch] @ units.T, -1.0, 1.0)
        cosines[np.arange(len(batch)), batch] = -np.inf
        top = np.sort(np.argpartition(-cosines, count - 1, axis=1)[:, :count], axis=1)
        values = np.take_along_axis(cosines, top, axis=1)
        order = np.argsort(-values, axis=1, kind="stable")
        pairs = np.take_along_axis(top, order, axis=1), np.take_along_axis(values, order, axis=1)
        neighbours += [
            [(int(other), float(cosine)) for other, cosine in zip(*row, strict=True)]
            for row in zip(*pairs, strict=True)
        ]
    return neighbours
