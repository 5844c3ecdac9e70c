"""Training and tuning on SageMaker as a whole: started or found again, followed, fetched.

A training leaves a run folder; a search a folder of them, one per job, and a search.json that says
whose it is.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from blazingtext.costs import hourly
from blazingtext.jobs import job_description
from blazingtext.jobs.job import Job, TuningJob, announce
from blazingtext.jobs.job_corpus import Facts, find_object, known_facts
from blazingtext.jobs.job_description import Described
from blazingtext.jobs.job_record import Known, collect, job_record
from blazingtext.jobs.job_report import best_text, by_mean_rho, is_done, price, tuning_text
from blazingtext.jobs.starting import JobOptions, Started, start
from blazingtext.jobs.training_job import TrainingJob
from blazingtext.requests.tuning_request import Search
from embeddings.runs.run_copies import track
from embeddings.runs.run_folder import run_folder
from embeddings.runs.run_record import RunRecord, write_run
from embeddings.scoring.evaluation import score
from embeddings.scoring.word_pairs import unseen_pairs
from embeddings.training.hyperparameters import Hyperparameters
from embeddings.training.training_progress import Progress
from embeddings.vectors.vectors_file import load_vectors
from storage.errors import BadRunError, InputNotFoundError, JobError, OutputExistsError
from storage.output_folder import LOCK, held_folder, output_errors, write_files
from storage.s3_client import make_client

SEARCH_FILE = "search.json"
FORMAT = 1


def train(
    options: JobOptions, order: Hyperparameters | TrainingJob, progress: Progress
) -> RunRecord | None:
    """A run on SageMaker; None if it is only started.

    Args:
        options: of the job.
        order: hyperparameters of a job that is started, or one that was started before.
        progress: is told of it.

    Raises:
        JobError: see docs/exit-codes.md.
    """
    if options.output is None or options.detach:
        with _running(options, order, progress):
            return None
    with (
        run_folder(options.output, options.overwrite) as folder,
        _running(options, order, progress) as (job, facts),
    ):
        job.check_success(job.follow(progress, facts.get("words")))
        known = Known(options.name, facts, _hourly(options, job.described), options.notes)
        with job.fetching():
            record = collect(job.described, job.figures, known, folder)
    track(record, progress)
    return record


def tune(options: JobOptions, order: Search | TuningJob, progress: Progress) -> None:
    """A search on SageMaker, and what came of it, or only its start.

    Args:
        options: of the search.
        order: what is searched, or a search that was started before.
        progress: is told of it.

    Raises:
        TrainingFailedError, TrainingStoppedError: it did not complete; what it has found until then
            is there all the same.
        InputNotFoundError: it completed, and no job ended well.
        JobError: see docs/exit-codes.md.
    """
    if options.output is None or options.detach:
        with _running(options, order, progress):
            return
    name = order.name if isinstance(order, Job) else ""
    with (
        _search_folder(options.output, name) as folder,
        _running(options, order, progress) as (job, facts),
    ):
        _claim(folder, job.name, {})
        status = job.follow(progress)
        has_results = _publish_search(options, job, facts, folder, progress)
        job.check_success(status)
        if not has_results:
            raise InputNotFoundError(f"search {job.name} holds no job that ended well")


def stop(job: Job) -> None:
    """Asks SageMaker to end a job, and whatever it runs.

    Raises:
        ObjectNotFoundError: there is no such job.
        RequestError: it has ended already.
    """
    job.cancel()
    print(f"asked to stop {job.name}")


@contextmanager
def _running(
    options: JobOptions, order: Hyperparameters | Search | Job, progress: Progress
) -> Iterator[Started]:
    """Around a job that is started, or was before; Ctrl-C leaves it running, and says so."""
    if not isinstance(order, Job):
        started = start(options, order, progress)
        with started.job.interruptible():
            announce(started.job)
            yield started
        return
    order.options = tuple(options.following())
    with order.interruptible():
        described = order.describe()
        yield Started(order, _find_facts(described.get("TrainingJobDefinition", described)))


def _find_facts(described: Described) -> Facts:
    """What is known of a job's corpus, if that is still there."""
    try:
        return known_facts(find_object(make_client(), job_description.corpus_uri(described)))
    except (JobError, ValueError):
        return {}


