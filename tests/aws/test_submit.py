"""The command against moto: what is uploaded and asked for, and how it ends."""

import hashlib
import json
import re
import signal
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ReadTimeoutError
from moto import mock_aws
from moto.emrserverless.models import emrserverless_backends
from moto.sagemaker.models import sagemaker_backends
from moto_account import isolate, last_error, refuse

from aws.build_job import read_pointer
from jobs import submit
from storage.pasted import job_command

ACCOUNT, REGION = "123456789012", "eu-west-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/build"
BUILD = ["--input", "s3://bucket/input/blogs.zip", "--output", "s3://bucket/corpus"]
FILES = {
    "build_corpus.py": b"print()",
    "blazing_corpus-0.1.0-pyfiles.zip": b"PK",
    "blazing_corpus-0.1.0-environment-cp311-x86_64.tar.gz": b"tar",
}
KEYS = {
    name: f"code/{hashlib.sha256(data).hexdigest()[:16]}/{name}" for name, data in FILES.items()
}
JOB_KEY, ZIP_KEY, ENVIRONMENT_KEY = KEYS.values()
PARTS = dict(zip(("job", "py_files", "environment"), FILES, strict=True))
UPLOAD = ["upload", "--code", "s3://bucket/code/"]


@pytest.fixture(autouse=True)
def aws(monkeypatch, tmp_path):
    """An account of moto's with a bucket; nothing of the caller's configuration."""
    isolate(monkeypatch, tmp_path, REGION)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr("aws.remote_runs.POLL_SECONDS", 0.0)
    with mock_aws():
        place: Any = {"LocationConstraint": REGION}
        boto3.client("s3").create_bucket(Bucket="bucket", CreateBucketConfiguration=place)
        yield


@pytest.fixture
def dist(tmp_path):
    folder = tmp_path / "dist"
    folder.mkdir()
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    (folder / "blazing_corpus-0.1.0-py3-none-any.whl").touch()
    return folder


@pytest.fixture
def application() -> str:
    client: Any = boto3.client("emr-serverless")
    return client.create_application(releaseLabel="emr-7.9.0", type="SPARK")["applicationId"]


def run(command: str, dist: Path, *options: str, build: list[str] = BUILD) -> int:
    common = ["--role", ROLE, "--code", "s3://bucket/code/", "--dist", str(dist)]
    return submit.main([command, *common, *options, "--", *build])


def command(*words: str) -> str:
    return job_command("submit.py", *words, region=REGION)


def job_runs(application: str) -> list[Any]:
    return emrserverless_backends[ACCOUNT][REGION].job_runs.get(application, [])


def processing_jobs() -> dict[str, Any]:
    return dict(sagemaker_backends[ACCOUNT][REGION].processing_jobs)


def keys() -> set[str]:
    found = boto3.client("s3").list_objects_v2(Bucket="bucket").get("Contents", [])
    return {item["Key"] for item in found}


def read(key: str) -> bytes:
    return boto3.client("s3").get_object(Bucket="bucket", Key=key)["Body"].read()


def test_emr_serverless(dist, application, capsys):
    options = ("--application-id", application, "--tag", "team=nlp", "--conf", "spark.x=a b")
    assert run("emr-serverless", dist, *options) == 0
    [made] = job_runs(application)
    assert made.execution_role_arn == ROLE
    assert made.tags == {"user:application": "BlazingText", "team": "nlp"}
    assert made.job_driver["sparkSubmit"]["entryPoint"] == f"s3://bucket/{JOB_KEY}"
    assert made.job_driver["sparkSubmit"]["entryPointArguments"] == BUILD
    parameters = made.job_driver["sparkSubmit"]["sparkSubmitParameters"]
    assert f"s3://bucket/{ENVIRONMENT_KEY}#" in parameters and '"spark.x=a b"' in parameters
    monitoring = made.configuration_overrides["monitoringConfiguration"]
    assert monitoring["s3MonitoringConfiguration"] == {"logUri": "s3://bucket/code/logs/"}
    handle = f"emr-serverless:{application}:{made.id}"
    driver = f"s3://bucket/code/logs/applications/{application}/jobs/{made.id}/SPARK_DRIVER"
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        f"job     {handle}",
        f"logs    {driver}/stderr.gz",
        f"logs    {driver}/stdout.gz",
        f"follow  {command('follow', handle)}",
        f"cancel  {command('cancel', handle)}",
    ]
    assert err.splitlines() == [
        *(f"uploading {name}, 0.0 MiB" for name in FILES),
        "SUCCESS, 00 s",
    ]


