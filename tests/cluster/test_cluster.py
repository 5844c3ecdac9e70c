"""The build on a real cluster: the bytes of local mode, also when processes are killed under it."""

import json
import os
import signal
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest
from outputs import SAMPLE, SAMPLE_SHA256, SECONDS, Output, end, read
from standalone import ON_LINUX, Cluster, submit, wait_for
from stock_python import cannot_import

ROOT = Path(__file__).parents[2]
REAL_SAMPLE = ROOT / ".." / "shared" / "data" / "blogs-sample.zip"
JOB = ROOT / "jobs" / "build_corpus.py"
SLOW_JOB = Path(__file__).parent / "slow_build.py"
CHUNKS = 6

pytestmark = [pytest.mark.spark, pytest.mark.cluster]


class Mark(NamedTuple):
    """A task that has written its first row."""

    chunk: int
    attempt: int
    process: int


class Build:
    """A build on the cluster that runs by itself, its tasks held back where a test asks for it."""

    def __init__(self, cluster: Cluster, python: Path, folder: Path, chunk: str, *conf: str):
        self.output = folder / "out"
        self.marks_folder = folder / "marks"
        self.marks_folder.mkdir()
        settings = [part for setting in conf for part in ("--conf", setting)]
        own: list[object] = [SLOW_JOB, self.marks_folder, chunk, "--input", SAMPLE]
        options = ["--output", self.output, "--partitions", CHUNKS]
        arguments = ["--master", cluster.url, *settings, *own, *options]
        self.process = submit(arguments, folder, python)

    def wait_for_marks(self, count: int, chunk: int | None = None) -> list[Mark]:
        """The marks, of a chunk if one is given, once there are so many."""

        def found() -> list[Mark]:
            assert self.process.poll() is None, self.process.communicate()[0]
            marks = [mark for mark in self.marks() if chunk in (None, mark.chunk)]
            return marks if len(marks) >= count else []

        marks: list[Mark] = wait_for(found, f"{count} tasks with a first row", SECONDS)
        return marks

    def marks(self) -> list[Mark]:
        names = [path.name for path in self.marks_folder.iterdir() if path.name != "go"]
        return sorted(Mark(*map(int, name.split("."))) for name in names)

    def go_on(self) -> Output:
        """Lets the tasks go on, and waits for the build's end."""
        (self.marks_folder / "go").touch()
        end(self.process)
        return read(self.output)


@pytest.fixture(scope="module")
def local(tmp_path_factory, stock_python):
    """The shipped sample in local mode."""
    folder = tmp_path_factory.mktemp("local")
    arguments = ["--master", "local[2]", JOB, "--input", SAMPLE, "--output", folder / "out"]
    end(submit([*arguments, "--partitions", "1"], folder, stock_python))
    return read(folder / "out")


def kill(process: psutil.Process) -> None:
    """At once, with nothing that the process could do about it."""
    os.kill(process.pid, signal.SIGKILL)
    psutil.wait_procs([process], timeout=SECONDS)


def test_the_workers_python_has_nothing_of_ours(stock_python):
    ours = ["etl", "schemas", "jobs", "spacy", "tqdm", "pyspark", "py4j"]
    present = ["numpy", "pandas", "pyarrow"]
    assert cannot_import(stock_python, [*ours, *present]) == ours


def test_same_bytes_and_ledger_as_in_local_mode(cluster, stock_python, local, tmp_path):
    arguments = ["--master", cluster.url, JOB, "--input", SAMPLE, "--output", "out"]
    printed = end(submit(arguments, tmp_path, stock_python))
    assert read(tmp_path / "out") == local
    assert local.recorded["sha256"] == SAMPLE_SHA256
    assert "posts                 269 found = 261 kept + 8 rejected" in printed.splitlines()


@pytest.mark.ci
def test_an_executor_killed_in_the_middle(cluster, stock_python, local, tmp_path):
    build = Build(cluster, stock_python, tmp_path, "all")
    lost, other = build.wait_for_marks(2)
    executors = [cluster.executor_of(mark.process) for mark in (lost, other)]
    assert len({cluster.worker_of(executor).pid for executor in executors}) == 2
    kill(executors[0])
    assert build.go_on() == local
    tries = [mark for mark in build.marks() if mark.chunk == lost.chunk]
    assert len(tries) == 2 and lost in tries


@pytest.mark.ci
def test_a_worker_killed_in_the_middle(cluster, stock_python, local, tmp_path):
    build = Build(cluster, stock_python, tmp_path, "all")
    lost = build.wait_for_marks(2)[0]
    executor = cluster.executor_of(lost.process)
    cluster.worker_of(executor).kill()
    psutil.wait_procs([executor], timeout=SECONDS)  # it goes with its worker
    assert not executor.is_running()
    assert build.go_on() == local
    tries = [mark for mark in build.marks() if mark.chunk == lost.chunk]
    assert len(tries) == 2 and lost in tries


@pytest.mark.ci
@pytest.mark.skipif(not ON_LINUX, reason="needs a second loopback address")
def test_a_task_that_runs_twice_at_once_counts_once(cluster, stock_python, local, tmp_path):
    speculation = ["", ".interval=100ms", ".multiplier=1.1", ".quantile=0.5"]
    conf = [f"spark.speculation{setting or '=true'}" for setting in speculation]
    build = Build(cluster, stock_python, tmp_path, "0", *conf)
    twins = build.wait_for_marks(2, chunk=0)
    assert [mark.attempt for mark in twins] == [0, 1]
    assert build.go_on() == local


@pytest.mark.ci
@pytest.mark.real_sample
def test_the_real_sample_has_the_bytes_of_local_mode(cluster, stock_python, tmp_path):
    if not REAL_SAMPLE.is_file():
        assert not os.environ.get("CI"), "CI has to run this"
        pytest.skip("../shared/data/blogs-sample.zip is missing: NOT tested on real data")
    recorded = []
    for name, master in [("there", cluster.url), ("here", "local[2]")]:
        arguments = ["--master", master, JOB, "--input", REAL_SAMPLE, "--output", name]
        end(submit(arguments, tmp_path, stock_python))
        manifest = json.loads((tmp_path / name / "manifest.json").read_text())
        recorded.append((manifest["corpus"], manifest["ledger"]))
    assert recorded[0] == recorded[1]
    assert recorded[0][1]["posts"]["found"] == 65_161
