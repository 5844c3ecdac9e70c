"""The memory of a search: optuna's study in a journal file, which outlives a kill.

The sampler is TPE (tree-structured Parzen estimator, Bergstra et al. 2011), multivariate, so that
it learns which values go together. optuna's Gaussian process would need PyTorch, hundreds of
megabytes, and TPE handles a choice like `mode` and jobs at the same time (constant liar) as it is.
A journal, since every line of it is complete by itself, and people can read it.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
    distribution_to_json,
)
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, Trial, TrialState

from embeddings.runs.run_record import RUN_FILE, read_run
from embeddings.training.hyperparameters import TYPES
from embeddings.tuning.search_ranges import LOGARITHMIC, Choice, Range, Ranges
from storage.errors import BadRunError, OutputExistsError
from storage.output_folder import LOCK, held_folder, output_errors

JOURNAL = "search.journal"
STUDY = "mean_rho"
SETTINGS, ERROR = "settings", "error"
STOPPED = "stopped"
"""Error of a job that was ended with the search, and not by its own fault."""

MOST_RANDOM, FEWEST_RANDOM, RANDOM_SHARE = 10, 3, 3
"""Jobs before TPE starts: a third of all, but 3 to 10; optuna's 10 would be most of twelve."""


@contextmanager
def held(output: Path) -> Iterator[None]:
    """Around a search: no other search uses the folder meanwhile.

    Raises:
        OutputBusyError: another one does.
        OutputExistsError: the folder holds something, and no search.
        OutputNotWritableError: it can't be written, now or at any time inside.
    """
    with held_folder(output, "run"), output_errors(output):
        others = [path.name for path in output.iterdir() if path.name != LOCK]
        if others and JOURNAL not in others:
            raise OutputExistsError(f"{output} holds something else than a search: {others[0]}")
        yield


def open_study(
    output: Path, ranges: Ranges, settings: dict[str, Any], seed: int, max_jobs: int
) -> optuna.Study:
    """The search of a folder: a new one, or the one that was begun there.

    Args:
        output: held.
        ranges: hyperparameters to search.
        settings: what else must be the same for all jobs of one search.
        seed: of the sampler; what is drawn depends on how many jobs there were, too.
        max_jobs: of the search in all.

    Raises:
        OutputExistsError: the search that was begun has other settings.
        BadRunError: its journal is broken.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    space = distributions(ranges).items()
    asked = settings | {name: json.loads(distribution_to_json(kind)) for name, kind in space}
    path = output / JOURNAL
    _mend(path)
    try:
        study = optuna.create_study(
            study_name=STUDY,
            storage=JournalStorage(JournalFileBackend(str(path))),
            direction="maximize",
            load_if_exists=True,
        )
        trials = study.trials
    except (ValueError, KeyError) as error:
        raise BadRunError(f"{path} is broken: {error}") from error
    study.sampler = _sampler(seed + len(trials), max_jobs)
    noted = study.user_attrs.get(SETTINGS)
    if noted is None:
        study.set_user_attr(SETTINGS, asked)
    elif noted != json.loads(json.dumps(asked)):
        names = [name for name in noted | asked if noted.get(name) != asked.get(name)]
        raise OutputExistsError(
            f"{output} holds a search with other settings ({', '.join(sorted(names))}): "
            f"use another --output"
        )
    return study


def distributions(ranges: Ranges) -> dict[str, BaseDistribution]:
    """Ranges as optuna draws from them."""
    return {name: _distribution(name, values) for name, values in ranges.items()}


def _distribution(name: str, values: Range | Choice) -> BaseDistribution:
    if isinstance(values, Choice):
        return CategoricalDistribution(values.values)
    is_log = values.scaling == LOGARITHMIC
    if TYPES[name] is int:
        return IntDistribution(int(values.low), int(values.high), log=is_log)
    return FloatDistribution(values.low, values.high, log=is_log)


def settle(study: optuna.Study, output: Path) -> list[str]:
    """Decides about jobs that were running when the search was killed; names of those that failed.

    A job whose run.json is there had finished; any other failed, and what is left of it is removed.
    """
    failed = []
    for trial in of_state(study, TrialState.RUNNING):
        folder = output / job_name(trial)
        if (folder / RUN_FILE).is_file() and (rho := read_run(folder).mean_rho) is not None:
            study.tell(trial.number, rho)
            continue
        shutil.rmtree(folder, ignore_errors=True)
        study.tell(trial.number, state=TrialState.FAIL)
        failed.append(folder.name)
    return failed


def fail(study: optuna.Study, trial: Trial, reason: str) -> None:
    """Notes that a job failed, and why."""
    trial.set_user_attr(ERROR, reason)
    study.tell(trial, state=TrialState.FAIL)


def of_state(study: optuna.Study, state: TrialState) -> list[FrozenTrial]:
    """The jobs of a state, in order."""
    return study.get_trials(deepcopy=False, states=(state,))


def job_name(trial: Trial | FrozenTrial) -> str:
    """Name of a job's folder."""
    return f"job-{trial.number:03}"


def _sampler(seed: int, max_jobs: int) -> optuna.samplers.BaseSampler:
    random = min(MOST_RANDOM, max(FEWEST_RANDOM, max_jobs // RANDOM_SHARE))
    return optuna.samplers.TPESampler(
        seed=seed % 2**32, n_startup_trials=random, multivariate=True, constant_liar=True
    )


def _mend(journal: Path) -> None:
    """Removes what a kill may leave: half a line at the end, and optuna's own lock."""
    Path(f"{journal}.lock").unlink(missing_ok=True)
    if journal.exists():
        with journal.open("r+b") as file:
            content = file.read()
            file.truncate(content.rfind(b"\n") + 1)
