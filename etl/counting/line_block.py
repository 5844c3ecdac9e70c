"""A block of corpus lines with its offsets, found once for all that counts in it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Offsets = npt.NDArray[np.int64]
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
    def odd(self) -> bytes:
        """The bytes that are not `ORDINARY`, in their order; few or none in a good corpus."""
        return self.text.translate(None, ORDINARY)

    @cached_property
    def is_space(self) -> Flags:
        """Which bytes are `SPACES`."""
        data = np.frombuffer(self.text, np.uint8)
        # The comparison is many times as fast as the table.
        has_controls = bool(self.odd) and min(self.odd) < SPACE
        flags: Flags = IS_SPACE[data] if has_controls else np.less_equal(data, SPACE)
        return flags

    @cached_property
    def spaces(self) -> Offsets:
        """Offset of each of `SPACES`."""
        return np.flatnonzero(self.is_space)

    @cached_property
    def is_end(self) -> Flags:
        """Which of `spaces` are LFs."""
        flags: Flags = np.equal(np.frombuffer(self.text, np.uint8)[self.spaces], LF)
        return flags

    @cached_property
    def ends(self) -> Offsets:
        """Offset of each LF, so of the end of each line."""
        return self.spaces[self.is_end]

    @cached_property
    def is_tidy(self) -> bool:
        """Whether one space follows each token and nothing else: no empty line, no double space."""
        flags = self.is_space
        return not (flags[:1].any() or (flags[1:] & flags[:-1]).any())

    @cached_property
    def tokens_of_lines(self) -> Offsets:
        """Number of tokens of each line."""
        if self.is_tidy:
            return np.diff(np.flatnonzero(self.is_end), prepend=-1)
        tokens_before = np.cumsum(np.diff(self.spaces, prepend=-1) > 1)
        return np.diff(tokens_before[self.is_end], prepend=0)

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
