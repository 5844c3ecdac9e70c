"""What `describe_hyper_parameter_tuning_job` answers, in the project's terms. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from aws.remote_runs import Status
from blazingtext import job_description
from blazingtext.job_description import FAILED, STOPPED, SUCCEEDED
from blazingtext.search import IDENTICAL, MEAN_RHO, TRANSFER

FINAL = (SUCCEEDED, FAILED, STOPPED, "DeleteFailed")
NUMBER = re.compile(r"-(\d{3,})-[0-9a-f]+$")
"""Which one a training job is, in its name."""

Described = Mapping[str, Any]


def status(search: Described) -> Status:
    """Where a search stands; its state tells how many jobs are done, and what the best one has."""
    state = search["HyperParameterTuningJobStatus"]
    shown = f"{state}: {counts(search)}{best_so_far(search)}"
    exit_code = 0 if state == SUCCEEDED else None
    return Status(shown, state in FINAL, exit_code, search.get("FailureReason") or "")


def counts(search: Described) -> str:
    """How many jobs have ended, how many run, and how many did not end well."""
    found = search.get("TrainingJobStatusCounters") or {}
    limits = search["HyperParameterTuningJobConfig"]["ResourceLimits"]
    failed = found.get("NonRetryableError", 0) + found.get("RetryableError", 0)
    stopped = found.get("Stopped", 0)
    done = found.get("Completed", 0) + failed + stopped
    parts = [f"{done} of {limits['MaxNumberOfTrainingJobs']} jobs ended"]
    for number, what in (
        (found.get("InProgress", 0), "running"),
        (failed, "failed"),
        (stopped, "stopped"),
    ):
        parts += [f"{number} {what}"] if number else []
    return "; ".join(parts)


def best_so_far(search: Described) -> str:
    """The best value until now, with the job that has it; empty before there is one."""
    best = search.get("BestTrainingJob") or {}
    value = (best.get("FinalHyperParameterTuningJobObjectiveMetric") or {}).get("Value")
    if value is None:
        return ""
    return f"; best mean_rho {value:.4f} ({short_name(best['TrainingJobName'])})"


def short_name(training_job: str) -> str:
    """Name of a job inside its search, and of its folder.

    >>> short_name("blazingtext-260102-030405-1a2b3c-007-0123abcd")
    'job-007'
    """
    found = NUMBER.search(training_job)
    return f"job-{found[1]}" if found else training_job


def searched(search: Described) -> list[str]:
    """Names of the hyperparameters that are searched."""
    ranges = search["HyperParameterTuningJobConfig"].get("ParameterRanges") or {}
    return [
        one["Name"] for kind in sorted(ranges) if kind.endswith("Ranges") for one in ranges[kind]
    ]


def warm_start_type(parents: Sequence[Described], corpus_uri: str, image: str) -> str:
    """What SageMaker wants to be told of earlier searches: same corpus and image, or not."""
    for parent in parents:
        definition = parent.get("TrainingJobDefinition") or {}
        its_image = definition.get("AlgorithmSpecification", {}).get("TrainingImage")
        if (job_description.corpus_uri(definition), its_image) != (corpus_uri, image):
            return TRANSFER
    return IDENTICAL


def parent_discrepancies(parent: Described, request: Mapping[str, Any]) -> list[str]:
    """Why a search can't start from an earlier one; nothing if it can.

    Args:
        parent: the earlier one.
        request: from `tuning_request`.
    """
    name, state = parent["HyperParameterTuningJobName"], parent["HyperParameterTuningJobStatus"]
    wrong = [] if state in FINAL else [f"{name} is {state}, and must have ended"]
    config = parent["HyperParameterTuningJobConfig"]
    metric = (config.get("HyperParameterTuningJobObjective") or {}).get("MetricName")
    if metric != MEAN_RHO:
        return [*wrong, f"{name} searched for {metric}, not {MEAN_RHO}"]
    theirs, ours = _hyperparameters(parent), _hyperparameters(request)
    if theirs != ours:
        different = ", ".join(sorted(theirs ^ ours))
        wrong.append(f"{name} has other hyperparameters, searched and fixed together: {different}")
    return wrong


def _hyperparameters(search: Mapping[str, Any]) -> set[str]:
    """Names of all of them, but for those that SageMaker adds."""
    definition = search.get("TrainingJobDefinition") or {}
    fixed = definition.get("StaticHyperParameters") or {}
    return {name for name in fixed if not name.startswith("_")} | set(searched(search))