def test_nothing_is_uploaded_twice(dist, application, capsys):
    options = ("--application-id", application, "--detach")
    assert run("emr-serverless", dist, *options) == 0
    assert keys() == set(KEYS.values())
    capsys.readouterr()
    (dist / "build_corpus.py").write_bytes(b"print(1)")
    assert run("emr-serverless", dist, *options) == 0
    assert capsys.readouterr().err == "uploading build_corpus.py, 0.0 MiB\n"
    assert len(keys()) == 4  # the first run may still need its file


def test_what_is_there_and_not_whole_is_uploaded_again(dist, application):
    s3 = boto3.client("s3")
    s3.put_object(Bucket="bucket", Key=JOB_KEY, Body=b"prin")
    assert run("emr-serverless", dist, "--application-id", application, "--detach") == 0
    assert s3.get_object(Bucket="bucket", Key=JOB_KEY)["Body"].read() == FILES["build_corpus.py"]


def test_processing(dist, capsys):
    options = ("--image", "repo/image:1", "--instances", "3", "--conf", "spark.x=1", "--sse")
    assert run("processing", dist, *options, "AES256", "--name", "blogs") == 0
    [(name, made)] = processing_jobs().items()
    assert re.fullmatch(r"blogs-\d{8}-\d{6}-\d{3}", name)
    assert made.app_specification["ImageUri"] == "repo/image:1"
    assert made.app_specification["ContainerArguments"] == BUILD
    inputs = {item["InputName"]: item["S3Input"]["S3Uri"] for item in made.processing_inputs}
    assert inputs["code"] == f"s3://bucket/{JOB_KEY}"
    assert inputs["py-files"] == f"s3://bucket/{ZIP_KEY}"
    key = inputs["conf"].removeprefix("s3://bucket/")
    stored = boto3.client("s3").get_object(Bucket="bucket", Key=key)
    assert stored["ServerSideEncryption"] == "AES256"
    sent = boto3.client("s3").head_object(Bucket="bucket", Key=JOB_KEY)
    assert sent["ServerSideEncryption"] == "AES256"
    assert json.loads(stored["Body"].read())[0]["Properties"] == {"spark.x": "1"}
    assert ENVIRONMENT_KEY not in keys()  # the image has the packages
    assert f"job     processing:{name}\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("state", "details", "code", "line"),
    [
        ("FAILED", "Job failed. ExitCode: 6. Last: x", 6, "ExitCode: 6. Last: x (exit code 6)"),
        ("FAILED", "No\ncapacity", 28, " is FAILED: No capacity"),
        ("CANCELLED", "", 28, " is CANCELLED"),
        ("SUCCESS", "", 0, "SUCCESS, 00 s"),
    ],
)
def test_the_exit_code_is_the_jobs(application, capsys, state, details, code, line):
    client: Any = boto3.client("emr-serverless")
    started = client.start_job_run(applicationId=application, executionRoleArn=ROLE)
    [made] = job_runs(application)
    made.state, made.state_details = state, details
    assert submit.main(["follow", f"emr-serverless:{application}:{started['jobRunId']}"]) == code
    assert capsys.readouterr().err.splitlines()[-1].endswith(line)


def test_a_processing_jobs_exit_code(dist, capsys):
    assert run("processing", dist, "--image", "repo/image:1", "--detach") == 0
    [(name, made)] = processing_jobs().items()
    made.processing_job_status = "Failed"
    made.failure_reason = "AlgorithmError: , exit code: 4"
    assert submit.main(["follow", f"processing:{name}"]) == 4
    line = f"processing:{name} is Failed: AlgorithmError: , exit code: 4 (exit code 4)"
    assert last_error(capsys) == line


def test_cancelling(dist, application):
    assert run("emr-serverless", dist, "--application-id", application, "--detach") == 0
    [made] = job_runs(application)
    assert submit.main(["cancel", f"emr-serverless:{application}:{made.id}"]) == 0
    assert made.state == "CANCELLED"
    assert run("processing", dist, "--image", "repo/image:1", "--detach") == 0
    [(name, job)] = processing_jobs().items()
    assert submit.main(["cancel", f"processing:{name}"]) == 0
    assert job.processing_job_status == "Stopped"


def test_an_application_that_is_not_there_or_not_started(dist, application, capsys):
    assert run("emr-serverless", dist, "--application-id", "00none") == 25
    assert last_error(capsys).startswith("application 00none: ")
    backend = emrserverless_backends[ACCOUNT][REGION].applications[application]
    backend.state, backend.auto_start_configuration = "STOPPED", {"enabled": False}
    assert run("emr-serverless", dist, "--application-id", application) == 25
    expected = f"application {application} is STOPPED, and not set to start by itself"
    assert last_error(capsys) == expected
    assert keys() == set()  # refused before anything was sent


