"""A search on SageMaker, and everything that SageMaker or BlazingText would refuse of it. Pure.

Sources: Amazon SageMaker API reference (CreateHyperParameterTuningJob); developer guide, "Tune a
BlazingText Model", "Run a Warm Start Hyperparameter Tuning Job", "Quotas".
"""

import re
from dataclasses import dataclass, replace

from blazingtext.machines import Machines
from embeddings.hyperparameter_rules import MODES
from embeddings.hyperparameters import Hyperparameters
from embeddings.search_ranges import (
    REFERENCE_RANGES,
    SCALINGS,
    Choice,
    Range,
    Ranges,
    check_ranges,
)
from storage.errors import HyperparameterError

NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,31}")
"""Of a tuning job; its training jobs are called `<name>-001-<eight digits>` and so on."""

MEAN_RHO, MAXIMIZE = "train:mean_rho", "Maximize"
"""The one metric of BlazingText's word2vec, which it reports once, at the end of a job."""

STRATEGIES = ("Bayesian", "Random")
"""Hyperband needs a metric after each epoch, Grid takes choices only."""

TUNABLE = (
    *("batch_size", "epochs", "learning_rate", "min_count", "mode", "negative_samples"),
    *("sampling_threshold", "vector_dim", "window_size"),
)
IDENTICAL, TRANSFER = "IdenticalDataAndAlgorithm", "TransferLearning"
MAX_JOBS, MAX_PARALLEL, MAX_PARENTS, MAX_VALUES, MAX_SEED = 750, 100, 5, 30, 2**31 - 1


@dataclass(frozen=True)
class Search:
    """What is searched, and how; the defaults are the reference's tuning job.

    Attributes:
        ranges: what each hyperparameter that is searched may be.
        common: values of all others.
        max_jobs: training jobs in all, failed ones too.
        parallel: of them at a time.
        strategy: one of `STRATEGIES`.
        objective: metric that is maximized.
        early_stopping: whether SageMaker may stop jobs that do badly. BlazingText tells how well a
            job does at its end only, so it has nothing to go by.
        warm_start_parents: names of earlier tuning jobs to learn from; up to five.
        warm_start_type: `IDENTICAL` for the same corpus and image, else `TRANSFER`.
        seed: of the strategy; None for any. SageMaker takes 0 too, which its SDK leaves out.
    """

    ranges: Ranges
    common: Hyperparameters
    max_jobs: int = 12
    parallel: int = 2
    strategy: str = STRATEGIES[0]
    objective: str = MEAN_RHO
    early_stopping: bool = False
    warm_start_parents: tuple[str, ...] = ()
    warm_start_type: str = IDENTICAL
    seed: int | None = None

    def discrepancies(self, machines: Machines) -> list[str]:
        """Every rule that is broken, machines beside hyperparameters included."""
        return [*self._ranges(), *self._limits(), *self._warm_start(), *self._machines(machines)]

    def _ranges(self) -> list[str]:
        wrong, names = [], ", ".join(TUNABLE)
        try:
            check_ranges(self.ranges, self.common)
        except HyperparameterError as error:
            wrong.append(str(error))
        for name, one in self.ranges.items():
            if name not in TUNABLE:
                wrong.append(f"{name} can't be searched, only fixed: SageMaker tunes {names}")
            if isinstance(one, Choice) and not 1 <= len(one.values) <= MAX_VALUES:
                wrong.append(f"{name} has {len(one.values)} choices, and may have {MAX_VALUES}")
            if isinstance(one, Range) and one.scaling not in SCALINGS:
                wrong.append(f"scaling of {name} is {one.scaling!r}, not one of {SCALINGS}")
        return wrong

    def _limits(self) -> list[str]:
        wrong = []
        if not 1 <= self.max_jobs <= MAX_JOBS:
            wrong.append(f"{self.max_jobs} jobs, and a search has 1 to {MAX_JOBS}")
        if not 1 <= self.parallel <= min(self.max_jobs, MAX_PARALLEL):
            most = f"the number of jobs, and {MAX_PARALLEL}, at most"
            wrong.append(f"{self.parallel} jobs at a time, and there may be {most}")
        if self.strategy not in STRATEGIES:
            wrong.append(f"strategy is {self.strategy!r}, and may be {' or '.join(STRATEGIES)}")
        if self.objective != MEAN_RHO:
            wrong.append(f"objective is {self.objective!r}; BlazingText reports {MEAN_RHO} only")
        if self.seed is not None and not 1 <= self.seed <= MAX_SEED:
            wrong.append(f"seed is {self.seed}, and must be from 1 to {MAX_SEED}")
        return wrong

    def _warm_start(self) -> list[str]:
        parents, wrong = self.warm_start_parents, []
        if len(parents) > MAX_PARENTS:
            wrong.append(f"{len(parents)} searches to start from, and there may be {MAX_PARENTS}")
        if len(set(parents)) < len(parents):
            wrong.append("a search to start from is named twice")
        if self.warm_start_type not in (IDENTICAL, TRANSFER):
            wrong.append(f"warm start is {self.warm_start_type!r}, not {IDENTICAL} or {TRANSFER}")
        return wrong + [
            f"{one!r} is no name of a tuning job" for one in parents if not NAME.fullmatch(one)
        ]

    def _machines(self, machines: Machines) -> list[str]:
        found = [line for mode in self.modes() for line in machines.discrepancies(mode)]
        return list(dict.fromkeys(found))

    def modes(self) -> list[Hyperparameters]:
        """Hyperparameters of a job for each mode that may be drawn; none that is forbidden."""
        mode = self.ranges.get("mode")
        names: tuple[str, ...] = mode.ends() if isinstance(mode, Choice) else (self.common.mode,)
        common = replace(self.common, subwords=False)
        return [replace(common, mode=name) for name in names if name in MODES]


def reference_search() -> Search:
    """The reference's: 12 jobs, 2 at a time."""
    return Search(REFERENCE_RANGES, Hyperparameters.of({}, "reference"))
