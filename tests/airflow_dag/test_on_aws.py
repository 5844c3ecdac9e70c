"""The whole DAG, executed: moto's services run what the requests describe; see executing_moto."""

import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException
from dag_runs import MOMENT, SMALL, run_dag, states, told
from executing_moto import BUILD_ROLE, CALLER, KEY, ROLE, executing_moto
from project_jobs import PYTHON, SAMPLE, jars, make_dist, run_job

from orchestration.parameters import DEFAULTS
from orchestration.tasks import make_plan

IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/blazingtext:1"
SHA256 = "09a911fe8c1457c9e3dfe9a61880488b5573e792b1e343a9d119d9fbebd65907"
AFTER_BUILD = ("check", "train", "tune", "evaluate", "register")
RANGES = ["mode=skipgram", "epochs=2", "min_count=1:2", "vector_dim=10:20", "window_size=5"]
pytestmark = pytest.mark.skipif(not jars(), reason="no S3A for this Spark: make test fetches it")


@pytest.fixture(scope="module")
def cloud(tmp_path_factory, database):
    folder = tmp_path_factory.mktemp("machines")
    with executing_moto(folder) as running:
        s3 = running.client("s3")
        s3.create_bucket(Bucket="blogs")
        for path in SAMPLE.iterdir():
            s3.upload_file(str(path), "blogs", f"input/{path.name}")
        upload = ("upload", "--code", "s3://blogs/code", "--training-image", IMAGE)
        dist = make_dist(folder / "dist")
        run_job("submit", *upload, "--dist", str(dist), env=running.environment(CALLER))
        emr = running.client("emr-serverless")
        application = emr.create_application(name="b", releaseLabel="emr-7.9.0", type="SPARK")
        running.application = application["applicationId"]
        yield running


@pytest.fixture(autouse=True)
def fresh(cloud, monkeypatch):
    """Nothing is broken or refused; Airflow finds the services by its connection alone."""
    cloud.broken, cloud.started = {}, []
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", cloud.connection())
    yield
    assert cloud.enforced.denied == []


@pytest.fixture
def params(cloud):
    return {
        "bucket": "blogs",
        "role": ROLE,
        "build_role": BUILD_ROLE,
        "output_key": KEY,
        "input": "s3://blogs/input/",
        "code": "s3://blogs/code",
        "application_id": cloud.application,
        "image": f"{IMAGE.partition('/')[0]}/blazing-corpus:sagemaker",
        "poll_seconds": 1,
        "python": str(PYTHON),
        "preset": "default",
        "hyperparameters": SMALL,
    }


def planned(params):
    """The plan of a run without a logical date."""
    run = SimpleNamespace(logical_date=None, run_after=MOMENT)
    return make_plan({"params": DEFAULTS | params, "run_id": "manual__1", "dag_run": run})


def services(cloud):
    return [service for service, _ in cloud.started]


def not_run(run):
    """States of all tasks behind the build."""
    return {state for task, state in states(run).items() if task.startswith(AFTER_BUILD)}


def test_from_blogs_to_a_tuned_model_on_emr_serverless_and_nothing_twice(cloud, params, dag):
    params |= {"where": "emr-serverless", "tune": True, "max_jobs": 2, "tuning_ranges": RANGES}
    run = run_dag(dag, params)
    assert str(run.state) == "success"
    skipped = [task for task, state in states(run).items() if state == "skipped"]
    assert sorted(skipped) == [
        "build.local", "build.processing", "check.preflight", "train.local", "tune.local",
    ]  # fmt: skip
    assert services(cloud) == ["emr-serverless", "training", "tuning"]
    corpus = told(run, "check.corpus")
    assert (corpus["lines"], corpus["tokens"], corpus["sha256"]) == (1288, 15159, SHA256)
    trained, record = told(run, "train.sagemaker"), told(run, "register.record")
    assert cloud.read(trained["vectors"])[:2] == b"\x1f\x8b"
    root = "s3://blogs"
    runs = sorted(key for key in cloud.keys(f"{root}/runs/"))
    assert [key.rpartition("/")[2] for key in runs] == ["run.json", "run.json"]
    first = json.loads(cloud.read(f"{root}/runs/{trained['job']}/run.json"))
    assert first["backend"] == "sagemaker"
    assert first["evaluation"]["mean_rho"] == pytest.approx(trained["mean_rho"])
    assert first["hyperparameters"]["vector_dim"] == 20
    assert record["runs"] == 2
    best = max(trained["mean_rho"], told(run, "tune.sagemaker")["mean_rho"])
    assert record["mean_rho"] == pytest.approx(best)

    cloud.started.clear()
    again = run_dag(dag, params, done=r"(evaluate|register)\..*")
    assert str(again.state) == "success"
    assert cloud.started == []
    assert told(again, "train.sagemaker") == trained


