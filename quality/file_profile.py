"""A training file that is there → its profile, segment by segment, on all cores. Without Spark."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice, pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from etl.counting.line_counts import LineCounts
from etl.counting.line_hashes import Hashes
from etl.counting.profile import BLOCK_BYTES, Profile

SEGMENT_BYTES = 16 * 2**20
"""Of the file, that one process counts at a time; a longer line is one segment."""

ALONE_BYTES = 4 * SEGMENT_BYTES
"""Size up to which starting other processes takes longer than it saves."""

QUEUED = 2
"""Segments a process that are counted or wait for being added up."""


class Segment(NamedTuple):
    """What one segment holds; see `etl.counting.profile`."""

    lines: LineCounts
    tokens: pa.Table
    hashes: Hashes


def cut_segments(path: Path, size: int = SEGMENT_BYTES) -> Iterator[tuple[int, int]]:
    """(start, end) of runs of whole lines, in order; nothing of an empty file."""
    with path.open("rb") as file:
        total = file.seek(0, 2)
        bounds = [0]
        while bounds[-1] < total:
            file.seek(min(bounds[-1] + size, total) - 1)
            file.readline()  # the rest of the line that the segment would break off in
            bounds.append(file.tell())
    return pairwise(bounds)


def count_segment(path: Path, start: int, end: int) -> Segment:
    """Counts the lines between two offsets, a block at a time."""
    profile = Profile()
    with path.open("rb") as file:
        file.seek(start)
        while (left := end - file.tell()) > 0:
            block = file.read(min(BLOCK_BYTES, left))
            profile.add_lines(block + (b"" if block.endswith(b"\n") else file.readline()))
    return Segment(profile.lines, profile.tokens(), profile.hashes())


def count_file(path: Path, processes: int) -> Iterator[Segment]:
    """The segments of a file, in its order."""
    segments = cut_segments(path)
    if processes < 2 or path.stat().st_size <= ALONE_BYTES:
        yield from (count_segment(path, *bounds) for bounds in segments)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        jobs = (pool.submit(count_segment, path, *bounds) for bounds in segments)
        waiting: list[Future[Segment]] = list(islice(jobs, processes * QUEUED))
        while waiting:
            yield waiting.pop(0).result()
            waiting.extend(islice(jobs, 1))


def digest(path: Path) -> str:
    """The sha256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
