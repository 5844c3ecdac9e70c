"""A search for hyperparameters, and the request for its tuning job. Pure: nothing talks to AWS.

`tuning_request` is what `create_hyper_parameter_tuning_job` takes, and what Airflow's
`SageMakerTuningOperator` takes as its `config`.

Sources: Amazon SageMaker API reference (CreateHyperParameterTuningJob); developer guide, "Tune a
BlazingText Model", "Run a Warm Start Hyperparameter Tuning Job", "Quotas".
"""

from dataclasses import dataclass, replace
from typing import Any

from blazingtext.requests import training_request
from blazingtext.requests.limits import TUNING_JOB, is_valid, most
from blazingtext.requests.settings import JobSettings
from embeddings.training.hyperparameters import MODES, TYPES, Hyperparameters, to_text
from embeddings.tuning.search_ranges import (
    REFERENCE_RANGES,
    SCALINGS,
    Choice,
    Range,
    Ranges,
    check_ranges,
)
from storage.errors import HyperparameterError, RequestError

MEAN_RHO, MAXIMIZE = "train:mean_rho", "Maximize"
"""The one metric of BlazingText's word2vec, which it reports once, at the end of a job."""

STRATEGIES = ("Bayesian", "Random")
"""Hyperband needs a metric after each epoch, Grid takes choices only."""

TUNABLE = (
    *("batch_size", "epochs", "learning_rate", "min_count", "mode", "negative_samples"),
    *("sampling_threshold", "vector_dim", "window_size"),
)
IDENTICAL, TRANSFER = "IdenticalDataAndAlgorithm", "TransferLearning"
MAX_JOBS, MAX_PARALLEL, MAX_SEED = 750, 100, 2**31 - 1
"""Quotas of an account; what the API's own model does not say."""


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
        seed: of the strategy; None for any.
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

    def discrepancies(self, settings: JobSettings) -> list[str]:
        """Every rule that is broken, the settings of its jobs included."""
        return [*self._ranges(), *self._limits(), *self._warm_start(), *self._settings(settings)]

    def _ranges(self) -> list[str]:
        wrong, names, values = [], ", ".join(TUNABLE), most("ParameterValues")
        try:
            check_ranges(self.ranges, self.common)
        except HyperparameterError as error:
            wrong.append(str(error))
        for name, searched in self.ranges.items():
            if name not in TUNABLE:
                wrong.append(f"{name} can't be searched, only fixed: SageMaker tunes {names}")
            if isinstance(searched, Choice) and not 1 <= len(searched.values) <= values:
                wrong.append(f"{name} has {len(searched.values)} choices, and may have {values}")
            if isinstance(searched, Range) and searched.scaling not in SCALINGS:
                wrong.append(f"scaling of {name} is {searched.scaling!r}, not one of {SCALINGS}")
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
        if self.seed is not None and not 0 <= self.seed <= MAX_SEED:
            wrong.append(f"seed is {self.seed}, and must be from 0 to {MAX_SEED}")
        return wrong

    def _warm_start(self) -> list[str]:
        parents, wrong = self.warm_start_parents, []
        if len(parents) > (limit := most("ParentHyperParameterTuningJobs")):
            wrong.append(f"{len(parents)} searches to start from, and there may be {limit}")
        if len(set(parents)) < len(parents):
            wrong.append("a search to start from is named twice")
        if self.warm_start_type not in (IDENTICAL, TRANSFER):
            wrong.append(f"warm start is {self.warm_start_type!r}, not {IDENTICAL} or {TRANSFER}")
        return wrong + [
            f"{parent!r} is no name of a tuning job"
            for parent in parents
            if not is_valid(TUNING_JOB, parent)
        ]

    def _settings(self, settings: JobSettings) -> list[str]:
        wrong_modes = [line for mode in self.modes() for line in settings.discrepancies(mode)]
        return list(dict.fromkeys(wrong_modes))

    def modes(self) -> list[Hyperparameters]:
        """Hyperparameters of a job for each mode that may be drawn; none that is forbidden."""
        mode = self.ranges.get("mode")
        names: tuple[str, ...] = mode.ends() if isinstance(mode, Choice) else (self.common.mode,)
        common = replace(self.common, subwords=False)
        return [replace(common, mode=name) for name in names if name in MODES]


