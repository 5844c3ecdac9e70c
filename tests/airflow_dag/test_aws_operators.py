"""Operators that take over their job: each service, each state, without a scheduler around them."""

import gzip
import json
from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import patch

import pytest
from airflow.providers.common.compat.sdk import AirflowException, AirflowFailException
from dag_runs import MOMENT
from executing_moto import ACCOUNT, BUILD_ROLE, REGION, ROLE, executing_moto
from moto.emrserverless.models import EMRServerlessBackend, emrserverless_backends
from moto.sagemaker.models import sagemaker_backends

from aws.build_job import BuildJob, Code
from aws.emr_serverless import start_request
from blazingtext.requests.settings import JobSettings
from blazingtext.requests.training_request import training_request
from embeddings.training.hyperparameters import Hyperparameters
from orchestration.aws_operators import EmrServerlessBuildOperator, TrainingOperator

CONTEXT = {"dag_run": SimpleNamespace(logical_date=None, run_after=MOMENT)}
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/blazingtext:1"


@pytest.fixture
def cloud(tmp_path, monkeypatch):
    """Services whose jobs wait until they may go on."""
    with executing_moto(tmp_path) as running:
        monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", running.connection())
        running.client("s3").create_bucket(Bucket="blogs")
        running.write("s3://blogs/corpus/c.txt", b"one two three\n")
        yield running


@pytest.fixture
def training():
    """A training request."""
    machines = JobSettings(ROLE, "s3://blogs/models", IMAGE)
    return training_request("train", "s3://blogs/corpus/c.txt", Hyperparameters(), machines)


def make(kind, request, follow=None):
    """The operator as the DAG has it when its templates are rendered; `follow` in place of it."""
    rendered = {"request": json.dumps(request), "deferrable": "False", "poll_seconds": "1"}
    operator = kind(task_id="t", execution_timeout=timedelta(seconds=60), **rendered)
    operator._follow = follow or operator._follow
    return operator


def end(name, state):
    sagemaker_backends[ACCOUNT][REGION].training_jobs[name].training_job_status = state


@pytest.fixture
def waiting(cloud, training):
    """A training that was started, and goes on."""
    cloud.hold.clear()
    cloud.client("sagemaker").create_training_job(**training)


@pytest.mark.usefixtures("waiting")
def test_a_job_that_goes_on_is_waited_for_and_not_started_again(cloud, training):
    operator = make(TrainingOperator, training, lambda name: end(name, "Completed"))
    assert operator.execute(CONTEXT)["job"] == "train"
    assert cloud.started == [("training", "train")]


@pytest.mark.parametrize("state", ["Failed", "Stopped"])
def test_a_job_that_ended_badly_is_followed_by_one_with_a_number(cloud, training, state):
    cloud.broken["training"] = "no memory left"
    with pytest.raises(AirflowFailException, match=r"^train is Failed: AlgorithmError: no memory"):
        make(TrainingOperator, training).execute(CONTEXT)
    end("train", state)
    with pytest.raises(AirflowFailException, match=r"^train-2 is Failed: Algorithm"):
        make(TrainingOperator, training).execute(CONTEXT)
    assert cloud.started == [("training", "train"), ("training", "train-2")]


@pytest.mark.usefixtures("waiting")
def test_a_job_that_somebody_stopped_is_no_success(training):
    operator = make(TrainingOperator, training, lambda name: end(name, "Stopped"))
    with pytest.raises(AirflowFailException, match=r"^train is Stopped: no reason given$"):
        operator.execute(CONTEXT)


@pytest.mark.usefixtures("waiting")
def test_a_job_that_goes_on_when_the_triggerer_gives_up_is_no_success(training):
    event = {"status": "timeout", "job_name": "train"}
    with pytest.raises(AirflowException, match=r"^train is still InProgress$") as caught:
        make(TrainingOperator, training).resume_execution(
            "execute_complete", {"event": event}, CONTEXT
        )
    assert not isinstance(caught.value, AirflowFailException)


