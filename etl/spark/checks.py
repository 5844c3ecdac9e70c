"""What has to hold before anything is published."""

import json
from collections.abc import Iterable
from itertools import islice

from pyspark.sql.types import StructType

from etl.ledger import Ledger
from etl.publishing.output import CorpusFile
from etl.reading.sources import Listing
from schemas.contract import SchemaError, check_schema
from storage.errors import LedgerError, NothingReadableError, TooManyRejectedError

SHOWN_FILES = 3
"""Names that a message shows of the files that were rejected."""

TABLE_COUNTS = {"posts": "posts.kept", "sentences": "sentences.written"}
"""What each table has one row of, as a key of the ledger."""


def check_files(
    ledger: Ledger, listing: Listing, rejects: Iterable[bytes], max_rejected: float
) -> None:
    """Fails when files were lost, when none is a blog, or when too many are not.

    Args:
        ledger: of the whole run.
        listing: what should have been read.
        rejects: blocks of them as lines of JSON, for the names in the message.
        max_rejected: share of the files found, 0 to 1.

    Raises:
        LedgerError, NothingReadableError, TooManyRejectedError
    """
    found, rejected = ledger["files.found"], ledger.count("files.rejected")
    if found != len(listing.entries):
        raise LedgerError(f"{len(listing.entries)} files were listed, the ledger has {found}")
    if problems := ledger.discrepancies():
        raise LedgerError(f"the ledger does not add up: {'; '.join(problems)}")
    if not ledger["files.read"]:
        raise NothingReadableError(
            f"no blog file in {listing.uri}: {_reasons(ledger, rejects, rejected, found)}"
        )
    if rejected > max_rejected * found:
        raise TooManyRejectedError(
            f"{_reasons(ledger, rejects, rejected, found)}; "
            f"--max-rejected-files is {max_rejected:.3%}"
        )


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


def check_tables(ledger: Ledger, table: str, rows: int) -> None:
    """Fails when a table has not one row for each item that the ledger counts.

    Raises:
        LedgerError: names both sides.
    """
    key = TABLE_COUNTS[table]
    _check_equal(key, ledger[key], f"rows of {table}", rows)


def check_contract(name: str, found: StructType, expected: StructType) -> None:
    """Fails when a dataset is not what its module in `schemas` promises to those who read it.

    Raises:
        LedgerError: names every discrepancy.
    """
    try:
        check_schema(name, found, expected)
    except SchemaError as error:
        raise LedgerError(str(error)) from error


def _check_equal(left: str, expected: int, right: str, found: int) -> None:
    if expected != found:
        raise LedgerError(
            f"the ledger does not add up: {left} = {right}: {expected} is not {found}"
        )


def _reasons(ledger: Ledger, blocks: Iterable[bytes], rejected: int, found: int) -> str:
    """How many files were rejected for which reasons, with a few names."""
    reasons = ", ".join(f"{name} {n}" for name, n in ledger.branch("files.rejected").items())
    rejects = (json.loads(line) for block in blocks for line in block.splitlines())
    names = islice((one["file"] for one in rejects if one["stage"] == "file"), SHOWN_FILES)
    return f"{rejected} of {found} files rejected ({reasons}), such as {', '.join(names)}"
