"""Normalized text → its word shingles, hashed: what near duplicates are found by."""

import zlib

import numpy as np
import numpy.typing as npt

SHINGLE_WORDS = 5
"""Words in a row that make a shingle, as in Lee et al. (2022), Deduplicating Training Data Makes
Language Models Better."""

MULTIPLIERS = np.array(
    [
        0x9E3779B97F4A7C15,
        0xC2B2AE3D27D4EB4F,
        0x165667B19E3779F9,
        0xD6E8FEB86659FD93,
        0xA0761D6478BD642F,
    ],
    np.uint64,
)
"""Odd, one a place in the shingle, so that the same words in another order are another shingle."""


def hash_shingles(text: str) -> npt.NDArray[np.int64]:
    """The shingles of a normalized text, 64 bits each, every one once, ascending.

    Empty for fewer than `SHINGLE_WORDS` words. Equal shingles are equal numbers, in any process.

    >>> hash_shingles("a b c d e a b c d e").size, hash_shingles("a b c d").size
    (5, 0)
    """
    words = np.fromiter(map(zlib.crc32, text.encode().split()), np.uint64)
    count = words.size - SHINGLE_WORDS + 1
    if count < 1:
        return np.empty(0, np.int64)
    mixed = np.zeros(count, np.uint64)
    for place, multiplier in enumerate(MULTIPLIERS):
        mixed += words[place : place + count] * multiplier
        mixed ^= mixed >> np.uint64(29)
    return np.unique(mixed.view(np.int64))