@pytest.mark.ci
def test_on_processing_a_training_fails_and_is_started_anew_when_cleared(cloud, params, dag):
    params |= {"where": "processing", "deferrable": True}
    cloud.broken["training"] = "no memory left"
    moment = MOMENT + timedelta(days=1)
    run = run_dag(dag, params, moment)
    assert str(run.state) == "failed"
    found = states(run)
    assert (found["build.processing"], found["train.sagemaker"]) == ("success", "failed")
    assert found["evaluate.trained"] == found["register.record"] == "upstream_failed"
    assert services(cloud) == ["processing", "training"]

    cloud.broken = {}
    again = run_dag(dag, params, moment)
    assert str(again.state) == "success"
    assert services(cloud) == ["processing", "training", "training"]
    names = [name for _, name in cloud.started]
    assert names[2] == f"{names[1]}-2"
    assert told(again, "train.sagemaker")["job"] == names[2]
    assert told(again, "register.record")["run"].endswith(f"/runs/{names[2]}/run.json")


@pytest.mark.parametrize(
    ("where", "task", "day"),
    [
        ("emr-serverless", "build.emr_serverless", 2),
        pytest.param("processing", "build.processing", 4, marks=pytest.mark.ci),
    ],
)
def test_a_failed_gate_ends_the_run_before_anything_is_paid(
    where, task, day, cloud, params, dag, tmp_path, capfd
):
    strict = tmp_path / "strict.toml"
    strict.write_text("[ledger.files_read]\nat_least = 1000000\n")
    cloud.broken["build"] = ("--thresholds", str(strict))
    params |= {"where": where, "prefix": "runs/gate", "input": "s3://blogs/input/1*"}
    run = run_dag(dag, params, MOMENT + timedelta(days=day))
    assert str(run.state) == "failed"
    assert states(run)[task] == "failed"
    assert not_run(run) == {"upstream_failed"}
    assert services(cloud) == [where]
    left = cloud.keys("s3://blogs/runs/gate/")
    assert left and all("/refused/" in key for key in left)
    why = "exit code 12: the quality gate failed, so nothing was published: build_corpus: error: "
    said = capfd.readouterr().out
    assert why in said
    assert "ledger.files_read" in said[said.index(why) :]


def test_a_build_that_fails_is_told_by_its_exit_code_and_its_line(cloud, params, dag, capfd):
    params |= {"where": "emr-serverless", "build_options": ["--min-tokens=many"]}
    run = run_dag(dag, params, MOMENT + timedelta(days=3))
    assert str(run.state) == "failed"
    assert not_run(run) == {"upstream_failed"}
    assert services(cloud) == ["emr-serverless"]
    why = "-build ended with exit code 2: build_corpus: error: argument --min-tokens: many is not"
    assert why in capfd.readouterr().out


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"role": None, "bucket": None}, "emr-serverless: bucket is missing; role is missing"),
        ({"hyperparameters": {"epochs": 0}}, "epochs is 0, and must be from 1 to"),
        ({"input": "s3://blogs/input/nothing/"}, "nothing at s3://blogs/input/nothing/"),
        (
            {"code": "s3://blogs/code/other"},
            "no s3://blogs/code/other/latest.json: "
            "python jobs/submit.py upload --code s3://blogs/code/other",
        ),
        ({"training_instance_type": "c5.xlarge"}, "instance type is 'c5.xlarge', not ml."),
        ({"training_instance_type": "ml.c1.xlarge"}, "no speed of ml.c1.xlarge is known, so no"),
        (
            {"build_role": "build"},
            "role is 'build', not an ARN such as arn:aws:iam::ACCOUNT:role/NAME",
        ),
        ({"hyperparameters": {"mode": "cbow"}, "training_instances": 2}, "cbow takes one instance"),
    ],
)
def test_what_would_be_refused_later_is_refused_at_once(cloud, params, changes, line):
    with pytest.raises(AirflowFailException) as caught:
        planned(params | changes)
    assert line in str(caught.value)
    assert "\n" not in str(caught.value)
    assert cloud.started == []


def test_a_run_without_a_logical_date_is_named_by_when_it_was_to_run(cloud, params):
    plan = planned(params)
    assert plan["name"].startswith("blazing-corpus-20260102-030405-")
    assert plan["build"]["name"] == f"{plan['name']}-build"
