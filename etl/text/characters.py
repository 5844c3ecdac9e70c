"""Posts as one buffer with one byte per character, and the classes of its characters.

Windows-1252 holds nearly every post that bloggers wrote, so numpy's offsets into the bytes are
Python's offsets into the text, and a character class is a table of 256 flags.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from etl.text import sentences as rules
from etl.text.blogs import WINDOWS_1252

Offsets = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]

SEPARATOR = "\x1e"
"""Stands around each post. No repaired text holds it, and patterns see it as white space."""

PADDING = 8
"""Separators before the first and after the last post, so that windows need no bounds check."""

GUARD = "\x00"
"""Ends the buffer: neither white space nor word, so that nothing runs out of it."""

LONG_RUN = 4
"""Characters of a run that are skipped step by step; a longer one is searched for its end."""

SEARCHED = 64
"""Bytes that are searched for it first."""

WINDOW = 8
"""Bytes that `windows` shows as one integer."""


class PostBuffer(NamedTuple):
    """The posts of a batch, one after the other, `SEPARATOR` between them.

    Attributes:
        text: all of them, as text.
        encoded: the same, one byte per character.
        data: view on `encoded`.
        posts: offset of each post's first character; ascending.
    """

    text: str
    encoded: bytes
    data: Bytes
    posts: Offsets


def encode_post(text: str) -> bytes | None:
    """One post, one byte per character; None where Windows-1252 can't hold it."""
    if text.isascii():
        return text.encode()
    try:
        return text.encode("latin-1")  # the same where both can, and ten times as fast
    except UnicodeEncodeError:
        try:
            return text.encode("cp1252")
        except UnicodeEncodeError:
            return None


def join_posts(texts: Sequence[str], encoded: Sequence[bytes]) -> PostBuffer:
    """Posts, none of them blank, and what `encode_post` gives for each → one buffer."""
    text = SEPARATOR * PADDING + SEPARATOR.join(texts) + SEPARATOR * PADDING + GUARD
    separator, guard = SEPARATOR.encode(), GUARD.encode()
    joined = separator * PADDING + separator.join(encoded) + separator * PADDING + guard
    lengths = np.fromiter(map(len, encoded), np.int64, len(encoded))
    ends = PADDING + np.cumsum(lengths + 1) - 1
    return PostBuffer(text, joined, np.frombuffer(joined, np.uint8), ends - lengths)


def flags_of(is_in_class: Callable[[str], bool]) -> Flags:
    """Table over bytes: which characters of Windows-1252 are in a class."""
    return np.array([is_in_class(character) for character in WINDOWS_1252])


IS_SPACE = flags_of(lambda c: c.isspace() and c != SEPARATOR)
IS_TERMINATOR = flags_of(lambda c: c in rules.TERMINATORS)
IS_DOT = flags_of(lambda c: c in rules.DOTS)
IS_CLOSER = flags_of(lambda c: c in rules.CLOSERS)
IS_OPENER = flags_of(lambda c: c in rules.OPENERS)
IS_NO_START = flags_of(lambda c: c in rules.TERMINATORS + rules.CONTINUATIONS + SEPARATOR + GUARD)
IS_LOWER = flags_of(lambda c: c.isascii() and c.islower())
IS_CAPITAL = flags_of(lambda c: c.isascii() and c.isupper())
IS_LETTER = flags_of(lambda c: c.isascii() and c.isalpha())
IS_FACE = flags_of(lambda c: c in rules.FACE_STARTS)
IS_CONSONANT = flags_of(lambda c: c.isascii() and c.islower() and c not in "aeiouy")
FIRST = np.array([rules.first_letter(c, 0) for c in WINDOWS_1252], np.uint8)
"""UPPER, LOWER or OTHER of each character, as `etl.text.sentences.first_letter` has it."""


MARKS = bytes(IS_TERMINATOR | IS_FACE)
"""Translation table: 1 for what a sentence boundary may depend on, else 0."""

