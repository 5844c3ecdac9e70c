"""Endpoints: made together with their deletion, asked, listed, deleted, and never forgotten."""

import json
import math
import re
from argparse import ArgumentTypeError
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import made_up_runs
import pytest
from botocore.exceptions import ReadTimeoutError
from moto.sagemaker.models import SageMakerModelBackend
from moto.sagemakerruntime.models import sagemakerruntime_backends
from moto_account import Requests, refuse

from blazingtext.requests.serving_request import Serving
from commandline.argument_types import span
from embeddings.runs.run_record import RunRecord
from jobs import serve_embeddings
from storage.errors import RequestError
from storage.pasted import job_command

ROLE = "arn:aws:iam::123456789012:role/blazing-corpus"
MODEL = "s3://bucket/models/job/output/model.tar.gz"
REGION = "eu-west-1"
SERVING = Serving(
    name="blazing-corpus-a",
    model_uri=MODEL,
    image="123456789012.dkr.ecr.eu-west-1.amazonaws.com/blazingtext:1",
    role_arn=ROLE,
    expires=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
)
TAGS = [
    {"Key": "user:application", "Value": "BlazingText"},
    {"Key": "blazing-corpus:expires", "Value": "2026-01-02T03:04:05+00:00"},
]


@pytest.fixture
def run(aws, tmp_path, monkeypatch):
    monkeypatch.setattr("blazingtext.endpoint.POLL_SECONDS", 0.01)
    folder = tmp_path / "run"
    made_up_runs.put_run(folder, make_run())
    yield folder


def make_run(**changes: Any) -> RunRecord:
    values: dict[str, Any] = {"backend": "sagemaker", "details": {"model_uri": MODEL}}
    return made_up_runs.make_record("mine", 0.5, **(values | {"subwords": True} | changes))


def serve(*arguments: object) -> int:
    return serve_embeddings.main([str(argument) for argument in arguments])


def deploy(run: Path, *arguments: object) -> int:
    return serve("deploy", run, "--role", ROLE, *arguments)


def command(*words: str) -> str:
    return job_command("serve_embeddings.py", *words, region=REGION)


def client(service: str = "sagemaker") -> Any:
    return boto3.client(service)  # type: ignore[call-overload]


def names() -> dict[str, list[str]]:
    """Whatever there is in the account."""
    sagemaker = client()
    return {
        "endpoint": [one["EndpointName"] for one in sagemaker.list_endpoints()["Endpoints"]],
        "config": [
            one["EndpointConfigName"]
            for one in sagemaker.list_endpoint_configs()["EndpointConfigs"]
        ],
        "model": [one["ModelName"] for one in sagemaker.list_models()["Models"]],
        "schedule": [one["Name"] for one in client("scheduler").list_schedules()["Schedules"]],
    }


NOTHING: dict[str, list[str]] = {"endpoint": [], "config": [], "model": [], "schedule": []}


def test_an_endpoint_that_is_being_made_is_waited_for_before_it_is_deleted(
    run, monkeypatch, capsys
):
    assert deploy(run, "--yes") == 0
    [name] = names()["endpoint"]
    requests = Requests(monkeypatch)
    requests.answers["DescribeEndpoint"] = [{"EndpointStatus": "Creating"}] * 2
    assert serve("delete", name) == 0
    asked = requests.names()
    assert asked[:4] == ["DescribeEndpoint"] * 3 + ["DeleteEndpoint"]
    assert names() == NOTHING
    line = f"{name} is Creating, which is waited for first"
    assert capsys.readouterr().err.splitlines()[-2:] == [line] * 2


def test_the_schedule_has_a_role_of_its_own(run, monkeypatch):
    requests = Requests(monkeypatch)
    assert serve("deploy", run, "--yes") == 0
    assert deploy(run, "--yes", "--scheduler-role", f"{ROLE}-mine") == 0
    targets = [given["Target"] for name, given in requests if name == "CreateSchedule"]
    assert [each["RoleArn"] for each in targets] == [f"{ROLE}-scheduler", f"{ROLE}-mine"]


