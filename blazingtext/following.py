"""Follows a training job to its end, on the screen as a training on this machine."""

import sys
import time

from aws import remote_runs
from aws.remote_runs import Status, left_running
from blazingtext import job_description
from blazingtext.log_progress import LogProgress
from blazingtext.training_job import TrainingJob
from embeddings.training_progress import Progress
from storage.errors import LeftRunningError, TrainingFailedError, TrainingStoppedError

POLL_SECONDS = 10.0
LOG_LAG_SECONDS, LOG_TRIES = 2.0, 5
"""CloudWatch shows a line some seconds after it was written, also the last one."""

SHOWN_LINES, SHOWN_CHARACTERS = 10, 400


def announce(job: remote_runs.Run) -> None:
    """Says, on stdout, how a job can be found again."""
    print(f"job     {job.handle}")
    for place in job.log_places():
        print(f"logs    {place}")
    print(f"follow  {job.follow_command}")
    print(f"stop    {job.cancel_command}", flush=True)


def follow(job: TrainingJob, progress: Progress, words: int | None = None) -> LogProgress:
    """Waits for the end of a job; what its log told.

    Args:
        job: that was started.
        progress: is told of it.
        words: of the corpus, if known: the log tells only millions.

    Raises:
        TrainingFailedError, TrainingStoppedError: with SageMaker's reason; the last lines of the
            log are on stderr by then.
        LeftRunningError: Ctrl-C; the job goes on.
        AwsError: AWS can't be asked any more; the line names the job.
    """
    if not job.described:
        with remote_runs.naming(job):
            job.describe()
    chosen = job_description.hyperparameters(job.described)
    job.log = log = LogProgress(progress, chosen, words)
    try:
        status = remote_runs.wait(job, _News(progress), POLL_SECONDS)
        _read_the_rest(job, log)
    except KeyboardInterrupt:
        raise LeftRunningError(left_running(job)) from None
    finally:
        log.close()
    if job.log_trouble:
        progress.say(f"warning: {job.log_trouble}")
    check_success(job, status)
    return log


def check_success(job: TrainingJob, status: Status) -> None:
    """Nothing for a job that is completed.

    Raises:
        TrainingFailedError, TrainingStoppedError: see `follow`.
    """
    state = job.described["TrainingJobStatus"]
    if state == job_description.SUCCEEDED:
        return
    for line in (job.log.last_lines if job.log else [])[-SHOWN_LINES:]:
        print(f"log: {line[:SHOWN_CHARACTERS]}", file=sys.stderr)
    said = " ".join(status.details.split())[:SHOWN_CHARACTERS]
    text = f"training job {job.name} is {status.state}" + (f": {said}" if said else "")
    if state == job_description.FAILED:
        raise TrainingFailedError(text)
    raise TrainingStoppedError(text)


def _read_the_rest(job: TrainingJob, log: LogProgress) -> None:
    """Reads the lines that come after the job's end."""
    is_completed = job.described["TrainingJobStatus"] == job_description.SUCCEEDED
    for _ in range(LOG_TRIES):
        if job.log_trouble or (is_completed and log.is_complete()):
            return
        time.sleep(LOG_LAG_SECONDS)
        job.read_log()


class _News:
    """Says a state when it changes."""

    def __init__(self, progress: Progress) -> None:
        self._progress, self._last = progress, ""

    def __call__(self, text: str) -> None:
        state = text.partition(",")[0]
        if state != self._last:
            self._last = state
            self._progress.say(text)
