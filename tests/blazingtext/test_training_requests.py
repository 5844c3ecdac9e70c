"""What a job is described as, and that the sagemaker package sends just that."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import botocore.client
import pytest
from stand_in import StandIn

from blazingtext import estimator
from blazingtext.image import image_uri
from blazingtext.job_name import new_name
from blazingtext.machines import Machines
from blazingtext.training_request import training_request
from embeddings.hyperparameters import Hyperparameters
from storage.errors import BucketError, RequestError

ROLE = "arn:aws:iam::123456789012:role/blazing-corpus"
IMAGE = "685385470294.dkr.ecr.eu-west-1.amazonaws.com/blazingtext:1"
ROOT = Path(__file__).parents[2]
MACHINES = Machines(ROLE, "s3://bucket/models/blazingtext", IMAGE)
CORPUS = "s3://bucket/corpus/cleaned_sentences.csv"
REFERENCE = Hyperparameters.of({}, "reference")
SKIPGRAM = Hyperparameters(mode="skipgram")
EVERYTHING = replace(
    MACHINES,
    image="123456789012.dkr.ecr.eu-west-1.amazonaws.com/own:7",
    instance_type="ml.m5.2xlarge",
    instance_count=3,
    volume_gb=20,
    max_run_seconds=7200,
    spot=True,
    max_wait_seconds=9000,
    checkpoint_uri="s3://bucket/checkpoints",
    kms_key_id="alias/models",
    volume_kms_key_id="alias/disks",
    subnets=("subnet-1", "subnet-2"),
    security_groups=("sg-1",),
    network_isolation=True,
    encrypt_traffic=True,
    tags={"user:application": "BlazingText", "team": "a b+c"},
)


def test_the_reference_run() -> None:
    assert training_request("blogs-1", CORPUS, REFERENCE, MACHINES) == {
        "TrainingJobName": "blogs-1",
        "RoleArn": ROLE,
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "HyperParameters": {
            "mode": "batch_skipgram",
            "epochs": "10",
            "min_count": "40",
            "sampling_threshold": "0.0001",
            "learning_rate": "0.05",
            "window_size": "5",
            "vector_dim": "100",
            "negative_samples": "5",
            "batch_size": "11",
            "evaluation": "True",
            "subwords": "False",
        },
        "InputDataConfig": [
            {
                "ChannelName": "train",
                "ContentType": "text/plain",
                "InputMode": "File",
                "DataSource": {
                    "S3DataSource": {
                        "S3DataType": "S3Prefix",
                        "S3Uri": CORPUS,
                        "S3DataDistributionType": "FullyReplicated",
                    }
                },
            }
        ],
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/models/blazingtext"},
        "ResourceConfig": {
            "InstanceType": "ml.c5.xlarge",
            "InstanceCount": 1,
            "VolumeSizeInGB": 11,
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 18000},
        "Tags": [{"Key": "user:application", "Value": "BlazingText"}],
        "EnableNetworkIsolation": False,
        "EnableInterContainerTrafficEncryption": False,
        "EnableManagedSpotTraining": False,
    }


def test_everything_that_can_be_asked_for() -> None:
    request = training_request("blogs-1", "s3a://key:secret@bucket/a.txt", REFERENCE, EVERYTHING)
    [channel] = request["InputDataConfig"]
    assert channel["DataSource"]["S3DataSource"]["S3Uri"] == "s3://bucket/a.txt"
    assert request["OutputDataConfig"]["KmsKeyId"] == "alias/models"
    assert request["ResourceConfig"]["VolumeKmsKeyId"] == "alias/disks"
    assert request["StoppingCondition"] == {
        "MaxRuntimeInSeconds": 7200,
        "MaxWaitTimeInSeconds": 9000,
    }
    assert request["VpcConfig"] == {
        "SecurityGroupIds": ["sg-1"],
        "Subnets": ["subnet-1", "subnet-2"],
    }
    assert request["CheckpointConfig"] == {"S3Uri": "s3://bucket/checkpoints"}
    assert [request[name] for name in request if name.startswith("Enable")] == [True, True, True]


@pytest.mark.parametrize("machines", [MACHINES, EVERYTHING], ids=["reference", "everything"])
def test_the_sagemaker_package_sends_just_that(aws: StandIn, machines: Machines) -> None:
    """Nothing less, nothing more, nothing renamed: also none of the SDK's own defaults."""
    request = training_request("blogs-1", CORPUS, REFERENCE, machines)
    assert estimator.start(request) == "blogs-1"
    assert aws.requests == [request]