def reference_search() -> Search:
    """The reference's: 12 jobs, 2 at a time."""
    return Search(REFERENCE_RANGES, Hyperparameters.of({}, "reference"))


def tuning_request(
    name: str, corpus_uri: str, search: Search, settings: JobSettings
) -> dict[str, Any]:
    """Arguments of `create_hyper_parameter_tuning_job`.

    Args:
        name: of the tuning job, up to 32 characters.
        corpus_uri: `s3://bucket/key` of the one training file.
        search: what is searched.
        settings: where each training job runs; its tags are the search's and each job's.

    Raises:
        RequestError: what SageMaker or BlazingText would refuse, all of it in one line.
    """
    wrong = [
        *training_request.corpus_discrepancies(corpus_uri),
        *training_request.name_discrepancies("name", name, TUNING_JOB),
        *search.discrepancies(settings),
    ]
    if wrong:
        raise RequestError("; ".join(wrong))
    return {
        "HyperParameterTuningJobName": name,
        "HyperParameterTuningJobConfig": tuning_config(search),
        "TrainingJobDefinition": {
            "StaticHyperParameters": static_hyperparameters(search),
            **training_request.definition(corpus_uri, settings),
            **{name: on for name, on in training_request.switches(settings).items() if on},
        },
        **warm_start(search),
        "Tags": training_request.tags(settings),
    }


def tuning_config(search: Search) -> dict[str, Any]:
    """The `HyperParameterTuningJobConfig`."""
    return {
        "Strategy": search.strategy,
        "HyperParameterTuningJobObjective": {"Type": MAXIMIZE, "MetricName": search.objective},
        "ResourceLimits": {
            "MaxNumberOfTrainingJobs": search.max_jobs,
            "MaxParallelTrainingJobs": search.parallel,
        },
        "ParameterRanges": parameter_ranges(search.ranges),
        "TrainingJobEarlyStoppingType": "Auto" if search.early_stopping else "Off",
        **({} if search.seed is None else {"RandomSeed": search.seed}),
    }


def parameter_ranges(ranges: Ranges) -> dict[str, list[dict[str, Any]]]:
    """The `ParameterRanges`; kinds of which there are none are left out."""
    requested: dict[str, list[dict[str, Any]]] = {}
    for name, searched in ranges.items():
        if isinstance(searched, Choice):
            kind, values = "Categorical", {"Values": [to_text(value) for value in searched.values]}
            requested.setdefault(f"{kind}ParameterRanges", []).append({"Name": name, **values})
            continue
        kind = "Integer" if TYPES[name] is int else "Continuous"
        ends = {"MinValue": to_text(searched.low), "MaxValue": to_text(searched.high)}
        requested.setdefault(f"{kind}ParameterRanges", []).append(
            {"Name": name, **ends, "ScalingType": searched.scaling}
        )
    return requested


def static_hyperparameters(search: Search) -> dict[str, str]:
    """What all jobs have in common.

    `batch_size` is always among it, though it means something in one mode only: a search that
    starts from another must have the same hyperparameters, searched and fixed ones together.
    """
    usual = replace(search.common, mode="batch_skipgram", subwords=False).to_blazingtext()
    fixed = usual | search.common.to_blazingtext()
    return {name: value for name, value in fixed.items() if name not in search.ranges}


def warm_start(search: Search) -> dict[str, Any]:
    """The `WarmStartConfig`, if there is one."""
    parents = [{"HyperParameterTuningJobName": name} for name in search.warm_start_parents]
    if not parents:
        return {}
    config = {"ParentHyperParameterTuningJobs": parents, "WarmStartType": search.warm_start_type}
    return {"WarmStartConfig": config}
