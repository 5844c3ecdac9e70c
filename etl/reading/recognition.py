"""What form the files of an input have: told by what they begin with, or by what the user says."""

import csv
import io
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from etl.reading.csv_records import Records, find_lines
from etl.reading.file_kinds import BOM, HEAD_BYTES, TEXTS, Kind, advice, kind_of
from etl.reading.json_records import find_objects
from etl.reading.layouts import BLOGS, Layout, Wanted, make_layout
from etl.reading.sources import Entry, Listing
from etl.reading.table_parsers import json_row
from etl.reading.tables import MOST_HELD_BYTES, Door
from etl.text.blogs import decode, read_blogger
from storage.errors import BadArchiveError, NothingReadableError, UsageError
from storage.s3_client import S3Options

DELIMITERS = (",", "\t", ";", "|")

MOST_LOOKED_AT = 100
"""Files that are looked at for one of a known form."""

MOST_IN_STREAM = 100
"""Tables that a compressed tar may hold: to get to one of them is to unpack all before it."""

FORMATS_OF: dict[Kind, str] = {
    **{Kind.BLOG: "blogs", Kind.CSV: "csv", Kind.TSV: "csv"},
    **{Kind.JSON_LINES: "jsonl", Kind.JSON: "json", Kind.PARQUET: "parquet"},
}
"""The formats that are known by what a file begins with."""

HERE = "tables are read from this machine or from S3 only, copy them there"


def with_layout(
    listing: Listing, wanted: Wanted, s3: S3Options | None, max_file_bytes: int | None = None
) -> Listing:
    """The listing with the layout of its files; files of another one are rejected.

    Files are blogs where that is asked for, where one has a blog's name, and where nothing else is
    known of any.

    Args:
        listing: of the input.
        wanted: what the user says about it.
        s3: how to read S3.
        max_file_bytes: of one text, which is read at once as a blog is, unlike tables.

    Raises:
        BadArchiveError: a file is not whole, or there are too many in a compressed tar.
        NothingReadableError: no file of the format that is asked for, or out of reach.
        UsageError: a table without the columns that it takes.
    """
    is_auto, names = wanted.format == "auto", (entry.name for entry in listing.entries)
    if wanted.format == "blogs" or (is_auto and any(map(read_blogger, names))):
        return listing
    if listing.is_remote:
        raise NothingReadableError(f"no blog file in {listing.uri}: {HERE}")
    open_names = ("", "file_name")
    unread = [entry for entry in listing.entries if entry.reject in open_names]
    if listing.is_stream and len(unread) > MOST_IN_STREAM:
        most = f"{len(unread):,} other files, compressed as one stream"
        raise BadArchiveError(f"{listing.uri} holds no blog but {most}: unpack it first")
    door = Door(listing.archive, s3)
    look = cache(lambda entry: recognize(entry, door, wanted))  # at each file once
    layout = _first_layout(unread[:MOST_LOOKED_AT], look)
    if layout == BLOGS:
        if not is_auto and unread:
            raise NothingReadableError(_nothing(listing, wanted, unread[0], look(unread[0])))
        return listing

    def settled(entry: Entry) -> Entry:
        if entry.reject not in open_names:
            return entry
        if layout.format != "text":
            return entry._replace(reject=_other(entry, look, layout))
        is_too_large = max_file_bytes is not None and entry.size > max_file_bytes
        return entry._replace(reject="too_large" if is_too_large else "")

    return replace(listing, entries=tuple(map(settled, listing.entries)), layout=layout)


def _first_layout(entries: Sequence[Entry], look: Callable[[Entry], Layout | Kind]) -> Layout:
    """The layout of the first file that has one; `BLOGS` if nothing is known of any.

    Raises:
        UsageError: there are only tables without the columns that it takes.
    """
    error = None
    for entry in entries:
        try:
            if isinstance(layout := look(entry), Layout):
                return layout
        except UsageError as wrong:
            error = error or wrong
    if error:
        raise error
    return BLOGS


def _nothing(listing: Listing, wanted: Wanted, entry: Entry, kind: Layout | Kind) -> str:
    assert isinstance(kind, Kind)
    hint = advice(kind, "--format auto, or a file of that form,")
    return f"no {wanted.format} in {listing.uri}, but {entry.name} ({kind}): {hint}"


