"""The requests field by field, and what the services' answers come to. No AWS, no moto."""

import doctest
import json
from dataclasses import replace
from pathlib import Path

import pytest

from aws import build_job, emr_serverless, processing, remote_runs
from aws.build_job import BuildJob, Code
from storage.errors import RequestError

ROLE = "arn:aws:iam::123456789012:role/build"
BUILD = ("--input", "s3://data/blogs.zip", "--output", "s3://data/corpus", "--min-tokens", "3")
CODE = Code("s3://code/j/build_corpus.py", "s3://code/p/x-pyfiles.zip", "s3://code/e/env.tar.gz")
IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/blazing-corpus:1"
CLUSTER = processing.Cluster(IMAGE)


def test_doctests():
    assert [doctest.testmod(module).failed for module in (build_job, remote_runs)] == [0, 0]


def test_serverless_request():
    build = BuildJob(BUILD, ROLE, "blogs", {"spark.executor.memory": "8g"}, 90, {"team": "nlp"})
    request = emr_serverless.start_request(build, CODE, "00app", "s3://logs/emr/")
    assert request == {
        "applicationId": "00app",
        "executionRoleArn": ROLE,
        "name": "blogs",
        "jobDriver": {
            "sparkSubmit": {
                "entryPoint": "s3://code/j/build_corpus.py",
                "entryPointArguments": list(BUILD),
                "sparkSubmitParameters": "--py-files s3://code/p/x-pyfiles.zip "
                "--conf spark.archives=s3://code/e/env.tar.gz#environment "
                "--conf spark.emr-serverless.driverEnv.PYSPARK_DRIVER_PYTHON="
                "./environment/bin/python "
                "--conf spark.emr-serverless.driverEnv.PYSPARK_PYTHON=./environment/bin/python "
                "--conf spark.executorEnv.PYSPARK_PYTHON=./environment/bin/python "
                "--conf spark.executor.memory=8g",
            }
        },
        "executionTimeoutMinutes": 90,
        "configurationOverrides": {
            "monitoringConfiguration": {"s3MonitoringConfiguration": {"logUri": "s3://logs/emr/"}}
        },
        "tags": {"team": "nlp"},
    }


def test_serverless_request_for_an_image_that_has_everything():
    code = Code(CODE.job, CODE.py_files)
    request = emr_serverless.start_request(BuildJob(BUILD, ROLE), code, "00app", None)
    submit = request["jobDriver"]["sparkSubmit"]
    python = "PYSPARK_PYTHON=/opt/blazing-corpus/bin/python"
    assert submit["sparkSubmitParameters"] == (
        "--py-files s3://code/p/x-pyfiles.zip --conf spark.emr-serverless.driverEnv."
        "PYSPARK_DRIVER_PYTHON=/opt/blazing-corpus/bin/python "
        f"--conf spark.emr-serverless.driverEnv.{python} --conf spark.executorEnv.{python}"
    )
    assert "configurationOverrides" not in request
    assert request["tags"] == {"user:application": "BlazingText"}


def test_words_of_the_parameters_are_quoted_where_they_have_white_space_only():
    conf = {"spark.a": "b", "spark.c": 'd "e" \\f', "spark.g": "h#'i'"}
    request = emr_serverless.start_request(BuildJob(BUILD, ROLE, conf=conf), CODE, "00app", None)
    parameters = request["jobDriver"]["sparkSubmit"]["sparkSubmitParameters"]
    assert parameters.endswith(
        r"""--conf spark.a=b --conf "spark.c=d \"e\" \\f" --conf spark.g=h#'i'"""
    )


def test_processing_request():
    build = BuildJob(BUILD, ROLE, "blogs", {"spark.x": "1"}, 90, {"team": "nlp"})
    request = processing.create_request(build, CODE, "blogs-1", CLUSTER, "s3://code/c/x.json")

    def channel(name: str, uri: str) -> dict:
        place = {"S3Uri": uri, "LocalPath": f"/opt/ml/processing/input/{name}"}
        kind = {"S3DataType": "S3Prefix", "S3InputMode": "File"}
        spread = {"S3DataDistributionType": "FullyReplicated"}
        return {"InputName": name, "S3Input": place | kind | spread}

    assert request == {
        "ProcessingJobName": "blogs-1",
        "RoleArn": ROLE,
        "AppSpecification": {
            "ImageUri": IMAGE,
            "ContainerEntrypoint": [
                "smspark-submit",
                "--py-files",
                "/opt/ml/processing/input/py-files",
                "/opt/ml/processing/input/code/build_corpus.py",
            ],
            "ContainerArguments": list(BUILD),
        },
        "Environment": {
            "PYSPARK_PYTHON": "/opt/blazing-corpus/bin/python",
            "PYSPARK_DRIVER_PYTHON": "/opt/blazing-corpus/bin/python",
        },
        "ProcessingInputs": [
            channel("code", "s3://code/j/build_corpus.py"),
            channel("py-files", "s3://code/p/x-pyfiles.zip"),
            channel("conf", "s3://code/c/x.json"),
        ],
        "ProcessingResources": {
            "ClusterConfig": {
                "InstanceType": "ml.m5.2xlarge",
                "InstanceCount": 2,
                "VolumeSizeInGB": 30,
            }
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 5400},
        "Tags": [{"Key": "team", "Value": "nlp"}],
    }


def test_the_dockerfile_puts_python_where_the_requests_look_for_it():
    dockerfile = (Path(__file__).parents[2] / "deploy" / "Dockerfile").read_text()
    assert f"ENV PYSPARK_PYTHON={build_job.IMAGE_PYTHON} " in dockerfile
    assert f"-m venv {build_job.IMAGE_PYTHON.removesuffix('/bin/python')} " in dockerfile


