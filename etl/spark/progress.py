"""A progress bar on a terminal, fed by Spark's status tracker; nothing anywhere else."""

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import TextIO

from py4j.protocol import Py4JError  # type: ignore[import-untyped]
from pyspark import SparkContext
from tqdm import tqdm

POLL_SECONDS = 0.2


@contextmanager
def progress(context: SparkContext, what: str, tasks: int) -> Iterator[None]:
    """Shows how many of the tasks of the stages that run inside are done, if stderr is a terminal.

    Args:
        context: the one whose stages are watched.
        what: label of the bar.
        tasks: how many tasks there will be.
    """
    terminal = find_terminal()
    if terminal is None:
        yield
        return
    stop = Event()
    with tqdm(total=tasks, desc=what, unit="task", leave=False, file=terminal) as bar:
        watcher = Thread(target=_watch, args=(context, bar, stop), daemon=True)
        watcher.start()
        try:
            yield
        finally:
            stop.set()
            watcher.join(timeout=1)


def find_terminal(parent: int | None = None) -> TextIO | None:
    """Where a person may be watching: stderr, or that of the spark-submit which started us.

    spark-submit pipes what a Python job prints through itself, so the job's own stderr never is a
    terminal there. Linux shows the parent's; elsewhere there is no bar under spark-submit.

    Args:
        parent: process whose stderr counts besides ours; None for spark-submit, if it is one.
    """
    if sys.stderr.isatty():
        return sys.stderr
    if parent is None and "PYSPARK_GATEWAY_PORT" in os.environ:  # set by spark-submit
        parent = os.getppid()
    theirs = Path(f"/proc/{parent}/fd/2")
    try:
        if not stat.S_ISCHR(theirs.stat().st_mode):  # opening a file would empty it
            return None
        terminal = theirs.open("w")
    except OSError:
        return None
    return terminal if terminal.isatty() else None


def _watch(context: SparkContext, bar: "tqdm[None]", stop: Event) -> None:
    tracker = context.statusTracker()
    while not stop.wait(POLL_SECONDS):
        try:
            stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
        except (Py4JError, ConnectionError):  # Spark has stopped; the build itself will say so
            return
        if stages and stages[-1]:
            bar.n = stages[-1].numCompletedTasks
            bar.refresh()
