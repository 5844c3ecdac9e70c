"""Training on SageMaker from the command line: checked, estimated, started, followed, fetched."""

import argparse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from aws.remote_runs import left_running
from blazingtext import following, job_description
from blazingtext.collecting import collect
from blazingtext.corpus_object import find_object
from blazingtext.job_record import Asked
from blazingtext.training_job import TrainingJob
from embeddings.hyperparameters import Hyperparameters
from embeddings.run_folder import RunFolder, run_folder
from embeddings.run_record import RunRecord
from embeddings.tracking import track
from embeddings.training_progress import Progress
from jobs.sagemaker_preflight import known_facts
from jobs.sagemaker_price import hourly
from jobs.sagemaker_start import start
from storage.errors import AwsError, JobError, LeftRunningError
from storage.s3_client import make_client

LOCAL_ONLY = ("seed", "workers")


def train(
    given: argparse.Namespace, hyperparameters: Hyperparameters, progress: Progress
) -> RunRecord | None:
    """The run that the options describe; None with `--detach`.

    Raises:
        JobError: see docs/exit-codes.md.
    """
    if given.detach:
        job, _ = start(given, hyperparameters, progress)
        with _goes_on(job):
            following.announce(job)
        return None
    with run_folder(given.output, given.overwrite) as folder:
        job, facts = start(given, hyperparameters, progress)
        with _goes_on(job):
            following.announce(job)
            record = finish(given, job, facts, folder, progress)
    track(record, lambda text: progress.say(f"warning: {text}"))
    return record


def attach(given: argparse.Namespace, progress: Progress) -> RunRecord:
    """Follows a job that was started before, and fetches what it leaves.

    Raises:
        ObjectNotFoundError: there is no such job.
        JobError: as for `train`.
    """
    job = TrainingJob(given.attach, str(given.output))
    with run_folder(given.output, given.overwrite) as folder, _goes_on(job):
        facts = facts_of(job.describe())
        record = finish(given, job, facts, folder, progress)
    track(record, lambda text: progress.say(f"warning: {text}"))
    return record


def stop(given: argparse.Namespace) -> None:
    """Asks SageMaker to end a job.

    Raises:
        ObjectNotFoundError: there is no such job.
        RequestError: it has ended already.
    """
    TrainingJob(given.stop).cancel()
    print(f"asked to stop {given.stop}")


def finish(
    given: argparse.Namespace,
    job: TrainingJob,
    facts: Mapping[str, Any],
    folder: RunFolder,
    progress: Progress,
) -> RunRecord:
    """Waits for a job, and publishes its model and record in the folder."""
    log = following.follow(job, progress, facts.get("words"))
    asked = Asked(given.name, facts, hourly(given, job.described), _notes(given))
    try:
        return collect(job.described, log.reader.figures, asked, folder)
    except JobError as error:
        advice = f"the job is completed, {job.follow_command} fetches its model again"
        raise type(error)(f"{error}; {advice}") from error
    except KeyboardInterrupt:
        raise LeftRunningError(
            f"interrupted; {job.name} is completed, {job.follow_command} fetches its model"
        ) from None


def facts_of(described: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of a job's corpus, if that is still there."""
    try:
        corpus = find_object(make_client(), job_description.corpus_uri(described))
    except (JobError, AwsError, ValueError):
        return {}
    return known_facts(corpus.manifest, corpus.manifest_sha256, corpus.bytes)


def _notes(given: argparse.Namespace) -> list[str]:
    named = [f"--{name}" for name in LOCAL_ONLY if getattr(given, name) is not None]
    return [f"{' and '.join(named)} mean nothing to BlazingText"] if named else []


@contextmanager
def _goes_on(job: TrainingJob) -> Iterator[None]:
    """Ctrl-C inside leaves the job running, and says so."""
    try:
        yield
    except KeyboardInterrupt:
        raise LeftRunningError(left_running(job)) from None
