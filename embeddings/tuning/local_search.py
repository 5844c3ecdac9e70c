"""Bayesian search for hyperparameters: which training run comes next, until there are enough."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import FrozenTrial, Trial, TrialState

from embeddings.corpus.corpus_check import Preflight, look_at
from embeddings.corpus.corpus_file import find_corpus
from embeddings.runs.run_record import RunRecord, read_run, write_run
from embeddings.scoring.word_pairs import unseen_pairs
from embeddings.training.hyperparameters import Hyperparameters
from embeddings.training.local_run import TrainingConfig
from embeddings.training.training_progress import Progress
from embeddings.tuning.search_ranges import Ranges
from embeddings.tuning.study import (
    STOPPED,
    distributions,
    fail,
    held,
    job_name,
    of_state,
    open_study,
    settle,
)
from embeddings.tuning.training_process import TrainingProcess, start, stop, wait_for_some
from embeddings.vectors.vectors_file import MODEL, SUBWORDS
from storage.errors import BadVectorsError, CorpusError, JobError, VocabularyError

MAX_JOBS, PARALLEL = 12, 2
MOST_FAILURES = 3
"""Jobs that fail one after the other: then something is wrong that no further job will mend."""

FAULTS_OF_A_JOB = (JobError, BadVectorsError, VocabularyError)
"""Errors, by their very type, of one job only: it died, or its values were bad ones."""


@dataclass(frozen=True)
class TuningConfig:
    """A search.

    Attributes:
        corpus: path or S3 URI, see `find_corpus`.
        output: folder of the search, with a run folder per job.
        ranges: hyperparameters to search.
        common: values of the others.
        max_jobs: that end well, in all; failed ones come on top.
        parallel: jobs at a time.
        seed: of the sampler, and of every job.
        workers: threads of a job.
        keep_all: whether the vectors of all jobs stay, not only the best one's.
        cache: see `find_corpus`.
        preflight: looks at the corpus, for the job with the largest vocabulary; None for none.
    """

    corpus: str
    output: Path
    ranges: Ranges
    common: Hyperparameters
    max_jobs: int = MAX_JOBS
    parallel: int = PARALLEL
    seed: int = 1
    workers: int = 1
    keep_all: bool = False
    cache: Path | None = None
    preflight: Preflight | None = None

    def settings(self) -> dict[str, Any]:
        """What all jobs share: the corpus by content, and the values of what is not searched.

        Raises:
            InputNotFoundError: there is no corpus.
            AwsError: S3 can't be read.
        """
        with find_corpus(self.corpus, self.cache).path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        common = self.common.to_dict().items()
        return {"corpus": digest, "seed": self.seed, "workers": self.workers} | {
            name: value for name, value in common if name not in self.ranges
        }

    def job(self, trial: Trial | FrozenTrial) -> TrainingConfig:
        """The training run of one job, in a folder of its own."""
        return TrainingConfig(
            corpus=self.corpus,
            output=self.output / job_name(trial),
            hyperparameters=Hyperparameters.of(self.common.to_dict() | trial.params),
            seed=self.seed,
            workers=self.workers,
            cache=self.cache,
            tables=(unseen_pairs(),),
        )


def tune(config: TuningConfig, progress: Progress) -> optuna.Study:
    """Runs jobs until `max_jobs` have ended well; goes on where a search was killed.

    Args:
        config: the search; resumed, it must be the same but for `max_jobs`, `parallel`, `keep_all`.
        progress: told in one line what happens.

    Returns:
        The study; each complete trial has a run folder `job-NNN`.

    Raises:
        JobError: of any kind; the jobs that have ended stay, and those that run are ended.
    """
    counts = config.ranges.get("min_count")
    least = min(counts.ends()) if counts else config.common.min_count
    corpus = find_corpus(config.corpus, config.cache)
    look_at(corpus, config.preflight, replace(config.common, min_count=int(least)), progress)
    settings = config.settings()
    with held(config.output):
        study = open_study(config.output, config.ranges, settings, config.seed, config.max_jobs)
        for name in settle(study, config.output):
            progress.say(f"{name}: was killed in the middle, so it failed, and another runs")
        if done := len(of_state(study, TrialState.COMPLETE)):
            progress.say(f"{config.output}: {done} of {config.max_jobs} jobs are there already")
        _Search(config, study, progress).run()
    return study


class _Search:
    """Asks the study what to train next, and tells it what came of it.

    Not optuna's own `optimize`, whose jobs are threads of one process: docs/adr/0011.
    """

    def __init__(self, config: TuningConfig, study: optuna.Study, progress: Progress) -> None:
        self._config, self._study, self._progress = config, study, progress
        self._running: dict[TrainingProcess, Trial] = {}

    def run(self) -> None:
        """Jobs until enough have ended well."""
        failures = 0
        try:
            while self._fill():
                for process in wait_for_some(self._running):
                    trial, result = self._running[process], process.result()
                    del self._running[process]
                    failures = 0 if self._finish(trial, result) else failures + 1
                    if failures >= MOST_FAILURES:
                        raise JobError(f"{failures} jobs in a row failed, the last: {result}")
        finally:
            stop(self._running)
            for trial in self._running.values():
                fail(self._study, trial, STOPPED)
        self._drop_vectors()

    def _fill(self) -> bool:
        """Starts as many jobs as may run; whether any runs."""
        config = self._config
        missing = config.max_jobs - len(of_state(self._study, TrialState.COMPLETE))
        while len(self._running) < min(config.parallel, missing):
            trial = self._study.ask(distributions(config.ranges))
            process = start(trial.number, config.job(trial))
            self._running[process] = trial
            self._progress.say(f"{job_name(trial)}: started, {_describe(trial.params)}")
        return bool(self._running)

    def _finish(self, trial: Trial, result: RunRecord | JobError) -> bool:
        """Notes what came of a job; whether it ended well.

        Raises:
            JobError: what would befall any other job as well.
        """
        if isinstance(result, RunRecord):
            if result.mean_rho is not None:
                self._study.tell(trial, result.mean_rho)
                told = f"mean_rho {result.mean_rho:.4f} in {result.seconds:,.0f} s"
                self._progress.say(f"{job_name(trial)}: {told}")
                self._drop_vectors()
                return True
            corpus = self._config.corpus
            result = CorpusError(f"{corpus} knows too few words of WS-353 for a mean_rho")
        fail(self._study, trial, str(result))
        self._progress.say(f"{job_name(trial)}: failed: {result}")
        if type(result) not in FAULTS_OF_A_JOB:
            raise result
        return False

    def _drop_vectors(self) -> None:
        """Removes the vectors of all jobs but the best one; their run.json says so first."""
        if self._config.keep_all:
            return
        best = self._study.best_trial.number
        for trial in of_state(self._study, TrialState.COMPLETE):
            folder = self._config.output / job_name(trial)
            files = [folder / name for name in (MODEL, SUBWORDS) if (folder / name).exists()]
            if trial.number != best and files:
                write_run(replace(read_run(folder), artifacts={}), folder)
                for path in files:
                    path.unlink()


def _describe(values: dict[str, Any]) -> str:
    return ", ".join(
        f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in values.items()
    )
