"""The cosines of a table's pairs as text: all that a comparison needs to keep of a run's vectors.

rho can be found from them anew on any part of the pairs: those that other runs have too, or a
resample. Two letters a pair, of base64's alphabet: a cosine in steps of 1/2,047, which moves a rho
over 353 pairs by some 0.0001, and less over more.
"""

from itertools import compress

import numpy as np
from gensim.models.keyedvectors import KeyedVectors

from embeddings.scoring.evaluation import Floats, cosine_similarities
from embeddings.scoring.word_pairs import PairSet

ALPHABET = np.frombuffer(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", np.uint8
)
NO_DIGIT = 255
DIGITS = np.full(256, NO_DIGIT, np.uint8)
DIGITS[ALPHABET] = np.arange(ALPHABET.size)

STEPS = 2047
MISSING = 2 * STEPS + 1
"""Above the number of any cosine, which is 0 to 2 × `STEPS`."""


def pair_cosines(vectors: KeyedVectors, table: PairSet) -> Floats:
    """One cosine per pair of a table, in its order; NaN where a word has no vector."""
    words = [(pair.first, pair.second) for pair in table.pairs]
    is_known = [all(word in vectors.key_to_index for word in pair) for pair in words]
    cosines = np.full(len(words), np.nan)
    if any(is_known):
        cosines[is_known] = cosine_similarities(vectors, compress(words, is_known))
    return cosines


def to_text(cosines: Floats) -> str:
    """Cosines, NaN among them, as letters.

    >>> to_text(np.array([-1, 0, 1, np.nan]))
    'AAf//+//'
    """
    steps = np.round((np.clip(cosines, -1, 1) + 1) * STEPS)
    numbers = np.where(np.isnan(cosines), MISSING, steps).astype(np.uint16)
    return ALPHABET[np.stack([numbers >> 6, numbers & 63], axis=1)].tobytes().decode()


def from_text(text: str) -> Floats:
    """The cosines of a text; NaN where there is none.

    Raises:
        ValueError: it is no such text.
    """
    digits = DIGITS[np.frombuffer(text.encode(), np.uint8)].astype(np.uint16)
    if digits.size % 2 or (digits == NO_DIGIT).any():
        raise ValueError(text)
    numbers = (digits[::2] << 6) + digits[1::2]
    return np.where(numbers == MISSING, np.nan, numbers / STEPS - 1)
