"""Posts → what tells whether two of them are the same, or nearly: a digest, and word shingles.

The same text is one whose words are the same in the same order, with the normalization of the
build: letter case, punctuation and white space do not count.
"""

import codecs
import hashlib
import zlib
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from etl.chain import Chain
from etl.reading.chunks import open_file
from etl.spark.source import ChunkFiles
from etl.text.blogs import WINDOWS_1252
from etl.text.characters import encode_post
from etl.text.fused import SOFT_HYPHEN

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
"""Odd, one per place in the shingle, so that the same words in another order are another one."""


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


DIGEST_BYTES = 16
"""Of BLAKE2b: among a thousand million texts, two that differ agree once in 10^20 corpora."""

ORDINAL_BITS = 32
"""Of a position below the number of the chunk: the running number of the post in its chunk."""

Seen = tuple[int, int, int, bytes, npt.NDArray[np.int64] | None]
"""Position in the corpus, blogger_id, post_ordinal, digest, and hashed shingles or None."""


def seen_posts(chunk: ChunkFiles, chain: Chain, with_shingles: bool) -> Iterator[Seen]:
    """The posts of a chunk that may be a duplicate, or have one: those that the screen keeps.

    Args:
        chunk: positions of later chunks, and of later posts in one, are greater.
        chain: screens and normalizes.
        with_shingles: give the shingles as well.
    """
    running = 0
    for name, content in chunk.files:
        file = open_file(name, content)
        for item in () if isinstance(file, str) else file.posts():
            running += 1
            screened = chain.screen.look(item.post)
            is_dropped = item.reason or screened.reason
            text = "" if is_dropped else normalized_text(screened.post.text, chain)
            if text:
                digest = hashlib.blake2b(text.encode(), digest_size=DIGEST_BYTES).digest()
                position = (chunk.number << ORDINAL_BITS) + running
                yield position, *item.key, digest, hash_shingles(text) if with_shingles else None


def normalized_text(text: str, chain: Chain) -> str:
    """`Chain.normalize` of a whole post; by table where Windows-1252 holds the post."""
    encoded = None if chain.options.keep_apostrophes else encode_post(text)
    if encoded is None:
        return chain.normalize(text)
    words = b" ".join(encoded.translate(chain.fused.words, bytes([SOFT_HYPHEN])).split())
    return codecs.charmap_decode(words, "strict", WINDOWS_1252)[0]
