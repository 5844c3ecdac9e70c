"""Cosines, the measure of all that is told of vectors; one of all zeros has cosine 0 with any."""

from typing import Any

import numpy as np
import numpy.typing as npt
from gensim.models.keyedvectors import KeyedVectors

Floats = npt.NDArray[Any]


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
