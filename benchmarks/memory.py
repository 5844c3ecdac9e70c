"""Peak memory of the corpus job, at its own defaults, as the input grows.

    spark-submit --master local[2] jobs/build_corpus.py --input INPUT --output OUTPUT

Without --input it makes zips of 1, 4 and 16 times the sample; the whole corpus is ten. Goals: all
of it inside 4 GB, and the driver's share does not grow. Run as `python -m benchmarks.memory`.
"""

import argparse
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import psutil

from benchmarks.environment import MASTER, spark_environment, spark_submit
from benchmarks.multiply import multiply
from benchmarks.processes import DRIVER_JVM, DRIVER_PYTHON, ROLES, Peak, watch
from benchmarks.real_posts import ROOT, SAMPLE
from benchmarks.report import setting, table, verdict

JOB = "jobs/build_corpus.py"
LIMIT_MIB = 4000 * 1000 * 1000 / 2**20
"""4 GB, in MiB."""

DRIVER_GROWTH = 1.25
"""Times the driver's memory with the smallest input: above this it grows with the corpus."""

HEADER = [
    "input",
    *(f"{role}, RSS" for role in ROLES),
    "all, RSS",
    "all, PSS",
    "seconds",
]


class Run(NamedTuple):
    """One run of the job: its input, its memory and its seconds, Spark's start included."""

    label: str
    peak: Peak
    seconds: float


def run_job(label: str, source: Path, scratch: Path, arguments: Sequence[str]) -> Run:
    """Runs the job on an input, and watches it.

    Raises:
        SystemExit: the job failed; shows the end of what it said.
    """
    with tempfile.TemporaryDirectory(dir=scratch) as output, tempfile.TemporaryFile() as said:
        command = [spark_submit(), "--master", MASTER, *arguments, str(ROOT / JOB)]
        # A corpus made of copies repeats its lines, so the gate would rightly stop it.
        command += ["--input", str(source), "--output", f"{output}/corpus", "--no-gate"]
        start = time.perf_counter()
        job = psutil.Popen(
            command, cwd=ROOT, env=spark_environment(), stdout=said, stderr=subprocess.STDOUT
        )
        peak = watch(job)
        seconds = time.perf_counter() - start
        if job.returncode:
            said.seek(0)
            tail = said.read().decode(errors="replace")[-2000:]
            raise SystemExit(f"the job ended with {job.returncode}:\n{tail}")
    return Run(label, peak, seconds)


def row(run: Run) -> list[str]:
    """One run as a row of the table, memory in MiB."""
    figures = [*(run.peak.roles[role] for role in ROLES), run.peak.rss, run.peak.pss, run.seconds]
    return [run.label, *(f"{figure:,.0f}" for figure in figures)]


def goals(runs: Sequence[Run]) -> list[list[str]]:
    """What the runs say of the goals."""
    highest = max(run.peak.rss for run in runs)
    rows = [["peak of all, RSS, MiB", f"at most {LIMIT_MIB:,.0f}", f"{highest:,.0f}"]]
    rows[0].append(verdict(highest, LIMIT_MIB, at_most=True))
    for role in (DRIVER_JVM, DRIVER_PYTHON):
        growth = runs[-1].peak.roles[role] / runs[0].peak.roles[role]
        met = verdict(growth, DRIVER_GROWTH, at_most=True)
        rows.append([f"{role}, last run / first", f"at most {DRIVER_GROWTH}", f"{growth:.2f}", met])
    return rows


def inputs(
    given: Sequence[Path], times: Sequence[int], scratch: Path
) -> Iterator[tuple[str, Path]]:
    """(label, path) of the inputs; those that are made are removed when the next is asked for."""
    for path in given:
        yield path.name, path
    for count in () if given else times:
        made = scratch / f"{count}.zip"
        files = multiply(SAMPLE, count, made)
        yield f"{count} × the sample, {files:,} files", made
        made.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description="peak memory of the corpus job")
    parser.add_argument("--input", type=Path, nargs="+", default=[], help="folders or zips")
    parser.add_argument("--times", type=int, nargs="+", default=[1, 4, 16], help="of the sample")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("submit", nargs="*", help="options of spark-submit, after --")
    options = parser.parse_args()
    print(setting(["pyspark", "pyarrow"]), end="\n\n")
    with tempfile.TemporaryDirectory(dir=options.scratch) as folder:
        scratch = Path(folder)
        runs = [
            run_job(label, path.resolve(), scratch, options.submit)
            for label, path in inputs(options.input, options.times, scratch)
        ]
    print(table(HEADER, map(row, runs)), end="\n\nMemory in MiB.\n\n")
    print(table(["", "goal", "found", ""], goals(runs)))


if __name__ == "__main__":
    main()
