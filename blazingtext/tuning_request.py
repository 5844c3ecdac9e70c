"""The request for a tuning job. Pure: nothing here talks to AWS.

`tuning_request` is what `create_hyper_parameter_tuning_job` takes, and what Airflow's
`SageMakerTuningOperator` takes as its `config`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from blazingtext import training_request
from blazingtext.machines import Machines
from blazingtext.search import MAXIMIZE, NAME, Search, reference_search
from embeddings.hyperparameter_text import to_text
from embeddings.hyperparameters import TYPES
from embeddings.search_ranges import Choice, Ranges
from storage.errors import RequestError

__all__ = ["Search", "reference_search", "tuning_request"]


def tuning_request(
    name: str, corpus_uri: str, search: Search, machines: Machines
) -> dict[str, Any]:
    """Arguments of `create_hyper_parameter_tuning_job`.

    Args:
        name: of the tuning job, up to 32 characters.
        corpus_uri: `s3://bucket/key` of the one training file.
        search: what is searched.
        machines: where each training job runs; its tags are the search's and each job's.

    Raises:
        RequestError: what SageMaker or BlazingText would refuse, all of it in one line.
    """
    check(name, corpus_uri, search, machines)
    return {
        "HyperParameterTuningJobName": name,
        "HyperParameterTuningJobConfig": tuning_config(search),
        "TrainingJobDefinition": {
            "StaticHyperParameters": static_hyperparameters(search),
            "AlgorithmSpecification": training_request.algorithm(machines),
            "RoleArn": machines.role_arn,
            "InputDataConfig": [training_request.channel(corpus_uri)],
            "OutputDataConfig": training_request.output(machines),
            "ResourceConfig": training_request.resources(machines),
            "StoppingCondition": training_request.stopping_condition(machines),
            **{name: on for name, on in training_request.switches(machines).items() if on},
            **training_request.vpc(machines),
            **training_request.checkpoints(machines),
        },
        **warm_start(search),
        "Tags": training_request.tags(machines),
    }


def check(name: str, corpus_uri: str, search: Search, machines: Machines) -> None:
    """Refuses what SageMaker would.

    Raises:
        RequestError: all of it in one line.
    """
    wrong = search.discrepancies(machines)
    if not NAME.fullmatch(name):
        wrong.insert(0, f"name is {name!r}: letters, digits and single hyphens, 32 at most")
    wrong[:0] = training_request.corpus_discrepancies(corpus_uri)
    if wrong:
        raise RequestError("; ".join(wrong))


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
    found: dict[str, list[dict[str, Any]]] = {}
    for name, one in ranges.items():
        if isinstance(one, Choice):
            kind, values = "Categorical", {"Values": [to_text(value) for value in one.values]}
            found.setdefault(f"{kind}ParameterRanges", []).append({"Name": name, **values})
            continue
        kind = "Integer" if TYPES[name] is int else "Continuous"
        ends = {"MinValue": to_text(one.low), "MaxValue": to_text(one.high)}
        found.setdefault(f"{kind}ParameterRanges", []).append(
            {"Name": name, **ends, "ScalingType": one.scaling}
        )
    return found


def static_hyperparameters(search: Search) -> dict[str, str]:
    """What all jobs have in common.

    `batch_size` is always among it, though it means something in one mode only: a search that
    starts from another must have the same hyperparameters, searched and fixed ones together.
    """
    usual = replace(search.common, mode="batch_skipgram", subwords=False).to_blazingtext()
    found = usual | search.common.to_blazingtext()
    return {name: value for name, value in found.items() if name not in search.ranges}


def warm_start(search: Search) -> dict[str, Mapping[str, Any]]:
    """The `WarmStartConfig`, if there is one."""
    parents = [{"HyperParameterTuningJobName": name} for name in search.warm_start_parents]
    if not parents:
        return {}
    config = {"ParentHyperParameterTuningJobs": parents, "WarmStartType": search.warm_start_type}
    return {"WarmStartConfig": config}
