"""Lines → how often each token occurs, and where first: tables that add up in file order.

The grain of a table is one row a distinct token, in no order that means anything. `first` is the
offset, in tokens, of its first occurrence: with it the growth of the vocabulary is exact at any
point, however the corpus was cut into blocks and tasks.
"""

import base64
from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.counting.line_block import LineBlock

SCHEMA = pa.schema([("token", pa.binary()), ("count", pa.int64()), ("first", pa.int64())])

MERGED_ROWS = 4_000_000
"""Rows that wait for being merged: about 100 MB, whatever the size of the corpus."""

COMPRESSION = "zstd"


def count_tokens(block: LineBlock) -> pa.Table:
    """The tokens of a block; `first` counts from the start of the block."""
    text, ends = block.text, block.spaces
    if not block.is_tidy or b"\t" in block.odd:
        text = b"".join(token + b" " for token in block.text.split())
        ends = LineBlock(text).spaces
    offsets = np.zeros(ends.size + 1, np.int32)
    offsets[1:] = ends + 1
    # A token keeps the one space behind it, so that the text itself is the column.
    column = pa.py_buffer(text.replace(b"\n", b" "))
    tokens = pa.Array.from_buffers(
        pa.binary(), ends.size, [None, pa.py_buffer(offsets), column]
    ).dictionary_encode()
    codes = tokens.indices.to_numpy()
    counts = np.bincount(codes, minlength=len(tokens.dictionary))
    # Codes are given in the order of first occurrence, so each raises the highest one so far.
    first = np.flatnonzero(np.diff(np.maximum.accumulate(codes), prepend=-1))
    words = pc.binary_slice(tokens.dictionary, 0, -1)
    return pa.Table.from_arrays([words, pa.array(counts), pa.array(first)], schema=SCHEMA)


def shift(table: pa.Table, tokens: int) -> pa.Table:
    """The same counts, with so many tokens before them."""
    return table.set_column(2, SCHEMA.field("first"), pc.add(table["first"], tokens))


def merge(tables: Iterable[pa.Table]) -> pa.Table:
    """One table of many, whose `first` count from the same point; one row a token again.

    Holds at most `MERGED_ROWS` more rows than there are distinct tokens.
    """
    held: list[pa.Table] = [SCHEMA.empty_table()]
    rows = 0
    for table in tables:
        held.append(table)
        rows += table.num_rows
        if rows > MERGED_ROWS:
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
