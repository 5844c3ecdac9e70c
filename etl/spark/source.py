"""The input of a build as Spark reads it: chunks of files, one per task, in file order.

Files on this machine, in zips and on S3 are read by the tasks themselves, which get the number of
their chunk. What only Hadoop's file systems reach (`hdfs://`, `gs://` and the like) Spark lists and
reads as `binaryFile`. It packs those files into tasks by size, in no order of ours, so a shuffle
puts them into chunks again; the chunk of a file is worked out from its name, as
`repartitionByRange` would, only without reading every file once more to sample it. The blogs of a
compressed tar, which nobody can read but from its beginning, come to their chunks in the same way.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from functools import reduce
from io import StringIO
from itertools import chain as concat
from itertools import groupby
from typing import Any, NamedTuple
from zipimport import zipimporter

import pyarrow as pa
from pyspark import Broadcast
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812, as Spark's users know it

from etl.cleaning.twins import Twins, unpack_twins
from etl.failures import summarize
from etl.options import BuildOptions
from etl.reading.archives import is_archive_name
from etl.reading.chunks import Chunk, Content, read_chunk, read_stream, to_content
from etl.reading.layouts import BLOGS
from etl.reading.sources import Entry, Listing, entry_name, settle
from storage.errors import BadArchiveError, InputNotFoundError, NothingReadableError
from storage.names import SEPARATOR, is_hidden

OPEN_COST_BYTES = 64 * 1024
"""Spark's guess of what opening a file costs: its default of 4 MiB makes thousands of tasks."""

FILES_PER_BATCH = 16
"""Files that cross to Python at a time; the biggest of the corpus has 2.7 MB."""

BATCH_BYTES = 4 * 2**20
"""Bytes of files after which a batch is full."""

CONTENTS = "chunk int, name string, path string, content binary"
"""Grain: one row per file."""

READ_SETTINGS = {
    "spark.sql.files.openCostInBytes": str(OPEN_COST_BYTES),
    "spark.sql.execution.arrow.maxRecordsPerBatch": str(FILES_PER_BATCH),
}
"""Runtime settings that reading by Spark needs."""

LITERAL = {"__globPaths__": "false"}
"""Option of a reader whose paths are no globs (Spark's `DataSource.GLOB_PATHS_KEY`, since 3.1): an
escaped glob can't hold a colon."""

Files = Iterable[tuple[str, Content]]
"""Base name and content of files, in file order."""

Batches = Iterator[pa.RecordBatch]
Row = tuple[Any, ...]


class ChunkFiles(NamedTuple):
    """What a task works on.

    Attributes:
        number: of the chunk; chunks are in file order.
        files: of the chunk, in file order.
        twins: its posts that are to be dropped as duplicates, and what is kept in place of each.
    """

    number: int
    files: Files
    twins: Twins


@dataclass(frozen=True)
class Source:
    """What a build reads, and on which Spark.

    Attributes:
        spark: the session.
        listing: all files of the input.
        chunks: those that are to be read, in runs.
        options: of the build.
    """

    spark: SparkSession
    listing: Listing
    chunks: Sequence[Chunk]
    options: BuildOptions

    def map_chunks(
        self,
        to_rows: Callable[[ChunkFiles], Batches],
        schema: object,
        twins: DataFrame | None = None,
    ) -> DataFrame:
        """Rows that `to_rows` makes of each chunk; one task per chunk.

        With `twins`, which a shuffle brings to their chunks, some tasks may have two and some none.

        Args:
            to_rows: runs in the tasks.
            schema: of its rows.
            twins: `chunk` and `twins`, at most one row per chunk; see
                `etl.duplicates.dedup.find_twins`.
        """
        is_stream = self.listing.is_stream and self.listing.layout == BLOGS
        if self.listing.is_remote or is_stream:
            paths = () if is_stream else (entry.path for entry in self.listing.rejected)
            rejected = frozenset(paths)

            def map_contents(batches: Batches) -> Batches:
                forget_zip_importers()
                chunks = read_contents(batches, rejected)
                return concat.from_iterable(to_rows(chunk) for chunk in chunks)

            contents = self._contents(twins)
            return contents.mapInArrow(map_contents, schema)  # type: ignore[arg-type]
        shared = self._share_chunks()

        def map_numbers(batches: Batches) -> Batches:
            forget_zip_importers()
            for number, same_chunk in groupby(_rows(batches), key=lambda row: row[0]):
                packed = next((row[1] for row in list(same_chunk) if row[1]), None)
                files = read_chunk(shared.value[number])
                yield from to_rows(ChunkFiles(number, files, unpack_twins(packed)))

        return self._numbers(twins).mapInArrow(map_numbers, schema)  # type: ignore[arg-type]

    def _share_chunks(self) -> "Broadcast[list[Chunk]]":
        with redirect_stderr(StringIO()):  # it prints what it raises
            return self.spark.sparkContext.broadcast(list(self.chunks))

    def _numbers(self, twins: DataFrame | None) -> DataFrame:
        """`chunk` and `twins`: the number of each chunk in a partition of its own."""
        count = len(self.chunks)
        numbers = self.spark.range(0, count, 1, count).select(
            F.col("id").cast("int").alias("chunk"), _null("binary").alias("twins")
        )
        if twins is None:
            return numbers
        return numbers.unionByName(twins).repartition(count, "chunk").sortWithinPartitions("chunk")

    def _contents(self, twins: DataFrame | None) -> DataFrame:
        """One row per file: chunk, name, path, content; a partition holds whole chunks, in order.

        Rows of `twins`, which have nothing else, come before the files of their chunk.
        """
        files = (self._stream() if self.listing.is_stream else self._scan()).withColumn(
            "twins", _null("binary")
        )
        if twins is not None:
            files = files.unionByName(twins, allowMissingColumns=True)
        chunked = files.repartition(len(self.chunks), "chunk")
        return chunked.sortWithinPartitions("chunk", F.col("name").asc_nulls_first(), "path")

    def _scan(self) -> DataFrame:
        """`CONTENTS` of what Spark itself reads."""
        files = _scan(self.spark, self.listing.uri)
        return files.where(F.col("length") <= self.options.max_file_bytes).select(
            _chunk_of("name", self.chunks), "name", "path", "content"
        )

    def _stream(self) -> DataFrame:
        """`CONTENTS` of a compressed tar: one task unpacks it, once and for all others."""
        shared = self._share_chunks()

        def unpack(batches: Batches) -> Batches:
            for _ in batches:
                held, size = [], 0
                for number, entry, data in read_stream(shared.value):
                    held.append((number, entry.name, entry.path, data))
                    size += len(data)
                    if size >= BATCH_BYTES or len(held) == FILES_PER_BATCH:
                        yield _batch(held)
                        held, size = [], 0
                if held:
                    yield _batch(held)

        once = self.spark.range(0, 1, 1, 1)
        return once.mapInArrow(unpack, CONTENTS)  # type: ignore[arg-type]


