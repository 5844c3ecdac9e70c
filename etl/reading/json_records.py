"""Where the objects of a JSON array end: at the braces that close them, outside of strings.

So an array of any size is read block by block, and cut as a CSV is.
"""

from typing import cast

import numpy as np
import numpy.typing as npt

from etl.reading.csv_records import Positions, Records
from storage.errors import UsageError

QUOTE, BACKSLASH, OPENING, CLOSING = b'"\\{}'
BETWEEN = b" \t\r\n,[]"
"""What there may be between objects."""


def find_objects(data: bytes, is_last: bool) -> Records:
    """The objects of some bytes that begin outside of one; one that never ends is bad.

    Args:
        data: a part of an array, or of objects one behind the other.
        is_last: nothing comes behind the data.

    Raises:
        UsageError: there is something else than objects.
    """
    array = np.frombuffer(data, np.uint8)
    quotes = _unescaped(array, np.flatnonzero(array == QUOTE))
    braces = np.flatnonzero((array == OPENING) | (array == CLOSING))
    braces = braces[np.searchsorted(quotes, braces) % 2 == 0]
    depths = np.cumsum(np.where(array[braces] == OPENING, 1, -1))
    closing = np.flatnonzero(depths == 0)
    opening = np.concatenate([[0], closing + 1]).astype(np.int64)
    opening = opening[opening < braces.size]
    starts, ends = braces[opening], braces[closing] + 1
    is_bad = np.zeros(starts.size, np.bool_)
    if is_last and starts.size > ends.size:
        ends, is_bad[-1] = np.append(ends, array.size), True
    end = int(ends[-1]) if ends.size else 0
    gaps = zip([0, *ends.tolist()], [*starts.tolist(), array.size], strict=False)
    if is_last or starts.size == ends.size:
        end = array.size
    between = b"".join(data[gap:start] for gap, start in gaps)
    if (depths < 0).any() or between.strip(BETWEEN):
        raise UsageError("an array of something else than objects")
    return Records(starts[: ends.size], ends, is_bad[: ends.size], end)


def _unescaped(array: npt.NDArray[np.uint8], quotes: Positions) -> Positions:
    """The quotes that no backslash escapes: an even number of them stands before each."""
    slashes = np.flatnonzero(array == BACKSLASH)
    if not slashes.size:
        return quotes
    is_first = np.diff(slashes, prepend=-2) != 1
    run_starts = np.maximum.accumulate(np.where(is_first, slashes, 0))
    behind = np.searchsorted(slashes, quotes)  # the number of backslashes before each
    nearest = np.maximum(behind - 1, 0)
    is_behind = (behind > 0) & (slashes[nearest] == quotes - 1)
    is_escaped = is_behind & ((quotes - run_starts[nearest]) % 2 == 1)
    return cast(Positions, quotes[~is_escaped])
