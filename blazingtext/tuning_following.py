"""Follows a search to its end: jobs that have ended, jobs that run, the best value so far."""

from collections.abc import Callable

from aws import remote_runs
from aws.remote_runs import Status, left_running
from blazingtext.job_description import FAILED, SUCCEEDED
from blazingtext.tuning_job import TuningJob
from storage.errors import LeftRunningError, TrainingFailedError, TrainingStoppedError

POLL_SECONDS = 10.0
SHOWN_CHARACTERS = 400


def follow(job: TuningJob, say: Callable[[str], None]) -> Status:
    """Waits for the end of a search, however it ends.

    Args:
        job: that was started.
        say: told in one line whenever there is news.

    Raises:
        LeftRunningError: Ctrl-C; the search goes on.
        AwsError: AWS can't be asked any more; the line names the search.
    """
    last = ""

    def tell(text: str) -> None:
        nonlocal last
        state = text.partition(",")[0]
        if state != last:
            say(text)
        last = state

    try:
        return remote_runs.wait(job, tell, POLL_SECONDS)
    except KeyboardInterrupt:
        raise LeftRunningError(left_running(job)) from None


def check_success(job: TuningJob, status: Status) -> None:
    """Nothing for a search that is completed.

    Raises:
        TrainingFailedError, TrainingStoppedError: with SageMaker's reason.
    """
    state = job.described["HyperParameterTuningJobStatus"]
    if state == SUCCEEDED:
        return
    said = " ".join(status.details.split())[:SHOWN_CHARACTERS]
    text = f"search {job.name} is {state}" + (f": {said}" if said else "")
    raise TrainingFailedError(text) if state == FAILED else TrainingStoppedError(text)
