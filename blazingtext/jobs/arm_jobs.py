"""The runs of an experiment as training jobs: one estimate of all first, then some at a time.

BlazingText takes no seed, so a seed is only the number of a repetition. Names of jobs are noted in
the output folder: whoever is interrupted finds them again with the same command.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from blazingtext.costs import Budget, Plan
from blazingtext.jobs.finishing import train
from blazingtext.jobs.job import announce
from blazingtext.jobs.starting import JobOptions, start
from blazingtext.jobs.training_job import TrainingJob
from embeddings.runs.run_record import RunRecord
from embeddings.training.training_progress import Progress
from embeddings.tuning.arms import ArmRun
from storage.errors import BadRunError, JobError, LeftRunningError
from storage.output_folder import write_files

JOBS_FILE = "jobs.json"
PARALLEL = 2
"""Jobs at a time if nobody says, as in the reference's tuning."""


class SageMakerTrainer:
    """Trains on SageMaker.

    Args:
        options: of all jobs; corpus, output and name are each run's own.
        folder: where names of jobs are noted.
        progress: told how the oldest job goes.
    """

    backend = "sagemaker"

    def __init__(self, options: JobOptions, folder: Path, progress: Progress) -> None:
        self._options, self._progress = options, progress
        self._noted = folder / JOBS_FILE
        self._names = _read_names(self._noted)
        self._running: dict[ArmRun, TrainingJob] = {}

    def prepare(self, runs: Sequence[ArmRun]) -> None:
        """Tells the estimate of all jobs that are still to be started, and asks.

        Raises:
            TooExpensiveError, RequestError: they may not be.
        """
        new = [run for run in runs if run.name not in self._names]
        if not new:
            return
        budget, settings = self._options.budget, self._options.settings
        plans = [
            Plan(
                run.arm.hyperparameters,
                settings,
                run.facts.words,
                run.facts.lines,
                budget.price_per_hour,
            )
            for run in new
        ]
        prices, most = ([*map(figure, plans)] for figure in (Plan.dollars, Plan.most))
        dollars = _sum(prices)
        shown = "none" if dollars is None else f"US$ {dollars:,.2f}"
        limit = _sum(most)
        at_most = "" if limit is None else f"; US$ {limit:,.2f} at most, by the limits of time"
        machines = f"{settings.instance_count} x {settings.instance_type}"
        line = f"estimate: {shown} for {len(new)} training jobs on {machines} each{at_most}"
        budget.agree(line, dollars, "started", "Start them?")

    def start(self, run: ArmRun) -> None:
        """A job; or the one that was started for this run before."""
        if name := self._names.get(run.name):
            self._running[run] = TrainingJob(name, run.output)
            return
        job = start(self._options_of(run), run.arm.hyperparameters, self._progress).job
        self._note({**self._names, run.name: job.name})
        announce(job)
        self._running[run] = TrainingJob(job.name, run.output)

    def wait(self) -> Mapping[ArmRun, RunRecord | JobError]:
        """What came of the oldest job, at its end.

        Raises:
            LeftRunningError: Ctrl-C; the jobs go on.
        """
        run, job = next(iter(self._running.items()))
        try:
            record = train(self._options_of(run), job, self._progress)
        except LeftRunningError:
            names = ", ".join(job.name for job in self._running.values())
            raise LeftRunningError(
                f"interrupted; {names} may still run: the same command follows what runs"
            ) from None
        except JobError as error:
            self._note({name: job for name, job in self._names.items() if name != run.name})
            return {run: error}
        finally:
            self._running.pop(run)
        if record is None:
            raise BadRunError(f"{job.name} left no run")
        return {run: record}

    def stop(self) -> None:
        """Nothing: what runs goes on, and the same command finds it again."""

    def _options_of(self, run: ArmRun) -> JobOptions:
        """Of one job, whose price was agreed to."""
        return replace(
            self._options,
            corpus=run.arm.corpus,
            output=run.output,
            name=run.name,
            budget=Budget(self._options.budget.price_per_hour, yes=True),
            preflight=None,
            overwrite=True,
        )

    def _note(self, names: dict[str, str]) -> None:
        self._names = names
        content = json.dumps(names, indent=2) + "\n"
        write_files({self._noted: content.encode()}, overwrite=True)


def _sum(figures: Sequence[float | None]) -> float | None:
    """None if one is not known."""
    known = [figure for figure in figures if figure is not None]
    return sum(known) if len(known) == len(figures) else None


def _read_names(path: Path) -> dict[str, str]:
    try:
        return {str(run): str(job) for run, job in json.loads(path.read_bytes()).items()}
    except FileNotFoundError:
        return {}
    except (ValueError, AttributeError):
        raise BadRunError(f"{path} is no list of training jobs") from None
