"""What of SageMaker's answers the steps that follow need: names, URIs and a few figures. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

MEAN_RHO = "train:mean_rho"


def training_result(job: Mapping[str, Any]) -> dict[str, Any]:
    """Of a training job, as `describe_training_job` shows it: job, model, mean_rho, seconds."""
    return {
        "job": job["TrainingJobName"],
        "vectors": job["ModelArtifacts"]["S3ModelArtifacts"],
        "mean_rho": _metric(job.get("FinalMetricDataList", ())),
        "billable_seconds": job.get("BillableTimeInSeconds"),
    }


def tuning_result(job: Mapping[str, Any]) -> dict[str, Any]:
    """Of a tuning job, as `describe_hyper_parameter_tuning_job` shows it: the best job."""
    best = job.get("BestTrainingJob") or {}
    objective = best.get("FinalHyperParameterTuningJobObjectiveMetric") or {}
    return {
        "search": job["HyperParameterTuningJobName"],
        "job": best.get("TrainingJobName"),
        "mean_rho": objective.get("Value"),
    }


def _metric(metrics: Iterable[Mapping[str, Any]]) -> float | None:
    found = [float(one["Value"]) for one in metrics if one["MetricName"] == MEAN_RHO]
    return found[-1] if found else None