def forget_zip_importers() -> None:
    """Has the worker make its finders of modules in zips anew when it next imports something.

    Spark calls `importlib.invalidate_caches` for each task, and every finder, one for each package
    of `pyspark.zip`, then reads the directory of its whole zip: 0.4 s a task.
    """
    for path, finder in list(sys.path_importer_cache.items()):
        if isinstance(finder, zipimporter):
            del sys.path_importer_cache[path]


def list_remote(spark: SparkSession, uri: str, max_file_bytes: int) -> Listing:
    """The listing of a Hadoop URI, which may be a folder, a glob or a file.

    Raises:
        BadArchiveError: an archive, which Spark can't read.
        InputNotFoundError: no such path, no access, or no file system for the scheme.
        NothingReadableError: not a single file.
    """
    if is_archive_name(uri):
        raise BadArchiveError(f"{uri}: archives are read from this machine or S3, copy it there")
    try:
        files = _scan(spark, uri).select("name", "path", "length", "modificationTime")
        rows = files.withColumn("stamp", F.expr("unix_micros(modificationTime)")).collect()
    except Exception as error:
        raise InputNotFoundError(f"can't list {uri}: {summarize(error)}") from error
    entries = [
        Entry(entry_name(row.path), row.path, row.length, str(row.stamp))
        for row in rows
        if not is_hidden(row.name)
    ]
    if not entries:
        raise NothingReadableError(f"no file in {uri}")
    return Listing(uri, "folder", settle(entries, max_file_bytes), None, is_remote=True)


def read_contents(batches: Batches, rejected: frozenset[str]) -> Iterator[ChunkFiles]:
    """Rows of chunk, name, path, content and twins → chunks, less the paths that are rejected."""
    for number, rows in groupby(_rows(batches), key=lambda row: row[0]):
        yield _read_content(number, rows, rejected)


def _read_content(number: int, rows: Iterator[Row], rejected: frozenset[str]) -> ChunkFiles:
    first = next(rows)
    rest = rows if first[4] else concat([first], rows)
    files = (
        (entry_name(path), to_content(content))
        for _, name, path, content, _ in rest
        if path not in rejected and not is_hidden(name)
    )
    return ChunkFiles(number, files, unpack_twins(first[4]))


@contextmanager
def settings(spark: SparkSession, values: dict[str, str]) -> Iterator[None]:
    """Runtime settings of a session for as long as the block runs."""
    before = {name: spark.conf.get(name, None) for name in values}
    for name, value in values.items():
        spark.conf.set(name, value)
    try:
        yield
    finally:
        for name, old in before.items():
            spark.conf.unset(name) if old is None else spark.conf.set(name, old)


def _rows(batches: Batches) -> Iterator[Row]:
    """Rows one by one: the contents of a batch may be large."""
    for batch in batches:
        for row in range(batch.num_rows):
            yield tuple(column[row].as_py() for column in batch.columns)


def _batch(rows: list[Row]) -> pa.RecordBatch:
    """Rows of `CONTENTS`."""
    kinds = (pa.int32(), pa.string(), pa.string(), pa.binary())
    columns = zip(*rows, strict=True)
    arrays = [pa.array(values, kind) for values, kind in zip(columns, kinds, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, ["chunk", "name", "path", "content"])


def _null(kind: str) -> Column:
    return F.lit(None).cast(kind)


def _scan(spark: SparkSession, uri: str) -> DataFrame:
    """All files of a folder, file or glob; a path that exists is no glob."""
    context = spark.sparkContext
    path = context._jvm.org.apache.hadoop.fs.Path(uri)  # type: ignore[union-attr]
    is_there = path.getFileSystem(context._jsc.hadoopConfiguration()).exists(path)
    options = {"recursiveFileLookup": "true"} | (LITERAL if is_there else {})
    files = spark.read.format("binaryFile").options(**options).load(uri)
    return files.withColumn("name", F.element_at(F.split("path", SEPARATOR.pattern), -1))


def _chunk_of(name: str, chunks: Sequence[Chunk]) -> Column:
    """The number of the chunk whose run of names holds this one."""
    starts = [chunk.entries[0].name for chunk in chunks]
    passed = (F.when(F.col(name) >= F.lit(start), 1).otherwise(0) for start in starts[1:])
    return reduce(Column.__add__, passed, F.lit(0)).cast("int").alias("chunk")
