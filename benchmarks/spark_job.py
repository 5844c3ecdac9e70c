"""The Spark job beside identity jobs that only read, decode and write the same files.

Each round runs every job once. By default one session serves all of it, so that neither its start
nor the JVM's warming up counts; with --fresh each job gets a process and session of its own, whose
start does not count, but a cold JVM and new Python workers do, as for somebody who builds a corpus
once. The gated build also judges the corpus, and writes report and card, as the command does. Run
as `python -m benchmarks.spark_job`.
"""

import argparse
import shutil
import statistics
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812, as Spark's users know it

from benchmarks.environment import MASTER, prepare_session
from benchmarks.multiply import multiply
from benchmarks.processes import Cost, cost
from benchmarks.real_posts import SAMPLE
from benchmarks.report import setting, spread, table, verdict
from commandline.quality_options import import_packages, take_quality
from etl.build import run
from etl.options import BuildOptions
from etl.spark.session import start_session
from jobs.build_corpus import start

OPEN_COST = 64 * 1024
"""Bytes; Spark's default of 4 MiB makes thousands of tasks of small files."""

FILES_A_BATCH = 16
IDENTITY, IDENTITY_JVM = "identity, decoding in Python", "identity, decoding in the JVM"
FROM_FOLDER, FROM_ZIP = "blazing-corpus, from the folder", "blazing-corpus, from the zip"
GATED = "blazing-corpus, from the zip, gate and report"

WARM_GOALS = {FROM_FOLDER: 2.0, FROM_ZIP: 2.0, GATED: 2.4}
FRESH_GOALS = {GATED: 1.8}
"""Of ten samples, which are as large as the corpus."""

HEADER = [
    *("job", "wall, s", "CPU, s"),
    *("wall, × identity in Python", "CPU", "wall, × identity in the JVM", "CPU"),
]
JOBS = (IDENTITY, IDENTITY_JVM, FROM_FOLDER, FROM_ZIP, GATED)

ANY_BYTES = "ISO-8859-1"
"""The one encoding that Spark decodes the corpus's bytes by without an error."""

Job = Callable[[], object]

Costs = dict[str, list[Cost]]
Batches = Iterable[pa.RecordBatch]


class Place(NamedTuple):
    """The same files in a folder and in a zip, and where a job may write."""

    folder: Path
    archive: Path
    output: Path


def make_jobs(spark: SparkSession, place: Place) -> dict[str, Job]:
    """The jobs by name."""

    def build(source: Path) -> Job:
        return lambda: run(BuildOptions(str(source), place.output), lambda: spark)

    def build_gated() -> object:
        # copies of the sample repeat each other's lines, which the gate would not let pass
        quality = take_quality({"no_gate": True, "thresholds": None, "baseline": None})
        options = BuildOptions(str(place.archive), place.output)
        return run(options, lambda: spark, quality.gate, quality.describe)

    def write(texts: Callable[[DataFrame], DataFrame]) -> Job:
        return lambda: texts(read_files(spark, place.folder)).write.text(f"file://{place.output}")

    return {
        IDENTITY: write(decode_in_python),
        IDENTITY_JVM: write(lambda files: files.select(F.decode("content", ANY_BYTES))),
        FROM_FOLDER: build(place.folder),
        FROM_ZIP: build(place.archive),
        GATED: build_gated,
    }


def read_files(spark: SparkSession, folder: Path) -> DataFrame:
    """One row per file: its bytes."""
    spark.conf.set("spark.sql.files.openCostInBytes", str(OPEN_COST))
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", str(FILES_A_BATCH))
    return spark.read.format("binaryFile").load(f"file://{folder}").select("content")


def decode_in_python(files: DataFrame) -> DataFrame:
    """Bytes of a file → its text, in the workers."""

    # nested, so that it travels by value: workers can't import the main module of a new process
    def decode(batches: Batches) -> Batches:
        for batch in batches:
            texts = [value.as_py().decode("utf-8", "replace") for value in batch.column(0)]
            yield pa.record_batch([pa.array(texts, pa.string())], ["value"])

    return files.mapInArrow(decode, "value string")


