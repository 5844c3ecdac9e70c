"""What `describe_training_job` answers, in the project's terms. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aws.remote_runs import Status
from blazingtext.training_request import CHANNEL
from embeddings.hyperparameters import TYPES, Hyperparameters
from storage.errors import HyperparameterError

SUCCEEDED, FAILED, STOPPED = "Completed", "Failed", "Stopped"
FINAL = (SUCCEEDED, FAILED, STOPPED)
Described = Mapping[str, Any]


def status(job: Described) -> Status:
    """Where a job stands; its state is the secondary status, which tells more."""
    state, secondary = job["TrainingJobStatus"], job.get("SecondaryStatus", "")
    is_final = state in FINAL
    details = job.get("FailureReason") or (last_message(job) if is_final else "")
    shown = state if is_final and secondary in FINAL else secondary or state
    return Status(shown, is_final, 0 if state == SUCCEEDED else None, details)


def last_message(job: Described) -> str:
    """What SageMaker says of the phase that a job is in."""
    transitions = job.get("SecondaryStatusTransitions") or [{}]
    return str(transitions[-1].get("StatusMessage") or "")


def hyperparameters(job: Described) -> Hyperparameters:
    """A job's hyperparameters, typed; those of tuning jobs among them too.

    Raises:
        HyperparameterError: it is no word2vec job of BlazingText.
    """
    # SageMaker adds names of its own, such as _tuning_objective_metric.
    values = {name: one for name, one in job.get("HyperParameters", {}).items() if name in TYPES}
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
    """The final metrics: name, value, ISO 8601 time, as run.json has them."""
    return [
        {"name": one["MetricName"], "value": one["Value"], "time": iso(one["Timestamp"])}
        for one in job.get("FinalMetricDataList") or ()
    ]


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
