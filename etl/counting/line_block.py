"""A block of corpus lines with its offsets, found once for all that counts in it.

A piece is what stands before a separator; pieces are numbers of eight bytes, made without a loop.
"""

from dataclasses import dataclass
from functools import cached_property
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


Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]

ORDINARY = b"abcdefghijklmnopqrstuvwxyz0123456789 \n"
"""What a corpus line is nearly always made of."""

SPACES = b" \t\n\r\x0b\x0c"
"""What parts tokens: ASCII white space, as `bytes.split` has it."""

LF, SPACE = ord("\n"), ord(" ")
IS_SPACE = np.isin(np.arange(256), list(SPACES))


@dataclass(frozen=True)
class LineBlock:
    """Whole lines of a training file.

    Attributes:
        text: UTF-8, or what should be, each line ended by LF.
        unterminated: whether that of the last line was added.
    """

    text: bytes
    unterminated: bool = False

    @classmethod
    def of(cls, text: bytes) -> "LineBlock":
        """Lines of which the last may lack its LF; nothing gives a block of no lines."""
        unterminated = bool(text) and not text.endswith(b"\n")
        return cls(text + b"\n" * unterminated, unterminated)

    @cached_property
    def data(self) -> Bytes:
        """The bytes."""
        return np.frombuffer(self.text, np.uint8)

    @cached_property
    def odd(self) -> bytes:
        """The bytes that are not `ORDINARY`, in their order; few or none in a good corpus."""
        return self.text.translate(None, ORDINARY)

    @cached_property
    def has_controls(self) -> bool:
        """Whether there is anything below the space but LF."""
        return bool(self.odd) and min(self.odd) < SPACE

    @cached_property
    def is_space(self) -> Flags:
        """Which bytes are `SPACES`."""
        # The comparison is many times as fast as the table.
        flags: Flags = IS_SPACE[self.data] if self.has_controls else np.less_equal(self.data, SPACE)
        return flags

    @cached_property
    def separators(self) -> Offsets:
        """Offset of each space and LF."""
        if self.has_controls:
            return np.flatnonzero(np.logical_or(self.data == SPACE, self.data == LF))
        return np.flatnonzero(self.is_space)

    @cached_property
    def last_pieces(self) -> Offsets:
        """Number of the last piece of each line, so of the separator that is its LF."""
        return np.flatnonzero(self.data[self.separators] == LF)

    @cached_property
    def ends(self) -> Offsets:
        """Offset of each LF, so of the end of each line."""
        return self.separators[self.last_pieces]

    @cached_property
    def is_tidy(self) -> bool:
        """Whether one space follows each token and nothing else, so that pieces are tokens."""
        if not self.text:
            return True
        has_others = self.has_controls and bool(IS_SPACE[list(set(self.odd))].any())
        no_gap = bool((np.diff(self.separators) > 1).all()) and self.separators[0] > 0
        return not has_others and no_gap

    @cached_property
    def pieces(self) -> Pieces:
        """What stands before each space and LF."""
        return cut_pieces(self.text, self.separators)

    @cached_property
    def tokens_of_lines(self) -> Offsets:
        """Number of tokens of each line."""
        if self.is_tidy:
            return np.diff(self.last_pieces, prepend=-1)
        spaces = np.flatnonzero(self.is_space)
        tokens_before = np.cumsum(np.diff(spaces, prepend=-1) > 1)
        before_ends: Offsets = tokens_before[self.data[spaces] == LF]
        return np.diff(before_ends, prepend=0)

    def tokens(self) -> "LineBlock":
        """The tokens alone, as a block of one line that is tidy."""
        return self if self.is_tidy else LineBlock.of(b" ".join(self.text.split()))

    def lines_at(self, offsets: Offsets) -> Offsets:
        """Numbers of the lines, from 0, that hold one of some offsets."""
        return np.unique(np.searchsorted(self.ends, offsets))

    def cut_lines(self, is_wanted: Flags) -> list[bytes]:
        """The lines, with their LF, in which a byte is wanted."""
        numbers = self.lines_at(np.flatnonzero(is_wanted))
        ends = self.ends[numbers] + 1
        starts = np.where(numbers, self.ends[numbers - 1] + 1, 0)
        bounds = zip(starts.tolist(), ends.tolist(), strict=True)
        return [self.text[start:end] for start, end in bounds]
