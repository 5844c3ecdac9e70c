"""Hashes of lines → how many lines repeat another. On disk, so that memory stays what it is."""

import heapq
import math
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np
import numpy.typing as npt

from etl.counting.line_hashes import Hashes

Counts = npt.NDArray[np.int64]

TOP = 100
"""Most repeated lines that are counted together: what templates and spam leave."""

PASS_HASHES = 4_000_000
"""Hashes that are held at once, 32 MB; more than these take several passes over the file."""


class RepeatedLines:
    """Collects the hashes of lines in a file without a name: eight bytes a line, soon gone.

    Args:
        scratch: folder of that file; None for the system's.
    """

    def __init__(self, scratch: Path | None = None) -> None:
        self._file = TemporaryFile(dir=scratch)  # noqa: SIM115  # closed with this object
        self._lengths: list[int] = []

    def add(self, hashes: Hashes) -> None:
        """Hashes of some lines, sorted."""
        self._file.write(hashes.tobytes())
        self._lengths.append(hashes.size)

    def describe(self) -> dict[str, Any]:
        """How often lines are repeated, exactly; see `summarize`."""
        self._file.flush()
        total, distinct, counts = sum(self._lengths), 0, list[int]()
        stored = np.memmap(self._file, np.uint64, "r") if total else np.empty(0, np.uint64)
        runs = [stored[start:end] for start, end in pairwise(np.cumsum([0, *self._lengths]))]
        for low, high in _ranges(max(1, math.ceil(total / PASS_HASHES))):
            of_pass = _repeats(runs, low, high)
            distinct += of_pass.size
            counts = heapq.nlargest(TOP, [*counts, *_largest(of_pass)])
        return summarize(total, distinct, counts)


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


def _ranges(number: int) -> Iterable[tuple[int, int]]:
    """All 64-bit numbers as so many ranges, both ends included."""
    edges = [2**64 * i // number for i in range(number + 1)]
    return ((low, high - 1) for low, high in pairwise(edges))


def _repeats(runs: Iterable[Hashes], low: int, high: int) -> Counts:
    """How often each distinct hash of a range occurs."""
    first, last = np.uint64(low), np.uint64(high)
    parts = [run[np.searchsorted(run, first) : np.searchsorted(run, last, "right")] for run in runs]
    _, counts = np.unique(np.concatenate([np.empty(0, np.uint64), *parts]), return_counts=True)
    return counts


def _largest(counts: Counts) -> list[int]:
    largest = np.partition(counts, -TOP)[-TOP:] if counts.size > TOP else counts
    return [int(count) for count in largest]
