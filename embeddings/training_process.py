"""Training runs as processes of their own: several at a time, and none outlives its parent."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from embeddings.evaluation import score
from embeddings.run_record import RunRecord
from embeddings.runs import write_run
from embeddings.train import TrainingConfig, run
from embeddings.vectors_file import load_vectors
from embeddings.word_pairs import PairSet
from storage.errors import INTERRUPTED, JobError

PATIENCE_SECONDS = 20
"""For a job that was told to stop to remove what it has half written."""


@dataclass(frozen=True)
class Job:
    """A training run under way.

    Attributes:
        number: what the caller calls it.
        process: that trains.
        answer: receives its `RunRecord`, or the `JobError` that ended it.
    """

    number: int
    process: BaseProcess
    answer: Connection

    def result(self) -> RunRecord | JobError:
        """What came of it, once it has ended; an error too if it was killed."""
        try:
            found = self.answer.recv() if self.answer.poll() else None
        except EOFError:
            found = None
        self.process.join()
        self.answer.close()
        if isinstance(found, RunRecord | JobError):
            return found
        return JobError(f"its process ended with {_describe_exit(self.process.exitcode)}")


def start(number: int, config: TrainingConfig, tables: Sequence[PairSet] = ()) -> Job:
    """Starts a run in a fresh process.

    Args:
        number: the caller's.
        config: of the run.
        tables: also scored, and added to the scores of run.json.
    """
    context = multiprocessing.get_context("spawn")
    answer, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(config, tables, sender))
    process.start()
    sender.close()
    return Job(number, process, answer)


def wait_for_some(jobs: Iterable[Job]) -> list[Job]:
    """Blocks until at least one of the jobs has ended; those that have."""
    by_sentinel = {job.process.sentinel: job for job in jobs}
    return [by_sentinel[ended] for ended in wait(by_sentinel) if isinstance(ended, int)]


def stop(jobs: Iterable[Job]) -> None:
    """Ends jobs: asks them to, waits a while, then kills them."""
    told = list(jobs)
    for job in told:
        job.process.terminate()
    for job in told:
        job.process.join(PATIENCE_SECONDS)
        job.process.kill()
        job.process.join()
        job.answer.close()


def train_and_score(config: TrainingConfig, tables: Sequence[PairSet] = ()) -> RunRecord:
    """A training run whose run.json has scores on further tables too."""
    record = run(config)
    if not tables:
        return record
    vectors = load_vectors(config.output)
    scores = [*record.scores, *(score(vectors, table).to_dict() for table in tables)]
    scored = replace(record, scores=scores)
    write_run(scored, config.output)
    return scored


def _work(config: TrainingConfig, tables: Sequence[PairSet], answer: Connection) -> None:
    """The whole life of the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C; the parent says what to do
    signal.signal(signal.SIGTERM, _interrupt)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        answer.send(train_and_score(config, tables))
    except JobError as error:
        answer.send(error)
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(INTERRUPTED)


def _interrupt(signum: int, frame: Any) -> None:
    raise KeyboardInterrupt


def _describe_exit(code: int | None) -> str:
    if code is not None and code < 0:
        return f"signal {-code} ({signal.strsignal(-code)})"
    return f"exit code {code}"
