"""Whatever goes wrong: one line, a documented exit code, and the name of a job that was started."""

import sys
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    ParamValidationError,
    ReadTimeoutError,
)
from moto_account import Requests, last_error, refuse
from stand_in import DESCRIBE, EXPIRED, THROTTLED, Behaviour, make_archive, put
from training_command import ROLE, command, job_names, put_file, start, train

from aws import remote_runs
from embeddings.runs.run_record import read_run
from jobs import train_embeddings, tune_embeddings
from storage.errors import EXIT_CODES

Capture = pytest.CaptureFixture[str]


def one_line(capsys: Capture) -> str:
    """All that is on stderr."""
    [line] = capsys.readouterr().err.splitlines()
    return line.removeprefix("train_embeddings: error: ")


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["--epochs", "0"], 2, "epochs is 0, and must be from 1 to 2147483647"),
        (["--mode", "cbow", "--instance-count", "2"], 2, "cbow takes one instance, not 2: use b"),
        (["--instance-type", "c5.large"], 2, "instance type is 'c5.large', not ml.FAMILY.SIZE"),
        (["--instance-type", "ml.p3.2xlarge"], 2, "batch_skipgram runs on CPUs only, not on ml."),
        (["--role", "train"], 2, "role is 'train', not arn:aws:iam::ACCOUNT:role/NAME"),
        (["--spot", "--max-run", "7200"], 2, "spot: BlazingText writes no checkpoints, so SageM"),
        (["--subnet", "subnet-1"], 2, "a VPC takes subnets and security groups, both or none"),
        (["--base-job-name", "x" * 60], 2, f"{'x' * 60} is 24 characters too long for a name wi"),
        (["--base-job-name", "a_b"], 2, "job name is 'a_b-2"),
        (["--corpus", "lines.txt"], 2, "lines.txt is no object on S3: --output-path or --bucket"),
        (["--corpus", "none.txt", "--bucket", "bucket"], 3, "no corpus at none.txt: none.txt doe"),
        (["--corpus", "s3://bucket/none.txt"], 3, "s3://bucket/none.txt: does not exist"),
        (["--corpus", "s3://bucket/"], 3, "s3://bucket/corpus/cleaned_sentences.csv: does not e"),
        (["--corpus", "s3://bucket/empty.txt"], 15, "s3://bucket/empty.txt is empty"),
        (
            ["--corpus", "s3://bucket/two.txt"],
            15,
            "SageMaker would take every object whose key begins with s3://bucket/two.txt, "
            "1 more than it: s3://bucket/two.txt.bak",
        ),
        (["--corpus", "s3://bucket/latin.txt"], 15, "s3://bucket/latin.txt: 1 quality check fail"),
        (["--corpus", "s3://elsewhere/a.txt"], 22, "s3://elsewhere is in us-west-2, and the tra"),
        (["--output-path", "s3://elsewhere/m"], 22, "s3://elsewhere is in us-west-2, and the tr"),
        (["--corpus", "s3://missing/a.txt"], 22, "s3://missing: no such bucket, or not in this"),
        (["--max-cost", "0.001"], 32, "not started, for --max-cost 0.001; estimate: 0 s on 1 x"),
        (
            ["--max-cost", "1", "--instance-type", "ml.c4.xlarge"],
            32,
            "not started, for --max-cost 1; estimate: none for 1 x ml.c4.xlarge (speed not known)",
        ),
        (
            ["--max-cost", "1", "--no-preflight"],
            32,
            "not started, for --max-cost 1; estimate: none for 1 x ml.c5.xlarge (nobody has coun",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_refused_before_anything_is_paid(
    aws, corpus, tmp_path, monkeypatch, capsys, arguments, code, text
):
    monkeypatch.chdir(tmp_path)
    Path("lines.txt").write_text("a b c\n")
    for key, data in (("empty.txt", b""), ("two.txt", b"a"), ("two.txt.bak", b"a")):
        put(key, data)
    put("latin.txt", b"caf\xe9 caf\xe9\n" * 20)
    place: Any = {"LocationConstraint": "us-west-2"}
    west: Any = boto3.client("s3", region_name="us-west-2")
    west.create_bucket(Bucket="elsewhere", CreateBucketConfiguration=place)
    capsys.readouterr()
    assert train("--corpus", corpus, "--output", "run", "--yes", *arguments) == code
    assert one_line(capsys).startswith(text)
    assert code in EXIT_CODES
    assert aws.requests == []
    assert not Path("run").exists()


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (
            ("ResourceLimitExceeded", "The account-level service limit 'ml.c5.xlarge' is 0"),
            33,
            "quota exceeded: An error occurred (ResourceLimitExceeded)",
        ),
        (
            ("ValidationException", "Could not assume role arn:aws:iam::1:role/x. Please ensure"),
            21,
            "SageMaker can't take its role: An error occurred (ValidationException)",
        ),
        (("ResourceInUse", "in use"), 2, "there is one of that name: "),
        (("AccessDeniedException", "no"), 21, "access denied, needs permission to CreateTrain"),
        (("ThrottlingException", "Rate exceeded"), 24, "throttled, after all retries: Rate exc"),
        (("ExpiredTokenException", "expired"), 20, "the AWS credentials are not valid: expired"),
        (("ValidationException", "no such image"), 25, "no such image (CreateTrainingJob: Vali"),
        (EndpointConnectionError(endpoint_url="https://x"), 23, "endpoint not reachable: Could"),
        (
            ClientError(
                {"Error": {"Code": "AccessDenied", "Message": "not allowed sts:AssumeRole"}},
                "AssumeRole",
            ),
            20,
            "the AWS credentials are not valid: not allowed sts:AssumeRole (AssumeRole: AccessDen",
        ),
        (
            ParamValidationError(report="Invalid length for parameter X\nUnknown parameter Y"),
            25,
            "Parameter validation failed: Invalid length for parameter X; Unknown parameter Y",
        ),
    ],
    ids=lambda value: str(value[0]) if isinstance(value, tuple) else "",
)
def test_a_start_that_aws_refuses(aws, corpus, tmp_path, monkeypatch, capsys, error, code, text):
    refuse(monkeypatch, "CreateTrainingJob", error)
    for more in ((), ("--detach",)):
        assert start(corpus, tmp_path / "run", *more) == code
        line = one_line(capsys)
        assert line.startswith("training job blazingtext-blogs-sentences-2")
        assert line.partition(": ")[2].startswith(text)
        assert "may have been started" not in line


