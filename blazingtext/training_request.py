"""The request for a training job. Pure: nothing here talks to AWS.

`training_request` is what `create_training_job` takes, and what Airflow's
`SageMakerTrainingOperator` takes as its `config`.

The channel names its one object by a prefix, as the reference run did, so that jobs can be searched
by their input. SageMaker takes every object whose key begins so: `blazingtext.corpus_object` sees
to it that there is just one. A manifest of one key would be exact, at the price of one more object
that is written, kept, and readable for the role.
"""

import re
from typing import Any

from blazingtext.machines import Machines
from embeddings.hyperparameters import Hyperparameters
from storage.errors import RequestError
from storage.locations import is_s3, join_uri, split_uri

CHANNEL, CONTENT_TYPE, INPUT_MODE = "train", "text/plain", "File"
NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
"""Of a training job: unique in account and region, for ever."""


def training_request(
    name: str, corpus_uri: str, hyperparameters: Hyperparameters, machines: Machines
) -> dict[str, Any]:
    """Arguments of `create_training_job`.

    Args:
        name: of the job.
        corpus_uri: `s3://bucket/key` of the one training file.
        hyperparameters: BlazingText's.
        machines: where it runs.

    Raises:
        RequestError: what SageMaker or BlazingText would refuse, all of it in one line.
    """
    check(name, corpus_uri, hyperparameters, machines)
    return {
        "TrainingJobName": name,
        "RoleArn": machines.role_arn,
        "AlgorithmSpecification": algorithm(machines),
        "HyperParameters": hyperparameters.to_blazingtext(),
        "InputDataConfig": [channel(corpus_uri)],
        "OutputDataConfig": output(machines),
        "ResourceConfig": resources(machines),
        "StoppingCondition": stopping_condition(machines),
        "Tags": tags(machines),
        **switches(machines),
        **vpc(machines),
        **checkpoints(machines),
    }


def check(name: str, corpus_uri: str, hyperparameters: Hyperparameters, machines: Machines) -> None:
    """Refuses what SageMaker would.

    Raises:
        RequestError: all of it in one line.
    """
    wrong = machines.discrepancies(hyperparameters)
    if not NAME.fullmatch(name):
        wrong.insert(0, f"job name is {name!r}: letters, digits and single hyphens, 63 at most")
    wrong[:0] = corpus_discrepancies(corpus_uri)
    if wrong:
        raise RequestError("; ".join(wrong))


def corpus_discrepancies(corpus_uri: str) -> list[str]:
    """What is wrong with the name of a training file; nothing if it is one."""
    if is_s3(corpus_uri) and split_uri(corpus_uri)[1] and not corpus_uri.endswith("/"):
        return []
    return [f"corpus is {corpus_uri!r}, not s3://bucket/key of one file"]


def algorithm(machines: Machines) -> dict[str, Any]:
    """The `AlgorithmSpecification`; built-in algorithms bring their metrics along."""
    return {"TrainingImage": machines.image, "TrainingInputMode": INPUT_MODE}


def channel(corpus_uri: str) -> dict[str, Any]:
    """The one channel: the object, the whole of it on every machine."""
    return {
        "ChannelName": CHANNEL,
        "ContentType": CONTENT_TYPE,
        "InputMode": INPUT_MODE,
        "DataSource": {
            "S3DataSource": {
                "S3DataType": "S3Prefix",
                "S3Uri": join_uri(*split_uri(corpus_uri)),
                "S3DataDistributionType": "FullyReplicated",
            }
        },
    }


def output(machines: Machines) -> dict[str, Any]:
    """The `OutputDataConfig`."""
    place = {"S3OutputPath": join_uri(*split_uri(machines.output_path))}
    return place | ({"KmsKeyId": machines.kms_key_id} if machines.kms_key_id else {})


def resources(machines: Machines) -> dict[str, Any]:
    """The `ResourceConfig`."""
    key = machines.volume_kms_key_id
    return {
        "InstanceType": machines.instance_type,
        "InstanceCount": machines.instance_count,
        "VolumeSizeInGB": machines.volume_gb,
        **({"VolumeKmsKeyId": key} if key else {}),
    }


def stopping_condition(machines: Machines) -> dict[str, int]:
    """The `StoppingCondition`."""
    wait = machines.max_wait_seconds
    limit = {"MaxRuntimeInSeconds": machines.max_run_seconds}
    return limit | ({} if wait is None else {"MaxWaitTimeInSeconds": wait})


def switches(machines: Machines) -> dict[str, bool]:
    """What is on or off."""
    return {
        "EnableNetworkIsolation": machines.network_isolation,
        "EnableInterContainerTrafficEncryption": machines.encrypt_traffic,
        "EnableManagedSpotTraining": machines.spot,
    }


def tags(machines: Machines) -> list[dict[str, str]]:
    """The `Tags`."""
    return [{"Key": key, "Value": value} for key, value in machines.tags.items()]


def vpc(machines: Machines) -> dict[str, Any]:
    """The `VpcConfig`, if there is one."""
    if not machines.subnets:
        return {}
    groups = list(machines.security_groups)
    return {"VpcConfig": {"SecurityGroupIds": groups, "Subnets": list(machines.subnets)}}


def checkpoints(machines: Machines) -> dict[str, Any]:
    """The `CheckpointConfig`, if there is one."""
    uri = machines.checkpoint_uri
    return {"CheckpointConfig": {"S3Uri": uri}} if uri else {}