def _other(entry: Entry, look: Callable[[Entry], Layout | Kind], layout: Layout) -> str:
    """Why a file is rejected beside those of a layout; "" if it has it."""
    try:
        own = look(entry)
    except UsageError:
        return "other_columns"
    if isinstance(own, Kind) or own.format != layout.format:
        return "other_form"
    return "" if own == layout else "other_columns"


def recognize(entry: Entry, door: Door, wanted: Wanted) -> Layout | Kind:
    """The layout of a file; or what it is, if that is nothing to be read.

    Raises:
        UsageError: a table without the columns that it takes.
    """
    with door.open(entry) as (file, can_seek):
        head = file.read(HEAD_BYTES)
        kind = kind_of(head)
        try:
            layout = _layout(kind, head, file, can_seek, wanted)
        except UsageError as error:
            raise UsageError(f"{kind} with {error}") from error
    return kind if layout is None else replace(layout, is_stream=not can_seek)


def _layout(
    kind: Kind, head: bytes, file: IO[bytes], can_seek: bool, wanted: Wanted
) -> Layout | None:
    """The layout of a file that begins with a head, behind which it is open; None for none.

    Raises:
        UsageError: a table without the columns that it takes.
    """
    is_auto = wanted.format == "auto"
    name = FORMATS_OF.get(kind, "") if is_auto else wanted.format
    if name == "parquet" and kind is Kind.PARQUET:
        return _parquet_layout(file if can_seek else io.BytesIO(head + file.read()), wanted)
    if kind not in TEXTS:
        return None
    if name in ("text", "lines", "blogs"):
        return Layout(name)
    if kind is Kind.EMPTY:
        return None
    if name == "csv":
        return _csv_layout(head, wanted)
    if name in ("jsonl", "json"):
        return _json_layout(head, file, ("jsonl", "json") if is_auto else (name,), wanted)
    # A table too small or too wide to be told from prose, or with a run of NULs, as the corpus has.
    if is_auto and kind in (Kind.TEXT, Kind.BINARY):
        with suppress(UsageError):
            layout = _csv_layout(head, wanted)
            return layout if len(layout.names) > 1 else None
    return None


def _csv_layout(head: bytes, wanted: Wanted) -> Layout:
    """By the delimiter with which the header has the columns that it takes.

    Raises:
        UsageError: none of them has; told for the one that makes the most columns.
    """
    text = decode(head.removeprefix(BOM))[0].lstrip("\r\n")
    headers = {mark: next(csv.reader(io.StringIO(text), delimiter=mark), []) for mark in DELIMITERS}
    widest = sorted(DELIMITERS, key=lambda mark: -len(headers[mark]))
    for mark in widest:
        with suppress(UsageError):
            return make_layout("csv", headers[mark], wanted, mark)
    try:
        return make_layout("csv", headers[widest[0]], wanted, widest[0])
    except UsageError as error:
        if len(headers[widest[0]]) > 1:
            raise
        raise UsageError(f"{error}; fields are parted by comma, tab, semicolon or |") from error


def _json_layout(
    head: bytes, file: IO[bytes], names: tuple[str, ...], wanted: Wanted
) -> Layout | None:
    """By the keys of the first object: a line of its own, or one of an array or over several lines.

    Raises:
        UsageError: they are not those that it takes.
    """
    held = head.removeprefix(BOM)
    for name, find in (("jsonl", find_lines), ("json", find_objects)):
        if name not in names or (name == "jsonl" and held.lstrip().startswith(b"[")):
            continue
        held, record = _first_record(held, file, find)
        row = json_row(record)
        if isinstance(row, dict):
            return make_layout(name, list(row), wanted)
    return None


def _first_record(
    held: bytes, file: IO[bytes], find: Callable[[bytes, bool], Records]
) -> tuple[bytes, bytes]:
    """What is held of a file by the time that its first record is there, and that record."""
    more = held
    while True:
        records = find(held, not more)
        if records.ends.size:
            return held, held[records.starts[0] : records.ends[0]]
        if not more or len(held) > MOST_HELD_BYTES:
            return held, b""
        more = file.read(max(len(held), HEAD_BYTES))
        held += more


def _parquet_layout(file: IO[bytes], wanted: Wanted) -> Layout:
    schema = pq.read_schema(file)
    layout = make_layout("parquet", schema.names, wanted)
    for key, name in layout.columns.items():
        if pa.types.is_nested(schema.field(name).type):
            raise UsageError(
                f"column {name} for {key} is {schema.field(name).type}, expected plain values"
            )
    return layout
