"""What a job is described as, and that the sagemaker package sends just that."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from job_settings import CORPUS, DEFINITION, EVERY_FIELD, EVERYTHING, IMAGE, SETTINGS
from moto_account import Requests

from blazingtext.account import image_uri
from blazingtext.jobs.training_job import TrainingJob
from blazingtext.requests.limits import TRAINING_BASE, has_own_disks, is_accelerated, new_name
from blazingtext.requests.training_request import training_request
from embeddings.training.hyperparameters import Hyperparameters
from storage.errors import BucketError, RequestError

ROOT = Path(__file__).parents[2]
REFERENCE = Hyperparameters.of({}, "reference")
SKIPGRAM = Hyperparameters(mode="skipgram")


def test_the_reference_run():
    assert training_request("blogs-1", CORPUS, REFERENCE, SETTINGS) == {
        "TrainingJobName": "blogs-1",
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
        **DEFINITION,
        "Tags": [{"Key": "user:application", "Value": "BlazingText"}],
        "EnableNetworkIsolation": False,
        "EnableInterContainerTrafficEncryption": False,
        "EnableManagedSpotTraining": False,
    }


def test_everything_that_can_be_asked_for():
    request = training_request("blogs-1", "s3a://key:secret@bucket/a.txt", REFERENCE, EVERYTHING)
    [channel] = request["InputDataConfig"]
    assert channel["DataSource"]["S3DataSource"]["S3Uri"] == "s3://bucket/a.txt"
    assert request | EVERY_FIELD == request
    assert request["Tags"][2] == {"Key": "empty", "Value": ""}


@pytest.mark.parametrize("settings", [SETTINGS, EVERYTHING], ids=["reference", "everything"])
def test_just_that_is_sent_and_nothing_else_is_asked(aws, monkeypatch, settings):
    """Nothing less, nothing more, nothing renamed; no bucket, no look at the role."""
    asked = Requests(monkeypatch)
    request = training_request("blogs-1", CORPUS, REFERENCE, settings)
    assert TrainingJob.start(request).name == "blogs-1"
    assert aws.requests == [request]
    assert asked.names() == ["CreateTrainingJob"]


def test_names_do_not_collide():
    names = {new_name(TRAINING_BASE) for _ in range(200)}
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
        ({"instance_type": "c5.xlarge"}, "instance type is 'c5.xlarge', not ml.FAMILY.SIZE"),
        ({"instance_type": "ml.g6e.xlarge"}, "batch_skipgram runs on CPUs only, not on ml.g6e.xl"),
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
        ({"tags": {"": "1"}}, "tag ''='1' is not one that SageMaker takes"),
        ({"tags": {str(i): "x" for i in range(51)}}, "51 tags, and SageMaker takes 50"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_what_would_be_refused_is_refused_before(change, text):
    wrong = replace(SETTINGS, **change).discrepancies(REFERENCE)
    assert "; ".join(wrong).startswith(text)
    with pytest.raises(RequestError) as error:
        training_request("blogs-1", CORPUS, REFERENCE, replace(SETTINGS, **change))
    assert error.value.exit_code == 2


@pytest.mark.parametrize(
    ("instance_type", "warned"),
    [("ml.c8i.xlarge", False), ("ml.m7i-flex.large", False), ("ml.c5.huge", True)],
)
def test_instance_types_are_those_of_the_api_and_others_only_warned_of(instance_type, warned):
    settings = replace(SETTINGS, instance_type=instance_type)
    assert settings.discrepancies(REFERENCE) == []
    assert [instance_type in line for line in settings.warnings()] == [True] * warned


@pytest.mark.parametrize(
    ("names", "is_so", "rule"),
    [
        ("p2 p3 p3dn p4d p5 p6-b200 g4dn g5 g6 g6e g7e trn1 trn2 inf2", True, is_accelerated),
        ("c4 c5n c7i-flex c8i m4 m8i r5 r5d r8i t3", False, is_accelerated),
        ("r5d m5d c5d g4dn g5 g6e p3dn p4d p5 trn1", True, has_own_disks),
        ("c4 c5 c5n m5 m7i-flex r5 r8i t3 p2 p3", False, has_own_disks),
    ],
)
def test_what_the_name_of_a_family_tells(names, is_so, rule):
    assert {rule(f"ml.{name}.xlarge") for name in names.split()} == {is_so}


@pytest.mark.parametrize("instance_type", ["ml.p2.xlarge", "ml.p3.2xlarge", "ml.c5.xlarge"])
def test_skipgram_runs_on_one_machine_with_or_without_gpus(instance_type):
    one = replace(SETTINGS, instance_type=instance_type)
    assert one.discrepancies(SKIPGRAM) == []
    assert replace(one, instance_count=2).discrepancies(SKIPGRAM) == [
        "skipgram takes one instance, not 2: use batch_skipgram"
    ]
    assert replace(SETTINGS, instance_count=2).discrepancies(REFERENCE) == []


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(RequestError) as error:
        training_request("a b", "s3://bucket/corpus/", REFERENCE, replace(SETTINGS, volume_gb=-1))
    assert str(error.value) == (
        "corpus is 's3://bucket/corpus/', not s3://bucket/key of one file; "
        "job name is 'a b': letters, digits and single hyphens, 63 at most; "
        "volume is -1 GB, and must be 1 or more"
    )


def test_the_image_is_the_regions():
    assert image_uri("eu-west-1") == IMAGE
    assert image_uri("us-east-1") == "811284229777.dkr.ecr.us-east-1.amazonaws.com/blazingtext:1"
    with pytest.raises(BucketError, match="not known to be in region mars-1"):
        image_uri("mars-1")


def test_a_request_needs_nothing_but_python():
    """The Airflow DAG makes the same request, where none of these packages is."""
    heavy = {"boto3", "botocore", "sagemaker", "numpy", "gensim", "optuna", "pandas", "pyspark"}
    modules = ("requests.training_request", "requests.tuning_request", "jobs.job_description")
    names = ", ".join(f"blazingtext.{name}" for name in (*modules, "costs"))
    code = f"import sys, {names}; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
