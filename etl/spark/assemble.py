"""What the tasks wrote → one Parquet file of rejects, one ledger. On the driver.

Everything goes through part by part: the driver's memory does not grow with the corpus.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.json
import pyarrow.parquet as pq
from pyspark.sql.pandas.types import to_arrow_schema

from etl.counting.tally import Reject, reject_file
from etl.ledger import Ledger
from etl.publishing.output import Place
from etl.reading.sources import Listing
from etl.spark.corpus import reject_json
from schemas.rejects import REJECTS

REJECTS_A_GROUP = 50_000
"""Rows of a Parquet row group, whatever the number of tasks that they come from."""


def listed_rejects(listing: Listing) -> tuple[list[Reject], Ledger]:
    """What the listing alone rejected, which comes before all other rejects, and its ledger."""
    built = [reject_file(entry.name, entry.reject) for entry in listing.rejected]
    return [reject for one in built for reject in one.rejects], Ledger.sum(
        one.ledger for one in built
    )


def sum_ledgers(place: Place) -> Ledger:
    """The ledger of all tasks that were committed."""
    lines = (line for part in place.parts("ledger") for line in part.read().splitlines())
    return Ledger.sum(Ledger(json.loads(line)) for line in lines)


def reject_blocks(place: Place, listed: list[Reject]) -> Iterator[bytes]:
    """All rejects, in file order, as lines of JSON; some thousand at a time."""
    yield b"".join(reject_json(reject) + b"\n" for reject in listed)
    for part in place.parts("rejects"):
        if part.size:
            yield part.read()


def join_rejects(blocks: Iterable[bytes], target: Path) -> int:
    """Writes all rejects, in file order, as one Parquet file; their number.

    Without rejects it is a file without rows, that has the schema all the same.
    """
    schema = to_arrow_schema(REJECTS)
    rows = 0
    target.parent.mkdir(parents=True, exist_ok=True)
    with pq.ParquetWriter(target, schema) as writer:
        for table in _regroup(_reject_tables(blocks, schema), REJECTS_A_GROUP):
            writer.write_table(table, row_group_size=REJECTS_A_GROUP)
            rows += table.num_rows
    return rows


def _reject_tables(blocks: Iterable[bytes], schema: pa.Schema) -> Iterator[pa.Table]:
    parse = pyarrow.json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error")
    for block in filter(None, blocks):
        # A line longer than a block is an error, and with the text a line may be of any length.
        read = pyarrow.json.ReadOptions(block_size=len(block) + 1)
        table = pyarrow.json.read_json(pa.BufferReader(block), read, parse)
        yield table.select(schema.names).cast(schema)


def _regroup(tables: Iterable[pa.Table], rows: int) -> Iterator[pa.Table]:
    """The same rows in tables of `rows` rows, the last one of fewer."""
    held: list[pa.Table] = []
    for table in tables:
        held.append(table)
        while sum(one.num_rows for one in held) >= rows:
            joined = pa.concat_tables(held)
            yield joined.slice(0, rows)
            held = [joined.slice(rows)]
    if held:
        yield pa.concat_tables(held)
