"""One build, from input and options to a published output.

    list ─► already built? ─► one Spark pass ─► ledger, corpus, rejects ─► checks ─► publish

Whatever can be refused is refused before Spark starts, which takes seconds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pyspark.sql import SparkSession

from etl import manifest as manifests
from etl.assemble import add_listed_rejects, join_lines, join_rejects, sum_ledgers
from etl.checks import check_corpus, check_files, check_tables
from etl.chunks import cut
from etl.corpus import write_corpus
from etl.errors import UsageError
from etl.ledger import Ledger
from etl.options import BuildOptions
from etl.progress import progress
from etl.publish import CORPUS_FILE, ENTRIES, MANIFEST, Staging, check_replaceable, locked, staging
from etl.remote import list_remote
from etl.sources import Listing, is_remote, list_local, local_path
from etl.summary import summarize_build
from etl.tables import TABLES, count_rows, write_table

GetSession = Callable[[], SparkSession]


@dataclass(frozen=True)
class Result:
    """What a build came to: the text for the user, and whether it had anything to do."""

    message: str
    is_new: bool


def run(options: BuildOptions, get_session: GetSession) -> Result:
    """Builds the corpus that the options ask for, unless it is there already.

    Args:
        options: what to build from what, and how.
        get_session: gives the Spark session; called only when there is work for it.

    Raises:
        BuildError: see `etl.errors`; the output is then as it was.
    """
    started = datetime.now(UTC)
    listing = list_input(options, get_session)
    with locked(options.output):
        old = manifests.read_manifest(options.output)
        if manifests.already_built(options.output, old, listing, options):
            where, sha256 = options.output / CORPUS_FILE, old["corpus"]["sha256"]
            return Result(f"already built: {where}, sha256 {sha256}", is_new=False)
        entries = ["rejects", MANIFEST, "corpus", *(TABLES if options.tables else ())]
        known = manifests.known_entries(old)
        check_replaceable(options.output, entries, known, options.overwrite)
        with staging(options.output) as place:
            message = _build(options, listing, get_session(), place, entries, started)
            place.publish(stale=[name for name in known if name not in entries])
    return Result(message, is_new=True)


def list_input(options: BuildOptions, get_session: GetSession) -> Listing:
    """The listing of the input; takes Spark only where nothing else can list it.

    Raises:
        UsageError: the output is a part of the input.
    """
    if is_remote(options.input):
        return list_remote(get_session(), options.input, options.max_file_bytes)
    source, output = Path(local_path(options.input)).resolve(), options.output.resolve()
    if source.is_dir() and source in (output, *output.parents):
        raise UsageError(f"the output {options.output} lies in the input {options.input}")
    listing = list_local(options.input, options.max_file_bytes, options.max_expanded_bytes)
    ours = {output / name for name in ENTRIES}
    if any(not ours.isdisjoint(Path(entry.path).parents) for entry in listing.entries):
        raise UsageError(f"the input {options.input} takes in the output {options.output}")
    return listing


def _build(
    options: BuildOptions,
    listing: Listing,
    spark: SparkSession,
    place: Staging,
    entries: list[str],
    started: datetime,
) -> str:
    """Fills the staging folder; the summary."""
    raw = place.scratch / "raw"
    chunks = cut(listing, spark.sparkContext.defaultParallelism, options.partitions)
    with progress(spark.sparkContext, "posts to sentences", len(chunks)):
        if chunks:  # else the listing has rejected every file
            write_corpus(spark, listing, chunks, options, raw)
    listed = add_listed_rejects(raw, listing)
    ledger = Ledger.sum([sum_ledgers(raw), listed])
    check_files(ledger, listing, raw, options.max_rejected_files)
    corpus = join_lines(raw, place.final / CORPUS_FILE)
    rejects = join_rejects(raw, place.final / "rejects" / "rejects.parquet")
    check_corpus(ledger, corpus, rejects)
    for table in TABLES if options.tables else ():
        with progress(spark.sparkContext, table, len(chunks)):
            write_table(spark, listing, chunks, options, table, place.final / table)
        check_tables(ledger, table, count_rows(place.final / table))
    made = manifests.make_manifest(
        listing, options, ledger, corpus, entries, started, spark.version
    )
    manifests.write_manifest(place.final / MANIFEST, made)
    return summarize_build(str(options.output / CORPUS_FILE), made, ledger)
