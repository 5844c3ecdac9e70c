"""Operators that find their job: each service, each state, without a scheduler around them."""

import gzip
import json

import pytest
from executing_moto import KEYS, REGION, ROLE, executing_moto

IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/blazingtext:1"


@pytest.fixture
def cloud(tmp_path, monkeypatch):
    """Services whose jobs wait until they may go on."""
    with executing_moto(tmp_path) as running:
        extra = {"endpoint_url": running.url, "region_name": REGION}
        keys = {"login": KEYS["aws_access_key_id"], "password": KEYS["aws_secret_access_key"]}
        connection = {"conn_type": "aws", **keys, "extra": extra}
        monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", json.dumps(connection))
        running.client("s3").create_bucket(Bucket="blogs")
        running.write("s3://blogs/corpus.txt", b"one two three\n")
        yield running


@pytest.fixture
def request_of():
    """A training request."""
    from blazingtext.machines import Machines
    from blazingtext.training_request import training_request
    from embeddings.hyperparameters import Hyperparameters

    machines = Machines(ROLE, "s3://blogs/models", IMAGE)
    return training_request("train", "s3://blogs/corpus.txt", Hyperparameters(), machines)


def make(kind, **arguments):
    return kind(task_id="t", deferrable="False", poll_seconds="1", timeout_seconds=60, **arguments)


def backend(cloud, name):
    from moto.sagemaker.models import sagemaker_backends

    return sagemaker_backends["123456789012"][REGION].training_jobs[name]


def test_a_job_that_goes_on_is_waited_for_and_not_started_again(cloud, request_of):
    from orchestration.sagemaker_operators import TrainingOperator

    cloud.hold.clear()
    cloud.client("sagemaker").create_training_job(**request_of)
    assert cloud.started == [("training", "train")]
    operator = make(TrainingOperator, config=json.dumps(request_of))
    operator.follow = lambda name: setattr(backend(cloud, name), "training_job_status", "Completed")
    assert operator.execute({})["job"] == "train"
    assert cloud.started == [("training", "train")]


@pytest.mark.parametrize("state", ["Failed", "Stopped"])
def test_a_job_that_ended_badly_is_followed_by_one_with_a_number(cloud, request_of, state):
    from airflow.providers.common.compat.sdk import AirflowFailException

    from orchestration.sagemaker_operators import TrainingOperator

    cloud.broken["training"] = "no memory left"
    operator = make(TrainingOperator, config=json.dumps(request_of))
    with pytest.raises(AirflowFailException, match=r"^train is Failed: AlgorithmError: no memory"):
        operator.execute({})
    backend(cloud, "train").training_job_status = state
    operator = make(TrainingOperator, config=json.dumps(request_of))
    with pytest.raises(AirflowFailException, match=r"^train-2 is Failed: Algorithm"):
        operator.execute({})
    assert cloud.started == [("training", "train"), ("training", "train-2")]


def test_a_job_that_somebody_stopped_is_no_success(cloud, request_of):
    from airflow.providers.common.compat.sdk import AirflowFailException

    from orchestration.sagemaker_operators import TrainingOperator

    cloud.hold.clear()
    cloud.client("sagemaker").create_training_job(**request_of)
    operator = make(TrainingOperator, config=json.dumps(request_of))
    operator.follow = lambda name: setattr(backend(cloud, name), "training_job_status", "Stopped")
    with pytest.raises(AirflowFailException, match=r"^train is Stopped: no reason given$"):
        operator.execute({})


def test_a_job_that_goes_on_when_the_triggerer_gives_up_is_no_success(cloud, request_of):
    from airflow.providers.common.compat.sdk import AirflowException, AirflowFailException

    from orchestration.sagemaker_operators import TrainingOperator

    cloud.hold.clear()
    cloud.client("sagemaker").create_training_job(**request_of)
    operator = make(TrainingOperator, config=json.dumps(request_of))
    event = {"status": "timeout", "job_name": "train"}
    with pytest.raises(AirflowException, match=r"^train is still InProgress$") as caught:
        operator.resume_execution("execute_complete", {"event": event}, {})
    assert not isinstance(caught.value, AirflowFailException)


