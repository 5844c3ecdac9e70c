"""Hashes of lines → how many lines repeat another. On disk, so that memory stays what it is."""

import heapq
import math
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np
import numpy.typing as npt

from etl.counting.line_hashes import Hashes

Counts = npt.NDArray[np.int64]

TOP = 100
"""Most repeated lines that are counted together: what templates and spam leave."""

PASS_HASHES = 1_000_000
"""Hashes that are counted at once: 8 MB, and twice as much again for their counts."""

HASH_BYTES = 8
MARGIN = 1.1
"""Times the hashes that are expected in a pass are read of a run: nearly always enough."""


class RepeatedLines:
    """Collects the hashes of lines in a file without a name: eight bytes a line, soon gone.

    The file is read, never mapped, so that nothing of it counts as this process's memory.

    Args:
        scratch: folder of that file; None for the system's.
    """

    def __init__(self, scratch: Path | None = None) -> None:
        self._file = TemporaryFile(dir=scratch)  # noqa: SIM115  # closed with this object
        self._lengths = array("q")

    def add(self, hashes: Hashes) -> None:
        """Hashes of some lines, sorted."""
        self._file.write(hashes.data)
        self._lengths.append(hashes.size)

    def describe(self) -> dict[str, Any]:
        """How often lines are repeated, exactly; see `summarize`."""
        self._file.flush()
        total, distinct, counts = sum(self._lengths), 0, list[int]()
        ends = np.cumsum(self._lengths, dtype=np.int64)
        nexts = ends - np.asarray(self._lengths)  # of each run, the first hash not yet counted
        for last, share in _passes(total):
            runs = [self._take(nexts, run, end, last, share) for run, end in enumerate(ends)]
            of_pass = _repeats(runs)
            distinct += of_pass.size
            counts = heapq.nlargest(TOP, [*counts, *_largest(of_pass)])
        return summarize(total, distinct, counts)

    def _take(self, nexts: Counts, run: int, end: int, last: int, share: float) -> Hashes:
        """The next hashes of a run, up to `last`; `share` of all hashes are expected there."""
        taken = [np.empty(0, np.uint64)]
        while nexts[run] < end:
            self._file.seek(nexts[run] * HASH_BYTES)
            number = min(end - nexts[run], int(self._lengths[run] * share * MARGIN) + 1)
            read = np.frombuffer(self._file.read(number * HASH_BYTES), np.uint64)
            fitting = int(np.searchsorted(read, np.uint64(last), "right"))
            taken.append(read[:fitting])
            nexts[run] += fitting
            if fitting < read.size:
                break
        return np.concatenate(taken)


def summarize(lines: int, distinct: int, top_counts: list[int]) -> dict[str, Any]:
    """The figures as the metrics have them: numbers only, never a line."""
    return {
        "distinct": distinct,
        "repeats": lines - distinct,
        "share": round((lines - distinct) / lines, 6) if lines else 0.0,
        "top": TOP,
        "top_lines": sum(top_counts),
        "top_share": round(sum(top_counts) / lines, 6) if lines else 0.0,
        "top_counts": top_counts,
    }


def _passes(total: int) -> Iterator[tuple[int, float]]:
    """The last hash of each pass, and the share of all numbers of 64 bits that lie in it."""
    number = max(1, math.ceil(total / PASS_HASHES))
    for i in range(1, number + 1):
        yield 2**64 * i // number - 1, 1 / number


def _repeats(runs: Sequence[Hashes]) -> Counts:
    """How often each distinct hash occurs."""
    hashes = np.concatenate([np.empty(0, np.uint64), *runs])
    hashes.sort()
    is_first = np.ones(hashes.size, np.bool_)
    np.not_equal(hashes[1:], hashes[:-1], out=is_first[1:])
    return np.diff(np.flatnonzero(is_first), append=hashes.size)


def _largest(counts: Counts) -> list[int]:
    largest = np.partition(counts, -TOP)[-TOP:] if counts.size > TOP else counts
    return [int(count) for count in largest]
