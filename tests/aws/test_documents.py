"""The commands of README and guides, word for word, on moto behind the stack's own policies.

What a command asks is asked under the caller's policy, what a service does for a job that it starts
under the role's; see `enforcing_proxy`. Whoever sets up the stack may do everything.
"""

import importlib
import io
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import made_outputs
import pytest
from botocore import xform_name
from documented_commands import GUIDES, Words, documented, split
from enforcing_proxy import Enforcement
from moto.sagemakerruntime.models import sagemakerruntime_backends
from moto_stacks import NUMBER, REGION
from policed_moto import ADMINISTRATOR, CALLER, become, policed_moto
from service_actions import build_needs
from stack_policies import StackPolicies, allows

from jobs import build_corpus, setup_aws
from orchestration.parameters import PARAMETERS

BUCKET = "my-blogs"
KEY = f"arn:aws:kms:{REGION}:{NUMBER}:key/abc"
DIST = (
    *("build_corpus.py", "blazing_corpus-0.1.0-pyfiles.zip"),
    "blazing_corpus-0.1.0-environment-cp311-x86_64.tar.gz",
)
NOT_RUN = {
    ("docker",): "takes a docker engine",
    ("aws", "ecr", "get-login-password"): "is for docker",
    ("aws", "cloudformation", "deploy"): "makes the stack that setup_aws.py makes",
    ("make", "smoke-aws"): "is run by a test of its own",
    ("aws", "stepfunctions"): "takes a file that python -m deploy.state_machine prints",
    ("airflow",): "is run with Airflow, in tests/airflow_dag; its parameters are looked at",
}


class Terminal(io.StringIO):
    """A terminal, at which somebody always says yes."""

    def isatty(self) -> bool:
        return True

    def readline(self, *_: Any) -> str:  # type: ignore[override]
        return "yes\n"


@pytest.fixture(scope="module")
def module_patch() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def cloud(module_patch, tmp_path_factory) -> Iterator[Enforcement]:
    """moto's services behind the policies of a stack with a key."""
    policies = StackPolicies({"BucketName": BUCKET, "KmsKeyArn": KEY})
    with policed_moto(module_patch, tmp_path_factory.mktemp("cloud"), policies) as enforced:
        become(module_patch, ADMINISTRATOR)
        yield enforced


@pytest.fixture(scope="module")
def hints(cloud, tmp_path_factory) -> tuple[dict[str, str], str]:
    """What setting up says: the variables, and the commands to go on with."""
    said = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", said)
        assert setup_aws.main(["--bucket", BUCKET, "--kms-key", KEY]) == 0
    lines = said.getvalue().splitlines()
    pairs = (line.removeprefix("export ").split("=", 1) for line in lines if "export " in line)
    lines_to_paste = [line.removeprefix("# ") for line in lines if line.startswith("# ")]
    s3 = boto3.client("s3")
    output = made_outputs.write_output(
        tmp_path_factory.mktemp("output"), made_outputs.sample_files()
    )
    for path in output.rglob("*.*"):
        if path.is_file():
            s3.upload_file(str(path), BUCKET, f"corpus/{path.relative_to(output)}")
    s3.put_object(Bucket=BUCKET, Key="input/blogs.zip", Body=b"PK")
    others = {"ENDPOINT": "not-yet", "BASE": "an/image:1", "HOME": os.environ["HOME"]}
    return dict(pairs) | others, "\n".join(lines_to_paste)


@pytest.fixture
def run(cloud, hints, tmp_path, monkeypatch, own_credentials):
    """Runs a command in a folder with a `dist/`, as whoever would."""
    variables, _ = hints
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("jobs.submit_arguments.DIST", tmp_path / "dist")
    (tmp_path / "dist").mkdir()
    for name in DIST:
        (tmp_path / "dist" / name).write_bytes(name.encode())

    def call(words: Words) -> None:
        script = next((word for word in words if word.startswith("jobs/")), "")
        administers = "setup_aws" in script or words[:2] == ("aws", "iam")
        become(monkeypatch, ADMINISTRATOR if administers else CALLER)
        if words[0] == "spark-submit":
            check_build(cloud, words)
        elif script:
            run_job(script, words[words.index(script) + 1 :], variables)
        elif words[:3] == ("aws", "s3", "cp"):
            copy(*(word for word in words[3:] if word != "--recursive"))
        elif words[0] == "aws":
            run_aws(*words[1:])
        else:
            raise AssertionError(f"{words} is neither run nor listed as not")

    return call


def run_job(script: str, arguments: Words, variables: dict[str, str]) -> None:
    """One of our jobs, in this process."""
    main = importlib.import_module(script.removesuffix(".py").replace("/", ".")).main
    words = [variables["ENDPOINT"] if word == "not-yet" else word for word in arguments]
    if "query" in words:
        vectors = [{"word": word, "vector": [1.0, 2.0]} for word in ("cofffee", "coffee")]
        backend = sagemakerruntime_backends[NUMBER][REGION]
        backend.results_queue.append((json.dumps(vectors), "application/json", "", ""))
    said, errors = Terminal(), Terminal()
    with pytest.MonkeyPatch.context() as patch:
        for name, stream in (("stdin", Terminal()), ("stdout", said), ("stderr", errors)):
            patch.setattr(sys, name, stream)
        code = main(words)
    expected = 35 if "--destroy" in words else 0  # the bucket holds something
    assert code == expected, (words, errors.getvalue())
    if match := re.search(r"^job +(blazing-corpus-\S+)", said.getvalue(), re.MULTILINE):
        variables["ENDPOINT"] = match[1]


