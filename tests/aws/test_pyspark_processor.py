"""The request for SageMaker Processing is the one that sagemaker's own PySparkProcessor makes."""

import json
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.sagemaker.models import sagemaker_backends

from aws.build_job import IMAGE_PYTHON, BuildJob, Code
from aws.processing import Cluster, create_request

ACCOUNT, REGION = "123456789012", "eu-west-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/build"
ARGUMENTS = ("--input", "s3://data/blogs.zip", "--output", "s3://data/corpus")


pytestmark = pytest.mark.filterwarnings("ignore:invalid escape sequence")


@pytest.fixture(autouse=True)
def account(monkeypatch, tmp_path):
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("SAGEMAKER_VALIDATE_ROLE", "false")
    modules = {"PythonSDK": {"Modules": {"TelemetryOptOut": True}}}
    settings = json.dumps({"SchemaVersion": "1.0", "SageMaker": modules})
    (tmp_path / "config.yaml").write_text(settings)
    monkeypatch.setenv("SAGEMAKER_USER_CONFIG_OVERRIDE", str(tmp_path / "config.yaml"))
    with mock_aws():
        place: Any = {"LocationConstraint": REGION}
        boto3.client("s3").create_bucket(Bucket="bucket", CreateBucketConfiguration=place)
        yield


def test_same_request(tmp_path):
    from sagemaker.core.helper.session_helper import Session
    from sagemaker.core.spark.processing import PySparkProcessor

    for name in ("build_corpus.py", "x-pyfiles.zip"):
        (tmp_path / name).write_bytes(b"x")
    processor = PySparkProcessor(
        image_uri="repo/image:1",
        role=ROLE,
        instance_type="ml.m5.2xlarge",
        instance_count=2,
        max_runtime_in_seconds=720 * 60,
        env={"PYSPARK_PYTHON": IMAGE_PYTHON, "PYSPARK_DRIVER_PYTHON": IMAGE_PYTHON},
        sagemaker_session=Session(default_bucket="bucket"),
    )
    processor.run(
        submit_app=str(tmp_path / "build_corpus.py"),
        submit_py_files=[str(tmp_path / "x-pyfiles.zip")],
        arguments=list(ARGUMENTS),
        wait=False,
    )
    [made] = sagemaker_backends[ACCOUNT][REGION].processing_jobs.values()
    uris = {one["InputName"]: one["S3Input"]["S3Uri"] for one in made.processing_inputs}
    code = Code(uris["code"], uris["py-files"])
    job = BuildJob(ARGUMENTS, ROLE)
    ours = create_request(job, code, "blogs", Cluster("repo/image:1"), None)
    assert made.app_specification == ours["AppSpecification"]
    assert made.role_arn == ours["RoleArn"]
    assert made.stopping_condition == ours["StoppingCondition"]
    assert channels(made.processing_inputs) == channels(ours["ProcessingInputs"])


def channels(inputs: list[dict[str, Any]]) -> dict[str, list[str]]:
    fields = ("S3Uri", "LocalPath", "S3DataType", "S3InputMode")
    return {one["InputName"]: [one["S3Input"][name] for name in fields] for one in inputs}
