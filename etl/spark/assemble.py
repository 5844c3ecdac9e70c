"""What the tasks wrote → one file of rejects, one ledger; and what has to hold before publishing.

On the driver. Everything goes through part by part: its memory does not grow with the corpus.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.json
import pyarrow.parquet as pq
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StructType

from etl.counting.batches import Reject, reject_file
from etl.ledger import Ledger
from etl.options import BuildOptions
from etl.publishing.output import CorpusFile, Place
from etl.reading.chunks import Chunk, read_head
from etl.reading.file_kinds import HEAD_BYTES, Kind, advice, kind_of
from etl.reading.sources import Listing
from etl.spark.corpus import reject_json
from schemas.contract import SchemaError, check_schema
from schemas.rejects import REJECTS
from storage.errors import LedgerError, NothingReadableError, TooManyRejectedError
from storage.s3_client import S3Options

REJECTS_A_GROUP = 50_000
"""Rows of a Parquet row group, whatever the number of tasks that they come from."""


def listed_rejects(listing: Listing) -> tuple[list[Reject], Ledger]:
    """What the listing alone rejected, which comes before all other rejects, and its ledger."""
    built = [reject_file(entry.name, entry.reject) for entry in listing.rejected]
    return [reject for file in built for reject in file.rejects], Ledger.sum(
        file.ledger for file in built
    )


def sum_ledgers(place: Place) -> Ledger:
    """The ledger of all tasks that were committed."""
    lines = (line for part in place.parts("ledger") for line in part.read().splitlines())
    return Ledger.sum(Ledger(json.loads(line)) for line in lines)


def reject_blocks(place: Place, listed: list[Reject]) -> Iterator[bytes]:
    """All rejects, in file order, as lines of JSON; some thousand at a time."""
    yield from reject_lines(listed)
    for part in place.parts("rejects"):
        if part.size:
            yield part.read()


def reject_lines(rejects: Iterable[Reject]) -> list[bytes]:
    """Rejects as one block of lines of JSON."""
    return [b"".join(reject_json(reject) + b"\n" for reject in rejects)]


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
        while sum(part.num_rows for part in held) >= rows:
            joined = pa.concat_tables(held)
            yield joined.slice(0, rows)
            held = [joined.slice(rows)]
    if held:
        yield pa.concat_tables(held)


SHOWN_FILES = 3
"""Names that a message shows of the files that were rejected."""

LOOKED_AT = ("file_name", "not_a_blog")
"""Reasons for which it says what such files are instead, by a look at their first bytes."""

FILE_NAME_HINT = "names must look like 1000331.female.37.indUnk.Leo.xml"

TABLE_COUNTS = {"posts": "posts.kept", "sentences": "sentences.written"}
"""What each table has one row of, as a key of the ledger."""


def check_listing(listing: Listing, options: BuildOptions) -> None:
    """Fails before Spark starts where what the listing alone rejects is too much.

    Raises:
        NothingReadableError, TooManyRejectedError
    """
    listed, ledger = listed_rejects(listing)
    _check_rejected(ledger, listing, reject_lines(listed), options)


def check_files(
    ledger: Ledger, listing: Listing, rejects: Iterable[bytes], options: BuildOptions
) -> None:
    """Fails when files were lost, when none is a blog, or when too many are not.

    Args:
        ledger: of the whole run.
        listing: what should have been read.
        rejects: blocks of them as lines of JSON, for the names in the message.
        options: have the share of the files found that may be rejected.

    Raises:
        LedgerError, NothingReadableError, TooManyRejectedError
    """
    files = ledger["files.found"]
    if files != len(listing.entries):
        raise LedgerError(f"{len(listing.entries)} files were listed, the ledger has {files}")
    if problems := ledger.discrepancies():
        raise LedgerError(f"the ledger does not add up: {'; '.join(problems)}")
    _check_rejected(ledger, listing, rejects, options)


def check_corpus(ledger: Ledger, corpus: CorpusFile, rejects: int) -> None:
    """Fails when the files written are not what the ledger says.

    Raises:
        LedgerError: names both sides.
    """
    grains = ("files", "posts", "sentences", "strays")
    dropped = sum(ledger.count(f"{grain}.rejected") for grain in grains)
    _check_equal("sentences.written", ledger["sentences.written"], "lines", corpus.lines)
    _check_equal("bytes.written", ledger["bytes.written"], "bytes of the corpus", corpus.bytes)
    _check_equal("all rejected", dropped, "rows of rejects", rejects)


def check_rows(ledger: Ledger, chunks: Iterable[Chunk]) -> None:
    """Fails when tables have other rows than the driver has counted.

    Raises:
        LedgerError: names both sides.
    """
    counted = sum(piece.rows for chunk in chunks for piece in chunk.pieces)
    _check_equal("rows.read", ledger["rows.read"], "rows counted", counted)


def check_tables(ledger: Ledger, table: str, rows: int) -> None:
    """Fails when a table has not one row for each item that the ledger counts.

    Raises:
        LedgerError: names both sides.
    """
    key = TABLE_COUNTS[table]
    _check_equal(key, ledger[key], f"rows of {table}", rows)


def check_contract(name: str, written: StructType, expected: StructType) -> None:
    """Fails when a dataset is not what its module in `schemas` promises to those who read it.

    Raises:
        LedgerError: names every discrepancy.
    """
    try:
        check_schema(name, written, expected)
    except SchemaError as error:
        raise LedgerError(str(error)) from error


def _check_equal(left: str, expected: int, right: str, actual: int) -> None:
    if expected != actual:
        raise LedgerError(
            f"the ledger does not add up: {left} = {right}: {expected} is not {actual}"
        )


def _check_rejected(
    ledger: Ledger, listing: Listing, blocks: Iterable[bytes], options: BuildOptions
) -> None:
    rejected, files = ledger.count("files.rejected"), len(listing.entries)
    if rejected == files:
        reasons = _reasons(ledger, listing, blocks, options.s3)
        raise NothingReadableError(f"no blog file in {listing.uri}: {reasons}")
    if rejected > options.max_rejected_files * files:
        reasons = _reasons(ledger, listing, blocks, options.s3)
        limit = f"--max-rejected-files is {options.max_rejected_files:.3%}"
        raise TooManyRejectedError(f"{reasons}; {limit}")


def _reasons(ledger: Ledger, listing: Listing, blocks: Iterable[bytes], s3: S3Options) -> str:
    """How many files were rejected for which reasons; of most of them some, and what to do."""
    counts = ledger.branch("files.rejected")
    reasons = ", ".join(f"{name} {count}" for name, count in counts.items())
    most = next(iter(counts))
    rejects = (json.loads(line) for block in blocks for line in block.splitlines())
    files = (row["file"] for row in rejects if (row["stage"], row["reason"]) == ("file", most))
    names, kinds = list(islice(files, SHOWN_FILES)), Counter[Kind]()
    entries = {entry.name: entry for entry in listing.entries} if most in LOOKED_AT else {}
    for place, name in enumerate(names):
        head = read_head(listing, entries[name], s3, HEAD_BYTES) if entries else None
        if head is not None:
            kinds[kind := kind_of(head)] += 1
            in_zip = " in a zip" if kind is Kind.ZIP and listing.archive else ""
            names[place] = f"{name} ({kind}{in_zip})"
    hints = [FILE_NAME_HINT] * (most == "file_name")
    hints += [advice(kind) for kind, _ in kinds.most_common(1) if kind is not Kind.BLOG]
    rejected = f"{sum(counts.values())} of {len(listing.entries)} files rejected ({reasons})"
    return f"{rejected}, such as {', '.join(names)}{': ' * bool(hints)}{'; '.join(hints)}"
