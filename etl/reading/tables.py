"""Tables as inputs: CSV, JSON Lines, Parquet, lines and texts → pieces of rows, and their rows.

The driver goes through each file once, to count its rows and to find where it may be cut: only a
reader that starts at the beginning knows which line ends are outside of quotes. A task then reads
its piece block by block. Compressed files can't be cut, so that each of them is one piece, read as
a stream. Whatever the pieces, the rows are the same.
"""

import bz2
import csv
import gzip
import io
import json
import lzma
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from itertools import chain as concat
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from etl.reading.csv_records import Records, find_lines, find_records
from etl.reading.file_kinds import HEAD_BYTES, Kind, kind_of
from etl.reading.layouts import BLOGS, Layout, Wanted, make_layout
from etl.reading.rows import Field, Rows
from etl.reading.sources import Entry, Listing
from etl.text.blogs import decode, read_blogger
from storage.errors import BadArchiveError, UsageError
from storage.locations import is_s3
from storage.ranges import open_object
from storage.s3_client import S3Options

BLOCK_BYTES = 4 * 2**20
"""Bytes of a file that are parsed at once."""

PARQUET_ROWS = 2000
"""Rows of Parquet that are decoded at once, unless they are longer than a block."""

BOM = b"\xef\xbb\xbf"
DELIMITERS = (",", "\t", ";", "|")

BROKEN_QUOTES, WRONG_FIELDS = "broken_quotes", "wrong_field_count"
NOT_JSON, NO_TEXT = "not_json", "no_text"

Columns = Mapping[str, Sequence[Field]]
Bad = Mapping[int, tuple[str, bytes]]

BROKEN = (EOFError, OSError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, pa.ArrowException)
PACKED = (Kind.GZIP, Kind.BZIP2, Kind.XZ, Kind.ZSTD)


def _unpacked(kind: Kind, file: IO[bytes]) -> IO[bytes]:
    """The stream that a compressed file holds."""
    if kind is Kind.GZIP:
        stream: object = gzip.GzipFile(fileobj=file)
    elif kind is Kind.ZSTD:
        stream = pa.CompressedInputStream(pa.PythonFile(file, "r"), "zstd")
    else:
        stream = bz2.BZ2File(file) if kind is Kind.BZIP2 else lzma.LZMAFile(file)  # noqa: SIM115, its user closes it
    return cast(IO[bytes], stream)


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
            if self.archive:
                outer = zipfile.ZipFile(stack.enter_context(self._open(self.archive)))
                file: IO[bytes] = stack.enter_context(outer.open(entry.path))
            else:
                file = stack.enter_context(self._open(entry.path))
            kind = kind_of(file.read(16))
            file.seek(0)
            if kind in PACKED:
                yield stack.enter_context(_unpacked(kind, file)), False
            else:
                yield file, self.archive is None

    def _open(self, path: str) -> IO[bytes]:
        if is_s3(path):
            return open_object(path, self.s3, BLOCK_BYTES)
        return Path(path).open("rb")


MOST_LOOKED_AT = 100
"""Files that are looked at for one of a known form."""


def with_layout(listing: Listing, wanted: Wanted, s3: S3Options | None) -> Listing:
    """The listing with the layout of its files; files of another one are rejected.

    Files are blogs where that is asked for, where one has a blog's name, and where nothing else is
    known of any.

    Raises:
        BadArchiveError: a file is not whole.
        UsageError: a table without the columns that it takes.
    """
    is_auto, names = wanted.format == "auto", (entry.name for entry in listing.entries)
    if wanted.format == "blogs" or listing.is_remote or (is_auto and any(map(read_blogger, names))):
        return listing
    door, open_names = Door(listing.archive, s3), ("", "file_name")
    unread = [entry for entry in listing.entries if entry.reject in open_names]
    some = (recognize(entry, door, wanted) for entry in unread[:MOST_LOOKED_AT])
    layout = next((known for known in some if isinstance(known, Layout)), BLOGS)
    if layout == BLOGS:
        return listing
    entries = (
        entry._replace(reject=_other(entry, door, wanted, layout))
        if entry.reject in open_names
        else entry
        for entry in listing.entries
    )
    return replace(listing, entries=tuple(entries), layout=layout)


def _other(entry: Entry, door: Door, wanted: Wanted, layout: Layout) -> str:
    """Why a file is rejected beside those of a layout; "" if it has it."""
    try:
        found = recognize(entry, door, wanted)
    except UsageError:
        return "other_columns"
    if isinstance(found, Kind) or found.format != layout.format:
        return "other_form"
    return "" if found == layout else "other_columns"


