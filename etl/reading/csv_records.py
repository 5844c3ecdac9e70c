"""Where the records of a CSV end: at line ends outside of quotes, whatever is broken.

Quotes are as in RFC 4180: one opens a field only at its beginning, and closes it only before a
delimiter or a line end; inside it is doubled. A record where that is broken is bad, and ends at the
end of the line on which its open quote stands, so that it costs no neighbour. What is a record does
not depend on where a file is cut into blocks or pieces.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

MAX_RECORD_BYTES = 64 * 2**20
"""Longer ones are taken for a quote that was never closed; the longest post has 790 kB."""

QUOTE, LF, CR = 0x22, 0x0A, 0x0D

Positions = npt.NDArray[np.int64]


class Records(NamedTuple):
    """The records that end in some bytes, which begin with one. Blank lines are none.

    Attributes:
        starts: of each, in order.
        ends: behind the line end of each.
        is_bad: for each, whether its quotes are broken.
        end: of the last whole line: what stands behind is to be looked at again with more bytes.
    """

    starts: Positions
    ends: Positions
    is_bad: npt.NDArray[np.bool_]
    end: int


def find_records(data: bytes, delimiter: str, is_last: bool) -> Records:
    """The records of some bytes.

    Args:
        data: begins where a record does.
        delimiter: between fields, one ASCII character.
        is_last: nothing comes behind the data.
    """
    array = np.frombuffer(data, np.uint8)
    quotes = np.flatnonzero(array == QUOTE)
    newlines = np.flatnonzero(array == LF)
    bad = np.empty(0, np.int64)
    if not _is_regular(array, quotes, ord(delimiter), is_last):
        quotes, bad = _follow(array, quotes, newlines, ord(delimiter), is_last)
    return _records(array, newlines[np.searchsorted(quotes, newlines) % 2 == 0] + 1, bad, is_last)


def find_lines(data: bytes, is_last: bool) -> Records:
    """The lines of some bytes, as records: quotes mean nothing."""
    array = np.frombuffer(data, np.uint8)
    return _records(array, np.flatnonzero(array == LF) + 1, np.empty(0, np.int64), is_last)


def _records(
    array: npt.NDArray[np.uint8], ends: Positions, bad: Positions, is_last: bool
) -> Records:
    """Records by their ends; `bad` are places in those that are."""
    if is_last and array.size > (ends[-1] if ends.size else 0):
        ends = np.append(ends, array.size)
    starts = np.concatenate([[0], ends[:-1]]).astype(np.int64) if ends.size else ends
    lengths = ends - starts
    first, last = (array[starts], array[ends - 1]) if starts.size else (array[:0], array[:0])
    is_blank = ((lengths == 1) & ((first == LF) | (first == CR))) | (
        (lengths == 2) & (first == CR) & (last == LF)
    )
    is_bad = np.zeros(ends.size, np.bool_)
    end = int(ends[-1]) if ends.size else 0
    is_bad[np.searchsorted(ends, bad[bad < end], "right")] = True
    return Records(starts[~is_blank], ends[~is_blank], is_bad[~is_blank], end)


def _is_regular(
    array: npt.NDArray[np.uint8], quotes: Positions, delimiter: int, last: bool
) -> bool:
    """Whether each quote stands where it may, taking them in turn for opening and closing ones."""
    if not quotes.size:
        return True
    if (last and quotes.size % 2) or array.size >= MAX_RECORD_BYTES:
        return False
    opening, closing = quotes[::2], quotes[1::2]
    before = array[np.maximum(opening - 1, 0)]
    may_open = (opening == 0) | (before == delimiter) | (before == LF)
    may_open[1:] |= opening[1:] == closing[: opening.size - 1] + 1
    behind = array[np.minimum(closing + 1, array.size - 1)]
    may_close = (behind == delimiter) | (behind == LF) | (behind == CR) | (behind == QUOTE)
    may_close |= closing == array.size - 1
    return bool(may_open.all() and may_close.all())


def _follow(
    array: npt.NDArray[np.uint8], quotes: Positions, newlines: Positions, delimiter: int, last: bool
) -> tuple[Positions, Positions]:
    """Quote by quote: those that open and close, in turn, and where a field is broken."""
    kept: list[int] = []
    bad: list[int] = []
    size, place = array.size, 0
    while place < quotes.size:
        opening = int(quotes[place])
        if opening and array[opening - 1] not in (delimiter, LF):  # a quote inside a bare field
            place += 1
            continue
        closing = place + 1
        while closing < quotes.size:
            behind = int(quotes[closing]) + 1
            if behind < size and array[behind] == QUOTE:
                closing += 2
                continue
            break
        is_closed = closing < quotes.size
        if is_closed:
            behind = int(quotes[closing]) + 1
            is_whole = behind == size or array[behind] in (delimiter, LF, CR)
            is_whole = is_whole and behind - opening < MAX_RECORD_BYTES
        else:
            is_whole = not last and size - opening < MAX_RECORD_BYTES  # perhaps closed later on
        if is_whole:
            kept.append(opening)
            if is_closed:
                kept.append(int(quotes[closing]))
            place = closing + 1
        else:
            bad.append(opening)
            line = np.searchsorted(newlines, opening)
            resume = int(newlines[line]) if line < newlines.size else size
            place = int(np.searchsorted(quotes, resume))
    return np.array(kept, np.int64), np.array(bad, np.int64)
