"""How many objects become one on the server: the arithmetic of a multipart upload, without I/O.

S3's limits (user guide, "Amazon S3 multipart upload limits"): a part has 5 MiB to 5 GiB, only the
last may be smaller; 10,000 parts an upload; a copied part comes from one object. So whatever is
too small for a part is put together with its neighbours and uploaded, and the rest is copied.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

LEAST_PART = 5 * 2**20
MOST_PART = 5 * 2**30
MOST_PARTS = 10_000
MOST_OBJECT = MOST_PART * MOST_PARTS
"""Bytes that one upload could hold; S3's own limit for an object is lower or equal."""

COPY_BYTES = 512 * 2**20
"""Bytes of a copied part, where its object is larger: parts are copied at the same time."""


class Source(NamedTuple):
    """An object to be joined: its key and its bytes."""

    key: str
    size: int


class Range(NamedTuple):
    """Bytes `start` up to, not including, `end` of an object of `size` bytes."""

    key: str
    start: int
    end: int
    size: int

    @property
    def length(self) -> int:
        """Bytes."""
        return self.end - self.start

    @property
    def is_whole(self) -> bool:
        """Whether it is all of its object."""
        return self.length == self.size


class Part(NamedTuple):
    """One part of the upload: copied if it is one range of fitting size, else uploaded."""

    ranges: tuple[Range, ...]
    is_copied: bool

    @property
    def length(self) -> int:
        """Bytes."""
        return sum(span.length for span in self.ranges)


def plan_parts(sources: Sequence[Source], copy_bytes: int = COPY_BYTES) -> list[Part]:
    """Sources in order → parts in order, of the same bytes.

    At most `LEAST_PART` bytes are uploaded for each source that is smaller than that, and as many
    at the end; everything else is copied.

    >>> plan_parts([Source("a", 6 * 2**20), Source("b", 3)])
    [Part(ranges=(Range(key='a', start=0, end=6291456, size=6291456),), is_copied=True), \
Part(ranges=(Range(key='b', start=0, end=3, size=3),), is_copied=False)]
    """
    parts: list[Part] = []
    held: list[Range] = []
    held_bytes = 0
    for key, size in sources:
        start = 0
        if held:
            start = min(size, LEAST_PART - held_bytes)
            held.append(Range(key, 0, start, size))
            held_bytes += start
            if held_bytes >= LEAST_PART:
                parts.append(Part(tuple(held), is_copied=False))
                held, held_bytes = [], 0
        if size - start >= LEAST_PART:
            parts += _copies(key, start, size, copy_bytes)
        elif size > start:
            held.append(Range(key, start, size, size))
            held_bytes += size - start
    if held:
        parts.append(Part(tuple(held), is_copied=False))
    return parts


def plan_groups(sources: Sequence[Source], most_parts: int = MOST_PARTS) -> list[list[Source]]:
    """Sources → runs of them, each of at most `most_parts` parts: one run if one upload will do.

    More runs become an object each, and then these are joined.
    """
    count = max(1, math.ceil(len(plan_parts(sources, MOST_PART)) / most_parts))
    while True:
        groups = [list(group) for group in _runs(sources, count) if group]
        if all(len(plan_parts(group, MOST_PART)) <= most_parts for group in groups):
            return groups
        count += 1


def fit_copy_bytes(sources: Sequence[Source], most_parts: int = MOST_PARTS) -> int:
    """The least size of copied parts, from `COPY_BYTES` doubled up, with which one upload does."""
    size = COPY_BYTES
    while size < MOST_PART and len(plan_parts(sources, size)) > most_parts:
        size *= 2
    return min(size, MOST_PART)


def _copies(key: str, start: int, size: int, most: int) -> Iterator[Part]:
    """A stretch of an object in copied parts of about equal size."""
    count = math.ceil((size - start) / most)
    edges = [start + (size - start) * i // count for i in range(count + 1)]
    for left, right in pairwise(edges):
        yield Part((Range(key, left, right, size),), is_copied=True)


def _runs(sources: Sequence[Source], count: int) -> Iterator[Sequence[Source]]:
    edges = [len(sources) * i // count for i in range(count + 1)]
    for left, right in pairwise(edges):
        yield sources[left:right]
