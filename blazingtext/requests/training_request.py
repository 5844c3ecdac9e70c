"""The request for a training job. Pure: nothing here talks to AWS.

`training_request` is what `create_training_job` takes, and what Airflow's
`SageMakerTrainingOperator` takes as its `config`.

The channel names its one object by a prefix, as the reference run did, so that jobs can be searched
by their input. SageMaker takes every object whose key begins so: `blazingtext.jobs.starting` sees
to it that there is just one. A manifest of one key would be exact, at the price of one more object
that is written, kept, and readable for the role.
"""

from typing import Any

from blazingtext.requests.limits import TRAINING_JOB, is_valid, most
from blazingtext.requests.settings import JobSettings
from embeddings.training.hyperparameters import Hyperparameters
from storage.errors import RequestError
from storage.locations import is_s3, join_uri, split_uri

CHANNEL, CONTENT_TYPE, INPUT_MODE = "train", "text/plain", "File"


def training_request(
    name: str, corpus_uri: str, chosen: Hyperparameters, settings: JobSettings
) -> dict[str, Any]:
    """Arguments of `create_training_job`.

    Args:
        name: of the job.
        corpus_uri: `s3://bucket/key` of the one training file.
        chosen: BlazingText's hyperparameters.
        settings: where it runs.

    Raises:
        RequestError: what SageMaker or BlazingText would refuse, all of it in one line.
    """
    wrong = [*name_discrepancies("job name", name, TRAINING_JOB), *settings.discrepancies(chosen)]
    if wrong := corpus_discrepancies(corpus_uri) + wrong:
        raise RequestError("; ".join(wrong))
    return {
        "TrainingJobName": name,
        "HyperParameters": chosen.to_blazingtext(),
        "Tags": tags(settings),
        **definition(corpus_uri, settings),
        **switches(settings),
    }


def corpus_discrepancies(corpus_uri: str) -> list[str]:
    """What is wrong with the name of a training file; nothing if it is one."""
    if is_s3(corpus_uri) and split_uri(corpus_uri)[1] and not corpus_uri.endswith("/"):
        return []
    return [f"corpus is {corpus_uri!r}, not s3://bucket/key of one file"]


def name_discrepancies(label: str, name: str, kind: str) -> list[str]:
    """What is wrong with the name of a job; nothing if it is one of a type of the API."""
    if is_valid(kind, name):
        return []
    return [f"{label} is {name!r}: letters, digits and single hyphens, {most(kind)} at most"]


def definition(corpus_uri: str, settings: JobSettings) -> dict[str, Any]:
    """What a training job's request and the definition of a tuning job's jobs have in common.

    Built-in algorithms bring their metrics along. Each machine gets the whole of the one object.
    """
    source = {
        "S3DataType": "S3Prefix",
        "S3Uri": join_uri(*split_uri(corpus_uri)),
        "S3DataDistributionType": "FullyReplicated",
    }
    channel = {
        "ChannelName": CHANNEL,
        "ContentType": CONTENT_TYPE,
        "InputMode": INPUT_MODE,
        "DataSource": {"S3DataSource": source},
    }
    output = {
        "S3OutputPath": join_uri(*split_uri(settings.output_path)),
        "KmsKeyId": settings.kms_key_id,
    }
    resources = {
        "InstanceType": settings.instance_type,
        "InstanceCount": settings.instance_count,
        "VolumeSizeInGB": settings.volume_gb,
        "VolumeKmsKeyId": settings.volume_kms_key_id,
    }
    limits = {
        "MaxRuntimeInSeconds": settings.max_run_seconds,
        "MaxWaitTimeInSeconds": settings.max_wait_seconds,
    }
    vpc = {
        "SecurityGroupIds": list(settings.security_groups),
        "Subnets": list(settings.subnets),
    }
    checkpoints = {"S3Uri": settings.checkpoint_uri}
    return {
        "RoleArn": settings.role_arn,
        "AlgorithmSpecification": {
            "TrainingImage": settings.image,
            "TrainingInputMode": INPUT_MODE,
        },
        "InputDataConfig": [channel],
        "OutputDataConfig": _given(output),
        "ResourceConfig": _given(resources),
        "StoppingCondition": _given(limits),
        **({"VpcConfig": vpc} if settings.subnets else {}),
        **({"CheckpointConfig": checkpoints} if settings.checkpoint_uri else {}),
    }


def switches(settings: JobSettings) -> dict[str, bool]:
    """What is on or off."""
    return {
        "EnableNetworkIsolation": settings.network_isolation,
        "EnableInterContainerTrafficEncryption": settings.encrypt_traffic,
        "EnableManagedSpotTraining": settings.spot,
    }


def tags(settings: JobSettings) -> list[dict[str, str]]:
    """The `Tags`."""
    return [{"Key": key, "Value": value} for key, value in settings.tags.items()]


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