@pytest.mark.parametrize(
    ("operation", "error", "message", "code"),
    [
        ("StartJobRun", "AccessDeniedException", "not authorized to perform: iam:PassRole", 21),
        ("StartJobRun", "ValidationException", "The role can't be assumed", 25),
        ("StartJobRun", "ThrottlingException", "Rate exceeded", 24),
        ("GetApplication", "ExpiredTokenException", "The token is expired", 20),
        ("HeadObject", "403", "Forbidden", 21),
    ],
)
def test_what_aws_refuses_is_one_line(
    dist, application, monkeypatch, capsys, operation, error, message, code
):
    refuse(monkeypatch, operation, (error, message))
    assert run("emr-serverless", dist, "--application-id", application) == code
    assert f"({operation}: {error})" in last_error(capsys)
    assert job_runs(application) == []


def test_a_token_that_expires_while_waiting(dist, application, monkeypatch, capsys):
    refuse(monkeypatch, "GetJobRun", ("ExpiredTokenException", "The token is expired"))
    assert run("emr-serverless", dist, "--application-id", application) == 20
    [made] = job_runs(application)
    handle = f"emr-serverless:{application}:{made.id}"
    line = last_error(capsys)
    assert line.endswith(f"; the job goes on, follow it with {command('follow', handle)}")


@pytest.mark.parametrize("error", ["AccessDeniedException", "ThrottlingException", "ExpiredToken"])
def test_a_look_at_what_was_started_that_fails_is_no_failed_start(
    dist, application, monkeypatch, capsys, error
):
    refuse(monkeypatch, "GetJobRun", (error, "no"))
    assert run("emr-serverless", dist, "--application-id", application, "--detach") == 0
    [made] = job_runs(application)
    handle = f"emr-serverless:{application}:{made.id}"
    printed = capsys.readouterr()
    assert printed.out.splitlines()[1:] == [
        f"follow  {command('follow', handle)}",
        f"cancel  {command('cancel', handle)}",
    ]
    assert f"warning: the place of its logs is not known: {handle}: " in printed.err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ReadTimeoutError(endpoint_url="https://x"), 23),
        (("ResourceInUse", "Job name must be unique"), 25),
        (("InternalFailure", "try again"), 25),
        (KeyboardInterrupt(), 130),
    ],
    ids=["timeout", "taken", "internal", "Ctrl-C"],
)
def test_a_start_without_an_answer_is_looked_for(
    dist, application, monkeypatch, capsys, error, code
):
    """The service may have started it, and that costs money."""
    options = ("--image", "repo/image:1", "--detach")
    with monkeypatch.context() as patch:
        refuse(patch, "CreateProcessingJob", error)
        assert run("processing", dist, *options) == code
        assert "may have been started" in capsys.readouterr().err or code != 130
    with monkeypatch.context() as patch:
        refuse(patch, "CreateProcessingJob", error, done=True)
        assert run("processing", dist, *options) == (130 if code == 130 else 0)
        [name] = processing_jobs()
        out, err = capsys.readouterr()
        assert command("cancel", f"processing:{name}") in (err if code == 130 else out)
    with monkeypatch.context() as patch:
        refuse(patch, "CreateProcessingJob", error, done=True)
        refuse(patch, "DescribeProcessingJob", ("AccessDeniedException", "no"))
        assert run("processing", dist, *options) == code
        assert "may have been started" in last_error(capsys)
    if code != 25:
        with monkeypatch.context() as patch:
            refuse(patch, "StartJobRun", error, done=True)
            assert run("emr-serverless", dist, "--application-id", application) == code
            assert last_error(capsys).endswith(
                f": aws emr-serverless list-job-runs --application-id {application} "
                f"--region {REGION} tells"
            )


def test_a_role_that_is_no_arn_is_refused_before_anything_is_sent(dist, application, capsys):
    place = {"emr-serverless": ("--application-id", application), "processing": ("--image", "i")}
    for service, options in place.items():
        assert run(service, dist, *options, "--role", "build") == 2
        assert (
            last_error(capsys)
            == "role is 'build', not an ARN such as arn:aws:iam::ACCOUNT:role/NAME"
        )
    assert keys() == set()


