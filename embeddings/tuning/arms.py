"""An experiment: arms, each a corpus and how it is trained, with the same seeds; run by run.

Runs go by seed, so that whatever has ended when somebody looks, the arms have nearly the same
seeds. Each ends as lines of one file (`runs.run_scores`), from which the same command goes on.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from embeddings.corpus.corpus_check import CorpusFacts, Preflight, check_corpus, look_at
from embeddings.corpus.corpus_file import find_corpus
from embeddings.runs.run_record import RUN_FILE, RunRecord, read_run, write_run
from embeddings.runs.run_scores import RunScore, read_scores, settings_text, write_scores
from embeddings.scoring.pair_cosines import pair_cosines
from embeddings.scoring.text_tables import figure
from embeddings.scoring.word_pairs import PairSet
from embeddings.training.hyperparameters import Hyperparameters
from embeddings.training.local_run import TrainingConfig
from embeddings.training.training_progress import Progress
from embeddings.tuning.training_process import TrainingProcess, start, stop, wait_for_some
from embeddings.vectors.vectors_file import MODEL, SUBWORDS, load_vectors
from storage.errors import BadRunError, CorpusError, JobError, OutputExistsError
from storage.output_folder import held_folder, output_errors
from storage.printable import elapsed


@dataclass(frozen=True)
class Arm:
    """One of the things that are compared.

    Attributes:
        name: for tables, files and folders.
        corpus: path or URI, see `find_corpus`.
        hyperparameters: what it is trained with.
    """

    name: str
    corpus: str
    hyperparameters: Hyperparameters


@dataclass(frozen=True)
class ArmRun:
    """A run that is to be: an arm with a seed.

    Attributes:
        arm: what is trained.
        seed: of the run.
        facts: of its corpus.
        output: its folder.
    """

    arm: Arm
    seed: int
    facts: CorpusFacts
    output: Path

    @property
    def name(self) -> str:
        """For people."""
        return self.output.name


@dataclass(frozen=True)
class Experiment:
    """What is compared, and where it goes.

    Attributes:
        arms: the first is what the others are compared with.
        seeds: of each arm.
        tables: of pairs to score on.
        output: for a folder a run.
        scores: the file of all runs' scores; it may have some already.
        parallel: runs at a time.
        keep_all: whether vectors stay, once they are scored.
        cache: see `find_corpus`.
        preflight: looks at each corpus; None for none.
    """

    arms: Sequence[Arm]
    seeds: Sequence[int]
    tables: Sequence[PairSet]
    output: Path
    scores: Path
    parallel: int = 1
    keep_all: bool = False
    cache: Path | None = None
    preflight: Preflight | None = None


class Trainer(Protocol):
    """What trains the runs."""

    backend: str

    def prepare(self, runs: Sequence[ArmRun]) -> None:
        """Told once, before anything is trained, what is missing."""

    def start(self, run: ArmRun) -> None:
        """Starts a run, or finds it again, and does not wait for it."""

    def wait(self) -> Mapping[ArmRun, RunRecord | JobError]:
        """Blocks until at least one has ended; what came of those that have."""

    def stop(self) -> None:
        """Called at the end, however that is."""


class LocalTrainer:
    """Trains on this machine: a process a run, with one thread, so that each can be had again."""

    backend = "local"

    def __init__(self, cache: Path | None = None) -> None:
        self._cache = cache
        self._running: dict[TrainingProcess, ArmRun] = {}

    def prepare(self, runs: Sequence[ArmRun]) -> None:
        """Nothing."""

    def start(self, run: ArmRun) -> None:
        """In a process of its own."""
        config = TrainingConfig(
            corpus=run.arm.corpus,
            output=run.output,
            hyperparameters=run.arm.hyperparameters,
            seed=run.seed,
            workers=1,
            overwrite=True,
            cache=self._cache,
        )
        self._running[start(len(self._running), config)] = run

    def wait(self) -> Mapping[ArmRun, RunRecord | JobError]:
        """Those that have ended."""
        return {
            self._running.pop(process): process.result() for process in wait_for_some(self._running)
        }

    def stop(self) -> None:
        """Ends those that run."""
        stop(self._running)


def run_experiment(experiment: Experiment, trainer: Trainer, progress: Progress) -> list[RunScore]:
    """Trains what is missing, and scores it.

    Args:
        experiment: arms, seeds and tables; resumed, it may have more of each.
        trainer: trains a run.
        progress: told in one line what happens, and how long the rest will take.

    Returns:
        The lines of all runs asked for, on all tables; by seed, then by arm.

    Raises:
        OutputExistsError: an arm's runs that are there are of another corpus, or were trained
            otherwise, or a table of pairs is not the one that they were scored on.
        CorpusError: two arms are the same, or a corpus can't be trained on.
        JobError: of any other kind; the runs that have ended stay.
    """
    with held_folder(experiment.output, "comparison"), output_errors(experiment.output):
        facts = _look(experiment, progress)
        runs = [
            ArmRun(arm, seed, facts[arm.corpus], experiment.output / f"{arm.name}-seed-{seed}")
            for seed in experiment.seeds
            for arm in experiment.arms
        ]
        scores = {score.key: score for score in read_scores(experiment.scores)}
        _check_same(experiment, facts, trainer.backend, [*scores.values()])
        _Runs(experiment, trainer, scores, progress).run(runs)
        tables = [table.name for table in experiment.tables]
        return [scores[run.arm.name, run.seed, table] for run in runs for table in tables]


class _Runs:
    """Goes through the runs that are missing, some at a time."""

    def __init__(
        self,
        experiment: Experiment,
        trainer: Trainer,
        scores: dict[tuple[str, int, str], RunScore],
        progress: Progress,
    ) -> None:
        self._experiment, self._trainer = experiment, trainer
        self._scores, self._progress = scores, progress

    def run(self, runs: Sequence[ArmRun]) -> None:
        """Trains and scores them."""
        for run in filter(self._is_missing, runs):
            if record := _left_over(run, self._trainer.backend):
                self._score(run, record)
        missing = [run for run in runs if self._is_missing(run)]
        self._progress.say(f"{len(runs) - len(missing)} of {len(runs)} runs are there already")
        if missing:
            self._trainer.prepare(missing)
            self._train(missing)

    def _train(self, missing: Sequence[ArmRun]) -> None:
        waiting, running, seconds = [*missing], 0, list[float]()
        try:
            while waiting or running:
                while waiting and running < self._experiment.parallel:
                    self._trainer.start(waiting[0])
                    self._progress.say(f"{waiting.pop(0).name}: started")
                    running += 1
                for run, result in self._trainer.wait().items():
                    if isinstance(result, JobError):
                        raise result
                    running -= 1
                    rho = self._score(run, result)
                    seconds.append(result.seconds or 0)
                    rest = len(missing) - len(seconds)
                    left = sum(seconds) / len(seconds) * rest / self._experiment.parallel
                    self._progress.say(
                        f"{run.name}: mean_rho {figure(rho)} in {elapsed(seconds[-1])}; "
                        f"{len(seconds)} of {len(missing)} runs, {elapsed(left)} left"
                    )
        finally:
            self._trainer.stop()

    def _is_missing(self, run: ArmRun) -> bool:
        tables = self._experiment.tables
        return any((run.arm.name, run.seed, table.name) not in self._scores for table in tables)

    def _place(self, score: RunScore) -> tuple[int, int]:
        """Of a line in the file: by seed, then in the order of the arms, foreign ones last."""
        names = [arm.name for arm in self._experiment.arms]
        return score.seed, names.index(score.arm) if score.arm in names else len(names)

    def _score(self, run: ArmRun, record: RunRecord) -> float | None:
        """Scores a run's vectors, notes the lines, drops the vectors; mean_rho."""
        vectors = load_vectors(run.output)
        for table in self._experiment.tables:
            cosines = pair_cosines(vectors, table)
            score = RunScore.of(run.arm.name, run.seed, run.facts, record, table, cosines)
            self._scores[score.key] = score
        write_scores(self._experiment.scores, sorted(self._scores.values(), key=self._place))
        if not self._experiment.keep_all:
            write_run(replace(record, artifacts={}), run.output)
            for name in (MODEL, SUBWORDS):
                (run.output / name).unlink(missing_ok=True)
        return record.mean_rho


