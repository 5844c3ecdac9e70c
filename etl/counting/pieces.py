"""What stands before each separator of a text, as numbers of eight bytes and without a loop."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Offsets = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]

WORD = 8
MASKS = np.array([256**length - 1 for length in range(WORD + 1)], np.uint64)
"""What keeps so many bytes of a word, the first of which are its lowest."""


class Pieces(NamedTuple):
    """Pieces of a text in its order, empty ones included.

    Attributes:
        words: the first eight bytes as a little-endian number, zeros behind shorter pieces.
        medium: numbers of the pieces of nine to sixteen bytes.
        tails: their bytes from the ninth on, as words.
        rare: numbers of those that are longer, or hold a NUL.
        texts: their bytes.
    """

    words: Words
    medium: Offsets
    tails: Words
    rare: Offsets
    texts: list[bytes]


def cut_pieces(text: bytes, separators: Offsets) -> Pieces:
    """A text, by the offsets of the single bytes that end its pieces; the last byte is one."""
    starts = np.zeros_like(separators)
    np.add(separators[:-1], 1, out=starts[1:])
    lengths = separators - starts
    # A number at every offset, at no cost: they overlap.
    at_offset: Words = np.ndarray(len(text), "<u8", text + bytes(WORD), 0, (1,))
    words = at_offset[starts]
    words &= MASKS.take(lengths, mode="clip")
    long = np.flatnonzero(lengths > WORD)
    is_medium = lengths[long] <= 2 * WORD
    medium, rare = long[is_medium], long[~is_medium]
    if b"\0" in text:
        nuls = np.flatnonzero(np.frombuffer(text, np.uint8) == 0)
        rare = np.union1d(rare, np.searchsorted(separators, nuls))
        medium = np.setdiff1d(medium, rare)
    tails = at_offset[starts[medium] + WORD] & MASKS[lengths[medium] - WORD]
    bounds = zip(starts[rare].tolist(), separators[rare].tolist(), strict=True)
    return Pieces(words, medium, tails, rare, [text[start:end] for start, end in bounds])
