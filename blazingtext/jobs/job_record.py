"""A training job → the same run.json as that of a training on this machine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from blazingtext.jobs import job_description
from blazingtext.jobs.job_description import SUCCEEDED, Described, iso
from blazingtext.jobs.model_files import MAX_MODEL_BYTES, Model, fetch_model
from embeddings.runs.run_folder import RunFolder
from embeddings.runs.run_record import COMPLETED, RunRecord, describe_versions
from embeddings.scoring.evaluation import eval_json, evaluate
from storage.errors import BadArchiveError
from storage.s3_client import make_client

CORPUS = ("sha256", "bytes", "lines", "words", "manifest_sha256", "input_digest")
TOLERANCE = 1e-3
"""Of mean_rho, between the job's own evaluation and ours: the text of vectors is rounded."""


@dataclass(frozen=True)
class Known:
    """What SageMaker does not know of a job.

    Attributes:
        name: of the run; empty for the job's.
        corpus: facts for run.json: `sha256`, `bytes`, `lines`, `words`, …
        price_per_hour: US$ of one machine; None if not known.
        notes: what the user should know of how it was run.
    """

    name: str = ""
    corpus: Mapping[str, Any] = field(default_factory=dict)
    price_per_hour: float | None = None
    notes: Sequence[str] = ()


def job_record(job: Described, price_per_hour: float | None, name: str = "") -> RunRecord:
    """The record of a job, whatever became of it; what only its model tells is None. Pure.

    Args:
        job: an answer of `describe_training_job`, or a result of `search`.
        price_per_hour: US$ of one machine; None if not known.
        name: of the run; empty for the job's.

    Raises:
        HyperparameterError: it is no word2vec job of BlazingText.
    """
    state, resources = job["TrainingJobStatus"], job["ResourceConfig"]
    rho, reason = job_description.mean_rho(job), job.get("FailureReason")
    own = {"tuning_job_arn": job.get("TuningJobArn"), "failure_reason": reason}
    return RunRecord(
        name=name or job["TrainingJobName"],
        backend="sagemaker",
        status=COMPLETED if state == SUCCEEDED else state,
        started=iso(job["CreationTime"]),
        finished=iso(job.get("TrainingEndTime")),
        hyperparameters=job_description.hyperparameters(job).to_dict(),
        corpus={"uri": job_description.corpus_uri(job)},
        seconds=job_description.seconds(job),
        evaluation=None if rho is None else {"mean_rho": rho},
        price_usd=job_description.price(job, price_per_hour),
        host={"machine": resources.get("InstanceType"), "count": resources.get("InstanceCount")},
        details=job_description.details(job, price_per_hour) | own,
    )


def collect(job: Described, log: Mapping[str, Any], known: Known, folder: RunFolder) -> RunRecord:
    """Publishes what a completed job left, in a run's folder: its model, evaluated, and run.json.

    Args:
        job: as SageMaker describes it.
        log: figures of its log, by name; any of them may be missing.
        known: what SageMaker does not know.
        folder: of the run.

    Raises:
        JobError: the model can't be fetched, or is not one.
    """
    uri = job.get("ModelArtifacts", {}).get("S3ModelArtifacts")
    if not uri:
        raise BadArchiveError(f"training job {job['TrainingJobName']} left no model")
    model = fetch_model(make_client(), uri, folder.staging, MAX_MODEL_BYTES)
    wants_scores = job_description.hyperparameters(job).evaluation
    scores = evaluate(model.vectors) if wants_scores else []
    ours = eval_json(scores) if scores else None
    details = job_description.details(job, known.price_per_hour)
    record = job_record(job, known.price_per_hour, known.name)
    record = replace(
        record,
        corpus=record.corpus | {name: known.corpus.get(name) for name in CORPUS},
        training_seconds=log.get("training_seconds"),
        words_per_second=log.get("words_per_second"),
        vocabulary=len(model.vectors),
        evaluation=(model.evaluation or ours) if wants_scores else None,
        scores=[score.to_dict() for score in scores],
        notes=[*known.notes, *compare_evaluations(model, ours)],
        versions=describe_versions(),
        artifacts={path.name: path.stat().st_size for path in sorted(folder.staging.iterdir())},
        details=details | {"model_sha256": model.sha256},
    )
    folder.publish(record)
    return record


def compare_evaluations(model: Model, ours: Mapping[str, Any] | None) -> list[str]:
    """A note if the job's mean_rho is not ours."""
    if not model.evaluation or not ours:
        return []
    first, second = model.evaluation["mean_rho"], ours["mean_rho"]
    if first == second or (
        first is not None and second is not None and abs(first - second) <= TOLERANCE
    ):
        return []
    return [f"the job's eval.json has mean_rho {first}, and its vectors give {second}"]
