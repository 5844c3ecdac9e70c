"""A real standalone cluster on loopback: one master and two workers, each a process of its own.

All ports are the system's choice. Every process leads a session of its own and is ended by its id,
and on Linux none outlives the process that started it, however that ends.
"""

import ctypes
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pyspark

SPARK_HOME = Path(pyspark.__file__).parent
PACKAGE = "org.apache.spark.deploy"
ON_LINUX = sys.platform == "linux"
HOSTS = ("127.0.0.1", "127.0.0.2") if ON_LINUX else ("127.0.0.1", "127.0.0.1")
"""One a worker: Spark starts a speculative copy of a task on another host only."""

EXECUTOR_CLASS = "org.apache.spark.executor.CoarseGrainedExecutorBackend"
QUICK_START = os.environ.get("SPARK_SUBMIT_OPTS", "")
SETTINGS = (
    "spark.driver.bindAddress=127.0.0.1",
    "spark.driver.host=127.0.0.1",
    f"spark.executor.extraJavaOptions={QUICK_START}",
)
START_SECONDS = 60
PR_SET_PDEATHSIG = 1


class Cluster:
    """A master with its workers; `url` is what `--master` takes.

    Attributes:
        folder: logs, and what workers and executors write.
        url: of the master, such as spark://127.0.0.1:41234.
        workers: number of the host in `HOSTS` → its worker's process, which may be dead.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workers: dict[int, subprocess.Popen[bytes]] = {}
        self.started = 0
        self._master, log = self._start("master.Master", "127.0.0.1", [])
        self.url = self._find(log, r"Starting Spark master at (spark://\S+)")
        self._web = self._find(log, r"Bound MasterWebUI to \S+, and started at (http://\S+)")

    def start_missing_workers(self) -> None:
        """Starts each worker that does not run, and waits until the master knows them all."""
        for number, host in enumerate(HOSTS):
            worker = self.workers.get(number)
            if worker is None or worker.poll() is not None:
                sizes = ["--cores", "1", "--memory", "2g", "--work-dir", str(self.folder / "work")]
                arguments = [*sizes, self.url]
                self.workers[number], _ = self._start("worker.Worker", host, arguments)
        wait_for(lambda: self._alive() == len(HOSTS), "two workers at the master", START_SECONDS)

    def executor_of(self, task: int) -> psutil.Process:
        """The executor that runs a task, told by the id of the task's Python worker."""
        [executor] = [
            parent
            for parent in psutil.Process(task).parents()
            if EXECUTOR_CLASS in parent.cmdline()
        ]
        return executor

    def worker_of(self, executor: psutil.Process) -> subprocess.Popen[bytes]:
        """The worker that has started an executor."""
        parents = {parent.pid for parent in executor.parents()}
        [worker] = [worker for worker in self.workers.values() if worker.pid in parents]
        return worker

    def stop(self) -> None:
        """Ends every process, executors first, which lie in the process groups of the workers."""
        for process in [*self.workers.values(), self._master]:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for name in ("work", "local"):  # an environment archive is half a GB there
            shutil.rmtree(self.folder / name, ignore_errors=True)

    def _start(
        self, name: str, host: str, arguments: list[str]
    ) -> tuple[subprocess.Popen[bytes], Path]:
        self.started += 1
        log = self.folder / f"{self.started}-{name}.log"
        command = [str(SPARK_HOME / "bin" / "spark-class"), f"{PACKAGE}.{name}"]
        options = ["--host", host, "--port", "0", "--webui-port", "0", *arguments]
        own = {
            "SPARK_LOCAL_IP": host,
            "SPARK_LOCAL_DIRS": str(self.folder / "local"),
            "SPARK_DAEMON_JAVA_OPTS": QUICK_START,
        }
        with log.open("wb") as file:
            process = subprocess.Popen(
                command + options,
                env=bare_environment() | own,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent if ON_LINUX else None,
            )
        return process, log

    def _find(self, log: Path, pattern: str) -> str:
        try:
            return wait_for(lambda: re.search(pattern, log.read_text()), pattern, START_SECONDS)[1]
        except BaseException:
            self.stop()
            raise

    def _alive(self) -> int:
        with urllib.request.urlopen(f"{self._web}/json/", timeout=10) as answer:
            return int(json.load(answer)["aliveworkers"])


def bare_environment() -> dict[str, str]:
    """What a process of Spark needs, and nothing of what the tests were started with."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "JAVA_HOME") if name in os.environ}
    return kept | {"SPARK_HOME": str(SPARK_HOME), "SPARK_NO_DAEMONIZE": "1"}


def submit(
    arguments: list[object], cwd: Path, python: Path, more: Mapping[str, str] | None = None
) -> subprocess.Popen[str]:
    """spark-submit from a folder where nothing of the project is on any path.

    Args:
        arguments: everything after `spark-submit`.
        cwd: where it is started.
        python: for the workers; the driver has the Python that runs the tests.
        more: variables to set besides.
    """
    own = {
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_SUBMIT_OPTS": QUICK_START,
        "PYSPARK_PYTHON": str(python),
        "PYSPARK_DRIVER_PYTHON": sys.executable,
    }
    options = [part for setting in SETTINGS for part in ("--conf", setting)]
    return subprocess.Popen(
        [str(SPARK_HOME / "bin" / "spark-submit"), *options, *map(str, arguments)],
        cwd=cwd,
        env=bare_environment() | own | dict(more or {}),
        stdout=subprocess.PIPE,  # spark-submit sends the job's stderr there too
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=_die_with_parent if ON_LINUX else None,
    )


def wait_for(condition: Callable[[], Any], what: str, seconds: float) -> Any:
    """The condition's value, once it is true.

    Raises:
        TimeoutError: names what did not come about.
    """
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s: {what}")
        time.sleep(0.05)
    return value


def _die_with_parent() -> None:
    """In a child before its program starts: the system ends it with the thread that made it."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
