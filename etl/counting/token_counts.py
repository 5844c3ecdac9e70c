"""Tables of how often each token occurs, and where first; they add up in file order.

The grain of a table is one row a distinct token, in no order that means anything. `first` is the
offset, in tokens, of its first occurrence: with it the growth of the vocabulary is exact at any
point, however the corpus was cut into blocks and tasks.
"""

import base64
from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

SCHEMA = pa.schema([("token", pa.binary()), ("count", pa.int64()), ("first", pa.int64())])

MERGED_ROWS = 500_000
"""Rows that may wait for being merged, if there are fewer distinct tokens: some 20 MB."""

COMPRESSION = "zstd"


def shift(table: pa.Table, tokens: int) -> pa.Table:
    """The same counts, with so many tokens before them."""
    return table.set_column(2, SCHEMA.field("first"), pc.add(table["first"], tokens))


def merge(tables: Iterable[pa.Table]) -> pa.Table:
    """One table of many, whose `first` count from the same point; one row a token again.

    Waits for as many rows as there are distinct tokens, so each is touched a few times at most.
    """
    held: list[pa.Table] = [SCHEMA.empty_table()]
    rows = 0
    for table in tables:
        held.append(table)
        rows += table.num_rows
        if rows > max(MERGED_ROWS, held[0].num_rows):
            held, rows = [_merged(held)], 0
    return held[-1] if len(held) == 1 else _merged(held)


def to_text(table: pa.Table) -> bytes:
    """A table as one line of ASCII; `from_text` is its inverse."""
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression=COMPRESSION)
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table.combine_chunks())
    return base64.b64encode(sink.getvalue())


def from_text(text: bytes) -> pa.Table:
    """The table that `to_text` wrote."""
    return pa.ipc.open_stream(base64.b64decode(text)).read_all()


def in_order(parts: Iterable[tuple[int, pa.Table]]) -> Iterator[pa.Table]:
    """(number of tokens, table) of consecutive parts → tables that count from the first one."""
    before = 0
    for tokens, table in parts:
        yield shift(table, before)
        before += tokens


def _merged(tables: list[pa.Table]) -> pa.Table:
    groups = pa.concat_tables(tables).group_by("token", use_threads=False)
    merged = groups.aggregate([("count", "sum"), ("first", "min")])
    return merged.select(["token", "count_sum", "first_min"]).rename_columns(SCHEMA.names)