LETTER_NUMBER = np.zeros(256, np.int64)
LETTER_NUMBER[ord("a") : ord("z") + 1] = range(1, 27)
"""1 to 26 for a to z, 0 for anything else."""


def skip(positions: Offsets, is_in_class: Flags, data: Bytes) -> Offsets:
    """Positions moved forward while they stand on a character of the class."""
    positions = positions.copy()
    active = np.flatnonzero(is_in_class[data[positions]])
    for _ in range(LONG_RUN):
        if not active.size:
            return positions
        positions[active] += 1
        active = active[is_in_class[data[positions[active]]]]
    for i in active.tolist():
        size = SEARCHED
        while is_in_class[data[positions[i] : positions[i] + size]].all():
            positions[i] += size
            size *= 2
        positions[i] += is_in_class[data[positions[i] : positions[i] + size]].argmin()
    return positions


def numbers_of(firsts: Offsets, total: int) -> Offsets:
    """0 for the items of the first group, 1 for those of the second and so on, of ascending starts.

    >>> numbers_of(np.array([0, 2, 2]), 4).tolist()
    [0, 0, 2, 2]
    """
    return np.repeat(np.arange(firsts.size), np.diff(firsts, append=total))


def run_length(flags: Flags) -> Offsets:
    """Rows of flags → in each, how many from the first on are set."""
    length: Offsets = np.logical_and.accumulate(flags, axis=1).sum(axis=1)
    return length


def windows(data: Bytes) -> npt.NDArray[np.uint64]:
    """View on a buffer: at i, its bytes i to i + 7 as one integer, the last one highest."""
    size = data.size - WINDOW + 1
    return np.ndarray(size, np.dtype("<u8"), data.data, strides=(1,))


def aside_table(splitter: rules.SentenceSplitter) -> Flags:
    """Table over pairs of bytes, the first one higher: which pairs can begin an aside."""
    ends = "".join(c for c in WINDOWS_1252 if c.isspace())
    pairs = [(closer, rules.LONE_CLOSERS + ends) for closer in rules.LONE_CLOSERS]
    pairs += [(smiley[0], smiley[1:2] or ends) for smiley in splitter.data.emoticons]
    table = np.zeros((256, 256), np.bool_)
    for first, seconds in pairs:
        table[flags_of(first.__eq__)] |= flags_of(seconds.__contains__)
    return table.ravel()


def word_endings(data: Bytes, stops: Offsets) -> Offsets:
    """The three letters before each stop as one number: 1 to 26 for a to z, 0 for anything else."""
    first, second, third = (LETTER_NUMBER[data[stops - back]] for back in (3, 2, 1))
    return (first << 10) + (second << 5) + third


def ending_table(abbreviations: frozenset[str]) -> Flags:
    """Table over `word_endings`: which words may be abbreviations, by their last three letters.

    Most words before a full stop end in three lower-case letters that no abbreviation ends in.
    """
    endings = np.arange(32**3)
    letters = np.stack((endings >> 10, endings >> 5 & 31, endings & 31))
    is_consonant = np.isin(letters, LETTER_NUMBER[IS_CONSONANT])
    table = (letters == 0).any(axis=0) | is_consonant.all(axis=0)
    words = (b"\0\0\0" + word.encode() for word in abbreviations)
    ends = np.array([np.frombuffer(word[-3:], np.uint8) for word in words])
    table[word_endings(ends.ravel(), np.arange(3, ends.size + 1, 3))] = True
    result: Flags = table
    return result


def word_keys(abbreviations: frozenset[str]) -> npt.NDArray[np.uint64]:
    """Undotted abbreviations as integers, last letter highest; sorted, with a stopper."""
    words = [word.encode() for word in abbreviations if "." not in word and len(word) < WINDOW]
    keys = sorted(int.from_bytes(word, "little") for word in words)
    return np.array([*keys, np.iinfo(np.uint64).max], np.uint64)
