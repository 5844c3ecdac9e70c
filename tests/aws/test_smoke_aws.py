"""The smoke test of an account, on moto behind the policies of the stack that it makes."""

import gzip
import importlib
import io
import json
import sys
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import boto3
import made_up_runs
import pytest
from enforcing_proxy import Enforcement
from moto.emrserverless.models import emrserverless_backends
from moto.sagemaker.models import sagemaker_backends
from moto.sagemakerruntime.models import sagemakerruntime_backends
from moto.scheduler.models import scheduler_backends
from moto_stacks import NUMBER, REGION, stacks
from policed_moto import ADMINISTRATOR, CALLER, become, policed_moto
from stack_policies import StackPolicies

from deploy import smoke_aws, smoke_deeds
from deploy.smoke_deeds import Ended
from deploy.smoke_steps import DOUBTS
from schemas.output import CORPUS_FILE

NAME = "blazing-corpus-smoke-x"
LOG = "INFO S3A: Using committer MagicCommitter\nINFO something else\n"
ALL = ["stack", "upload", "build", "committer", "quoted", "train"]
ALL += ["brief", "delete", "endpoint", "query", "expiry"]


@pytest.fixture
def cloud(monkeypatch, tmp_path) -> Iterator[Enforcement]:
    policies = StackPolicies({"BucketName": NAME, "RoleName": NAME, "RepositoryName": ""})
    with policed_moto(monkeypatch, tmp_path, policies) as enforced:
        become(monkeypatch, ADMINISTRATOR)
        yield enforced


@pytest.fixture
def smoke(cloud, monkeypatch, tmp_path):
    """Runs it, its commands in this process; what a step raises or ends with may be set."""
    (tmp_path / "dist").mkdir()
    for name in ("build_corpus.py", "x-pyfiles.zip", "x-environment-cp311-x86_64.tar.gz"):
        (tmp_path / "dist" / name).write_bytes(name.encode())
    monkeypatch.setattr("jobs.submit_arguments.DIST", tmp_path / "dist")
    monkeypatch.setattr(smoke_aws, "new_name", lambda: NAME)
    monkeypatch.setattr(smoke_deeds, "POLL_SECONDS", 0.0)
    troubles: dict[str, Callable[[], Ended]] = {}

    def spawn(words: tuple[str, ...], heed: Callable[[str], object], _: bool) -> Ended:
        if trouble := next((troubles[word] for word in words if word in troubles), None):
            return trouble()
        vectors = [{"word": word, "vector": [1.0]} for word in ("cofffee", "coffee")]
        backend = sagemakerruntime_backends[NUMBER][REGION]
        backend.results_queue.append((json.dumps(vectors), "application/json", "", ""))
        with pytest.MonkeyPatch.context() as patch:
            said, errors = io.StringIO(), io.StringIO()
            patch.setattr(sys, "stdout", said)
            patch.setattr(sys, "stderr", errors)
            become(patch, ADMINISTRATOR if words[0].endswith("setup_aws.py") else CALLER)
            job = importlib.import_module(words[0].removesuffix(".py").replace("/", "."))
            code = job.main(words[1:])
        for line in said.getvalue().splitlines():
            heed(line)
            if line.startswith("logs ") and "stderr" in line:
                write_outputs(line.split(f"s3://{NAME}/")[1])
        return Ended(code, (errors.getvalue().splitlines() or [""])[-1] if code else "")

    def sleep(_: float) -> None:  # while the endpoint's end is waited for, it comes
        with pytest.MonkeyPatch.context() as patch:
            become(patch, "SchedulerRole")
            client = boto3.client("sagemaker")
            for name in list(sagemaker_backends[NUMBER][REGION].endpoints):
                client.delete_endpoint(EndpointName=name)

    monkeypatch.setattr(smoke_deeds, "spawn", spawn)
    clock = SimpleNamespace(sleep=sleep, monotonic=time.monotonic)
    monkeypatch.setattr(smoke_deeds, "time", clock)

    def call(*options: str, **given: Callable[[], Ended]) -> tuple[int, dict]:
        troubles.update(given)
        code = smoke_aws.main(["--report", str(tmp_path / "report"), *options])
        report = tmp_path / "report" / "report.json"
        return code, json.loads(report.read_text()) if report.exists() else {}

    return call


