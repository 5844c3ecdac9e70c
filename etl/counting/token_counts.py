"""How often each token occurs, and where first. Exact, without an object a token.

Tokens of up to sixteen bytes are one number or two. Those are sorted by a hash, each with its place
in the low bits, which numpy does several times as fast as hash tables count. Equal tokens then
stand together, the first place first; where two share a hash, they only take more rows, which are
added up later. Longer tokens, one in some thousand, go through a dict.

The grain of a table is one row per distinct token, in no order that means anything. `first` is the
offset, in tokens, of its first occurrence: with it the growth of the vocabulary is exact at any
point, however the corpus was cut into blocks and tasks. Tables add up in file order.
"""

import base64
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.counting.line_block import LineBlock, Offsets, Words
from etl.counting.line_hashes import Hashes, mix

SCHEMA = pa.schema([("token", pa.binary()), ("count", pa.int64()), ("first", pa.int64())])

WAITING_ROWS = 100_000
"""Rows of words of a task that may wait for being added up, if fewer are: 2.4 MB."""

MERGED_ROWS = 500_000
"""Rows that may wait for being merged, if there are fewer distinct tokens: some 20 MB."""

COMPRESSION = "zstd"


def shift(table: pa.Table, tokens: int) -> pa.Table:
    """The same counts, with so many tokens before them."""
    return table.set_column(2, SCHEMA.field("first"), pc.add(table["first"], tokens))


def merge(tables: Iterable[pa.Table]) -> pa.Table:
    """One table of many, whose `first` count from the same point; one row per token again.

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


class Counts(NamedTuple):
    """Tokens of as many words each, one row per token.

    Attributes:
        words: one column a word of eight bytes, zeros behind the last byte.
        counts: how often each token occurs.
        firsts: number of tokens before its first occurrence.
    """

    words: Sequence[Words]
    counts: Offsets
    firsts: Offsets


class Waiting:
    """Counts of consecutive blocks, added up now and then, so that they take little memory."""

    def __init__(self) -> None:
        self._parts: list[Counts] = []
        self._rows = self._limit = 0

    def add(self, counts: Counts) -> None:
        """Those of the next block."""
        self._parts.append(counts)
        self._rows += counts.counts.size
        if self._rows > max(self._limit, WAITING_ROWS):
            self.sum()
            self._rows = self._parts[0].counts.size
            self._limit = 3 * self._rows

    def sum(self) -> list[Counts]:
        """All so far, one row per token; nothing of nothing."""
        self._parts = _add_up(self._parts)
        return self._parts


class TokenCounter:
    """Counts the tokens of consecutive blocks."""

    def __init__(self) -> None:
        self._before = 0
        self._short, self._medium = Waiting(), Waiting()
        self._rare: dict[bytes, list[int]] = {}

    def add(self, block: LineBlock) -> None:
        """Counts the tokens of the next lines."""
        tokens = block.tokens()
        if not tokens.text:
            return
        words, medium, tails, rare, texts = tokens.pieces
        is_short = np.ones(words.size, np.bool_)
        is_short[medium] = is_short[rare] = False
        short = np.flatnonzero(is_short)
        self._short.add(_count([words[short]], short + self._before))
        if medium.size:
            self._medium.add(_count([words[medium], tails], medium + self._before))
        for place, text in zip(rare.tolist(), texts, strict=True):
            self._rare.setdefault(text, [0, self._before + place])[0] += 1
        self._before += words.size

    def table(self) -> pa.Table:
        """All so far, with the columns of `etl.counting.token_counts.SCHEMA`."""
        rare = [pa.array(self._rare.keys(), pa.binary())]
        rare += [pa.array([row[i] for row in self._rare.values()], pa.int64()) for i in (0, 1)]
        columns = [*map(_to_arrow, [*self._short.sum(), *self._medium.sum()]), rare]
        return pa.concat_tables(pa.Table.from_arrays(arrays, schema=SCHEMA) for arrays in columns)


def count_tokens(block: LineBlock) -> pa.Table:
    """The tokens of one block."""
    counter = TokenCounter()
    counter.add(block)
    return counter.table()


def _count(words: Sequence[Words], places: Offsets) -> Counts:
    """Counts tokens that stand at some places, ascending; a few have more than one row."""
    bits = np.uint64(places.size.bit_length())
    keys = _hash(words)
    keys <<= bits
    keys |= np.arange(places.size, dtype=np.uint64)
    keys.sort()
    keys &= (np.uint64(1) << bits) - np.uint64(1)
    order = keys.view(np.int64)
    words, starts = _group(words, order)
    return Counts(words, np.diff(starts, append=order.size), places[order[starts]])


def _add_up(parts: Sequence[Counts]) -> list[Counts]:
    """One row per token."""
    if not parts:
        return []
    counts, firsts = (np.concatenate([part[i] for part in parts]) for i in (1, 2))
    rows = [np.concatenate(column) for column in zip(*(part.words for part in parts), strict=True)]
    order = np.argsort(_hash(rows))
    words, starts = _group(rows, order)
    counts = np.add.reduceat(counts[order], starts)
    return [Counts(words, counts, np.minimum.reduceat(firsts[order], starts))]


def _group(words: Sequence[Words], order: Offsets) -> tuple[Sequence[Words], Offsets]:
    """In some order, the words of each run of equal tokens, and where it starts."""
    ordered = [column[order] for column in words]
    is_start = np.zeros(order.size, np.bool_)
    is_start[:1] = True
    for column in ordered:
        is_start[1:] |= column[1:] != column[:-1]
    starts = np.flatnonzero(is_start)
    return [column[starts] for column in ordered], starts


def _hash(words: Sequence[Words]) -> Hashes:
    hashes = mix(words[0])
    for column in words[1:]:
        hashes = mix(hashes + column)
    return hashes


def _to_arrow(tokens: Counts) -> list[pa.Array]:
    words = np.stack(tokens.words, axis=1).astype("<u8", copy=False)
    text = words.view(f"S{8 * len(tokens.words)}").ravel()
    return [pa.array(text, pa.binary()), pa.array(tokens.counts), pa.array(tokens.firsts)]