def test_spark_settings_as_sagemakers_image_reads_them():
    assert json.loads(processing.spark_configuration({"spark.x": "1"})) == [
        {"Classification": "spark-defaults", "Properties": {"spark.x": "1"}}
    ]


def test_processing_in_a_vpc():
    job = BuildJob(BUILD, ROLE)
    plain = processing.create_request(job, CODE, "blogs", CLUSTER, None)
    assert plain["Tags"] == [{"Key": "user:application", "Value": "BlazingText"}]
    assert "NetworkConfig" not in plain
    cluster = replace(
        CLUSTER,
        volume_kms_key_id="key",
        subnets=("subnet-1", "subnet-2"),
        security_groups=("sg-1",),
        encrypt_traffic=True,
    )
    inside = processing.create_request(job, CODE, "blogs", cluster, None)
    assert inside["NetworkConfig"] == {
        "EnableInterContainerTrafficEncryption": True,
        "VpcConfig": {"Subnets": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"]},
    }
    assert inside["ProcessingResources"]["ClusterConfig"]["VolumeKmsKeyId"] == "key"
    with pytest.raises(RequestError, match=r"^a VPC takes both subnets and security groups$"):
        replace(CLUSTER, subnets=("subnet-1",))


@pytest.mark.parametrize(
    ("arguments", "name", "said"),
    [
        (("--input", "s3://b/" + "x" * 250), "a", "SageMaker takes arguments of one line and 256"),
        (("--input", "a\nb"), "a", "SageMaker takes arguments of one line and 256"),
        (("x",) * 101, "a", "SageMaker takes 100 arguments, not 101"),
        ((), "my_blogs", "my_blogs is no name for SageMaker: letters, digits, hyphens, 63 at most"),
        ((), "x" * 64, "is no name for SageMaker"),
    ],
)
def test_what_sagemaker_would_refuse(arguments, name, said):
    with pytest.raises(RequestError) as error:
        processing.create_request(BuildJob(arguments, ROLE), CODE, name, CLUSTER, None)
    assert said in str(error.value)
    assert error.value.exit_code == 2


DETAILS = "Job failed, please check complete logs in configured logging destination. ExitCode: "


@pytest.mark.parametrize(
    ("state", "details", "final", "code"),
    [
        ("SUCCESS", "", True, 0),
        ("RUNNING", "", False, None),
        ("CANCELLING", "", False, None),
        ("FAILED", DETAILS + "10. Last few exceptions: ExitCode: 1", True, 10),
        ("FAILED", "Insufficient capacity", True, None),
        ("CANCELLED", "JobRun execution was cancelled", True, None),
    ],
)
def test_serverless_status(state, details, final, code):
    found = emr_serverless.status({"state": state, "stateDetails": details})
    assert found == (state, final, code, details)


CALLED = "Algorithm Error: (caused by CalledProcessError): spark failed with a non-zero exit code: "


@pytest.mark.parametrize(
    ("described", "final", "code"),
    [
        ({"ProcessingJobStatus": "Completed"}, True, 0),
        ({"ProcessingJobStatus": "InProgress"}, False, None),
        ({"ProcessingJobStatus": "Stopping"}, False, None),
        ({"ProcessingJobStatus": "Stopped"}, True, None),
        (
            {"ProcessingJobStatus": "Failed", "FailureReason": "AlgorithmError: , exit code: 7"},
            True,
            7,
        ),
        (
            {
                "ProcessingJobStatus": "Failed",
                "FailureReason": "AlgorithmError: See job logs for more information",
                "ExitMessage": CALLED + "Command 'x' returned non-zero exit status 3.",
            },
            True,
            3,
        ),
        ({"ProcessingJobStatus": "Failed", "FailureReason": "InternalServerError: We"}, True, None),
    ],
)
def test_processing_status(described, final, code):
    assert processing.status(described)[1:3] == (final, code)


@pytest.mark.parametrize(
    ("application", "reason"),
    [
        ({"state": "STARTED", "type": "SPARK"}, None),
        ({"state": "STOPPED", "type": "Spark"}, None),
        ({"state": "CREATED", "autoStartConfiguration": {"enabled": True}}, None),
        ({"state": "STARTED", "autoStartConfiguration": {"enabled": False}}, None),
        (
            {"state": "STOPPED", "autoStartConfiguration": {"enabled": False}},
            "is STOPPED, and not set to start by itself",
        ),
        ({"state": "TERMINATED"}, "is TERMINATED"),
        ({"state": "STARTED", "type": "HIVE"}, "is of type HIVE, not Spark"),
    ],
)
def test_applications_that_would_not_run_it(application, reason):
    assert emr_serverless.refusal(application) == reason


def test_where_the_logs_are():
    run = {"applicationId": "00app", "jobRunId": "00run"}
    monitored = run | {
        "configurationOverrides": emr_serverless.configuration_overrides("s3://l/x/", None)
    }
    driver = "s3://l/x/applications/00app/jobs/00run/SPARK_DRIVER"
    assert emr_serverless.log_places(monitored, "eu-west-1") == [
        f"{driver}/stderr.gz",
        f"{driver}/stdout.gz",
    ]
    assert emr_serverless.log_places(run, "eu-west-1") == [
        "aws emr-serverless get-dashboard-for-job-run --application-id 00app --job-run-id 00run "
        "--region eu-west-1"
    ]
    assert processing.log_places("blogs-1", "eu-west-1") == [
        "aws logs tail /aws/sagemaker/ProcessingJobs --log-stream-name-prefix blogs-1/ "
        "--region eu-west-1"
    ]