def test_the_sdks_defaults_of_this_machine_stay_out(
    aws: StandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    defaults = tmp_path / "config.yaml"
    vpc = {"security_group_ids": ["sg-9"], "subnets": ["subnet-9"]}
    sdk = {"Resources": {"TrainingJob": {"vpc_config": vpc}}}
    settings = {"SchemaVersion": "1.0", "SageMaker": {"PythonSDK": sdk}}
    defaults.write_text(json.dumps(settings))  # which is YAML as well
    monkeypatch.setenv("SAGEMAKER_USER_CONFIG_OVERRIDE", str(defaults))
    request = training_request("blogs-1", CORPUS, REFERENCE, MACHINES)
    estimator.start(request)
    assert aws.requests == [request]


def test_the_sdk_tells_nobody(aws: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """No telemetry, no bucket, no look at the role: the start, and the SDK's look at the job."""
    from sagemaker.core.telemetry import telemetry_logging

    told: list[object] = []
    monkeypatch.setattr(telemetry_logging, "_send_telemetry_request", lambda *_: told.append(_))
    client: Any = botocore.client.BaseClient
    real, asked = client._make_api_call, []

    def call(self: Any, name: str, arguments: Any) -> Any:
        asked.append(name)
        return real(self, name, arguments)

    monkeypatch.setattr(client, "_make_api_call", call)
    estimator.start(training_request("blogs-1", CORPUS, REFERENCE, MACHINES))
    assert told == []
    assert asked == ["CreateTrainingJob", "DescribeTrainingJob"]


def test_names_do_not_collide() -> None:
    names = {new_name() for _ in range(200)}
    assert len(names) == 200
    assert all(name.startswith("blazingtext-blogs-sentences-") for name in names)
    with pytest.raises(RequestError, match="5 characters too long"):
        new_name("x" * 41)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"role_arn": "blazing-corpus"}, "role is 'blazing-corpus', not arn:aws:iam::"),
        ({"output_path": "models"}, "output path is 'models', not s3://bucket/prefix"),
        ({"image": ""}, "image is '', not the URI of an image"),
        ({"instance_type": "ml.c5.huge"}, "instance type is 'ml.c5.huge', not one that BlazingT"),
        ({"instance_type": "c5.xlarge"}, "instance type is 'c5.xlarge', not one that BlazingText"),
        ({"instance_type": "ml.p4d.24xlarge"}, "instance type is 'ml.p4d.24xlarge', not one tha"),
        ({"instance_type": "ml.p3.2xlarge"}, "batch_skipgram runs on CPUs only, not on ml.p3.2xl"),
        ({"instance_count": 0}, "instance count is 0, and must be 1 or more"),
        ({"volume_gb": 0}, "volume is 0 GB, and must be 1 or more"),
        ({"max_run_seconds": 2419201}, "max run is 2419201 s, and must be from 1 to 2419200"),
        ({"max_wait_seconds": 20000}, "max wait goes with spot only"),
        ({"spot": True}, "spot: max wait is None s, and must be max run, 18000 s, or more"),
        (
            {"spot": True, "max_run_seconds": 3000, "max_wait_seconds": 2999},
            "spot: max wait is 2999 s, and must be max run, 3000 s, or more",
        ),
        (
            {"spot": True, "max_run_seconds": 3600, "max_wait_seconds": 3601},
            "spot: BlazingText writes no checkpoints, so SageMaker allows it 3600 s of max run",
        ),
        ({"checkpoint_uri": "s3://b/c"}, "BlazingText writes no checkpoints: they go with an im"),
        ({"subnets": ("subnet-1",)}, "a VPC takes subnets and security groups, both or none"),
        ({"security_groups": ("sg-1",)}, "a VPC takes subnets and security groups, both or none"),
        (
            {"subnets": ("a b",), "security_groups": ("sg-1",) * 6},
            "'a b' in subnets; 6 security groups, and SageMaker takes 5",
        ),
        ({"kms_key_id": "a b"}, "'a b' is no KMS key's id, ARN or alias"),
        (
            {"instance_type": "ml.r5d.xlarge", "volume_kms_key_id": "k"},
            "ml.r5d.xlarge encrypts its own disks, and takes no volume key",
        ),
        ({"tags": {"aws:x": "1"}}, "tag 'aws:x'='1' is not one that SageMaker takes"),
        ({"tags": {"a!": "1"}}, "tag 'a!'='1' is not one that SageMaker takes"),
        ({"tags": {"a": ""}}, "tag 'a'='' is not one that SageMaker takes"),
        ({"tags": {str(i): "x" for i in range(51)}}, "51 tags, and SageMaker takes 50"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_what_would_be_refused_is_refused_before(change: dict[str, Any], text: str) -> None:
    wrong = replace(MACHINES, **change).discrepancies(REFERENCE)
    assert "; ".join(wrong).startswith(text)
    with pytest.raises(RequestError) as error:
        training_request("blogs-1", CORPUS, REFERENCE, replace(MACHINES, **change))
    assert error.value.exit_code == 2


@pytest.mark.parametrize("instance_type", ["ml.p2.xlarge", "ml.p3.2xlarge", "ml.c5.xlarge"])
def test_skipgram_runs_on_one_machine_with_or_without_gpus(instance_type: str) -> None:
    one = replace(MACHINES, instance_type=instance_type)
    assert one.discrepancies(SKIPGRAM) == []
    assert replace(one, instance_count=2).discrepancies(SKIPGRAM) == [
        "skipgram takes one instance, not 2: use batch_skipgram"
    ]
    assert replace(MACHINES, instance_count=2).discrepancies(REFERENCE) == []


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(RequestError) as error:
        training_request("a b", "s3://bucket/corpus/", REFERENCE, replace(MACHINES, volume_gb=-1))
    assert str(error.value) == (
        "corpus is 's3://bucket/corpus/', not s3://bucket/key of one file; "
        "job name is 'a b': letters, digits and single hyphens, 63 at most; "
        "volume is -1 GB, and must be 1 or more"
    )


def test_the_image_is_the_regions() -> None:
    assert image_uri("eu-west-1") == IMAGE
    assert image_uri("us-east-1") == "811284229777.dkr.ecr.us-east-1.amazonaws.com/blazingtext:1"
    with pytest.raises(BucketError, match="not known to be in region mars-1"):
        image_uri("mars-1")


def test_a_request_needs_nothing_but_python() -> None:
    """The Airflow DAG makes the same request, where none of these packages is."""
    heavy = {"boto3", "botocore", "sagemaker", "numpy", "gensim", "optuna", "pandas", "pyspark"}
    modules = ("training_request", "job_name", "job_description", "log_lines")
    names = ", ".join(f"blazingtext.{name}" for name in modules)
    code = f"import sys, {names}; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
