"""Training runs as processes of their own: several at a time, and none outlives its parent."""

import math
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from embeddings.runs.run_record import RunRecord
from embeddings.training.local_run import TrainingConfig, run
from storage.errors import INTERRUPTED, JobError
from storage.interrupts import ours_alone

PATIENCE_SECONDS = 20
"""For a job that was told to stop to remove what it has half written."""

AGAIN_SECONDS = 5
"""After which it is told again: an import that was under way may have swallowed the first time."""


@dataclass(frozen=True)
class TrainingProcess:
    """A training run under way.

    Attributes:
        number: the caller's.
        process: that trains.
        answer: receives its `RunRecord`, or the `JobError` that ended it.
    """

    number: int
    process: BaseProcess
    answer: Connection

    def result(self) -> RunRecord | JobError:
        """What came of it, once it has ended; an error too if it was killed."""
        try:
            result = self.answer.recv() if self.answer.poll() else None
        except EOFError:
            result = None
        self.process.join()
        self.answer.close()
        if isinstance(result, RunRecord | JobError):
            return result
        return JobError(f"its process ended with {_describe_exit(self.process.exitcode)}")


def start(number: int, config: TrainingConfig) -> TrainingProcess:
    """Starts a run in a fresh process.

    Args:
        number: the caller's.
        config: of the run.
    """
    context = multiprocessing.get_context("spawn")
    answer, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(config, sender))
    with ours_alone():
        process.start()
    sender.close()
    return TrainingProcess(number, process, answer)


def wait_for_some(running: Iterable[TrainingProcess]) -> list[TrainingProcess]:
    """Blocks until at least one of them has ended; those that have."""
    by_sentinel = {job.process.sentinel: job for job in running}
    return [by_sentinel[ended] for ended in wait(by_sentinel) if isinstance(ended, int)]


def stop(running: Iterable[TrainingProcess]) -> None:
    """Ends runs: asks them to, more than once, waits a while, then kills them."""
    told = list(running)
    for _ in range(0, PATIENCE_SECONDS, AGAIN_SECONDS):
        for job in told:
            job.process.terminate()
        end = time.monotonic() + AGAIN_SECONDS
        for job in told:
            job.process.join(max(0.0, end - time.monotonic()))
    for job in told:
        job.process.kill()
        job.process.join()
        job.answer.close()


def _work(config: TrainingConfig, answer: Connection) -> None:
    """The whole life of the process."""
    signal.signal(signal.SIGTERM, Interrupt())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        answer.send(run(config))
    except JobError as error:
        answer.send(error)
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(INTERRUPTED)


class Interrupt:
    """A signal's handler: interrupts, but not what cleans up after an interrupt a moment ago."""

    def __init__(self) -> None:
        self._at = -math.inf

    def __call__(self, signum: int, frame: Any) -> None:
        """For `signal.signal`."""
        if time.monotonic() - self._at > 1.5 * AGAIN_SECONDS:
            self._at = time.monotonic()
            raise KeyboardInterrupt


def _describe_exit(code: int | None) -> str:
    if code is not None and code < 0:
        return f"signal {-code} ({signal.strsignal(-code)})"
    return f"exit code {code}"