def test_the_requests():
    assert SERVING.model() == {
        "ModelName": "blazing-corpus-a",
        "PrimaryContainer": {"Image": SERVING.image, "ModelDataUrl": MODEL},
        "ExecutionRoleArn": ROLE,
        "Tags": TAGS,
    }
    assert SERVING.configuration() == {
        "EndpointConfigName": "blazing-corpus-a",
        "ProductionVariants": [
            {
                "VariantName": "vectors",
                "ModelName": "blazing-corpus-a",
                "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 1,
            }
        ],
        "Tags": TAGS,
    }
    assert SERVING.endpoint() == {
        "EndpointName": "blazing-corpus-a",
        "EndpointConfigName": "blazing-corpus-a",
        "Tags": TAGS,
    }
    assert SERVING.deletion() == {
        "Name": "blazing-corpus-a",
        "Description": "deletes the endpoint blazing-corpus-a",
        "ScheduleExpression": "at(2026-01-02T03:04:05)",
        "ScheduleExpressionTimezone": "UTC",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "ActionAfterCompletion": "DELETE",
        "Target": {
            "Arn": "arn:aws:scheduler:::aws-sdk:sagemaker:deleteEndpoint",
            "RoleArn": ROLE,
            "Input": '{"EndpointName": "blazing-corpus-a"}',
            "RetryPolicy": {"MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 185},
        },
    }


def test_all_that_is_wrong_in_one_line():
    wrong = Serving(SERVING.expires, "mine", "model.tar.gz", "x", "role", "m5.large")
    with pytest.raises(RequestError) as error:
        wrong.check()
    for text in ("name is 'mine'", "model is 'model.tar.gz'", "role is 'role'", "'m5.large'"):
        assert text in str(error.value)


def test_spans():
    assert span("45m") == timedelta(minutes=45)
    assert (span("2h"), span("7d")) == (timedelta(hours=2), timedelta(days=7))
    for text in ("14m", "8d", "0h", "2", "2 h", "-1h", "forever"):
        with pytest.raises(ArgumentTypeError, match="is not a span from 15m to 7d"):
            span(text)


def test_from_run_to_endpoint(run, capsys):
    before = datetime.now(UTC)
    assert deploy(run, "--expires", "2h", "--yes") == 0
    [name] = names()["endpoint"]
    assert re.fullmatch(r"blazing-corpus-\d{6}-\d{6}-[0-9a-f]{6}", name)
    assert names() == {key: [name] for key in NOTHING}
    out = capsys.readouterr().out.splitlines()
    assert re.fullmatch(
        rf"{name} on 1 x ml.m5.large until \S+ \S+ UTC: "
        r"US\$ 0.115 an hour, US\$ 0.23 until then",
        out[0],
    )
    assert out[1] == f"job     {name}"
    assert out[4] == f"stop    {command('delete', name)}"
    assert out[5] == f"query   {command('query', name, 'WORD')}"
    schedule = client("scheduler").get_schedule(Name=name)
    ends = datetime.strptime(schedule["ScheduleExpression"], "at(%Y-%m-%dT%H:%M:%S)")
    assert timedelta(hours=2) <= ends.replace(tzinfo=UTC) - before + timedelta(seconds=1)
    assert ends.replace(tzinfo=UTC) - before < timedelta(hours=2, minutes=5)
    model = client().describe_model(ModelName=name)
    assert model["PrimaryContainer"]["ModelDataUrl"] == MODEL
    assert model["PrimaryContainer"]["Image"].endswith("/blazingtext:1")
    assert serve("delete", name) == 0
    assert names() == NOTHING
    assert serve("delete", name) == 3
    assert f"endpoint {name}: does not exist" in capsys.readouterr().err


def answer(body: Any) -> None:
    """What the endpoint says next."""
    backend = sagemakerruntime_backends["123456789012"][REGION]
    backend.results_queue.append((json.dumps(body), "application/json", "", ""))


def test_vectors_and_cosines(run, monkeypatch, capsys):
    vectors = {"cofffee": [0.0, 3.0], "coffee": [4.0, 3.0], "zzz": [0.0, 0.0]}
    asked = Requests(monkeypatch)
    for words in (["cofffee", "coffee"], ["cofffee", "coffee", "zzz"]):
        answer([{"word": word, "vector": vectors[word]} for word in words])
    assert serve("query", "mine", "Cofffee", "coffee", "COFFEE") == 0
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [
        {"word": "cofffee", "vector": [0.0, 3.0]},
        {"word": "coffee", "vector": [4.0, 3.0]},
    ]
    assert serve("query", "mine", "cofffee", "coffee", "zzz", "--cosine") == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert rows[1:] == [
        ["cofffee", "coffee", "0.6000"],
        ["cofffee", "zzz", "-"],
        ["coffee", "zzz", "-"],
    ]
    assert asked.names() == ["InvokeEndpoint"] * 2
    assert serve("query", "mine", "coffee", "--cosine") == 2


@pytest.mark.parametrize(
    "body",
    ["body", [{"word": "coffee"}], {"coffee": 1}, [{"word": "coffee", "vector": [math.nan]}], None],
)
def test_an_answer_that_is_none(run, capsys, body):
    answer(body)
    assert serve("query", "mine", "coffee") == 25
    assert capsys.readouterr().err == (
        "serve_embeddings: error: endpoint mine: its answer holds no vector of coffee\n"
    )


def test_what_was_asked_of_the_endpoint(run, monkeypatch):
    asked = Requests(monkeypatch)
    answer([{"word": "a b", "vector": [1]}, {"word": "ü", "vector": [1]}])
    assert serve("query", "mine", "a b", "Ü") == 0
    [(_, request)] = asked
    assert json.loads(request["Body"]) == {"instances": ["a b", "ü"]}
    assert (request["EndpointName"], request["ContentType"]) == ("mine", "application/json")


@pytest.mark.parametrize(
    ("operation", "error", "code"),
    [
        ("CreateSchedule", ("AccessDeniedException", "no"), 21),
        ("CreateModel", ("ValidationException", "Could not assume role x"), 21),
        ("CreateEndpointConfig", ("ValidationException", "x"), 25),
        ("CreateEndpoint", ("ResourceLimitExceeded", "ml.m5.large for endpoint usage is 0"), 33),
    ],
)
def test_a_start_that_breaks_off_leaves_nothing(run, monkeypatch, capsys, operation, error, code):
    with monkeypatch.context() as patch:
        Requests(patch).refuse(operation, error)
        assert deploy(run, "--yes") == code
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("serve_embeddings: error: endpoint blazing-corpus-")
    assert names() == NOTHING


@pytest.mark.parametrize(
    ("operation", "error", "code", "costs"),
    [
        ("CreateSchedule", ("AccessDeniedException", "no"), 21, False),
        ("CreateEndpoint", ("AccessDeniedException", "no"), 21, True),
        ("CreateEndpoint", ReadTimeoutError(endpoint_url="https://x"), 23, True),
        ("CreateEndpoint", KeyboardInterrupt(), 130, True),
    ],
)
def test_what_can_not_be_removed_is_told_with_its_command(
    run, monkeypatch, capsys, operation, error, code, costs
):
    refuse(monkeypatch, operation, error, done=costs)
    refuse(monkeypatch, "DeleteSchedule", ("AccessDeniedException", "not you"))
    asked = refuse(monkeypatch, "DeleteEndpoint", ("AccessDeniedException", "not you"))
    assert deploy(run, "--yes") == code
    [line] = capsys.readouterr().err.splitlines()
    assert asked.names()[-1] == ("DeleteEndpoint" if costs else "DeleteSchedule")
    if not costs:
        assert "cost" not in line and names() == NOTHING
        return
    [name] = names()["endpoint"]
    assert names()["schedule"] == [name]  # so it expires all the same
    assert line.endswith(f"it may cost money until it is deleted: {command('delete', name)}")
    assert "(DeleteEndpoint: AccessDeniedException)" in line


def test_there_is_no_endpoint_before_its_deletion_is_certain(run, monkeypatch):
    asked = refuse(monkeypatch, "", ("", ""))
    assert deploy(run, "--yes", "--detach") == 0
    assert asked.names() == [
        "CreateSchedule",
        "CreateModel",
        "CreateEndpointConfig",
        "CreateEndpoint",
    ]


def test_one_that_fails_is_deleted(run, monkeypatch, capsys):
    real = SageMakerModelBackend.describe_endpoint
    failed = {"EndpointStatus": "Failed", "FailureReason": "no\nmemory"}
    monkeypatch.setattr(
        SageMakerModelBackend, "describe_endpoint", lambda *given: real(*given) | failed
    )
    assert deploy(run, "--yes") == 34
    assert re.search(
        r"error: endpoint blazing-corpus-\S+ is Failed, and deleted: no memory\n",
        capsys.readouterr().err,
    )
    assert names() == NOTHING
    refuse(monkeypatch, "DeleteEndpoint", ("AccessDeniedException", "not you"))
    assert deploy(run, "--yes") == 34
    [name] = names()["endpoint"]
    line = capsys.readouterr().err.splitlines()[-1]
    assert f"endpoint {name} is Failed: no memory; and it can't be removed: " in line
    assert line.endswith(f"it may cost money until it is deleted: {command('delete', name)}")


def test_expired_ones_go_and_so_does_what_the_schedule_left(run, monkeypatch, capsys):
    assert deploy(run, "--yes") == 0
    [young] = names()["endpoint"]
    for name in ("blazing-corpus-old", "blazing-corpus-gone"):
        one = replace(SERVING, name=name)
        client().create_model(**one.model())
        client().create_endpoint_config(**one.configuration())
        client().create_endpoint(**one.endpoint())
    client().delete_endpoint(EndpointName="blazing-corpus-gone")  # as its schedule did
    capsys.readouterr()
    assert serve("list") == 0
    rows = sorted(line.split() for line in capsys.readouterr().out.splitlines()[1:])
    assert [row[:2] for row in rows] == [
        [young, "InService"],
        ["blazing-corpus-gone", "deleted"],
        ["blazing-corpus-old", "InService"],
    ]
    assert rows[2][2] == "2026-01-02T03:04:05+00:00"
    with monkeypatch.context() as patch:
        refuse(patch, "DeleteEndpointConfig", ("AccessDeniedException", "not you"))
        assert serve("delete", "--expired") == 21
    said = capsys.readouterr().err  # one that stays does not keep the others
    assert all(f"endpoint blazing-corpus-{name}: access denied" in said for name in ("old", "gone"))
    assert serve("delete", "--expired") == 0
    assert capsys.readouterr().out.count("deleted blazing-corpus-") == 2
    assert names() == {key: [young] for key in NOTHING}


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        ([], 2, "not started without --yes; blazing-corpus-"),
        (["--yes", "--max-cost", "0.1"], 32, "not deployed, for --max-cost 0.1; blazing-corpus-"),
        (["--yes", "--instance-type", "ml.r5.large", "--max-cost", "9"], 32, "not deployed, for"),
        (["--yes", "--role", "x"], 2, "role is 'x', not arn:aws:iam::ACCOUNT:role/NAME"),
    ],
)
def test_refused_before_anything_is_paid_for(run, capsys, arguments, code, text):
    assert deploy(run, *arguments) == code
    assert capsys.readouterr().err.startswith(f"serve_embeddings: error: {text}")
    assert names() == NOTHING


