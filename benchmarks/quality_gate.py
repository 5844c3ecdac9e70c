"""What the quality gate adds to a build: the same build with and without it, in one session.

With the gate each task counts its lines, and the driver adds up, judges and writes GX's pages; of
two builds between, one counts and adds up but leaves GX out, the other lets it judge but write no
page. Importing Great Expectations, once a process, is measured by itself. Run as
`python -m benchmarks.quality_gate`.

With --fresh each build is a process of its own, as for somebody who builds a corpus once: the start
of Python, of Spark and the import count too.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from benchmarks.environment import MASTER, prepare_session
from benchmarks.processes import Cost, cost, tree_cpu
from benchmarks.real_posts import ROOT, SAMPLE
from benchmarks.report import setting, spread, table, verdict
from commandline.quality_options import import_packages
from embeddings.scoring.word_pairs import ws353
from etl.build import run
from etl.built_corpus import BuiltCorpus, Gate
from etl.options import BuildOptions
from jobs.build_corpus import start
from quality.gate import Standard, describe_build, make_gate

GOAL = 0.10
"""Share of a build that the gate may add."""

WITHOUT, COUNTED, JUDGED = "without", "counted, not judged", "judged, without GX's pages"
WITH = "with the gate"
HEADER = ["build", "wall, s", "CPU, s", "wall, added", "CPU, added"]
Costs = dict[str, list[Cost]]


def make_gates() -> dict[str, Gate | None]:
    """What decides in each kind of build."""
    pairs = [(pair.first, pair.second) for pair in ws353()[0].pairs]

    def count(built: BuiltCorpus) -> dict[str, Any]:
        describe_build(built, pairs)
        return {}

    def count_and_judge(built: BuiltCorpus) -> dict[str, Any]:
        from quality.expectations import judging

        metrics = describe_build(built, pairs)
        judging.judge(judging.Figures(metrics, Standard().checks_of(metrics)))
        return {}

    gate = make_gate(Standard(), pairs)
    return {WITHOUT: None, COUNTED: count, JUDGED: count_and_judge, WITH: gate}


def measure(archive: Path, scratch: Path, rounds: int) -> Costs:
    """What each build took, round by round, after one round that warms up."""
    import quality.expectations.judging  # noqa: F401  # which each round would else count once

    spark, gates, output = start(False, import_packages), make_gates(), scratch / "output"
    costs: Costs = {name: [] for name in gates}
    options = BuildOptions(str(archive), output)
    try:
        for _ in range(rounds + 1):
            for name, gate in gates.items():
                costs[name].append(cost(_build(options, lambda: spark, gate)))
                shutil.rmtree(output)
    finally:
        spark.stop()
    return {name: taken[1:] for name, taken in costs.items()}


def measure_fresh(archive: Path, scratch: Path, rounds: int) -> Costs:
    """What each build took as a process of its own, round by round."""
    output = scratch / "output"
    costs: Costs = {name: [] for name in make_gates()}
    for _ in range(rounds):
        for name, taken in costs.items():
            command = [sys.executable, "-m", "benchmarks.quality_gate", "--alone", name]
            command += ["--input", str(archive), "--scratch", str(scratch)]
            printed = subprocess.check_output(command, cwd=ROOT, text=True)
            taken.append(Cost(*json.loads(printed.splitlines()[-1])))
            shutil.rmtree(output)
    return costs


def run_alone(name: str, archive: Path, scratch: Path) -> None:
    """One build in this process; prints what both took together, Python's start included."""
    spark = start(False, import_packages if name in (JUDGED, WITH) else lambda: None)
    run(BuildOptions(str(archive), scratch / "output"), lambda: spark, make_gates()[name])
    wall = time.time() - psutil.Process().create_time()
    print(json.dumps([wall, tree_cpu()]))
    spark.stop()


def _build(options: BuildOptions, get_session: Any, gate: Gate | None) -> Callable[[], object]:
    return lambda: run(options, get_session, gate)


def added(costs: Costs, name: str, field: str) -> list[float]:
    """Share that a build takes beyond the one without, "wall" or "cpu", one per round."""
    pairs = zip(costs[name], costs[WITHOUT], strict=True)
    return [getattr(gated, field) / getattr(base, field) - 1 for gated, base in pairs]


def rows(costs: Costs) -> list[list[str]]:
    """A table of the builds."""
    return [
        [
            name,
            spread([cost.wall for cost in taken]),
            spread([cost.cpu for cost in taken]),
            spread(added(costs, name, "wall"), digits=2),
            spread(added(costs, name, "cpu"), digits=2),
        ]
        for name, taken in costs.items()
    ]


def import_seconds() -> str:
    """CPU seconds of the import in a new process that has pandas and pyspark, as a driver has."""
    code = (
        "import time, pandas, pyarrow, pyspark.sql; t = time.process_time();"
        "import great_expectations; print(time.process_time() - t)"
    )
    seconds = [
        float(subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True))
        for _ in range(3)
    ]
    return spread(seconds, digits=1)


def main() -> None:
    parser = argparse.ArgumentParser(description="what the quality gate adds to a build")
    parser.add_argument("--input", type=Path, default=SAMPLE, help="zip of blogs")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--fresh", action="store_true", help="a process for each build")
    parser.add_argument("--alone", metavar="BUILD", help=argparse.SUPPRESS)
    options = parser.parse_args()
    prepare_session()
    if options.alone:
        return run_alone(options.alone, options.input.resolve(), options.scratch)
    print(setting(["pyspark", "pyarrow", "numpy", "great-expectations"]), end="\n\n")
    with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
        measured = measure_fresh if options.fresh else measure
        costs = measured(options.input.resolve(), Path(scratch), options.rounds)
    how = "a process for each build" if options.fresh else "one session, warm"
    print(f"{MASTER}, {how}, {options.rounds} rounds; median (range):\n")
    print(table(HEADER, rows(costs)), end="\n\n")
    imports = [["Great Expectations", import_seconds()]]
    print(table(["import, once a process", "CPU, s"], imports), end="\n\n")
    goals = [
        [field, f"at most {GOAL}", f"{extra:.2f}", verdict(extra, GOAL, at_most=True)]
        for field in Cost._fields
        if (extra := statistics.median(added(costs, WITH, field))) is not None
    ]
    print(table(["share of the build that the gate adds", "goal", "found", ""], goals))


if __name__ == "__main__":
    main()
