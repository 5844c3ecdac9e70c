"""What a corpus file holds, worked out while its bytes go by, in order: here, or near the bucket.

On S3 one task reads all objects in order, because SHA-256 can't be worked out piece by piece. It is
the one step of a build on S3 that more executors do not shorten; docs/performance.md says what that
comes to.
"""

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import pyarrow as pa
from pyspark.sql import SparkSession

from etl.publishing.output import CorpusFile
from storage.prefetch import prefetch
from storage.ranges import block_spans, read_range
from storage.s3_client import S3Options, make_client


class Digest:
    """Counts and checksum of the bytes so far.

    Attributes:
        bytes: number of them.
        lines: number of LF among them.
    """

    def __init__(self) -> None:
        self.bytes = 0
        self.lines = 0
        self._sha256 = hashlib.sha256()

    def update(self, block: bytes) -> None:
        """Takes the next bytes."""
        self.bytes += len(block)
        self.lines += block.count(b"\n")
        self._sha256.update(block)

    def corpus_file(self) -> CorpusFile:
        """All that a manifest says of them."""
        return CorpusFile(self.bytes, self.lines, self._sha256.hexdigest())


class Block(NamedTuple):
    """Bytes `start` up to, not including, `end` of an object."""

    key: str
    start: int
    end: int


def digest_objects(
    spark: SparkSession, bucket: str, objects: Sequence[tuple[str, int]], s3: S3Options
) -> tuple[CorpusFile, int]:
    """What the file of all objects, in order, holds, and its CRC-32 (zlib), as S3 has it too.

    Args:
        spark: whose executors read them.
        bucket: where they are.
        objects: key and size of each.
        s3: how to read them.

    Raises:
        PySparkException, Py4JError: see `etl.failures`.
    """

    def work(_: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        corpus, crc32 = digest_here(bucket, objects, s3)
        digest = {"corpus": corpus.__dict__, "crc32": crc32}
        yield pa.record_batch([pa.array([json.dumps(digest)])], names=["digest"])

    rows = spark.range(0, 1, 1, 1).mapInArrow(work, "digest string").collect()
    digest: dict[str, Any] = json.loads(rows[0].digest)
    return CorpusFile(**digest["corpus"]), digest["crc32"]


def digest_here(
    bucket: str, objects: Sequence[tuple[str, int]], s3: S3Options
) -> tuple[CorpusFile, int]:
    """The same in this process, reading ahead."""
    client, digest, crc32 = make_client(s3), Digest(), 0
    for _, data in prefetch(
        lambda block: read_range(client, bucket, *block), _blocks(objects), _size
    ):
        digest.update(data)
        crc32 = zlib.crc32(data, crc32)
    return digest.corpus_file(), crc32


def _blocks(objects: Sequence[tuple[str, int]]) -> Iterator[Block]:
    for key, size in objects:
        yield from (Block(key, *span) for span in block_spans(size))


def _size(block: Block) -> int:
    return block.end - block.start