def _look(experiment: Experiment, progress: Progress) -> dict[str, CorpusFacts]:
    """What each corpus holds, by its path or URI."""
    facts: dict[str, CorpusFacts] = {}
    kinds: dict[tuple[str, str], str] = {}
    for arm in experiment.arms:
        if arm.corpus not in facts:
            corpus = find_corpus(arm.corpus, experiment.cache)
            look_at(corpus, experiment.preflight, arm.hyperparameters, progress)
            facts[arm.corpus] = check_corpus(corpus)
        kind = facts[arm.corpus].sha256, settings_text(arm.hyperparameters)
        other = kinds.setdefault(kind, arm.name)
        if other != arm.name:
            raise CorpusError(f"{other} and {arm.name} hold the same bytes, and are trained alike")
    return facts


def _check_same(
    experiment: Experiment,
    facts: Mapping[str, CorpusFacts],
    backend: str,
    scores: Sequence[RunScore],
) -> None:
    """Whether the lines that are there are of these arms and tables.

    Raises:
        OutputExistsError: some are not.
    """
    wanted = {
        arm.name: (facts[arm.corpus].sha256, settings_text(arm.hyperparameters), backend)
        for arm in experiment.arms
    }
    digests = {table.name: table.sha256 for table in experiment.tables}
    for score in scores:
        for label, ours, theirs in zip(
            ("corpus", "hyperparameters", "backend"),
            wanted.get(score.arm, score.identity),
            score.identity,
            strict=True,
        ):
            if ours != theirs:
                raise OutputExistsError(
                    f"{experiment.scores} holds runs of {score.arm} with another {label}: "
                    f"name the arm otherwise, or use another file"
                )
        if not digests.get(score.pair_set, score.pairs_sha256).startswith(score.pairs_sha256):
            raise OutputExistsError(
                f"{experiment.scores} holds scores on other pairs called {score.pair_set}: "
                f"name them otherwise, or use another file"
            )


def _left_over(run: ArmRun, backend: str) -> RunRecord | None:
    """The record of a run that ended, and whose vectors are there still.

    Raises:
        OutputExistsError: the folder holds another run.
    """
    if not (run.output / RUN_FILE).exists():
        return None
    record = read_run(run.output)
    try:
        chosen = Hyperparameters(**record.hyperparameters)
    except TypeError:
        raise BadRunError(f"{run.output}/{RUN_FILE} has other hyperparameters than ours") from None
    same = {
        "corpus": record.corpus.get("sha256") in (None, run.facts.sha256),
        "hyperparameters": settings_text(chosen) == settings_text(run.arm.hyperparameters),
        "backend": record.backend == backend,
        "seed": record.seed in (None, run.seed),
    }
    if wrong := [name for name, is_same in same.items() if not is_same]:
        raise OutputExistsError(f"{run.output} holds a run with another {wrong[0]}")
    return record if os.path.lexists(run.output / MODEL) else None
