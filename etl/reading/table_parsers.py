"""Bytes of a table, or its row groups, → the values that a build can use, and bad rows."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from etl.reading.csv_records import Records
from etl.reading.layouts import Layout
from etl.reading.rows import Field
from etl.text.blogs import decode

PARQUET_ROWS = 2000
"""Rows of Parquet that are decoded at once."""

BROKEN_QUOTES, WRONG_FIELDS = "broken_quotes", "wrong_field_count"
NOT_JSON, NO_TEXT, OTHER_FORM = "not_json", "no_text", "other_form"

Columns = Mapping[str, Sequence[Field]]
Bad = Mapping[int, tuple[str, bytes]]


class Block(NamedTuple):
    """Rows parsed: their number, their bytes, their values by use, and those that are bad."""

    total: int
    size: int
    columns: Columns
    bad: Bad


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
    row_by_row = [_parse_rows([row], layout) for row in rows]
    for values_of_row, wrong in row_by_row:
        for key, held in columns.items():
            held.extend(() if wrong else values_of_row[key])
    return columns, [number for number, (_, wrong) in enumerate(row_by_row) if wrong]


def _parse_json(data: bytes, records: Records, layout: Layout) -> tuple[Columns, Bad]:
    columns: dict[str, list[Field]] = {key: [] for key in layout.columns}
    bad = {}
    for number, (start, end) in enumerate(zip(records.starts, records.ends, strict=True)):
        row = json_row(data[start:end])
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


PARSERS = {
    "csv": _parse_csv,
    "json": _parse_json,
    "jsonl": _parse_json,
    "lines": _parse_lines,
}


def parquet_blocks(file: IO[bytes], start: int, end: int | None, layout: Layout) -> Iterator[Block]:
    """The rows of the row groups from `start` up to, not including, `end`; None for all."""
    table = pq.ParquetFile(file)
    stop = table.num_row_groups if end is None else end
    batches = table.iter_batches(
        PARQUET_ROWS, list(range(start, stop)), list(dict.fromkeys(layout.columns.values()))
    )
    for batch in batches:
        arrays = {key: _as_bytes(batch.column(name)) for key, name in layout.columns.items()}
        size = sum(pc.sum(pc.binary_length(array)).as_py() or 0 for array in arrays.values())
        columns = {key: array.to_pylist() for key, array in arrays.items()}
        yield Block(batch.num_rows, size, columns, {})


def _as_bytes(array: pa.Array) -> pa.Array:
    """Any values as bytes, as whoever wrote a file may not have kept to UTF-8."""
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if not pa.types.is_binary(array.type) and not pa.types.is_large_binary(array.type):
        array = array.cast(pa.large_string())
    return array.cast(pa.large_binary())


def json_row(line: bytes) -> object:
    """What a line of JSON holds; None for none."""
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
