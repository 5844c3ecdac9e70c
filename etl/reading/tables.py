"""Tables as inputs: CSV, JSON Lines, Parquet, lines and texts → pieces of rows, and their rows.

The driver goes through each file once, to count its rows and to find where it may be cut: only a
reader that starts at the beginning knows which line ends are outside of quotes. A task then reads
its piece block by block. Compressed files can't be cut, so that each of them is one piece, read as
a stream. Whatever the pieces, the rows are the same.
"""

import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain as concat
from typing import IO, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from etl.reading.archives import open_archive, open_member, open_members
from etl.reading.csv_records import MAX_RECORD_BYTES, Records, find_lines, find_records
from etl.reading.file_kinds import BOM, HEAD_BYTES, TEXTS, kind_of
from etl.reading.json_records import find_objects
from etl.reading.layouts import Layout
from etl.reading.members import (
    AS_IT_IS,
    MAX_RATIO,
    RATIO_FREE_BYTES,
    CorruptMemberError,
    LimitedStream,
)
from etl.reading.rows import Rows
from etl.reading.sources import Entry
from etl.reading.table_parsers import OTHER_FORM, PARSERS, Block, parquet_blocks
from storage import compression
from storage.errors import BadArchiveError, UsageError
from storage.s3_client import S3Options

BLOCK_BYTES = 4 * 2**20
"""Bytes of a file that are parsed at once."""

MOST_HELD_BYTES = 2 * MAX_RECORD_BYTES
"""Bytes in which a row has to end: more of a file is not held."""

FINDERS: dict[str, Callable[[bytes, str, bool], Records]] = {
    "csv": find_records,
    "json": lambda data, _, is_last: find_objects(data, is_last),
    "jsonl": lambda data, _, is_last: find_lines(data, is_last),
    "lines": lambda data, _, is_last: find_lines(data, is_last),
}
"""Format → what finds its records."""

BROKEN = (
    *(*compression.BROKEN, zipfile.BadZipFile, NotImplementedError),
    *(CorruptMemberError, pa.ArrowException),
)


@contextmanager
def _whole_file(entry: Entry) -> Iterator[None]:
    try:
        yield
    except BROKEN as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BadArchiveError(f"{entry.name} is not whole: {reason}") from error
    except UsageError as error:
        raise UsageError(f"{entry.name}: {error}") from error


class Piece(NamedTuple):
    """Rows of one file that one task reads.

    Attributes:
        entry: the file.
        place: of the file among all of the input.
        first: number of its first row, over all files.
        start: bytes before it, or row groups of Parquet.
        end: of the last one; None for the end of the file.
        rows: how many they are.
    """

    entry: Entry
    place: int
    first: int
    start: int
    end: int | None
    rows: int


class Door(NamedTuple):
    """What opens the files of an input: the zip that they are in, if any, and how to read S3."""

    archive: str | None
    s3: S3Options | None

    @contextmanager
    def open(self, entry: Entry) -> Iterator[tuple[IO[bytes], bool]]:
        """A file, unpacked, and whether it is one that can be read from any place.

        Raises:
            BadArchiveError: it is not whole; also while it is read.
        """
        with _whole_file(entry), ExitStack() as stack:
            if self.archive and entry.member:
                opened = open_members(self.archive, entry.member, self.s3, BLOCK_BYTES)
                outer = stack.enter_context(opened)
                file = stack.enter_context(open_member(outer, entry.member))
            else:
                file = stack.enter_context(open_archive(entry.path, self.s3, BLOCK_BYTES))
            stream = compression.unpacked(file)
            if stream is not None:
                limit = max(RATIO_FREE_BYTES, MAX_RATIO * entry.size)
                yield stack.enter_context(LimitedStream(stream, entry.name, limit)), False
            else:
                yield file, not entry.member or entry.member.method == AS_IT_IS


class Mark(NamedTuple):
    """A place in a file where it may be cut.

    Attributes:
        place: bytes before it; row groups before it, in Parquet.
        rows: before it.
        bytes: before it.
    """

    place: int
    rows: int
    bytes: int


def cut_rows(
    entry: Entry, place: int, first: int, door: Door, layout: Layout, size: int
) -> tuple[list[Piece], int]:
    """The pieces of a file, of about `size` bytes each, and the number of its rows.

    Args:
        entry: the file.
        place: of it among all of the input.
        first: rows of the files before it.
        door: opens it.
        layout: of the input.
        size: bytes.
    """
    if layout.format == "text":  # thousands of files perhaps, none of which has to be looked at
        return [Piece(entry, place, first, 0, None, 1)], 1
    with door.open(entry) as (file, can_seek):
        marks = list(_marks(file, can_seek, layout, size))
    *inner, end = marks
    if not can_seek and layout.format != "parquet":
        inner = inner[:1]
    stops = [*inner[1:], end]
    pieces = [
        Piece(
            *(entry, place, first + mark.rows, mark.place),
            *(None if stop is end else stop.place, stop.rows - mark.rows),
        )
        for mark, stop in zip(inner, stops, strict=True)
    ]
    return pieces, end.rows


