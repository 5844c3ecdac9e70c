"""The requests that put a model into the SageMaker Model Registry. Pure.

Sources: Amazon SageMaker API reference, CreateModelPackageGroup, CreateModelPackage; developer
guide, "BlazingText algorithm" (content types).
"""

from typing import Any

from aws.build_job import NAME as PROJECT
from aws.build_job import TAGS
from blazingtext.requests.limits import is_valid
from embeddings.runs.run_record import RunRecord
from storage.errors import RequestError

GROUP, STATUS = "ModelPackageGroupName", "PendingManualApproval"
JSON = "application/json"
MAX_VALUE = 256
"""Characters of a value of `CustomerMetadataProperties`."""

CORPUS_FACTS = ("uri", "sha256", "manifest_sha256", "input_digest")


def group_request(group: str) -> dict[str, Any]:
    """Arguments of `create_model_package_group`.

    Raises:
        RequestError: the name is none that SageMaker and the caller's policy take.
    """
    if not (is_valid("EntityName", group) and group.startswith(PROJECT)):
        raise RequestError(f"group is {group!r}, not {PROJECT}-, letters, digits, single hyphens")
    return {
        GROUP: group,
        "ModelPackageGroupDescription": "Word vectors of blazing-corpus",
        "Tags": [{"Key": key, "Value": value} for key, value in TAGS.items()],
    }


def package_request(group: str, record: RunRecord, run_uri: str) -> dict[str, Any]:
    """Arguments of `create_model_package`: the model, its metrics, and the corpus's digests.

    Args:
        group: that it becomes a version of.
        record: of a run on SageMaker.
        run_uri: of its run.json on S3, which is what its metrics are.

    Raises:
        RequestError: the run has no model that SageMaker wrote.
    """
    model, image = record.details.get("model_uri"), record.details.get("image")
    if not (model and image):
        raise RequestError(f"{record.name} was not trained on SageMaker: it has no model there")
    facts = {f"corpus.{name}": record.corpus.get(name) for name in CORPUS_FACTS}
    facts |= {f"hyperparameter.{name}": value for name, value in record.hyperparameters.items()}
    facts |= {"mean_rho": record.mean_rho, "run": record.name}
    return {
        GROUP: group,
        "ModelPackageDescription": f"mean_rho {record.mean_rho} on WordSim-353",
        "ModelApprovalStatus": STATUS,
        "InferenceSpecification": {
            "Containers": [{"Image": image, "ModelDataUrl": model}],
            "SupportedContentTypes": [JSON],
            "SupportedResponseMIMETypes": [JSON],
        },
        "ModelMetrics": {
            "ModelQuality": {"Statistics": {"ContentType": JSON, "S3Uri": run_uri}},
        },
        "CustomerMetadataProperties": {
            name: str(value)[:MAX_VALUE] for name, value in facts.items() if value is not None
        },
    }