def test_a_start_whose_answer_is_lost_is_found_again(aws, corpus, tmp_path, monkeypatch, capsys):
    lost = ReadTimeoutError(endpoint_url="https://x")
    refuse(monkeypatch, "CreateTrainingJob", lost, done=True)
    assert start(corpus, tmp_path / "run", "--detach") == 0
    [name] = job_names(aws)
    assert f"job     {name}\n" in capsys.readouterr().out
    refuse(monkeypatch, "DescribeTrainingJob", ("AccessDeniedException", "no"))
    assert start(corpus, tmp_path / "run", "--detach") == 23
    *_, name = job_names(aws)
    assert one_line(capsys).endswith(
        f"; it may have been started all the same: "
        f"{command('--attach', name, '--output', tmp_path / 'run')} tells, "
        f"{command('--stop', name)} ends it"
    )


def test_an_instance_type_that_nobody_knows_is_warned_of(aws, corpus, capsys):
    assert train("--corpus", corpus, "--yes", "--detach", "--instance-type", "ml.c5.huge") == 0
    assert one_line(capsys).startswith("warning: instance type ml.c5.huge is none that SageMaker")
    assert aws.requests[0]["ResourceConfig"]["InstanceType"] == "ml.c5.huge"


@pytest.mark.parametrize("corpus_is_local", [True, False], ids=["local", "S3"])
def test_without_credentials(aws, corpus, tmp_path, monkeypatch, capsys, corpus_is_local):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "a.txt").write_text("a b\n")
    path = str(tmp_path / "a.txt") if corpus_is_local else corpus
    assert start(path, tmp_path / "run", "--bucket", "bucket") == 20
    assert "no valid AWS credentials: Unable to locate credentials" in one_line(capsys)