def recognize(entry: Entry, door: Door, wanted: Wanted) -> Layout | Kind:
    """The layout of a file; or what it is, if that is nothing to be read.

    Raises:
        UsageError: a table without the columns that it takes.
    """
    with door.open(entry) as (file, can_seek):
        head = file.read(HEAD_BYTES)
        kind = kind_of(head)
        name = wanted.format if wanted.format != "auto" else FORMATS_OF.get(kind, "")
        if name in ("text", "lines", "blogs"):
            return Layout(name)
        if name == "csv":
            return _csv_layout(head, wanted)
        if not name and kind is Kind.TEXT:  # a table too small or too wide to be told from prose
            with suppress(UsageError):
                layout = _csv_layout(head, wanted)
                return layout if len(layout.names) > 1 else kind
        if name == "jsonl":
            line = next((line for line in head.split(b"\n") if line.strip()), b"")
            row = _json_row(line.removeprefix(BOM))
            return make_layout(name, list(row), wanted) if isinstance(row, dict) else kind
        if name == "parquet" and kind is Kind.PARQUET:
            whole = file if can_seek else io.BytesIO(head + file.read())
            return _parquet_layout(whole, wanted)
    return kind


FORMATS_OF: dict[Kind, str] = {
    **{Kind.BLOG: "blogs", Kind.CSV: "csv", Kind.TSV: "csv"},
    **{Kind.JSON_LINES: "jsonl", Kind.JSON: "jsonl", Kind.PARQUET: "parquet"},
}
"""The formats that are known by what a file begins with."""


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
    if layout.format == "text":
        steps: Iterator[Mark] = iter([Mark(1, 1, 0)])
        mark = Mark(0, 0, 0)
    elif layout.format == "parquet":
        steps = _groups(pq.ParquetFile(_seekable(file, can_seek)).metadata)
        mark = Mark(0, 0, 0)
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
            data = file.read()
            blocks = iter([Block(1, len(data), {"text": [data]}, {})])
            header = 0
        elif layout.format == "parquet":
            blocks, header = _parquet_blocks(piece, _seekable(file, can_seek), layout), 0
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


class Block(NamedTuple):
    """Rows parsed: their number, their bytes, their values by use, and those that are bad."""

    total: int
    size: int
    columns: Columns
    bad: Bad


def _blocks(
    file: IO[bytes], layout: Layout, held: bytes, length: int | None
) -> Iterator[tuple[bytes, Records]]:
    """What is held and the bytes behind it, together `length` or all for None, as records."""
    is_last = False
    if length is not None:
        held = held[:length]
        length -= len(held)
    while not is_last:
        wanted = BLOCK_BYTES if length is None else min(BLOCK_BYTES, length)
        more = file.read(wanted) if wanted else b""
        if length is not None:
            length -= len(more)
        is_last = not more
        data = held + more
        if layout.format == "csv":
            records = find_records(data, layout.delimiter, is_last)
        else:
            records = find_lines(data, is_last)
        held = data[records.end :]
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


def _parse_csv(data: bytes, records: Records, layout: Layout) -> tuple[Columns, Bad]:
    spans = zip(records.starts, records.ends, strict=True)
    rows = [data[start:end] for start, end in spans]
    reasons = {int(number): BROKEN_QUOTES for number in np.flatnonzero(records.is_bad)}
    good = [number for number in range(len(rows)) if number not in reasons]
    columns, wrong = _parse_rows([rows[number] for number in good], layout)
    reasons |= {good[place]: WRONG_FIELDS for place in wrong}
    return columns, {number: (reason, rows[number]) for number, reason in reasons.items()}


