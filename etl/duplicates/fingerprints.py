"""Posts → what tells whether two of them are the same: normalized text, and a digest of it.

The same text is one whose words are the same in the same order, with the normalization of the
build: letter case, punctuation and white space do not count.
"""

import codecs
import hashlib
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from etl.chain import Chain
from etl.duplicates.shingles import hash_shingles
from etl.reading.chunks import Unreadable
from etl.text.blogs import WINDOWS_1252, open_blog, read_posts
from etl.text.characters import encode_post

DIGEST_BYTES = 16
"""Of BLAKE2b: among a thousand million texts, two that differ agree once in 10^20 corpora."""

ORDINAL_BITS = 32
"""Of a position below the number of the chunk: the running number of the post in its chunk."""

Seen = tuple[int, int, int, bytes, npt.NDArray[np.int64] | None]
"""Position in the corpus, blogger_id, post_ordinal, digest, and hashed shingles or None."""


def seen_posts(
    number: int, files: Iterable[tuple[str, bytes | Unreadable]], chain: Chain, with_shingles: bool
) -> Iterator[Seen]:
    """The posts of a chunk that may be a duplicate, or have one: those that the screen keeps.

    Args:
        number: of the chunk. Positions of later chunks, and of later posts in one, are greater.
        files: of the chunk, in file order.
        chain: screens and normalizes.
        with_shingles: give the shingles as well.
    """
    running = 0
    for name, data in files:
        blogger = "unreadable" if isinstance(data, Unreadable) else open_blog(name, data)
        if isinstance(blogger, str) or isinstance(data, Unreadable):
            continue
        for post in read_posts(data):
            running += 1
            screened = chain.screen.look(post)
            text = "" if screened.reason else normalized_text(screened.post.text, chain)
            if text:
                digest = hashlib.blake2b(text.encode(), digest_size=DIGEST_BYTES).digest()
                position = (number << ORDINAL_BITS) + running
                key = (position, blogger.blogger_id, post.ordinal)
                yield (*key, digest, hash_shingles(text) if with_shingles else None)


def normalized_text(text: str, chain: Chain) -> str:
    """`Chain.normalize` of a whole post; by table where Windows-1252 holds the post."""
    encoded = None if chain.options.keep_apostrophes else encode_post(text)
    if encoded is None:
        return chain.normalize(text)
    words = b" ".join(encoded.translate(chain.fused.words).split())
    return codecs.charmap_decode(words, "strict", WINDOWS_1252)[0]