@pytest.fixture
def build(cloud):
    """A request to EMR Serverless."""
    from aws.build_job import BuildJob, Code
    from aws.emr_serverless import start_request

    emr = cloud.client("emr-serverless")
    made = emr.create_application(name="b", releaseLabel="emr-7.9.0", type="SPARK")
    job = BuildJob(("--input", "s3://blogs/in"), ROLE, "build")
    code = Code("s3://blogs/job.py", "s3://blogs/pyfiles.zip")
    return start_request(job, code, made["applicationId"], "s3://blogs/logs/")


@pytest.mark.parametrize(
    ("state", "started"),
    [("RUNNING", ["build"]), ("SUCCESS", ["build"]), ("FAILED", ["build", "build-2"])],
)
def test_a_run_of_emr_serverless_is_found_by_its_name(cloud, build, state, started):
    from moto.emrserverless.models import emrserverless_backends

    from orchestration.emr_operator import EmrServerlessBuildOperator

    cloud.hold.clear()
    runs = emrserverless_backends["123456789012"][REGION].job_runs
    first = cloud.client("emr-serverless").start_job_run(**build)["jobRunId"]
    runs[build["applicationId"]][0].state = state
    operator = make(EmrServerlessBuildOperator, request=json.dumps(build))
    operator._wait = lambda: None
    found = operator.execute({"ti": Links()})
    assert [name for _, name in cloud.started] == started
    assert (found == first) == (len(started) == 1)


def test_the_same_request_is_sent_as_by_the_command(cloud, build):
    """Field by field, but for the token that makes a retry harmless, and the name's number."""
    from unittest.mock import patch

    from moto.emrserverless.models import EMRServerlessBackend

    from orchestration.emr_operator import EmrServerlessBuildOperator

    cloud.hold.clear()
    seen = []
    original = EMRServerlessBackend.start_job_run

    def note(self, **named):
        seen.append(named)
        return original(self, **named)

    with patch.object(EMRServerlessBackend, "start_job_run", note):
        operator = make(EmrServerlessBuildOperator, request=json.dumps(build))
        operator._wait = lambda: None
        operator.execute({"ti": Links()})
        cloud.client("emr-serverless").start_job_run(**build)
    by_dag, by_command = ({**one, "client_token": ""} for one in seen)
    assert by_dag == by_command
    assert seen[0]["client_token"] != seen[1]["client_token"]


class Links:
    """Where operators put links to AWS's console."""

    def xcom_push(self, **named):
        pass


@pytest.mark.parametrize(
    ("details", "log", "line", "is_final"),
    [
        (
            "ExitCode: 12. Last",
            "build_corpus: error: corpus.nul: found 1",
            "corpus.nul: found 1",
            1,
        ),
        ("ExitCode: 23. Last", None, "ExitCode: 23. Last", 0),
        ("Job cancelled", "26/01/02 WARN nothing", "ended without an exit code: Job cancelled", 0),
    ],
)
def test_a_failed_build_is_explained_by_its_drivers_log(cloud, build, details, log, line, is_final):
    from airflow.providers.common.compat.sdk import AirflowException, AirflowFailException
    from moto.emrserverless.models import emrserverless_backends

    from orchestration.emr_operator import EmrServerlessBuildOperator

    cloud.hold.clear()
    application = build["applicationId"]
    runs = emrserverless_backends["123456789012"][REGION].job_runs

    def fail():
        [run] = runs[application]
        run.state, run.state_details = "FAILED", details
        place = f"s3://blogs/logs/applications/{application}/jobs/{run.id}/SPARK_DRIVER/stderr.gz"
        if log:
            cloud.write(place, gzip.compress(f"first\n{log}\n".encode()))
        raise AirflowException("the waiter says no")

    operator = make(EmrServerlessBuildOperator, request=json.dumps(build))
    operator._wait = fail
    with pytest.raises(AirflowException) as caught:
        operator.execute({"ti": Links()})
    assert str(caught.value).startswith("build ended with") and line in str(caught.value)
    assert isinstance(caught.value, AirflowFailException) == bool(is_final)

    event = {"status": "failure", "message": "Waiter error"}
    for method, told in (("__fail__", {"error": "…"}), ("execute_complete", {"event": event})):
        waited_for = make(EmrServerlessBuildOperator, request=json.dumps(build))
        with pytest.raises(AirflowException) as after:
            waited_for.resume_execution(method, told, {})
        assert type(after.value) is type(caught.value)
        assert str(after.value) == str(caught.value)
