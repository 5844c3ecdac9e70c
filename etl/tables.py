"""Posts and sentences as Parquet: a pass of its own a table, for those who ask for `--tables`."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.dataset
from pyspark.sql import SparkSession
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StructType

from etl.chain import Chain
from etl.chunks import Chunk, Unreadable
from etl.corpus import Batches, Files, map_chunks, settings
from etl.failures import spark_failures
from etl.options import BuildOptions
from etl.remote import READ_SETTINGS
from etl.rows import post_rows, sentence_rows
from etl.sources import Listing
from schemas import posts, sentences

ROWS_A_BATCH = 2000
"""Rows that cross to the JVM at a time: half a MB of sentences, two of posts."""

WRITE_SETTINGS = {
    # Neither `_SUCCESS` nor Parquet's summaries: a table is whole because it is published whole.
    "mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
}


class Table(NamedTuple):
    """How a table is made.

    Attributes:
        rows: (base name, bytes) of files → rows with the columns of the schema, in its order.
        schema: its columns; the last of them are the partitions.
        partitions: columns that become folders.
    """

    rows: Callable[[Iterable[tuple[str, bytes]], Chain], Iterator[tuple[Any, ...]]]
    schema: StructType
    partitions: tuple[str, ...]


TABLES = {
    "posts": Table(post_rows, posts.POSTS, posts.PARTITIONS),
    "sentences": Table(sentence_rows, sentences.SENTENCES, sentences.PARTITIONS),
}


def write_table(
    spark: SparkSession,
    listing: Listing,
    chunks: Sequence[Chunk],
    options: BuildOptions,
    name: str,
    to: Path,
) -> None:
    """Writes one of `TABLES` of all readable files.

    Raises:
        OutputNotWritableError, SparkFailedError: see `etl.failures`.
    """
    table, chain = TABLES[name], Chain(options.chain)
    schema = to_arrow_schema(table.schema)

    def to_rows(_: int, files: Files) -> Batches:
        readable = ((name, data) for name, data in files if not isinstance(data, Unreadable))
        return batch_rows(table.rows(readable, chain), schema)

    with spark_failures(), settings(spark, READ_SETTINGS):
        rows = map_chunks(spark, listing, chunks, options, to_rows, table.schema)
        writer = rows.write.partitionBy(*table.partitions).options(**WRITE_SETTINGS)
        writer.parquet(f"file://{to.absolute()}")
    for checksum in to.rglob(".*.crc"):
        checksum.unlink()


def batch_rows(rows: Iterator[tuple[Any, ...]], schema: pa.Schema) -> Batches:
    """Rows → record batches of at most `ROWS_A_BATCH` rows."""
    while batch := list(islice(rows, ROWS_A_BATCH)):
        columns = zip(*batch, strict=True)
        arrays = [
            pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)
        ]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def count_rows(folder: Path) -> int:
    """Number of rows of a Parquet folder, from its footers."""
    return int(pyarrow.dataset.dataset(folder, format="parquet").count_rows())