def test_runs_that_an_endpoint_can_not_serve(run, tmp_path, capsys):
    made_up_runs.put_run(tmp_path / "local", make_run(backend="local", details={}))
    made_up_runs.put_run(tmp_path / "plain", make_run(subwords=False))
    for folder, code, text in (
        ("local", 2, "mine was not trained on SageMaker, and its model is not BlazingText's own"),
        ("plain", 2, "mine has no subwords, so it knows no other words than those of its corpus"),
        ("none", 3, "can't read"),
    ):
        assert deploy(tmp_path / folder, "--yes") == code
        assert text in capsys.readouterr().err
    assert names() == NOTHING


@pytest.mark.parametrize(
    "arguments",
    [
        ["deploy", "run", "--expires", "5m"],
        ["delete"],
        ["delete", "a", "--expired"],
        ["query", "a"],
    ],
)
def test_wrong_arguments(arguments):
    with pytest.raises(SystemExit, match="2"):
        serve(*arguments)


def test_ctrl_c_says_that_it_goes_on(run, monkeypatch, capsys):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("aws.remote_runs.watch", interrupt)
    assert deploy(run, "--yes") == 130
    [name] = names()["endpoint"]
    assert f"{name} goes on until it expires, {command('delete', name)} ends it" in (
        capsys.readouterr().err
    )
