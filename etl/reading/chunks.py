"""A listing → chunks, one per task; a chunk → the bytes of its files.

19,320 small files make some fourteen tasks, and a chunk is a run of the listing, so that chunk
order is file order.
"""

import math
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from etl.reading.archives import (
    open_archive,
    open_members,
    read_member,
    read_member_head,
    unpack_gzip,
)
from etl.reading.layouts import BLOGS, Layout
from etl.reading.members import CorruptMemberError, Member
from etl.reading.rows import Rows
from etl.reading.s3_source import read_objects
from etl.reading.sources import Entry, Listing
from etl.reading.tables import Door, Piece, cut_rows, read_piece
from etl.reading.tars import read_members
from etl.text.blogs import OpenFile, open_blog
from storage.errors import DamagedError, JobError
from storage.locations import is_s3
from storage.ranges import AHEAD_BYTES
from storage.s3_client import S3Options

CHUNK_BYTES = 64 * 2**20
"""Input bytes a task, at most: some seconds of work, beside which 0.15 s of CPU for its start, its
files and their commit are little, and few enough to lose on a retry."""

FILE_COST = 4096
"""Bytes that a file counts for on top of its own, so that empty ones are spread as well."""

HEADER_BYTES = 4096
"""Room for a member's local header, which the central directory does not measure."""

MOST_AHEAD_BYTES = 16 * 2**20
"""Bytes of one request for a chunk's members; a chunk of the default size takes two of them."""


STREAM_BYTES = 4 * 2**20
"""Bytes of one request for an archive that is read from its beginning to its end."""

READINGS = 4
"""Times that a member on S3 is read again which was not what its zip says."""


class Chunk(NamedTuple):
    """What one task reads: files in file order, or pieces of tables in the order of their rows.

    Attributes:
        archive: that the files are members of, if any.
        entries: whole files.
        s3: how to read S3.
        pieces: of files that are no blogs.
        layout: of those.
    """

    archive: str | None
    entries: tuple[Entry, ...]
    s3: S3Options | None = None
    pieces: tuple[Piece, ...] = ()
    layout: Layout = BLOGS


class Unreadable(NamedTuple):
    """Stands for the content of a file that can't be read."""

    reason: str


Content = bytes | Rows | Unreadable
"""A blog file, some rows of a table, or why there is neither."""


