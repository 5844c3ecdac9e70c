"""What a search found: a table of its jobs, and what became of the best one on unseen pairs."""

from collections.abc import Sequence
from pathlib import Path

import optuna
from optuna.trial import FrozenTrial, TrialState

from embeddings.runs.run_record import RunRecord, read_run
from embeddings.scoring.text_tables import NONE, figure, interval, show, table
from embeddings.scoring.word_pairs import UNSEEN
from embeddings.tuning.study import ERROR, STOPPED, job_name, of_state
from storage.errors import InputNotFoundError

KILLED = "killed"
"""Status of a job that could not even note why it failed."""


def tuning_text(study: optuna.Study, output: Path) -> str:
    """The jobs by mean_rho, best first, failed ones last; then the best, and its unseen score.

    Raises:
        InputNotFoundError: no job has ended well, or the run.json of one that did is gone.
    """
    complete = sorted(
        of_state(study, TrialState.COMPLETE), key=lambda trial: (-(trial.value or 0), trial.number)
    )
    if not complete:
        raise InputNotFoundError(f"{output} holds no job that ended well")
    records = [read_run(output / job_name(trial)) for trial in complete]
    names = list(complete[0].params)
    rows = [_row(*pair, names) for pair in zip(complete, records, strict=True)]
    rows += [_failed_row(trial, names) for trial in of_state(study, TrialState.FAIL)]
    header = ["job", "status", "mean_rho", "unseen rho", *names, "seconds"]
    best = output / job_name(complete[0])
    return "\n".join([table(header, rows), "", *_verdict(best, records)])


def _row(trial: FrozenTrial, record: RunRecord, names: Sequence[str]) -> list[str]:
    values = [show(trial.params.get(name)) for name in names]
    unseen = figure(record.score(UNSEEN).get("rho"))
    return [
        job_name(trial),
        "done",
        figure(trial.value),
        unseen,
        *values,
        figure(record.seconds, 0),
    ]


def _failed_row(trial: FrozenTrial, names: Sequence[str]) -> list[str]:
    values = [show(trial.params.get(name)) for name in names]
    error = trial.user_attrs.get(ERROR, KILLED)
    status = error if error in (STOPPED, KILLED) else "failed"
    return [job_name(trial), status, NONE, NONE, *values, NONE]


def _verdict(best: Path, records: Sequence[RunRecord]) -> list[str]:
    """Where the best model is, and whether it is among the best on unseen pairs as well."""
    first = records[0]
    mean = first.score("mean_rho")
    lines = [
        f"best: {best}, mean_rho {figure(first.mean_rho)} "
        f"(95 % interval {interval(mean.get('low'), mean.get('high'))})"
    ]
    unseen = first.score(UNSEEN)
    if unseen.get("rho") is None:
        return [*lines, f"{UNSEEN}: too few of its words are known for a score"]
    scores = [record.score(UNSEEN).get("rho") for record in records]
    others = [rho for rho in scores if rho is not None]
    place = 1 + sum(rho > unseen["rho"] for rho in others)
    used = unseen["total_pairs"] - unseen["not_found"]
    return [
        *lines,
        f"on pairs that tuning never saw ({UNSEEN}, {used:,} pairs): rho {figure(unseen['rho'])} "
        f"(95 % interval {interval(unseen['low'], unseen['high'])}), "
        f"number {place} of {len(others)} jobs there",
    ]