def _publish_search(
    options: JobOptions, search: Job, facts: Facts, folder: Path, progress: Progress
) -> bool:
    """Prints the table of a search, and leaves a run folder for each job that ended well.

    The best has its model, the others only with `keep_all`. Whether there is one.
    """
    jobs = {job_description.short_name(job["TrainingJobName"]): job for job in search.jobs()}
    records = [_job_record(options, job, facts, name) for name, job in jobs.items()]
    print(tuning_text(records, job_description.searched(search.described)))
    done = [record for record in by_mean_rho(records) if is_done(record)]
    for record in done[1:]:
        (folder / record.name).mkdir(exist_ok=True)
        write_run(record, folder / record.name)  # without a model
    runs = []
    for record in done if options.keep_all else done[:1]:
        with search.fetching():
            runs.append(_fetch(options, jobs[record.name], facts, folder / record.name))
        track(runs[-1], progress)
    if runs:
        _claim(folder, search.name, {"best": runs[0].name, "price_usd": price(records)})
        print(best_text(runs[0], folder / runs[0].name))
    return bool(done)


def _job_record(options: JobOptions, job: Described, facts: Facts, name: str) -> RunRecord:
    record = job_record(job, _hourly(options, job), name)
    return replace(record, corpus=facts | record.corpus)


def _fetch(options: JobOptions, job: Described, facts: Facts, output: Path) -> RunRecord:
    """The run folder of one job of a search, with its model, scored on unseen pairs too."""
    figures = TrainingJob(job["TrainingJobName"]).read_figures(job, facts.get("words"))
    known = Known(output.name, facts, _hourly(options, job))
    with run_folder(output, overwrite=True) as folder:
        record = collect(job, figures, known, folder)
    scores = [*record.scores, score(load_vectors(output), unseen_pairs()).to_dict()]
    record = replace(record, scores=scores)
    write_run(record, output)
    return record


def _hourly(options: JobOptions, job: Described) -> float | None:
    """US$ of an hour of one of a job's machines; None if nobody has said."""
    instance_type = job["ResourceConfig"].get("InstanceType")
    return hourly(instance_type, options.budget.price_per_hour)


@contextmanager
def _search_folder(output: Path, name: str = "") -> Iterator[Path]:
    """Around a search: no other one uses the folder meanwhile; removed if nothing came into it.

    Args:
        output: made if it is missing.
        name: of the search whose results may be there already; empty for a new one.

    Raises:
        OutputBusyError: another search uses it.
        OutputExistsError: it holds something else.
        BadRunError: its search.json is broken.
        OutputNotWritableError: it can't be written, now or at any time inside.
    """
    with held_folder(output, "run"), output_errors(output):
        _check_free(output, name)
        yield output


def _claim(folder: Path, name: str, facts: Mapping[str, Any]) -> None:
    """Notes which search a folder belongs to."""
    content = {"format": FORMAT, "search": name, **facts}
    text = json.dumps(content, indent=2) + "\n"
    write_files({folder / SEARCH_FILE: text.encode()}, overwrite=True)


def _check_free(output: Path, name: str) -> None:
    others = sorted(path.name for path in output.iterdir() if path.name != LOCK)
    if not others:
        return
    if SEARCH_FILE not in others:
        raise OutputExistsError(f"{output} holds something else than a search: {others[0]}")
    owner = _owner(output / SEARCH_FILE)
    if owner != name:
        raise OutputExistsError(f"{output} belongs to the search {owner}: use another --output")


def _owner(path: Path) -> str:
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["search"])
    except (ValueError, KeyError, TypeError):
        raise BadRunError(f"{path} is no {SEARCH_FILE} of a search") from None
