"""A progress bar on a terminal, fed by Spark's status tracker; nothing anywhere else."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from py4j.protocol import Py4JError  # type: ignore[import-untyped]
from pyspark import SparkContext
from tqdm import tqdm

POLL_SECONDS = 0.2


@contextmanager
def progress(context: SparkContext, label: str, tasks: int) -> Iterator[None]:
    """Shows how many of the tasks of the stages that run inside are done, if stderr is a terminal.

    Args:
        context: the one whose stages are watched.
        label: of the bar.
        tasks: how many tasks there will be.
    """
    if not sys.stderr.isatty():
        yield
        return
    stop = Event()
    with tqdm(total=tasks, desc=label, unit="task", leave=False) as bar:
        watcher = Thread(target=_watch, args=(context, bar, stop), daemon=True)
        watcher.start()
        try:
            yield
        finally:
            stop.set()
            watcher.join(timeout=1)


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
