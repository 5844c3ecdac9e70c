"""A listing → chunks, one a task; a chunk → the bytes of its files.

19,320 small files make about fifty tasks, and a chunk is a run of the listing, so that chunk order
is file order.
"""

import math
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

from etl.archives import CorruptMemberError, open_archive, read_member
from etl.sources import Entry, Listing

CHUNK_BYTES = 16 * 2**20
"""Input bytes a task: seconds of work, and few enough to lose on a retry."""

TASKS_PER_CORE = 2
"""Least number of chunks a core, where there are files enough: the last one ends sooner."""

FILE_COST = 4096
"""Bytes that a file counts for on top of its own, so that empty ones are spread as well."""


class Chunk(NamedTuple):
    """What one task reads: files in file order, members of the archive if there is one."""

    archive: str | None
    entries: tuple[Entry, ...]


class Unreadable(NamedTuple):
    """Stands for the bytes of a file that can't be read."""

    reason: str


def cut(listing: Listing, cores: int, partitions: int | None = None) -> list[Chunk]:
    """The readable files of a listing in runs of about equal size, none of them empty."""
    entries = listing.readable
    costs = [entry.size + FILE_COST for entry in entries]
    total = sum(costs)
    wanted = partitions or max(math.ceil(total / CHUNK_BYTES), cores * TASKS_PER_CORE)
    count = max(1, min(wanted, len(entries)))
    runs: list[list[Entry]] = [[] for _ in range(count)]
    passed = 0
    for entry, cost in zip(entries, costs, strict=True):
        # The middle of a file decides, or one that is larger than a chunk would lie in the first.
        runs[(passed + cost // 2) * count // total].append(entry)
        passed += cost
    return [Chunk(listing.archive, tuple(run)) for run in runs if run]


def read_chunk(chunk: Chunk) -> Iterator[tuple[str, bytes | Unreadable]]:
    """Name and bytes of each file of a chunk, one at a time, in its order."""
    with open_archive(chunk.archive) if chunk.archive else nullcontext() as archive:
        for entry in chunk.entries:
            try:
                if archive is not None and entry.member is not None:
                    yield entry.name, read_member(archive, entry.member)
                else:
                    yield entry.name, _read_file(entry)
            except CorruptMemberError as error:
                yield entry.name, Unreadable(str(error))


def _read_file(entry: Entry) -> bytes | Unreadable:
    """The bytes of a file, if it still has the size that the manifest will record."""
    try:
        with Path(entry.path).open("rb") as file:
            data = file.read(entry.size + 1)
    except OSError:
        return Unreadable("unreadable")
    return data if len(data) == entry.size else Unreadable("changed")