def write_outputs(log: str) -> None:
    """What a build leaves."""
    s3 = boto3.client("s3")
    corpus = "\n".join(made_up_runs.make_scored_lines(2000)) + "\n"
    s3.put_object(Bucket=NAME, Key=f"corpus/{CORPUS_FILE}", Body=corpus.encode())
    s3.put_object(Bucket=NAME, Key=log, Body=gzip.compress(LOG.encode()))


def check_nothing_is_left() -> None:
    """In the account."""
    assert (list(stacks()), boto3.client("s3").list_buckets()["Buckets"]) == ([], [])
    sagemaker = sagemaker_backends[NUMBER][REGION]
    assert not (sagemaker.endpoints or sagemaker.endpoint_configs or sagemaker._models)
    assert not emrserverless_backends[NUMBER][REGION].applications
    groups = scheduler_backends[NUMBER][REGION].schedule_groups.values()
    assert not any(group.schedules for group in groups)


def test_everything_is_done_reported_and_removed(cloud, smoke, tmp_path, capsys):
    code, report = smoke("--yes")
    failures = [each for each in report["steps"] if each["code"]]
    assert (code, failures, cloud.denied) == (0, [], [])
    assert [each["name"] for each in report["steps"]] == ALL
    holds = {name: each["holds"] for name, each in report["doubts"].items()}
    assert holds == dict.fromkeys(DOUBTS, "true") | {"image": "not settled"}
    assert report["doubts"]["committer"]["by"].endswith("Using committer MagicCommitter")
    assert "| endpoint | BlazingText's image" in (tmp_path / "report" / "report.md").read_text()
    check_nothing_is_left()
    asked = {operation for who, operation in cloud.operations if who == CALLER}
    assert {"emr-serverless:StartJobRun", "sagemaker:CreateEndpoint"} <= asked


def interrupt() -> Ended:
    """As Ctrl-C does."""
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("troubles", "code", "last"),
    [
        ({"jobs/train_embeddings.py": lambda: Ended(30, "no memory left")}, 30, "train"),
        ({"query": interrupt}, 130, "query"),
    ],
)
def test_what_was_made_is_removed_after_a_failure_too(troubles, code, last, smoke):
    ended, report = smoke("--yes", **troubles)
    assert (ended, report["steps"][-1]["name"]) == (code, last)
    assert report["doubts"]["endpoint"]["holds"] != "true"
    check_nothing_is_left()


def test_what_can_not_be_removed_is_named(smoke, capsys):
    code, _ = smoke("--yes", **{"--destroy": lambda: Ended(36, "Role: in use")})
    assert code == 36
    assert f"stack {NAME} or some of it is still there" in capsys.readouterr().err
    assert list(stacks()) == [NAME]


@pytest.mark.parametrize(("options", "code"), [([], 2), (["--dry-run"], 0)])
def test_nothing_is_asked_of_aws_before_somebody_agrees(
    options, code, cloud, smoke, capsys, monkeypatch
):
    monkeypatch.setattr(sys, "stdin", io.StringIO("yes\n"))  # which is no terminal
    assert smoke(*options) == (code, {})
    assert cloud.operations == []
    shown = capsys.readouterr().out
    assert f"--stack {NAME} --destroy --yes" in shown
    assert '"spark.app.name=two words"' in shown


def test_a_command_is_heard_while_it_runs_and_ended_with_us(capfd):
    heard: list[str] = []
    assert smoke_deeds.run(("sh", "-c", "echo job x; echo bad >&2; exit 7"), heard.append) == (
        *(7, "bad"),
    )
    assert heard == ["job x"]

    def stop(line: str) -> None:
        heard.append(line)
        if line == "begun":
            raise KeyboardInterrupt

    script = "trap 'echo job y; exit 143' TERM; echo begun; while :; do sleep 0.05; done"
    with pytest.raises(KeyboardInterrupt):
        smoke_deeds.run(("bash", "-c", script), stop)
    assert heard[1:] == ["begun", "job y"]
