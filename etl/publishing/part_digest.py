"""The digest of objects on S3, in order, by one task: the bytes stay near the bucket.

One task, because SHA-256 can't be worked out piece by piece. It is the one step of a build on S3
that more executors do not shorten; docs/performance.md says what that comes to.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import pyarrow as pa
from pyspark.sql import SparkSession

from etl.failures import spark_failures
from etl.publishing.digest import Digest
from etl.publishing.output import CorpusFile
from storage.prefetch import prefetch
from storage.ranges import block_spans, read_range
from storage.s3_client import S3Options, make_client


class Block(NamedTuple):
    """Bytes `start` up to, not including, `end` of an object."""

    key: str
    start: int
    end: int


def digest_objects(
    spark: SparkSession, bucket: str, objects: Sequence[tuple[str, int]], s3: S3Options
) -> tuple[CorpusFile, int]:
    """What the file of all objects, in order, holds, and its CRC-32.

    Args:
        spark: whose executors read them.
        bucket: where they are.
        objects: key and size of each.
        s3: how to read them.

    Raises:
        JobError, AwsError: see `etl.failures`.
    """

    def work(_: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        digest = digest_here(bucket, objects, s3)
        found = {"corpus": digest.corpus_file().__dict__, "crc32": digest.crc32}
        yield pa.record_batch([pa.array([json.dumps(found)])], names=["found"])

    with spark_failures():
        rows = spark.range(0, 1, 1, 1).mapInArrow(work, "found string").collect()
    found: dict[str, Any] = json.loads(rows[0].found)
    return CorpusFile(**found["corpus"]), found["crc32"]


def digest_here(bucket: str, objects: Sequence[tuple[str, int]], s3: S3Options) -> Digest:
    """The same in this process, reading ahead."""
    client, digest = make_client(s3), Digest()
    for _, data in prefetch(
        lambda block: read_range(client, bucket, *block), _blocks(objects), _size
    ):
        digest.update(data)
    return digest


def _blocks(objects: Sequence[tuple[str, int]]) -> Iterator[Block]:
    for key, size in objects:
        yield from (Block(key, *span) for span in block_spans(size))


def _size(block: Block) -> int:
    return block.end - block.start
