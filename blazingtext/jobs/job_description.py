"""What SageMaker says of training and tuning jobs, in the project's terms. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from aws.remote_runs import Status
from blazingtext.requests.training_request import CHANNEL
from blazingtext.requests.tuning_request import IDENTICAL, MEAN_RHO, TRANSFER
from embeddings.training.hyperparameters import TYPES, Hyperparameters
from storage.errors import HyperparameterError

SUCCEEDED, FAILED, STOPPED = "Completed", "Failed", "Stopped"
FINAL = (SUCCEEDED, FAILED, STOPPED, "DeleteFailed")
NUMBER = re.compile(r"-(\d{3,})-[0-9a-f]+$")
"""Which one of its search a training job is, in its name."""

Described = Mapping[str, Any]


def training_status(job: Described) -> Status:
    """Where a training job stands; its state is the secondary status, which tells more."""
    state, secondary = job["TrainingJobStatus"], job.get("SecondaryStatus", "")
    is_final = state in FINAL
    [*_, last] = job.get("SecondaryStatusTransitions") or [{}]
    details = job.get("FailureReason") or (last.get("StatusMessage", "") if is_final else "")
    shown = state if is_final and secondary in FINAL else secondary or state
    return Status(shown, is_final, 0 if state == SUCCEEDED else None, details)


def hyperparameters(job: Described) -> Hyperparameters:
    """A job's hyperparameters, typed; those of tuning jobs among them too.

    Raises:
        HyperparameterError: it is no word2vec job of BlazingText.
    """
    # SageMaker adds names of its own, such as _tuning_objective_metric.
    values = {
        name: value for name, value in job.get("HyperParameters", {}).items() if name in TYPES
    }
    if "mode" not in values:
        name = job["TrainingJobName"]
        raise HyperparameterError(f"training job {name} has no mode, so it is none of BlazingText")
    return Hyperparameters.of(values)


def corpus_uri(job: Described) -> str:
    """`s3://bucket/key` of the training file; "" for a job without the channel."""
    for channel in job.get("InputDataConfig", ()):
        if channel["ChannelName"] == CHANNEL:
            return str(channel["DataSource"].get("S3DataSource", {}).get("S3Uri", ""))
    return ""


def metrics(job: Described) -> list[dict[str, Any]]:
    """The final metrics of a job: name, value, ISO 8601 time, as run.json has them."""
    return [
        {"name": metric["MetricName"], "value": metric["Value"], "time": iso(metric["Timestamp"])}
        for metric in job.get("FinalMetricDataList") or ()
    ]


def mean_rho(job: Described) -> float | None:
    """The objective; None for a job that did not get so far."""
    values = [metric["value"] for metric in metrics(job) if metric["name"] == MEAN_RHO]
    return float(values[-1]) if values else None


def details(job: Described, price_per_hour: float | None) -> dict[str, Any]:
    """What only SageMaker's jobs have, under run.json's names."""
    resources = job["ResourceConfig"]
    return {
        "job_name": job["TrainingJobName"],
        "job_arn": job["TrainingJobArn"],
        "region": job["TrainingJobArn"].split(":")[3],
        "image": job["AlgorithmSpecification"].get("TrainingImage"),
        "instance_type": resources.get("InstanceType"),
        "instance_count": resources.get("InstanceCount"),
        "spot": bool(job.get("EnableManagedSpotTraining")),
        "spot_saving": spot_saving(job),
        "training_time_seconds": job.get("TrainingTimeInSeconds"),
        "billable_seconds": job.get("BillableTimeInSeconds"),
        "price_per_hour_usd": price_per_hour,
        "model_uri": job.get("ModelArtifacts", {}).get("S3ModelArtifacts"),
        "metrics": metrics(job),
    }


def price(job: Described, price_per_hour: float | None) -> float | None:
    """US$: billable seconds of every machine; None if the hourly price is not known."""
    billable = job.get("BillableTimeInSeconds")
    if billable is None or price_per_hour is None:
        return None
    count = job["ResourceConfig"].get("InstanceCount", 1)
    return float(round(billable / 3600 * count * price_per_hour, 4))


def spot_saving(job: Described) -> float | None:
    """Share of the running time that spot capacity saved; None for a job on demand.

    Source: developer guide, "Managed Spot Training": 1 - BillableTime / TrainingTime.
    """
    trained, billed = job.get("TrainingTimeInSeconds"), job.get("BillableTimeInSeconds")
    if not job.get("EnableManagedSpotTraining") or not trained or billed is None:
        return None
    return float(round(1 - billed / trained, 4))


def seconds(job: Described) -> float | None:
    """From creation to end; None while it runs."""
    end = job.get("TrainingEndTime") or job.get("LastModifiedTime")
    return float((end - job["CreationTime"]).total_seconds()) if end else None


def iso(time: datetime | None) -> str:
    """ISO 8601 in UTC, to the second; "" for no time."""
    return time.astimezone(UTC).isoformat(timespec="seconds") if time else ""


def tuning_status(search: Described) -> Status:
    """Where a search stands; its state tells how many jobs are done, and what the best one has."""
    state = search["HyperParameterTuningJobStatus"]
    shown = f"{state}: {_counts(search)}{_best_so_far(search)}"
    exit_code = 0 if state == SUCCEEDED else None
    return Status(shown, state in FINAL, exit_code, search.get("FailureReason") or "")


def _counts(search: Described) -> str:
    """How many jobs have ended, how many run, and how many did not end well."""
    counters = search.get("TrainingJobStatusCounters") or {}
    limits = search["HyperParameterTuningJobConfig"]["ResourceLimits"]
    failed = counters.get("NonRetryableError", 0) + counters.get("RetryableError", 0)
    stopped = counters.get("Stopped", 0)
    done = counters.get("Completed", 0) + failed + stopped
    parts = [f"{done} of {limits['MaxNumberOfTrainingJobs']} jobs ended"]
    for number, state in (
        (counters.get("InProgress", 0), "running"),
        (failed, "failed"),
        (stopped, "stopped"),
    ):
        parts += [f"{number} {state}"] if number else []
    return "; ".join(parts)


def _best_so_far(search: Described) -> str:
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
    match = NUMBER.search(training_job)
    return f"job-{match[1]}" if match else training_job


def searched(search: Described) -> list[str]:
    """Names of the hyperparameters that are searched."""
    ranges = search["HyperParameterTuningJobConfig"].get("ParameterRanges") or {}
    return [
        searched["Name"]
        for kind in sorted(ranges)
        if kind.endswith("Ranges")
        for searched in ranges[kind]
    ]


def warm_start_type(parents: Sequence[Described], corpus: str, image: str) -> str:
    """What SageMaker wants to be told of earlier searches: same corpus and image, or not."""
    for parent in parents:
        definition = parent.get("TrainingJobDefinition") or {}
        its_image = definition.get("AlgorithmSpecification", {}).get("TrainingImage")
        if (corpus_uri(definition), its_image) != (corpus, image):
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
