"""The end of a training on SageMaker: model fetched, evaluated as ever, run.json written."""

from collections.abc import Mapping
from typing import Any

from blazingtext import job_description
from blazingtext.job_record import Asked, make_record
from blazingtext.model_files import MAX_MODEL_BYTES, fetch_model
from embeddings.evaluation import evaluate
from embeddings.run_folder import RunFolder
from embeddings.run_record import RunRecord
from storage.errors import BadArchiveError
from storage.s3_client import make_client


def collect(
    job: job_description.Described, log: Mapping[str, Any], asked: Asked, folder: RunFolder
) -> RunRecord:
    """Publishes what a completed job left in a run's folder.

    Raises:
        JobError, AwsError: the model can't be fetched, or is not one.
    """
    uri = job.get("ModelArtifacts", {}).get("S3ModelArtifacts")
    if not uri:
        raise BadArchiveError(f"training job {job['TrainingJobName']} left no model")
    model = fetch_model(make_client(), uri, folder.staging, MAX_MODEL_BYTES)
    wants_scores = job_description.hyperparameters(job).evaluation
    scores = evaluate(model.vectors) if wants_scores else []
    record = make_record(job, log, model, scores, asked, folder.staging)
    folder.publish(record)
    return record
