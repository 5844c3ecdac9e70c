"""Bayesian search for hyperparameters: which training run comes next, until there are enough."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import Trial, TrialState

from embeddings.run_record import RunRecord
from embeddings.runs import read_run, write_run
from embeddings.training_process import Job, start, stop, wait_for_some
from embeddings.tuning_config import TuningConfig
from embeddings.tuning_study import STOPPED, fail, held, job_name, of_state, open_study, settle
from embeddings.unseen_pairs import unseen_pairs
from embeddings.vectors_file import MODEL, SUBWORDS
from storage.errors import BadVectorsError, CorpusError, JobError, VocabularyError

MOST_FAILURES = 3
"""Jobs that fail one after the other: then something is wrong that no further job will mend."""


def tune(config: TuningConfig, say: Callable[[str], None]) -> optuna.Study:
    """Runs jobs until `max_jobs` have ended well; goes on where a search was killed.

    Args:
        config: the search; resumed, it must be the same but for `max_jobs`, `parallel`, `keep_all`.
        say: told in one line what happens.

    Returns:
        The study; each complete trial has a run folder `job-NNN`.

    Raises:
        JobError: of any kind; the jobs that have ended stay, and those that run are ended.
    """
    settings = config.settings()
    with held(config.output):
        study = open_study(config.output, config.space, settings, config.seed, config.max_jobs)
        for name in settle(study, config.output):
            say(f"{name}: was killed in the middle; it counts as failed, and another one runs")
        if done := len(of_state(study, TrialState.COMPLETE)):
            say(f"{config.output}: {done} of {config.max_jobs} jobs are there already")
        _run_jobs(config, study, say)
        _drop_vectors(config, study)
    return study


def best_folder(config: TuningConfig, study: optuna.Study) -> Path:
    """Run folder of the best job."""
    return config.output / job_name(study.best_trial)


def _run_jobs(config: TuningConfig, study: optuna.Study, say: Callable[[str], None]) -> None:
    running: dict[Job, Trial] = {}
    failures = 0
    try:
        while _fill(config, study, running, say):
            for job in wait_for_some(running):
                trial, found = running[job], job.result()
                del running[job]
                failures = 0 if _finish(config, study, trial, found, say) else failures + 1
                if failures >= MOST_FAILURES:
                    raise JobError(f"{failures} jobs in a row failed, the last: {found}")
    finally:
        stop(running)
        for trial in running.values():
            fail(study, trial, STOPPED)


def _fill(
    config: TuningConfig,
    study: optuna.Study,
    running: dict[Job, Trial],
    say: Callable[[str], None],
) -> bool:
    """Starts as many jobs as may run; whether any runs."""
    missing = config.max_jobs - len(of_state(study, TrialState.COMPLETE))
    while len(running) < min(config.parallel, missing):
        trial = study.ask(config.space)
        running[start(trial.number, config.job(trial), [unseen_pairs()])] = trial
        say(f"{job_name(trial)}: started, {_describe(trial.params)}")
    return bool(running)


def _finish(
    config: TuningConfig,
    study: optuna.Study,
    trial: Trial,
    found: RunRecord | JobError,
    say: Callable[[str], None],
) -> bool:
    """Notes what came of a job; whether it ended well.

    Raises:
        JobError: what would befall any other job as well.
    """
    if isinstance(found, RunRecord) and found.mean_rho is None:
        found = CorpusError(f"{config.corpus} knows too few words of WS-353 for a mean_rho")
    if isinstance(found, RunRecord) and found.mean_rho is not None:
        study.tell(trial, found.mean_rho)
        say(f"{job_name(trial)}: mean_rho {found.mean_rho:.4f} in {found.seconds:,.0f} s")
        _drop_vectors(config, study)
        return True
    fail(study, trial, str(found))
    say(f"{job_name(trial)}: failed: {found}")
    is_its_own = type(found) in (JobError, BadVectorsError, VocabularyError)
    if isinstance(found, JobError) and not is_its_own:
        raise found
    return False


def _drop_vectors(config: TuningConfig, study: optuna.Study) -> None:
    """Removes the vectors of all jobs but the best one; their run.json says so first."""
    if config.keep_all:
        return
    best = best_folder(config, study)
    for trial in of_state(study, TrialState.COMPLETE):
        folder = config.output / job_name(trial)
        files = [folder / name for name in (MODEL, SUBWORDS) if (folder / name).exists()]
        if folder != best and files:
            write_run(replace(read_run(folder), artifacts={}), folder)
            for path in files:
                path.unlink()


def _describe(values: dict[str, Any]) -> str:
    return ", ".join(
        f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in values.items()
    )