def run_job(spark: SparkSession, place: Place, name: str) -> Cost:
    """Runs one job, and removes what it wrote."""
    taken = cost(make_jobs(spark, place)[name])
    shutil.rmtree(place.output)
    return taken


def run_fresh(place: Place, name: str) -> Cost:
    """Runs one job in a session of its own."""
    if name in (IDENTITY, IDENTITY_JVM):
        spark = start_session("benchmark")
    else:
        spark = start(False, import_packages if name == GATED else lambda: None)
    try:
        return run_job(spark, place, name)
    finally:
        spark.stop()


def measure(run_one: Callable[[str], Cost], rounds: int) -> Costs:
    """What each job took, round by round."""
    costs: Costs = {name: [] for name in JOBS}
    for _ in range(rounds):
        for name, taken in costs.items():
            taken.append(run_one(name))
    return costs


def measure_in_one_session(place: Place, rounds: int) -> Costs:
    """After one round that warms up."""
    spark = start_session("benchmark")
    try:
        costs = measure(lambda name: run_job(spark, place, name), rounds + 1)
    finally:
        spark.stop()
    return {name: taken[1:] for name, taken in costs.items()}


def measure_fresh(place: Place, rounds: int) -> Costs:
    """Each job in a new process."""

    def run_one(name: str) -> Cost:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            return pool.submit(run_fresh, place, name).result()

    return measure(run_one, rounds)


def ratios(costs: Costs, job: str, identity: str, field: str) -> list[float]:
    """A job against an identity job, "wall" or "cpu" seconds, one per round."""
    pairs = zip(costs[job], costs[identity], strict=True)
    return [getattr(ours, field) / getattr(theirs, field) for ours, theirs in pairs]


def rows(costs: Costs) -> list[list[str]]:
    """A table of all jobs: seconds, and how many times the identity jobs' they are."""
    return [
        [
            name,
            spread([cost.wall for cost in taken]),
            spread([cost.cpu for cost in taken]),
            *(
                spread(ratios(costs, name, identity, field), digits=2)
                for identity in (IDENTITY, IDENTITY_JVM)
                for field in Cost._fields
            ),
        ]
        for name, taken in costs.items()
    ]


def goal_row(costs: Costs, name: str, goal: float) -> list[str]:
    """Whether a job meets the goal, against the identity job that uses Python workers too."""
    ratio = statistics.median(ratios(costs, name, IDENTITY, "wall"))
    return [name, f"at most {goal}", f"{ratio:.2f}", verdict(ratio, goal, at_most=True)]


def main() -> None:
    parser = argparse.ArgumentParser(description="the Spark job against identity jobs")
    parser.add_argument("--input", type=Path, default=SAMPLE, help="zip of blogs")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--fresh", action="store_true", help="a session for each run of a job")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()))
    options = parser.parse_args()
    prepare_session()
    print(setting(["pyspark", "pyarrow", "numpy"]), end="\n\n")
    with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
        folder, output = Path(scratch, "blogs"), Path(scratch, "output")
        files = multiply(options.input, 1, folder)
        place = Place(folder, options.input.resolve(), output)
        costs = (measure_fresh if options.fresh else measure_in_one_session)(place, options.rounds)
    sessions = "a session each" if options.fresh else "one session, warm"
    print(f"{files:,} files, {MASTER}, {sessions}, {options.rounds} rounds; median (range):\n")
    print(table(HEADER, rows(costs)), end="\n\n")
    wanted = FRESH_GOALS if options.fresh else WARM_GOALS
    goals = [goal_row(costs, name, goal) for name, goal in wanted.items()]
    print(table(["wall seconds, times the identity job's", "goal", "found", ""], goals))


if __name__ == "__main__":
    main()