def _parse_rows(rows: Sequence[bytes], layout: Layout) -> tuple[Columns, list[int]]:
    """Records with sound quotes → their values, and which of them have other fields."""
    skipped: list[int] = []

    def skip(row: Any) -> str:
        skipped.append(row.number - 1)
        return "skip"

    if not rows:
        return {"text": []}, []
    data = b"".join(rows)
    names = [str(number) for number in range(len(layout.names))]
    table = pyarrow.csv.read_csv(
        pa.BufferReader(data),
        pyarrow.csv.ReadOptions(use_threads=False, column_names=names, block_size=len(data) + 1),
        pyarrow.csv.ParseOptions(
            delimiter=layout.delimiter, newlines_in_values=True, invalid_row_handler=skip
        ),
        pyarrow.csv.ConvertOptions(
            check_utf8=False,
            column_types=dict.fromkeys(names, pa.binary()),
            include_columns=[str(layout.names.index(name)) for name in layout.columns.values()],
            strings_can_be_null=False,
        ),
    )
    if table.num_rows + len(skipped) == len(rows):
        values = zip(layout.columns, table.columns, strict=True)
        return {key: column.to_pylist() for key, column in values}, skipped
    if len(rows) == 1:  # a carriage return in a bare field, which ends a row for Arrow
        return {"text": []}, [0]
    columns: dict[str, list[Field]] = {key: [] for key in layout.columns}
    single = [_parse_rows([row], layout) for row in rows]
    for values_of_row, wrong in single:
        for key, held in columns.items():
            held.extend(() if wrong else values_of_row[key])
    return columns, [number for number, (_, wrong) in enumerate(single) if wrong]


def _parse_json(data: bytes, records: Records, layout: Layout) -> tuple[Columns, Bad]:
    columns: dict[str, list[Field]] = {key: [] for key in layout.columns}
    bad = {}
    for number, (start, end) in enumerate(zip(records.starts, records.ends, strict=True)):
        row = _json_row(data[start:end])
        text = row.get(layout.columns["text"]) if isinstance(row, dict) else None
        if not isinstance(row, dict):
            bad[number] = NOT_JSON, data[start:end]
        elif text is not None and not isinstance(text, str):
            bad[number] = NO_TEXT, data[start:end]
        else:
            for key, name in layout.columns.items():
                value = row.get(name)
                columns[key].append(value if value is None else _without_surrogates(str(value)))
    return columns, bad


def _parse_lines(data: bytes, records: Records, layout: Layout) -> tuple[Columns, Bad]:
    spans = zip(records.starts, records.ends, strict=True)
    return {"text": [data[start:end] for start, end in spans]}, {}


PARSERS = {"csv": _parse_csv, "jsonl": _parse_json, "lines": _parse_lines}


def _parquet_blocks(piece: Piece, file: IO[bytes], layout: Layout) -> Iterator[Block]:
    table = pq.ParquetFile(file)
    stop = table.num_row_groups if piece.end is None else piece.end
    batches = table.iter_batches(
        PARQUET_ROWS, list(range(piece.start, stop)), list(dict.fromkeys(layout.columns.values()))
    )
    for batch in batches:
        arrays = {
            key: batch.column(name).cast(pa.large_string()) for key, name in layout.columns.items()
        }
        size = sum(pc.sum(pc.binary_length(array)).as_py() or 0 for array in arrays.values())
        columns = {key: array.to_pylist() for key, array in arrays.items()}
        yield Block(batch.num_rows, size, columns, {})


def _csv_layout(head: bytes, wanted: Wanted) -> Layout:
    """By the delimiter with which the header has the columns that it takes.

    Raises:
        UsageError: none of them has; told for the one that makes the most columns.
    """
    text = decode(head.removeprefix(BOM))[0]
    headers = {mark: next(csv.reader(io.StringIO(text), delimiter=mark), []) for mark in DELIMITERS}
    widest = sorted(DELIMITERS, key=lambda mark: -len(headers[mark]))
    for mark in widest:
        with suppress(UsageError):
            return make_layout("csv", headers[mark], wanted, mark)
    return make_layout("csv", headers[widest[0]], wanted, widest[0])


def _parquet_layout(file: IO[bytes], wanted: Wanted) -> Layout:
    schema = pq.read_schema(file)
    layout = make_layout("parquet", schema.names, wanted)
    for key, name in layout.columns.items():
        if pa.types.is_nested(schema.field(name).type):
            raise UsageError(
                f"column {name} for {key} is {schema.field(name).type}, expected plain values"
            )
    return layout


def _json_row(line: bytes) -> object:
    try:
        return json.loads(decode(line)[0])
    except (ValueError, RecursionError):
        return None


def _without_surrogates(text: str) -> str:
    """Halves of pairs, which JSON's escapes may hold, become U+FFFD."""
    return (
        text
        if text.isprintable()
        else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    )


def _seekable(file: IO[bytes], can_seek: bool) -> IO[bytes]:
    """A file that Parquet can be read from: unpacked in memory where it takes that."""
    return file if can_seek else io.BytesIO(file.read())