def run_aws(service: str, operation: str, *options: str) -> None:
    """An operation by the names that the AWS CLI has."""
    client: Any = boto3.client(service)  # type: ignore[call-overload]
    model = client.meta.service_model
    names = {xform_name(name, "-"): name for name in model.operation_names}
    shape = model.operation_model(names[operation]).input_shape
    members = {xform_name(name, "-"): name for name in shape.members}
    pairs = zip(options[::2], options[1::2], strict=True)
    given = {members[name.removeprefix("--")]: value for name, value in pairs}
    parsed = {
        name: json.loads(value) if shape.members[name].type_name == "structure" else value
        for name, value in given.items()
    }
    getattr(client, operation.replace("-", "_"))(**parsed)


def copy(source: str, target: str) -> None:
    """`aws s3 cp`, of a file or a folder."""
    s3 = boto3.client("s3")
    place = (target if target.startswith("s3://") else source).removeprefix("s3://")
    bucket, _, key = place.partition("/")
    if source.startswith("s3://"):
        for listed in s3.list_objects_v2(Bucket=bucket, Prefix=key).get("Contents", ()):
            s3.download_file(bucket, listed["Key"], str(Path(target) / Path(listed["Key"]).name))
        return
    paths = list(Path(source).iterdir()) if Path(source).is_dir() else []
    for path in paths:
        s3.upload_file(str(path), bucket, f"{key}{path.name}")
    if not paths:
        s3.put_object(Bucket=bucket, Key=key, Body=b"PK")


def check_build(cloud: Enforcement, words: Words) -> None:
    """A build that spark-submit starts; that it works under the role is a test of builds."""
    arguments = words[next(n for n, word in enumerate(words) if "build_corpus.py" in word) + 1 :]
    build_corpus.parse(arguments)
    for need in build_needs(arguments) if "s3://" in " ".join(arguments) else ():
        assert allows(cloud.policies.statements("BuildRole"), need), need


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_every_command_of_a_guide_that_asks_something_of_aws(
    guide, cloud, hints, run, tmp_path, monkeypatch
):
    variables, _ = hints
    before = len(cloud.denied)
    for words in documented(guide, variables, tmp_path):
        if not any(words[: len(begin)] == begin for begin in NOT_RUN):
            run(words)
        assert cloud.denied[before:] == [], words


def test_the_hints_of_setting_up(cloud, hints, run, tmp_path):
    variables, lines = hints
    boto3.client("iam").create_user(UserName="NAME")
    before = len(cloud.operations)
    for words in split(lines, variables, tmp_path):
        run(words)
    asked = [operation for who, operation in cloud.operations[before:] if who == CALLER]
    assert {"emr-serverless:StartJobRun", "sagemaker:CreateTrainingJob"} <= set(asked)
    assert cloud.denied == []


def test_the_parameters_of_the_dag_that_the_guide_shows(hints, tmp_path):
    [guide] = [path for path in GUIDES if path.stem == "airflow"]
    [words] = [
        words for words in documented(guide, hints[0], tmp_path) if words[:2] == ("airflow", "dags")
    ]
    given = json.loads(words[-1])
    assert given.keys() <= PARAMETERS.keys()
    assert (given["role"], given["build_role"]) == (hints[0]["ROLE"], hints[0]["BUILD_ROLE"])


@pytest.mark.parametrize(
    ("changes", "denied"),
    [
        (
            {"--input": f"s3://{BUCKET}/blogs.zip"},
            f"BuildRole: s3:ListBucket on arn:aws:s3:::{BUCKET}, s3:prefix='blogs.zip'",
        ),
        (
            {"--output": "s3://others/corpus"},
            "BuildRole: s3:ListBucket on arn:aws:s3:::others, s3:prefix='corpus'",
        ),
        (
            {"--code": f"s3://{BUCKET}/dist"},
            f"CallerPolicy: s3:GetObject on arn:aws:s3:::{BUCKET}/dist/",
        ),
    ],
)
def test_a_path_outside_of_what_is_allowed_is_warned_of_and_then_refused(
    changes, denied, cloud, hints, monkeypatch, tmp_path, capsys
):
    variables, lines = hints
    [words] = [words for words in split(lines, variables, tmp_path) if "jobs/submit.py" in words]
    given = list(words[words.index("jobs/submit.py") + 1 :])
    for option, value in changes.items():
        given[given.index(option) + 1] = value
    become(monkeypatch, CALLER)
    (tmp_path / "dist").mkdir()
    for name in DIST:
        (tmp_path / "dist" / name).write_bytes(name.encode())
    monkeypatch.setattr("jobs.submit_arguments.DIST", tmp_path / "dist")
    before = len(cloud.denied)
    assert importlib.import_module("jobs.submit").main(given) == 21
    assert cloud.denied[before].startswith(denied)
    [(option, uri)] = changes.items()
    assert f"submit: warning: {option} {uri}: the role of the stack" in capsys.readouterr().err
    del cloud.denied[before:]