def _marks(file: IO[bytes], can_seek: bool, layout: Layout, size: int) -> Iterator[Mark]:
    """The beginning of the rows, places about `size` bytes apart, and the end."""
    mark = Mark(0, 0, 0)
    if layout.format == "parquet":
        steps: Iterator[Mark] = _groups(pq.ParquetFile(_seekable(file, can_seek)).metadata)
    else:
        header, held = _read_header(file, layout)
        mark = Mark(header, 0, 0)
        steps = (
            Mark(records.end, records.ends.size, records.end)
            for _, records in _blocks(file, layout, held, None)
        )
    yield mark
    last = mark
    for step in steps:
        if mark.bytes - last.bytes >= size and step.rows:
            yield mark
            last = mark
        mark = Mark(*(before + more for before, more in zip(mark, step, strict=True)))
    yield mark


def _groups(metadata: pq.FileMetaData) -> Iterator[Mark]:
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        yield Mark(1, group.num_rows, group.total_byte_size)


def read_piece(piece: Piece, door: Door, layout: Layout) -> Iterator[Rows]:
    """The rows of a piece, block by block; one block without rows where there are none."""
    with door.open(piece.entry) as (file, can_seek):
        if layout.format == "text":
            blocks, header = iter([_text_block(file.read())]), 0
        elif layout.format == "parquet":
            header, parquet = 0, _seekable(file, can_seek)
            blocks = parquet_blocks(parquet, piece.start, piece.end, layout)
        else:
            header, held = _read_header(file, layout)
            if piece.start > header:
                held = b""
                file.seek(piece.start)
            length = None if piece.end is None else piece.end - piece.start
            parse = PARSERS[layout.format]
            blocks = (
                Block(records.ends.size, records.end, *parse(data, records, layout))
                for data, records in _blocks(file, layout, held, length)
            )
        is_first, first = piece.start == header, piece.first
        for block in concat(blocks, [None]):
            if block is None and not is_first:
                return
            count, size, columns, bad = block or Block(0, 0, {"text": []}, {})
            size += header if is_first else 0
            yield Rows(piece.place, first, count, is_first, size, columns, bad, layout.is_latin1)
            first, is_first = first + count, False


def _text_block(data: bytes) -> Block:
    """A whole file as one row; one that is no text, as a bad row without what it holds."""
    is_text = kind_of(data[:HEAD_BYTES]) in TEXTS
    texts, bad = ([data], {}) if is_text else ([], {0: (OTHER_FORM, b"")})
    return Block(1, len(data), {"text": texts}, bad)


def _blocks(
    file: IO[bytes], layout: Layout, held: bytes, length: int | None
) -> Iterator[tuple[bytes, Records]]:
    """What is held and the bytes behind it, together `length` or all for None, as records."""
    is_last = False
    if length is not None:
        held = held[:length]
        length -= len(held)
    while not is_last:
        wanted = max(BLOCK_BYTES, len(held))
        wanted = wanted if length is None else min(wanted, length)
        more = file.read(wanted) if wanted else b""
        if length is not None:
            length -= len(more)
        is_last = not more
        data = held + more
        records = FINDERS[layout.format](data, layout.delimiter, is_last)
        held = data[records.end :]
        if len(held) > MOST_HELD_BYTES:
            raise UsageError(f"a row of more than {len(held):,} bytes: is it {layout.format}?")
        if records.end:
            yield data, records


def _read_header(file: IO[bytes], layout: Layout) -> tuple[int, bytes]:
    """The bytes that a byte order mark and a CSV's header take, and what was read behind them."""
    start = file.read(HEAD_BYTES)
    header = len(BOM) if start.startswith(BOM) else 0
    if layout.format == "csv":
        records = find_records(start[header:], layout.delimiter, is_last=len(start) < HEAD_BYTES)
        header += int(records.ends[0]) if records.ends.size else len(start)
    return header, start[header:]


def _seekable(file: IO[bytes], can_seek: bool) -> IO[bytes]:
    """A file that Parquet can be read from: unpacked in memory where it takes that."""
    return file if can_seek else io.BytesIO(file.read())
