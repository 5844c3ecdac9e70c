"""A training job as SageMaker describes it → a run record, without its model. Pure."""

from blazingtext import job_description
from blazingtext.search import MEAN_RHO
from embeddings.run_record import COMPLETED, RunRecord


def remote_record(
    job: job_description.Described, price_per_hour: float | None, name: str = ""
) -> RunRecord:
    """The record of a job, whatever became of it; what only its model tells is None.

    Args:
        job: an answer of `describe_training_job`, or a result of `search`.
        price_per_hour: US$ of one machine; None if not known.
        name: of the run; empty for the job's.

    Raises:
        HyperparameterError: it is no word2vec job of BlazingText.
    """
    state, resources = job["TrainingJobStatus"], job["ResourceConfig"]
    rho, reason = mean_rho(job), job.get("FailureReason")
    own = {"tuning_job_arn": job.get("TuningJobArn"), "failure_reason": reason}
    return RunRecord(
        name=name or job["TrainingJobName"],
        backend="sagemaker",
        status=COMPLETED if state == job_description.SUCCEEDED else state,
        started=job_description.iso(job["CreationTime"]),
        finished=job_description.iso(job.get("TrainingEndTime")),
        hyperparameters=job_description.hyperparameters(job).to_dict(),
        corpus={"uri": job_description.corpus_uri(job)},
        seconds=job_description.seconds(job),
        evaluation=None if rho is None else {"mean_rho": rho},
        price_usd=job_description.price(job, price_per_hour),
        host={"machine": resources.get("InstanceType"), "count": resources.get("InstanceCount")},
        details=job_description.details(job, price_per_hour) | own,
    )


def mean_rho(job: job_description.Described) -> float | None:
    """The objective; None for a job that did not get so far."""
    found = [one["value"] for one in job_description.metrics(job) if one["name"] == MEAN_RHO]
    return float(found[-1]) if found else None