def test_what_botocore_refuses_is_told_in_one_line(dist, application, capsys):
    assert run("emr-serverless", dist, "--application-id", application, "--name", "") == 25
    assert last_error(capsys) == (
        f"application {application}: Parameter validation failed: "
        "Invalid length for parameter name, value: 0, valid min length: 1"
    )


def test_ctrl_c_leaves_the_job_running(dist, application, monkeypatch, capsys):
    refuse(monkeypatch, "GetJobRun", KeyboardInterrupt())
    assert run("emr-serverless", dist, "--application-id", application) == 130
    handle = f"emr-serverless:{application}:{job_runs(application)[0].id}"
    assert last_error(capsys).endswith(f"submit.py cancel {handle} ends it")


def test_no_bucket_and_no_region(dist, application, monkeypatch, capsys):
    options = ["--role", ROLE, "--code", "s3://elsewhere/x", "--dist", str(dist), "--detach"]
    command = ["emr-serverless", "--application-id", application, *options, "--", *BUILD]
    assert submit.main(command) == 22
    assert last_error(capsys).startswith("s3://elsewhere/x/")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert submit.main(command) == 22
    assert last_error(capsys) == "emr-serverless: no region is set: export AWS_REGION"


@pytest.mark.parametrize(
    ("missing", "said_of_it"),
    [
        ("build_corpus.py", "should hold one build_corpus.py, and has none: run make package"),
        ("*.zip", "should hold one *-pyfiles.zip, and has none: run make package"),
    ],
)
def test_an_incomplete_dist(dist, application, capsys, missing, said_of_it):
    next(dist.glob(missing)).unlink()
    assert run("emr-serverless", dist, "--application-id", application) == 2
    assert last_error(capsys) == f"{dist} {said_of_it}"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["follow", "00run"], "00run is neither emr-serverless:APPLICATION:RUN nor processing:N"),
        (["cancel", "emr-serverless:00app"], "emr-serverless:00app is neither"),
    ],
)
def test_a_handle_that_is_none(capsys, arguments, words):
    assert submit.main(arguments) == 2
    assert last_error(capsys).startswith(words)


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (["--input", "blogs", "--output", "s3://b/c"], "--input blogs is not on S3"),
        (["--input", "s3://b/c", "--output", "/mnt/out"], "--output /mnt/out is not on S3"),
        (["--input", "s3://b/c"], "build_corpus: error: the following arguments are required"),
        (["--input", "s3://b/c", "--output", "s3://b/d", "--splitter", "x"], "invalid choice: 'x'"),
    ],
)
def test_a_wrong_build_is_found_out_before_anything_is_sent(dist, capsys, build, words):
    with pytest.raises(SystemExit) as error:
        run("emr-serverless", dist, "--application-id", "00app", build=build)
    assert error.value.code == 2
    assert words in capsys.readouterr().err
    assert keys() == set()


def test_the_pointer_names_what_was_uploaded(dist, capsys):
    assert submit.main([*UPLOAD, "--dist", str(dist), "--training-image", "an/image:1"]) == 0
    code, image = read_pointer(read("code/latest.json"), "it")
    assert image == "an/image:1"
    for part, name in PARTS.items():
        uri = getattr(code, part)
        assert uri.endswith(f"/{name}")
        assert read(uri.removeprefix("s3://bucket/")) == FILES[name]
    assert capsys.readouterr().out.splitlines() == [
        f"job             {code.job}",
        f"py_files        {code.py_files}",
        f"environment     {code.environment}",
        "training_image  an/image:1",
        "pointer         s3://bucket/code/latest.json",
    ]


def test_another_upload_moves_the_pointer_and_leaves_the_older_code(dist):
    arguments = [*UPLOAD, "--dist", str(dist), "--training-image", "i"]
    assert submit.main(arguments) == 0
    older, _ = read_pointer(read("code/latest.json"), "it")
    (dist / "build_corpus.py").write_bytes(b"print(1)")
    assert submit.main(arguments) == 0
    newer, _ = read_pointer(read("code/latest.json"), "it")
    assert (older.py_files, older.environment) == (newer.py_files, newer.environment)
    assert read(older.job.removeprefix("s3://bucket/")) == b"print()"
    assert read(newer.job.removeprefix("s3://bucket/")) == b"print(1)"


def test_without_a_region_no_image_is_noted_and_said_so(dist, monkeypatch, capsys):
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert submit.main([*UPLOAD, "--dist", str(dist)]) == 0
    assert json.loads(read("code/latest.json"))["training_image"] is None
    assert "submit: no training image is noted: no region is set" in capsys.readouterr().err
