"""One build, from input and options to a published output.

    list ─► already built? ─► one Spark pass ─► ledger, corpus, rejects ─► gate ─► publish

Whatever can be refused is refused before Spark starts, which takes seconds.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from etl.built_corpus import BuiltCorpus, Describe, Gate, RefusedError
from etl.counting.traces import write_trace
from etl.duplicates.dedup import find_twins
from etl.failures import spark_failures
from etl.ledger import Ledger
from etl.options import BuildOptions
from etl.publishing import manifest as manifests
from etl.publishing.local_output import LocalOutput
from etl.publishing.output import RAW, CorpusFile, Output, Place
from etl.publishing.s3_output import S3Output
from etl.publishing.summary import summarize_build
from etl.reading.chunks import cut
from etl.reading.recognition import with_layout
from etl.reading.s3_source import list_s3
from etl.reading.sources import Listing, is_remote, list_local
from etl.spark.assemble import (
    check_corpus,
    check_files,
    check_listing,
    check_rows,
    check_tables,
    join_rejects,
    listed_rejects,
    reject_blocks,
    sum_ledgers,
)
from etl.spark.corpus import write_corpus
from etl.spark.progress import Progress
from etl.spark.session import ended_by_interrupt
from etl.spark.source import Source, list_remote
from etl.spark.tables import TABLES, write_table
from schemas.output import (
    CARD,
    CORPUS,
    CORPUS_FILE,
    ENTRIES,
    MANIFEST,
    PAGE,
    REFUSED,
    REJECTS,
    REPORT,
    TRACE,
)
from storage.errors import JobError, UsageError
from storage.files import local_path
from storage.locations import is_s3, join_uri, split_uri
from storage.s3_client import S3Options

GetSession = Callable[[], SparkSession]

PHASES = 6
"""Of a build without tables: listing, Spark, sentences, one file, checks, publishing."""

TABLE_WEIGHT, DEDUP_WEIGHT = 2.0, 1.0
"""What a table takes, and finding duplicates, where the pass that makes the corpus takes 1."""

DEDUP_STAGES = 5
"""Stages that finding duplicates takes, with as many tasks each as there are chunks."""


@dataclass(frozen=True)
class Result:
    """What a build came to: the text for the user, and whether it had anything to do."""

    message: str
    is_new: bool


def run(
    options: BuildOptions,
    get_session: GetSession,
    gate: Gate | None = None,
    describe: Describe | None = None,
    progress: Progress | None = None,
) -> Result:
    """Builds the corpus that the options ask for, unless it is there already.

    Args:
        options: what to build from what, and how.
        get_session: gives the Spark session; called only when there is work for it.
        gate: decides whether the corpus may be published.
        describe: writes for people what the corpus is like.
        progress: tells what it does.

    Raises:
        JobError: see `storage.errors`; the output is as it was.
    """
    started, progress = datetime.now(UTC), progress or Progress()
    progress.expect(*plan(options))

    @cache
    def start_spark() -> SparkSession:
        with progress.phase("starting Spark"):
            return get_session()

    output = open_output(str(options.output), options.s3)
    with ended_by_interrupt():
        if takes_hadoop(options.input):  # else Spark is not needed yet, and perhaps not at all
            start_spark()
        with progress.phase("listing the input"):
            listing = list_input(options, output, start_spark)
            listing = with_layout(listing, options.form, options.s3, options.max_file_bytes)
            check_listing(listing, options)
    with output.held():
        old = manifests.read_manifest(output)
        if manifests.already_built(output, old, listing, options):
            sha256 = old["corpus"]["sha256"]
            return Result(f"already built: {output}/{CORPUS_FILE}, sha256 {sha256}", is_new=False)
        entries = list_entries(options, gate, describe)
        known = manifests.known_entries(old)
        output.check_replaceable(entries, known, options.overwrite)
        output.check_replaceable([], [REFUSED], overwrite=True)
        try:
            with output.staging() as place, _spark_at_work(output, listing, options):
                spark = start_spark()
                cores = spark.sparkContext.defaultParallelism
                chunks = cut(listing, cores, options.partitions, options.s3)
                source = Source(spark, listing, chunks, options)
                build = Build(source, place, gate, describe, progress)
                try:
                    manifest, ledger = build.fill(entries, started)
                except RefusedError as error:
                    raise _keep_refused(place, output, error, has_report=bool(describe)) from error
                with progress.phase("publishing"):
                    place.publish([REFUSED, *(name for name in known if name not in entries)])
        except KeyboardInterrupt:
            if manifests.read_manifest(output) != old:  # then publishing has been completed
                raise KeyboardInterrupt(f"{output} is the new one by then, and whole") from None
            raise
    summary = summarize_build(str(output), manifest, ledger, progress.seconds)
    return Result(summary, is_new=True)


def plan(options: BuildOptions) -> tuple[int, float]:
    """How many phases a build has, and how many plain passes of Spark all of its passes take."""
    tables = [TABLE_WEIGHT] * len(TABLES) if options.tables else []
    return PHASES + len(tables), sum([_corpus_weight(options), *tables])


def _corpus_weight(options: BuildOptions) -> float:
    return 1.0 + (DEDUP_WEIGHT if options.chain.cleaning.dedup else 0.0)


@contextmanager
def _spark_at_work(output: Output, listing: Listing, options: BuildOptions) -> Iterator[None]:
    """What may befall a build while Spark works for it, told in one line.

    Raises:
        JobError: see `etl.failures`.
    """
    local = "" if is_s3(str(options.output)) else str(output)
    needed = sum(entry.size for entry in listing.readable) * (2 if options.tables else 1)
    with ended_by_interrupt(), spark_failures(local, needed):
        yield


def _keep_refused(
    place: Place, output: Output, error: RefusedError, *, has_report: bool
) -> RefusedError:
    """Publishes what tells why the gate refused a build; the error, which says where that is."""
    with suppress(JobError, OSError):  # why it was refused says more
        place.refuse()
        seen = f"{REFUSED}/{PAGE if has_report else REJECTS}"
        return RefusedError(f"{error}; what was refused: {output}/{seen}", error.quality)
    return error


def open_output(uri: str, s3: S3Options) -> Output:
    """The output of `s3://bucket/prefix`, or of a local folder.

    Raises:
        AwsError: S3 is not to be had.
    """
    if is_s3(uri):
        return S3Output(uri, s3)
    return LocalOutput(local_path(uri))


def list_entries(options: BuildOptions, gate: Gate | None, describe: Describe | None) -> list[str]:
    """Names in the output that a build makes."""
    has_report = gate or describe or options.chain.cleaning.trace
    return [
        *(REJECTS, MANIFEST, CORPUS),
        *(TABLES if options.tables else ()),
        *([REPORT] if has_report else ()),
        *([CARD] if describe else ()),
    ]


def takes_hadoop(uri: str) -> bool:
    """Whether only Spark's Hadoop can list and read an input."""
    return is_remote(uri) and not is_s3(uri)