def cut(
    listing: Listing, cores: int, partitions: int | None = None, s3: S3Options | None = None
) -> list[Chunk]:
    """The readable files of a listing in runs of about equal size, none of them empty."""
    if listing.layout != BLOGS:
        return _cut_tables(listing, cores, partitions, s3)
    entries = listing.readable
    costs = list(map(_cost, entries))
    total = sum(costs)
    count = max(1, min(partitions or _count_chunks(total, cores), len(entries)))
    runs: list[list[Entry]] = [[] for _ in range(count)]
    passed = 0
    for entry, cost in zip(entries, costs, strict=True):
        # The middle of a file decides, or one that is larger than a chunk would lie in the first.
        runs[(passed + cost // 2) * count // total].append(entry)
        passed += cost
    return [Chunk(listing.archive, tuple(run), s3) for run in runs if run]


def _cost(entry: Entry) -> int:
    return entry.size + FILE_COST


def _count_chunks(total: int, cores: int) -> int:
    """As many for each core, so that the last ones end together."""
    return max(1, math.ceil(total / CHUNK_BYTES / cores)) * cores


def _cut_tables(
    listing: Listing, cores: int, partitions: int | None, s3: S3Options | None
) -> list[Chunk]:
    """The pieces of all files in runs of so many bytes that there are as many as are wanted."""
    door, rows, total = Door(listing.archive, s3), 0, sum(map(_cost, listing.readable))
    size, held = math.ceil(total / (partitions or _count_chunks(total, cores))), 0
    runs: list[list[Piece]] = []
    for place, entry in enumerate(listing.readable):
        pieces, count = cut_rows(entry, place, rows, door, listing.layout, size)
        for piece in pieces:
            held += (cost := _cost(entry) // len(pieces))
            if not runs or held > size:
                runs.append([])
                held = cost
            runs[-1].append(piece)
        rows += count
    return [Chunk(listing.archive, (), s3, tuple(run), listing.layout) for run in runs]


def read_chunk(chunk: Chunk) -> Iterator[tuple[str, Content]]:
    """Name and content of each file of a chunk, one at a time, in its order."""
    for piece in chunk.pieces:
        for rows in read_piece(piece, Door(chunk.archive, chunk.s3), chunk.layout):
            yield piece.entry.name, rows
    for entry, data in _read_files(chunk):
        yield entry.name, to_content(data) if isinstance(data, bytes) else data


def to_content(data: bytes) -> bytes | Unreadable:
    """The blog that the bytes of a file are, or hold where they are gzipped."""
    try:
        return unpack_gzip(data)
    except CorruptMemberError as error:
        return Unreadable(str(error))


def read_stream(chunks: Sequence[Chunk]) -> Iterator[tuple[int, Entry, bytes]]:
    """All files of an archive that is one stream: number of the chunk, file, its bytes as they are.

    In the order in which they lie there, whatever their chunks.

    Raises:
        ChangedError: it is no longer what its listing says.
    """
    first = chunks[0]
    assert first.archive is not None
    homes = {
        member_of(entry): (number, entry)
        for number, chunk in enumerate(chunks)
        for entry in chunk.entries
    }
    with open_members(first.archive, next(iter(homes)), first.s3, STREAM_BYTES) as archive:
        for member, data in read_members(archive, homes, first.archive):
            yield *homes[member], data


def _read_files(chunk: Chunk) -> Iterator[tuple[Entry, bytes | Unreadable]]:
    """The bytes of whole files, as they are."""
    if not chunk.entries:
        return
    if chunk.archive:
        yield from _read_members(chunk, chunk.archive)
    elif chunk.s3 and is_s3(chunk.entries[0].path):
        for entry, data in read_objects(chunk.entries, chunk.s3):
            yield entry, Unreadable(data) if isinstance(data, str) else data
    else:
        for entry in chunk.entries:
            yield entry, _read_file(entry)


def read_head(listing: Listing, entry: Entry, s3: S3Options | None, size: int) -> bytes | None:
    """The first bytes of a file, at most `size`; None where it can't be read, or only by Spark."""
    try:
        if listing.archive and entry.member:
            with open_members(listing.archive, entry.member, s3, size) as archive:
                return read_member_head(archive, entry.member, size)
        if listing.is_remote:
            return None
        with open_archive(entry.path, s3, size) as file:
            return file.read(size)
    except (OSError, JobError, CorruptMemberError):
        return None


def open_file(name: str, content: Content) -> OpenFile | str:
    """A file, or the next rows of one, as its posts; or the reason why it is rejected whole."""
    if isinstance(content, Unreadable):
        return content.reason
    return content.open(name) if isinstance(content, Rows) else open_blog(name, content)


def span(entries: Sequence[Entry]) -> int:
    """Bytes of an archive to fetch at once for the members of a chunk.

    All of them, where they lie side by side, as in a zip in file order; else as by default.
    """
    members = [entry.member for entry in entries if entry.member]
    packed = sum(member.packed for member in members)
    ends = [member.offset + member.packed + HEADER_BYTES for member in members]
    length = max(ends) - min(member.offset for member in members)
    return min(length, MOST_AHEAD_BYTES) if length < max(2 * packed, AHEAD_BYTES) else AHEAD_BYTES


def member_of(entry: Entry) -> Member:
    """Where a file lies in its archive."""
    assert entry.member is not None
    return entry.member


def _read_members(chunk: Chunk, path: str) -> Iterator[tuple[Entry, bytes | Unreadable]]:
    ahead = span(chunk.entries)
    with open_members(path, member_of(chunk.entries[0]), chunk.s3, ahead) as archive:
        for entry in chunk.entries:
            member = member_of(entry)
            try:
                data: bytes | Unreadable = read_member(archive, member)
            except OSError:
                data = Unreadable("unreadable")
            except CorruptMemberError as error:
                data = Unreadable(str(error))
                if chunk.s3 and is_s3(path):
                    data = _read_again(path, member, chunk.s3)
            yield entry, data


def _read_again(path: str, member: Member, s3: S3Options) -> bytes | Unreadable:
    """A member of a zip on S3 that was not what the zip says: there, or only as it came here.

    Raises:
        DamagedError: it comes as something else each time.
    """
    before = None
    for _ in range(READINGS):
        with open_archive(path, s3, member.packed + HEADER_BYTES) as archive:
            archive.seek(member.offset)
            packed = archive.read(member.packed + HEADER_BYTES)
        try:
            return read_member(BytesIO(packed), member._replace(offset=0))
        except CorruptMemberError as error:
            if packed == before:
                return Unreadable(str(error))
            before = packed
    raise DamagedError(f"{path}: {member.name} came damaged, {READINGS + 1} times")


def _read_file(entry: Entry) -> bytes | Unreadable:
    """The bytes of a file, if it still has the size that the manifest will record."""
    try:
        with Path(entry.path).open("rb") as file:
            data = file.read(entry.size + 1)
    except OSError:
        return Unreadable("unreadable")
    return data if len(data) == entry.size else Unreadable("changed")
