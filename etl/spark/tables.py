"""Posts and sentences as Parquet: a pass of its own a table, for those who ask for `--tables`.

By the specification, not by the fast path, since a table holds the sentences themselves. Their
counts have to agree with the ledger of the fast path, which `etl.spark.assemble` checks.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812, as Spark's users know it
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import NullType, StructType

from etl.chain import Chain
from etl.cleaning.screen import Screened
from etl.cleaning.twins import Twins
from etl.publishing.output import Destination
from etl.reading.chunks import Content, open_file
from etl.spark.assemble import check_contract
from etl.spark.source import LITERAL, READ_SETTINGS, Batches, ChunkFiles, Source, settings
from etl.text.blogs import Blogger, age_group
from schemas.posts import PARTITIONS as POST_PARTITIONS
from schemas.posts import POSTS
from schemas.sentences import PARTITIONS as SENTENCE_PARTITIONS
from schemas.sentences import SENTENCES


def post_rows(
    files: Iterable[tuple[str, Content]], chain: Chain, twins: Twins
) -> Iterator[tuple[Any, ...]]:
    """Files → one row of `schemas.posts.POSTS` a kept post."""
    for blogger, (post, _, language, _), _, lines in _kept(files, chain, twins):
        yield (
            *(blogger.blogger_id, post.ordinal, post.date),
            *(blogger.age, blogger.industry, blogger.sign),
            *(post.encoding, language, len(lines), post.text),
            *(blogger.gender, age_group(blogger.age)),
        )


def sentence_rows(
    files: Iterable[tuple[str, Content]], chain: Chain, twins: Twins
) -> Iterator[tuple[Any, ...]]:
    """Files → one row of `schemas.sentences.SENTENCES` a line of the corpus."""
    for blogger, screened, sentences, lines in _kept(files, chain, twins):
        for ordinal, (sentence, line) in enumerate(zip(sentences, lines, strict=True)):
            tokens = len(line.split())
            if tokens >= chain.options.min_tokens:
                yield (
                    *(blogger.blogger_id, screened.post.ordinal, ordinal, sentence, line, tokens),
                    *(blogger.gender, age_group(blogger.age)),
                )


def _kept(
    files: Iterable[tuple[str, Content]], chain: Chain, twins: Twins
) -> Iterator[tuple[Blogger, Screened, list[str], list[str]]]:
    """(blogger, post as it was screened, its sentences, their lines) of each kept post."""
    for name, content in files:
        file = open_file(name, content)
        for item in () if isinstance(file, str) else file.posts():
            screened = chain.screen.look(item.post)
            if item.reason or screened.reason or item.key in twins:
                continue
            sentences = chain.split(screened.post.text)
            lines = [chain.normalize(sentence) for sentence in sentences]
            if any(lines):
                yield item.blogger, screened, sentences, lines


ROWS_A_BATCH = 2000
"""Rows that cross to the JVM at a time: half a MB of sentences, two of posts."""

WRITE_SETTINGS = {
    # Neither `_SUCCESS` nor Parquet's summaries: a table is whole because it is published whole.
    "mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
}


TABLE_SETTINGS = READ_SETTINGS | {
    # A table of the user's may have any genders, such as 1, or none.
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
}
"""Runtime settings that writing a table needs, and looking at it afterwards."""


VOID = NullType()
"""What Spark takes a partition's column for that is null in every row."""


class Table(NamedTuple):
    """How a table is made.

    Attributes:
        rows: (base name, content) of files → rows with the columns of the schema, in its order.
        schema: its columns; the last of them are the partitions.
        partitions: columns that become folders.
    """

    rows: Callable[[Iterable[tuple[str, Content]], Chain, Twins], Iterator[tuple[Any, ...]]]
    schema: StructType
    partitions: tuple[str, ...]


TABLES = {
    "posts": Table(post_rows, POSTS, POST_PARTITIONS),
    "sentences": Table(sentence_rows, SENTENCES, SENTENCE_PARTITIONS),
}


def write_table(source: Source, name: str, to: Destination, twins: DataFrame | None = None) -> int:
    """Writes one of `TABLES` of all readable files; the number of rows that are there then.

    `twins` are the posts to drop: see `etl.duplicates.dedup.find_twins`.

    Raises:
        LedgerError: what was written breaks its schema.
        PySparkException, Py4JError: see `etl.failures`.
    """
    table, chain = TABLES[name], Chain(source.options.chain)
    schema = to_arrow_schema(table.schema)

    def to_rows(chunk: ChunkFiles) -> Batches:
        return batch_rows(table.rows(chunk.files, chain, chunk.twins), schema)

    with settings(source.spark, TABLE_SETTINGS | to.settings):
        rows = source.map_chunks(to_rows, table.schema, twins)
        writer = rows.write.partitionBy(*table.partitions)
        writer.options(**WRITE_SETTINGS, **to.options).parquet(to.uri)
        if not source.chunks:
            return 0
        written = source.spark.read.options(**to.options, **LITERAL).parquet(to.uri)
        nowhere = {field.name: F.lit("") for field in written.schema if field.dataType == VOID}
        check_contract(name, written.withColumns(nowhere).schema, table.schema)
        return written.count()


def batch_rows(rows: Iterator[tuple[Any, ...]], schema: pa.Schema) -> Batches:
    """Rows → record batches of at most `ROWS_A_BATCH` rows."""
    while batch := list(islice(rows, ROWS_A_BATCH)):
        columns = zip(*batch, strict=True)
        arrays = [
            pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)
        ]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)