def list_input(options: BuildOptions, output: Output, get_session: GetSession) -> Listing:
    """The listing of the input; takes Spark only where nothing else can list it.

    Raises:
        UsageError: the output is a part of the input.
    """
    sizes = options.max_file_bytes, options.max_expanded_bytes
    if takes_hadoop(options.input):
        return list_remote(get_session(), options.input, options.max_file_bytes)
    if is_s3(options.input):
        listing = list_s3(options.input, options.s3, *sizes)
    else:
        listing = list_local(options.input, *sizes)
    top, home = f"{_resolve(options.input)}/", _resolve(str(output))
    if listing.kind == "folder" and f"{home}/".startswith(top):
        raise UsageError(f"the output {options.output} lies in the input {options.input}")
    folders = {os.path.dirname(path) for path in listing.paths}  # noqa: PTH120 - of URIs too
    ours = tuple(f"{home}/{name}/" for name in ENTRIES)
    if any(f"{_resolve(folder)}/".startswith(ours) for folder in folders):
        raise UsageError(f"the input {options.input} takes in the output {options.output}")
    return listing


@dataclass(frozen=True)
class Build:
    """One build, on its way: fills the staging area step by step."""

    source: Source
    place: Place
    gate: Gate | None
    describe: Describe | None
    progress: Progress

    def fill(self, entries: list[str], started: datetime) -> tuple[dict[str, Any], Ledger]:
        """Makes all entries; the manifest and the ledger.

        Raises:
            RefusedError: the gate keeps the corpus back; all entries are made all the same.
        """
        source = self.source
        with find_twins(source) as twins:
            self._write_parts(twins)
            with self.progress.phase("one file"):
                ledger, corpus = self._join()
            self._write_tables(twins, ledger)
        with self.progress.phase("checks and report"):
            refusal = None
            try:
                quality = self._judge(ledger, corpus)
            except RefusedError as error:
                refusal, quality = error, error.quality
            manifest = manifests.make_manifest(
                *(source.listing, source.options, ledger, corpus),
                *(entries, started, source.spark.version),
            )
            manifest["quality"] = quality
            manifests.write_manifest(self.place.final / MANIFEST, manifest)
            if self.describe:
                self.describe(self.place.final, manifest)
            if refusal:
                raise refusal
        return manifest, ledger

    @contextmanager
    def _pass(self, label: str, weight: float, stages: int = 1) -> Iterator[None]:
        """A pass over the input by Spark, of so many stages, about."""
        source = self.source
        size = sum(entry.size for entry in source.listing.readable)
        context, tasks = source.spark.sparkContext, len(source.chunks) * stages
        with self.progress.spark_pass(label, context, tasks, size, weight):
            yield

    def _write_parts(self, twins: DataFrame | None) -> None:
        """Lines, rejects, ledgers and what the gate wants to know, by Spark."""
        source = self.source
        stages = DEDUP_STAGES + 1 if source.options.chain.cleaning.dedup else 1
        with self._pass("posts to sentences", _corpus_weight(source.options), stages):
            if source.chunks:  # else the listing has rejected every file
                to = self.place.for_spark(source.spark, RAW)
                write_corpus(source, to, twins, profile=self.gate is not None)

    def _join(self) -> tuple[Ledger, CorpusFile]:
        """One file each of what the tasks wrote; their ledger, which adds up."""
        place, listing = self.place, self.source.listing
        listed, listed_ledger = listed_rejects(listing)
        ledger = Ledger.sum([sum_ledgers(place), listed_ledger])
        blocks = partial(reject_blocks, place, listed)
        check_files(ledger, listing, blocks(), self.source.options)
        rejects = join_rejects(blocks(), place.final / REJECTS / "rejects.parquet")
        corpus = place.join(self.source.spark)
        check_corpus(ledger, corpus, rejects)
        check_rows(ledger, self.source.chunks)
        return ledger, corpus

    def _judge(self, ledger: Ledger, corpus: CorpusFile) -> dict[str, Any]:
        """What the gate says, for the manifest; examples first, for whoever reads the report."""
        if limit := self.source.options.chain.cleaning.trace:
            dumps = (part.read().decode() for part in self.place.parts("trace"))
            write_trace(dumps, limit, self.place.final / TRACE)
        if self.gate is None:
            return {"gate": "off"}
        return self.gate(BuiltCorpus(ledger, corpus, self.place.parts, self.place.final))

    def _write_tables(self, twins: DataFrame | None, ledger: Ledger) -> None:
        source = self.source
        for table in TABLES if source.options.tables else ():
            with self._pass(f"table of {table}", TABLE_WEIGHT):
                to = self.place.for_spark(source.spark, table)
                check_tables(ledger, table, write_table(source, table, to, twins))


def _resolve(location: str) -> str:
    """The one name of a folder or prefix, however it is spelled, without a slash at its end."""
    if is_s3(location):
        return join_uri(*split_uri(location)).rstrip("/")
    return os.path.realpath(local_path(location)).rstrip("/")
