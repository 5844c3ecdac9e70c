"""Posts and sentences as Parquet: a pass of its own a table, for those who ask for `--tables`."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StructType

from etl.chain import Chain
from etl.cleaning.twins import Twins, take_twins
from etl.options import BuildOptions
from etl.publishing.output import Destination
from etl.reading.chunks import Chunk, Unreadable
from etl.reading.sources import Listing
from etl.spark.checks import check_contract
from etl.spark.corpus import Batches, Files, map_chunks, settings
from etl.spark.failures import spark_failures
from etl.spark.remote import READ_SETTINGS
from etl.spark.rows import post_rows, sentence_rows
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

    rows: Callable[[Iterable[tuple[str, bytes]], Chain, Twins], Iterator[tuple[Any, ...]]]
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
    to: Destination,
    twins: DataFrame | None = None,
) -> int:
    """Writes one of `TABLES` of all readable files; the number of rows that are there then.

    `twins` are the posts to drop: see `etl.duplicates.dedup.find_twins`.

    Raises:
        LedgerError: what was written breaks its schema.
        OutputNotWritableError, SparkFailedError: see `etl.spark.failures`.
    """
    table, chain = TABLES[name], Chain(options.chain)
    schema = to_arrow_schema(table.schema)

    def to_rows(_: int, files: Files) -> Batches:
        repeats, files = take_twins(files)
        readable = ((name, data) for name, data in files if not isinstance(data, Unreadable))
        return batch_rows(table.rows(readable, chain, repeats), schema)

    with spark_failures(), settings(spark, READ_SETTINGS | to.settings):
        rows = map_chunks(spark, listing, chunks, options, to_rows, table.schema, twins)
        writer = rows.write.partitionBy(*table.partitions)
        writer.options(**WRITE_SETTINGS, **to.options).parquet(to.uri)
        if not chunks:
            return 0
        written = spark.read.options(**to.options).parquet(to.uri)
        check_contract(name, written.schema, table.schema)
        return written.count()


def batch_rows(rows: Iterator[tuple[Any, ...]], schema: pa.Schema) -> Batches:
    """Rows → record batches of at most `ROWS_A_BATCH` rows."""
    while batch := list(islice(rows, ROWS_A_BATCH)):
        columns = zip(*batch, strict=True)
        arrays = [
            pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)
        ]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)
