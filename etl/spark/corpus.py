"""The thin Spark layer: chunks of files → one text output that holds lines, rejects and ledgers.

One pass. A task turns each file of its chunk into corpus lines and writes them under `kind=lines`;
what it dropped under `kind=rejects`, and what it counted under `kind=ledger`. All three go through
Spark's own commit protocol, so a task that is retried or run twice counts once, which accumulators
can't promise.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import chain as concat
from pathlib import Path

import pyarrow as pa
from pyspark.sql import DataFrame

from etl.chain import Chain
from etl.counting.batches import BatchResult, Reject
from etl.counting.profile import Profile
from etl.counting.traces import Trace
from etl.ledger import Ledger
from etl.publishing.output import Destination
from etl.reading.chunks import Content
from etl.spark.source import READ_SETTINGS, Batches, ChunkFiles, Source, settings
from storage.errors import AwsError

ROWS = "kind string, chunk int, value string"
"""Grain: one row per blob of lines, a rejected item, or a chunk's ledger."""

BLOB_BYTES = 2**20
"""Corpus lines that cross to the JVM as one row, unless a single line is longer."""

WRITERS = 1000
"""Files that a task may have open, so that Spark appends to them instead of sorting the rows.

A task needs one per kind and chunk; the rows then keep their order by themselves, and lines of
50 MB never pass through a sort buffer.
"""


def write_corpus(
    source: Source, to: Destination, twins: DataFrame | None = None, profile: bool = False
) -> None:
    """Writes `to`/kind=<lines, rejects or ledger>/chunk=<n>/part-*.txt, of all readable files.

    With `--trace`, kind=trace as well. `twins` are the posts to drop, see `find_twins`.

    Raises:
        PySparkException, Py4JError: see `etl.failures`.
    """
    with settings(source.spark, WRITE_SETTINGS | READ_SETTINGS | to.settings):
        rows = build_rows(source, twins, profile)
        writer = rows.write.options(**to.options).partitionBy("kind", "chunk")
        writer.text(to.uri, compression="none")


def build_rows(source: Source, twins: DataFrame | None = None, profile: bool = False) -> DataFrame:
    """The rows of `ROWS`, chunk by chunk in file order."""
    chain, keep_text = Chain(source.options.chain), source.options.keep_rejected_text

    def to_rows(chunk: ChunkFiles) -> Batches:
        return chunk_rows(chunk, chain, keep_text, Profile() if profile else None)

    return source.map_chunks(to_rows, ROWS, twins)


def chunk_rows(
    chunk: ChunkFiles, chain: Chain, keep_text: bool, profile: Profile | None = None
) -> Batches:
    """One chunk → its rows: lines in file order, rejects, ledger, trace, and the profile's."""
    ledger = Ledger()
    rejects: list[Reject] = []
    limit = chain.options.cleaning.trace
    trace = Trace(limit) if limit else None

    def lines() -> Iterator[bytes]:
        for built in build_files(chunk, chain, keep_text, trace):
            ledger.update(built.ledger)
            rejects.extend(built.rejects)
            if profile:
                profile.add_built(built)
            yield built.lines

    for blob in cut_blobs(lines(), BLOB_BYTES):
        yield _row("lines", chunk.number, blob)
    rejects.sort(key=_file_order)
    for blob in cut_blobs((reject_json(reject) + b"\n" for reject in rejects), BLOB_BYTES):
        yield _row("rejects", chunk.number, blob)
    yield _row("ledger", chunk.number, json.dumps(ledger).encode())
    if trace:
        yield _row("trace", chunk.number, trace.dump().encode("utf-8", "replace"))
    for kind, value in profile.rows() if profile else ():
        yield _row(kind, chunk.number, value)


def build_files(
    chunk: ChunkFiles, chain: Chain, keep_text: bool, trace: Trace | None = None
) -> Iterator[BatchResult]:
    """Files through the chain, those that can't be read included.

    Raises:
        RuntimeError: a bug in the chain; says where, and never quotes the text it met.
    """
    last = "?"

    def files() -> Iterator[tuple[str, Content]]:
        nonlocal last
        for name, content in chunk.files:
            last = name
            yield name, content

    try:
        yield from chain.build(files(), keep_text, chunk.twins, trace)
    except AwsError:
        raise  # says which object, and why
    except Exception as error:
        place = f"{type(error).__name__} at {_place(error)}"
        raise RuntimeError(f"{place} in file {last} or shortly before it") from None


def reject_json(reject: Reject) -> bytes:
    """One reject as one line of JSON, with the columns of `schemas.rejects` as keys."""
    return json.dumps(reject._asdict(), ensure_ascii=False).encode("utf-8", "replace")


def cut_blobs(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    r"""Pieces that end in LF → blobs of at least `size` bytes, without their last LF.

    A blob holds whole lines, and at most `size` bytes more than that unless a line is longer.

    >>> list(cut_blobs([b"a\n", b"b\nc\n", b"", b"d\n"], 4))
    [b'a\nb\nc', b'd']
    """
    held: list[bytes] = []
    held_bytes = 0
    for line_group in concat.from_iterable(_cut(piece, size) for piece in pieces):
        held.append(line_group)
        held_bytes += len(line_group)
        if held_bytes >= size:
            yield b"".join(held)[:-1]
            held, held_bytes = [], 0
    if held:
        yield b"".join(held)[:-1]


def _cut(piece: bytes, size: int) -> Iterator[bytes]:
    """Whole lines, in groups of at most `size` bytes where no line is longer."""
    start = 0
    while len(piece) - start > size:
        end = piece.rfind(b"\n", start, start + size) + 1 or piece.index(b"\n", start) + 1
        yield piece[start:end]
        start = end
    if start < len(piece):
        yield piece[start:]


def _row(kind: str, chunk: int, value: bytes) -> pa.RecordBatch:
    return pa.record_batch(
        [
            pa.array([kind]),
            pa.array([chunk], pa.int32()),
            pa.array([value], pa.binary()).cast(pa.string()),
        ],
        names=["kind", "chunk", "value"],
    )


def _file_order(reject: Reject) -> tuple[bytes, int, int]:
    post, sentence = reject.post_ordinal, reject.sentence_ordinal
    return (
        reject.file.encode(),
        -1 if post is None else post,
        -1 if sentence is None else sentence,
    )


def _place(error: Exception) -> str:
    """Module and line that raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "?"


WRITE_SETTINGS = {"spark.sql.maxConcurrentOutputFileWriters": str(WRITERS)}
