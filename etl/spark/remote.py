"""Input that only Hadoop's file systems reach: `hdfs://`, `s3a://`, `gs://` and the like.

Spark lists and reads it as `binaryFile`. Spark packs the files into tasks by size, in no order of
ours, so a shuffle puts them into chunks again; the chunk of a file is worked out from its name, as
`repartitionByRange` would, only without reading every file once more to sample it.
"""

from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import groupby

import pyarrow as pa
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812, as Spark's users know it

from etl.reading.chunks import Chunk
from etl.reading.sources import Entry, Listing, settle
from etl.spark.failures import summarize
from storage.errors import BadArchiveError, InputNotFoundError, NothingReadableError

OPEN_COST_BYTES = 64 * 1024
"""Spark's guess of what opening a file costs: its default of 4 MiB makes thousands of tasks."""

FILES_PER_BATCH = 16
"""Files that cross to Python at a time; the biggest of the corpus has 2.7 MB."""

READ_SETTINGS = {
    "spark.sql.files.openCostInBytes": str(OPEN_COST_BYTES),
    "spark.sql.execution.arrow.maxRecordsPerBatch": str(FILES_PER_BATCH),
}
"""Runtime settings that reading by Spark needs."""


def list_remote(spark: SparkSession, uri: str, max_file_bytes: int) -> Listing:
    """The listing of a Hadoop URI, which may be a folder, a glob or a file.

    Raises:
        BadArchiveError: a zip, which only a local one can be.
        InputNotFoundError: no such path, no access, or no file system for the scheme.
        NothingReadableError: not a single file.
    """
    if uri.lower().endswith(".zip"):
        raise BadArchiveError(f"{uri}: a zip has to be a local file, copy it to this machine")
    try:
        files = _scan(spark, uri).select("name", "path", "length", "modificationTime")
        rows = files.withColumn("stamp", F.expr("unix_micros(modificationTime)")).collect()
    except Exception as error:
        raise InputNotFoundError(f"can't list {uri}: {summarize(error)}") from error
    entries = [Entry(row.name, row.path, row.length, str(row.stamp)) for row in rows]
    if not entries:
        raise NothingReadableError(f"no file in {uri}")
    return Listing(uri, "folder", settle(entries, max_file_bytes), None, is_remote=True)


def scan_chunks(
    spark: SparkSession,
    listing: Listing,
    chunks: Sequence[Chunk],
    max_file_bytes: int,
    twins: DataFrame | None = None,
) -> DataFrame:
    """One row a file: chunk, name, path, content; a partition holds whole chunks, in file order.

    Rows of `twins` (see `etl.duplicates.dedup.find_twins`) come before the files of their chunk.
    """
    files = (
        _scan(spark, listing.uri)
        .where(F.col("length") <= max_file_bytes)
        .select(_chunk_of("name", chunks), "name", "path", "content")
    )
    rows = files if twins is None else files.unionByName(twins)
    return rows.repartition(len(chunks), "chunk").sortWithinPartitions("chunk", "name", "path")


def read_rows(
    batches: Iterator[pa.RecordBatch], rejected: frozenset[str]
) -> Iterator[tuple[int, Iterator[tuple[str, bytes]]]]:
    """Chunk by chunk, the name and bytes of each file, less the paths that the listing rejects."""
    rows = (
        tuple(column[row] for column in batch.columns)
        for batch in batches
        for row in range(batch.num_rows)
    )
    for chunk, files in groupby(rows, key=lambda row: row[0].as_py()):
        yield (
            chunk,
            (
                (name.as_py(), content.as_py())
                for _, name, path, content in files
                if path.as_py() not in rejected
            ),
        )


def _scan(spark: SparkSession, uri: str) -> DataFrame:
    files = spark.read.format("binaryFile").option("recursiveFileLookup", "true").load(uri)
    return files.withColumn("name", F.element_at(F.split("path", "/"), -1))


def _chunk_of(name: str, chunks: Sequence[Chunk]) -> Column:
    """The number of the chunk whose run of names holds this one."""
    starts = [chunk.entries[0].name for chunk in chunks]
    passed = (F.when(F.col(name) >= F.lit(start), 1).otherwise(0) for start in starts[1:])
    return reduce(Column.__add__, passed, F.lit(0)).cast("int").alias("chunk")
