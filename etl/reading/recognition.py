"""What form the files of an input have: told by what they begin with, or by what the user says."""

import csv
import io
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from etl.reading.file_kinds import BOM, HEAD_BYTES, Kind, kind_of
from etl.reading.layouts import BLOGS, Layout, Wanted, make_layout
from etl.reading.sources import Entry, Listing
from etl.reading.table_parsers import json_row
from etl.reading.tables import Door
from etl.text.blogs import decode, read_blogger
from storage.errors import UsageError
from storage.s3_client import S3Options

DELIMITERS = (",", "\t", ";", "|")

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
    look = cache(lambda entry: recognize(entry, door, wanted))  # at each file once
    some = map(look, unread[:MOST_LOOKED_AT])
    layout = next((known for known in some if isinstance(known, Layout)), BLOGS)
    if layout == BLOGS:
        return listing
    entries = (
        entry._replace(reject=_other(entry, look, layout)) if entry.reject in open_names else entry
        for entry in listing.entries
    )
    return replace(listing, entries=tuple(entries), layout=layout)


def _other(entry: Entry, look: Callable[[Entry], Layout | Kind], layout: Layout) -> str:
    """Why a file is rejected beside those of a layout; "" if it has it."""
    try:
        found = look(entry)
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
            row = json_row(line.removeprefix(BOM))
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
