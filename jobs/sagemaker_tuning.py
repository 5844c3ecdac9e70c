"""Tuning on SageMaker from the command line: checked, estimated, started, followed, fetched."""

import argparse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from aws.remote_runs import left_running
from blazingtext import following, job_description, tuning_description, tuning_following
from blazingtext.collecting import collect
from blazingtext.job_record import Asked
from blazingtext.log_progress import LogProgress
from blazingtext.remote_record import remote_record
from blazingtext.search_folder import claim, search_folder
from blazingtext.training_job import TrainingJob
from blazingtext.tuning_job import TuningJob
from blazingtext.tuning_table import best_text, by_mean_rho, is_done, price, tuning_text
from embeddings.evaluation import score
from embeddings.run_folder import run_folder
from embeddings.run_record import RunRecord
from embeddings.runs import write_run
from embeddings.tracking import track
from embeddings.training_progress import Progress
from embeddings.unseen_pairs import unseen_pairs
from embeddings.vectors_file import load_vectors
from jobs.sagemaker_price import hourly
from jobs.sagemaker_training import facts_of
from jobs.tuning_start import start
from storage.errors import AwsError, InputNotFoundError, JobError, LeftRunningError

Job = dict[str, Any]


def tune(given: argparse.Namespace, progress: Progress) -> None:
    """The search that the options describe, and what came of it; with `--detach` only its start.

    Raises:
        JobError: see docs/exit-codes.md.
    """
    if given.detach:
        following.announce(start(given, progress).job)
        return
    with search_folder(given.output) as folder:
        job, facts, _ = start(given, progress)
        with _goes_on(job):
            claim(folder, job.name, {})
            following.announce(job)
            finish(given, job, facts, folder, progress)


def attach(given: argparse.Namespace, progress: Progress) -> None:
    """Follows a search that was started before, and fetches what it found.

    Raises:
        ObjectNotFoundError: there is no such search.
        JobError: as for `tune`.
    """
    job = TuningJob(given.attach, str(given.output))
    with search_folder(given.output, job.name) as folder, _goes_on(job):
        facts = facts_of(job.describe()["TrainingJobDefinition"])
        claim(folder, job.name, {})
        finish(given, job, facts, folder, progress)


def stop(given: argparse.Namespace) -> None:
    """Asks SageMaker to end a search, and the jobs that it runs.

    Raises:
        ObjectNotFoundError: there is no such search.
        RequestError: it has ended already.
    """
    TuningJob(given.stop).cancel()
    print(f"asked to stop {given.stop}")


def finish(
    given: argparse.Namespace,
    job: TuningJob,
    facts: Mapping[str, Any],
    folder: Path,
    progress: Progress,
) -> None:
    """Waits for a search; prints its table, and leaves a run folder a job that ended well.

    Raises:
        TrainingFailedError, TrainingStoppedError: the search did not complete; what it has found
            until then is there all the same.
        InputNotFoundError: it completed, and no job ended well.
    """
    status = tuning_following.follow(job, progress.say)
    found = job.training_jobs()
    records = [_record(given, one, facts) for one in found]
    print(tuning_text(records, tuning_description.searched(job.described)))
    done = [record for record in by_mean_rho(records) if is_done(record)]
    for record in done[1:]:
        _keep_figures(record, folder / record.name)
    fetched = done if given.keep_all else done[:1]
    jobs = {tuning_description.short_name(one["TrainingJobName"]): one for one in found}
    runs = [
        _fetch(given, job, jobs[record.name], facts, folder / record.name, progress)
        for record in fetched
    ]
    if runs:
        claim(folder, job.name, {"best": runs[0].name, "price_usd": price(records)})
        print(best_text(runs[0], folder / runs[0].name))
    tuning_following.check_success(job, status)
    if not done:
        raise InputNotFoundError(f"search {job.name} holds no job that ended well")


def _fetch(
    given: argparse.Namespace,
    search: TuningJob,
    described: Job,
    facts: Mapping[str, Any],
    output: Path,
    progress: Progress,
) -> RunRecord:
    """The run folder of one job, with its model, scored on unseen pairs too."""
    asked = Asked(output.name, facts, hourly(given, described))
    try:
        with run_folder(output, overwrite=True) as folder:
            record = collect(described, _figures(described, facts), asked, folder)
        scores = [*record.scores, score(load_vectors(output), unseen_pairs()).to_dict()]
        record = replace(record, scores=scores)
        write_run(record, output)
    except JobError as error:
        advice = f"the search has ended, {search.follow_command} fetches its best model again"
        raise type(error)(f"{error}; {advice}") from error
    track(record, lambda text: progress.say(f"warning: {text}"))
    return record


def _figures(described: Job, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What the log of a job that has ended tells; empty if it can't be read."""
    job = TrainingJob(described["TrainingJobName"])
    chosen = job_description.hyperparameters(described)
    job.log = LogProgress(Progress(), chosen, facts.get("words"))
    try:
        job.read_log()
    except AwsError:
        return {}
    finally:
        job.log.close()
    return job.log.reader.figures


def _record(given: argparse.Namespace, described: Job, facts: Mapping[str, Any]) -> RunRecord:
    name = tuning_description.short_name(described["TrainingJobName"])
    record = remote_record(described, hourly(given, described), name)
    return replace(record, corpus=dict(facts) | record.corpus)


def _keep_figures(record: RunRecord, folder: Path) -> None:
    """A run.json without a model: that of a job that was not the best."""
    folder.mkdir(exist_ok=True)
    write_run(record, folder)


@contextmanager
def _goes_on(job: TuningJob) -> Iterator[None]:
    """Ctrl-C inside leaves the search running, and says so."""
    try:
        yield
    except KeyboardInterrupt:
        if job.described.get("HyperParameterTuningJobStatus") in tuning_description.FINAL:
            text = f"interrupted; {job.name} has ended, {job.follow_command} fetches what it found"
            raise LeftRunningError(text) from None
        raise LeftRunningError(left_running(job)) from None