def test_without_a_region(aws, corpus, tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert start(corpus, tmp_path / "run") == 22
    assert one_line(capsys) == "no region is set: export AWS_REGION"


def test_it_asks_before_it_starts(aws, corpus, tmp_path, monkeypatch, capsys):
    here = ("--corpus", corpus, "--output", tmp_path / "run")
    assert train(*here) == 2
    estimate = "estimate: 0 s on 1 x ml.c5.xlarge, US$ 0.01; stopped after 18,000 s, so US$ 1.02"
    assert one_line(capsys) == f"not started without --yes; {estimate} at most"
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    for answer, code in (("n\n", 2), ("\n", 2), ("", 2), ("Y\n", 0)):
        monkeypatch.setattr("sys.stdin", Terminal(answer))
        assert train(*here) == code
        said = capsys.readouterr().err
        assert said.startswith(f"{estimate} at most\nStart the training job? [y/N] ")
        assert ("the answer was no" in said) == (code == 2)
    assert len(aws.requests) == 1


@pytest.mark.parametrize(
    ("more", "code", "text"),
    [
        ([], 2, "not started without --yes; estimate: "),
        (["--yes", "--max-cost", "0.0001"], 32, "not started, for --max-cost 0.0001; estimate: "),
    ],
)
def test_nothing_is_uploaded_before_the_answer(
    aws, lines, tmp_path, monkeypatch, capsys, more, code, text
):
    asked = refuse(monkeypatch, "", ("", ""))
    given = ["--corpus", put_file(tmp_path, lines), "--output", str(tmp_path / "run")]
    given += ["--bucket", "bucket", "--backend", "sagemaker", "--role", ROLE, *more]
    for job in (train_embeddings, tune_embeddings):
        assert job.main(given) == code
        assert capsys.readouterr().err.partition(": error: ")[2].startswith(text)
    assert [name for name in asked.names() if not name.startswith(("Get", "Head", "List"))] == []


class Terminal:
    def __init__(self, answer: str) -> None:
        self.answer = answer

    def isatty(self) -> bool:
        return True

    def readline(self) -> str:
        return self.answer


def test_a_failed_job_tells_its_reason_and_last_lines(aws, corpus, tmp_path, capsys):
    reason = "AlgorithmError: no memory left\nsecond line, exit code: 137"
    aws.behaviours.append(Behaviour(failure=reason))
    assert start(corpus, tmp_path / "run") == 30
    [name] = job_names(aws)
    lines = capsys.readouterr().err.splitlines()
    flat = reason.replace("\n", " ")
    assert lines[-1] == f"train_embeddings: error: training job {name} is Failed: {flat}"
    assert lines[-2] == "log: terminate called after throwing an instance"
    assert not (tmp_path / "run").exists()


def test_a_job_at_its_limit_of_time(aws, corpus, tmp_path, capsys):
    aws.behaviours.append(Behaviour(stops_at="MaxRuntimeExceeded"))
    assert start(corpus, tmp_path / "run") == 31
    [name] = job_names(aws)
    assert last_error(capsys).startswith(
        f"training job {name} is MaxRuntimeExceeded: Training job stop"
    )


@pytest.mark.parametrize(
    "answers", [[THROTTLED] * remote_runs.PATIENCE, [EXPIRED]], ids=["throttled", "expired"]
)
def test_waiting_survives(aws, corpus, tmp_path, answers):
    aws.looks_before_errors, aws.errors[DESCRIBE] = 1, answers
    assert start(corpus, tmp_path / "run") == 0
    assert aws.errors[DESCRIBE] == []
    assert read_run(tmp_path / "run").status == "completed"


@pytest.mark.parametrize(
    ("answers", "code", "text"),
    [
        (
            [THROTTLED] * (remote_runs.PATIENCE + 1),
            24,
            "throttled, after all retries: Rate exceeded (DescribeTrainingJob: "
            "ThrottlingException)",
        ),
        (
            [EXPIRED] * 2,
            20,
            "the AWS credentials are not valid: The security token included in the request is "
            "expired (DescribeTrainingJob: ExpiredTokenException)",
        ),
    ],
    ids=["throttled", "expired"],
)
def test_what_does_not_end_ends_the_command_and_names_the_job(
    aws, corpus, tmp_path, capsys, answers, code, text
):
    aws.looks_before_errors, aws.errors[DESCRIBE] = 1, answers
    assert start(corpus, tmp_path / "run") == code
    [name] = job_names(aws)
    assert last_error(capsys) == (
        f"training job {name}: {text}; the job goes on, "
        f"follow it with {command('--attach', name, '--output', tmp_path / 'run')}"
    )


def test_a_log_that_may_not_be_read_costs_the_bars_only(aws, corpus, tmp_path, monkeypatch, capsys):
    Requests(monkeypatch).refuse("DescribeLogStreams", ("AccessDeniedException", "no"))
    assert start(corpus, tmp_path / "run") == 0
    assert "warning: log /aws/sagemaker/TrainingJobs: access denied" in capsys.readouterr().err
    assert read_run(tmp_path / "run").training_seconds is None


@pytest.mark.parametrize(
    ("model", "code", "text"),
    [
        (b"no archive", 5, " is cut off or no tar.gz: "),
        (make_archive({"../evil": b"x"}), 5, "holds '../evil', a path out of its folder"),
        (make_archive({"eval.json": b"{}"}), 5, "holds no vectors.bin and no vectors.txt"),
        (make_archive({"vectors.txt": b"1 2\na nan 1\n"}), 16, "holds values that are no numbers"),
    ],
    ids=["text", "path", "no vectors", "NaN"],
)
def test_a_model_that_is_none(aws, corpus, tmp_path, capsys, model, code, text):
    aws.behaviours.append(Behaviour(model=model))
    assert start(corpus, tmp_path / "run") == code
    [name] = job_names(aws)
    line = last_error(capsys)
    assert text in line
    assert line.endswith(
        "; the job is completed, "
        f"{command('--attach', name, '--output', tmp_path / 'run')} fetches its model again"
    )
    assert not (tmp_path / "run").exists()


def test_a_model_that_is_too_large(aws, corpus, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("blazingtext.jobs.job_record.MAX_MODEL_BYTES", 100)
    assert start(corpus, tmp_path / "run") == 5
    assert " bytes, more than 100; the job is completed, " in last_error(capsys)


def test_a_model_that_is_gone(aws, corpus, tmp_path, capsys):
    assert train("--corpus", corpus, "--yes", "--detach") == 0
    [name] = job_names(aws)
    aws.join()
    key = f"models/blazingtext/{name}/output/model.tar.gz"
    boto3.client("s3").delete_object(Bucket="bucket", Key=key)
    assert train("--attach", name, "--output", tmp_path / "run") == 3
    assert last_error(capsys).startswith(f"s3://bucket/{key}: does not exist")


def test_a_job_that_is_not_there(aws, tmp_path, capsys):
    for arguments in (("--attach", "none", "--output", tmp_path / "run"), ("--stop", "none")):
        assert train(*arguments) == 3
        assert last_error(capsys) == "training job none in eu-west-1: does not exist"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ([], "the following arguments are required: --corpus, --output"),
        (["--detach"], "the following arguments are required: --corpus"),
        (["--attach", "x"], "the following arguments are required: --output"),
        (["--attach", "x", "--stop", "y"], "argument --stop: not allowed with argument --attach"),
        (["--backend", "local", "--spot", "--yes"], "--spot, --yes: with --backend sagemaker only"),
        (["--max-cost", "-1"], "argument --max-cost: -1 is not an amount in US$"),
        (["--output-path", "x"], "argument --output-path: x is not an S3 URI"),
        (["--job-tag", "x"], "argument --job-tag: x is not KEY=VALUE"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_arguments(capsys, arguments, text):
    with pytest.raises(SystemExit) as exit_:
        train_embeddings.main(["--backend", "sagemaker", *arguments])
    assert exit_.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1] == f"train_embeddings: error: {text}"
