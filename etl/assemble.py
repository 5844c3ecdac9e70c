"""What the tasks wrote → one corpus file, one Parquet file of rejects, one ledger. On the driver.

Everything goes through in blocks: the driver's memory does not grow with the corpus.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.json
import pyarrow.parquet as pq
from pyspark.sql.pandas.types import to_arrow_schema

from etl.corpus import reject_json
from etl.ledger import Ledger
from etl.sources import Listing
from etl.tally import reject_file
from schemas.rejects import REJECTS

BLOCK_BYTES = 2**20
REJECTS_A_GROUP = 50_000
"""Rows of a Parquet row group, whatever the number of tasks that they come from."""

LISTED = -1
"""Number of the chunk that holds what the listing alone rejected: before all others."""


@dataclass(frozen=True)
class CorpusFile:
    """What a corpus file holds.

    Attributes:
        bytes: its size.
        lines: number of LF in it, so of sentences.
        sha256: hexadecimal digest of its bytes.
    """

    bytes: int
    lines: int
    sha256: str


def part_files(raw: Path, kind: str) -> list[Path]:
    """The part files of a kind, in file order: by chunk number, then by Spark's part name."""
    found = (raw / f"kind={kind}").glob("chunk=*/part-*")
    return sorted(found, key=lambda path: (int(path.parent.name.partition("=")[2]), path.name))


def add_listed_rejects(raw: Path, listing: Listing) -> Ledger:
    """Writes the rejects of the listing beside those of the tasks; their ledger."""
    built = [reject_file(entry.name, entry.reject) for entry in listing.rejected]
    folder = raw / "kind=rejects" / f"chunk={LISTED}"
    folder.mkdir(parents=True)
    rejects = (reject for one in built for reject in one.rejects)
    (folder / "part-listed.txt").write_bytes(b"".join(reject_json(one) + b"\n" for one in rejects))
    return Ledger.sum(one.ledger for one in built)


def sum_ledgers(raw: Path) -> Ledger:
    """The ledger of all tasks that were committed."""
    lines = (line for path in part_files(raw, "ledger") for line in path.read_text().splitlines())
    return Ledger.sum(Ledger(json.loads(line)) for line in lines)


def join_lines(raw: Path, target: Path) -> CorpusFile:
    """Moves all lines into one file, which is on the disk when this returns."""
    digest, size, lines = hashlib.sha256(), 0, 0
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        for block in _drain(part_files(raw, "lines")):
            file.write(block)
            digest.update(block)
            size += len(block)
            lines += block.count(b"\n")
        file.flush()
        os.fsync(file.fileno())
    return CorpusFile(size, lines, digest.hexdigest())


def join_rejects(raw: Path, target: Path) -> int:
    """Writes all rejects, in file order, as one Parquet file; their number.

    Without rejects it is a file without rows, that has the schema all the same.
    """
    schema = to_arrow_schema(REJECTS)
    rows = 0
    target.parent.mkdir(parents=True, exist_ok=True)
    with pq.ParquetWriter(target, schema) as writer:
        for table in _regroup(_reject_tables(raw, schema), REJECTS_A_GROUP):
            writer.write_table(table, row_group_size=REJECTS_A_GROUP)
            rows += table.num_rows
    return rows


def _drain(paths: Iterable[Path]) -> Iterator[bytes]:
    """Blocks of the files, each removed once read: the disk holds the corpus once, not twice."""
    for path in paths:
        with path.open("rb") as file:
            while block := file.read(BLOCK_BYTES):
                yield block
        path.unlink()


def _reject_tables(raw: Path, schema: pa.Schema) -> Iterator[pa.Table]:
    parse = pyarrow.json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error")
    for path in part_files(raw, "rejects"):
        if size := path.stat().st_size:
            # A line longer than a block is an error, and with the text a line may be of any length.
            read = pyarrow.json.ReadOptions(block_size=size + 1)
            yield pyarrow.json.read_json(path, read, parse).select(schema.names).cast(schema)


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