@pytest.fixture
def build(cloud):
    """A request to EMR Serverless."""
    emr = cloud.client("emr-serverless")
    made = emr.create_application(name="b", releaseLabel="emr-7.9.0", type="SPARK")
    job = BuildJob(
        ("--input", "s3://blogs/input", "--output", "s3://blogs/corpus"), BUILD_ROLE, "build"
    )
    code = Code("s3://blogs/code/job.py", "s3://blogs/code/pyfiles.zip")
    return start_request(job, code, made["applicationId"], "s3://blogs/code/logs/")


def runs_of(build):
    return emrserverless_backends[ACCOUNT][REGION].job_runs[build["applicationId"]]


def succeed(build):
    runs_of(build)[-1].state = "SUCCESS"


@pytest.mark.parametrize(
    ("state", "started"),
    [("RUNNING", ["build"]), ("SUCCESS", ["build"]), ("FAILED", ["build", "build-2"])],
)
def test_a_run_of_emr_serverless_is_found_by_its_name(cloud, build, state, started):
    cloud.hold.clear()
    first = cloud.client("emr-serverless").start_job_run(**build)["jobRunId"]
    runs_of(build)[0].state = state
    operator = make(EmrServerlessBuildOperator, build, lambda _: succeed(build))
    listed = EMRServerlessBackend.list_job_runs
    with patch.object(EMRServerlessBackend, "list_job_runs", autospec=True) as asked:
        asked.side_effect = listed
        job_id = operator.execute(CONTEXT | {"ti": Links()})
    # An application's runs are many: those before the DAG run are none of its own.
    assert {call.kwargs["created_at_after"] for call in asked.call_args_list} != {None}
    assert [name for _, name in cloud.started] == started
    assert (job_id == first) == (len(started) == 1)


def test_the_same_request_is_sent_as_by_the_command(cloud, build):
    """Field by field, but for the token that makes a retry harmless, and the name's number."""
    cloud.hold.clear()
    seen = []
    original = EMRServerlessBackend.start_job_run

    def note(self, **named):
        seen.append(named)
        return original(self, **named)

    with patch.object(EMRServerlessBackend, "start_job_run", note):
        operator = make(EmrServerlessBuildOperator, build, lambda _: succeed(build))
        operator.execute(CONTEXT | {"ti": Links()})
        cloud.client("emr-serverless").start_job_run(**build)
    by_dag, by_command = ({**request, "client_token": ""} for request in seen)
    assert by_dag == by_command
    assert seen[0]["client_token"] != seen[1]["client_token"]


class Links:
    """Where operators put links to AWS's console."""

    def xcom_push(self, **named):
        pass


@pytest.mark.parametrize(
    ("details", "log", "line", "is_final"),
    [
        ("ExitCode: 12. Last", "build_corpus: error: corpus.nul", ": corpus.nul", True),
        ("ExitCode: 23. Last", None, "ExitCode: 23. Last", False),
        ("Job cancelled", "26/01/02 WARN x", "ended without an exit code: Job cancelled", False),
    ],
)
def test_a_failed_build_is_explained_by_its_drivers_log(cloud, build, details, log, line, is_final):
    cloud.hold.clear()

    def fail(_):
        [run] = runs_of(build)
        run.state, run.state_details = "FAILED", details
        folder = f"applications/{build['applicationId']}/jobs/{run.id}/SPARK_DRIVER"
        if log:
            data = gzip.compress(f"first\n{log}\n".encode())
            cloud.write(f"s3://blogs/code/logs/{folder}/stderr.gz", data)
        raise AirflowException("the waiter says no")

    with pytest.raises(AirflowException) as caught:
        make(EmrServerlessBuildOperator, build, fail).execute(CONTEXT | {"ti": Links()})
    assert str(caught.value).startswith("build ended with") and line in str(caught.value)
    assert isinstance(caught.value, AirflowFailException) == is_final

    event = {"status": "failure", "message": "Waiter error"}
    for method, told in (("__fail__", {"error": "…"}), ("execute_complete", {"event": event})):
        with pytest.raises(AirflowException) as after:
            make(EmrServerlessBuildOperator, build).resume_execution(method, told, CONTEXT)
        assert type(after.value) is type(caught.value)
        assert str(after.value) == str(caught.value)
