"""The cosines of a table's pairs as text: all that a comparison needs to keep of a run's vectors.

rho can be found from them anew on any part of the pairs: those that other runs have too, or a
resample. A cosine is kept to 1/32,767, which moves no rho by 0.0001.
"""

import base64
import binascii
from itertools import compress

import numpy as np
from gensim.models.keyedvectors import KeyedVectors

from embeddings.scoring.evaluation import Floats, cosine_similarities
from embeddings.scoring.word_pairs import PairSet

SCALE = 2**15 - 1
MISSING = -(2**15)
INTEGERS = np.dtype("<i2")


def pair_cosines(vectors: KeyedVectors, table: PairSet) -> Floats:
    """One cosine per pair of a table, in its order; NaN where a word has no vector."""
    words = [(pair.first, pair.second) for pair in table.pairs]
    is_known = [all(word in vectors.key_to_index for word in pair) for pair in words]
    cosines = np.full(len(words), np.nan)
    if any(is_known):
        cosines[is_known] = cosine_similarities(vectors, compress(words, is_known))
    return cosines


def to_text(cosines: Floats) -> str:
    """Cosines, NaN among them, as base64 of 16-bit integers."""
    scaled = np.where(np.isnan(cosines), MISSING, np.round(np.clip(cosines, -1, 1) * SCALE))
    return base64.b64encode(scaled.astype(INTEGERS).tobytes()).decode()


def from_text(text: str) -> Floats:
    """The cosines of a text; NaN where there is none.

    Raises:
        ValueError: it is no such text.
    """
    try:
        integers = np.frombuffer(base64.b64decode(text, validate=True), INTEGERS)
    except binascii.Error as error:
        raise ValueError(str(error)) from None
    return np.where(integers == MISSING, np.nan, integers / SCALE)
