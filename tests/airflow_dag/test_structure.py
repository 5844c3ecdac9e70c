"""The DAG as Airflow reads it: imports, tasks, parameters, templates."""

import json
import subprocess
import sys

import pytest
from airflow.providers.common.compat.sdk import ParamValidationError
from dag_runs import MOMENT, ROOT, read_dags

from orchestration.parameters import DEFAULTS, PARAMETERS, PLACES
from orchestration.run_plan import RunInputs, make_plan

OURS = (
    *("aws", "blazingtext", "blog_word2vec", "embeddings", "orchestration", "quality"),
    *("schemas", "storage"),
)
HEAVY = ("gensim", "matplotlib", "numpy", "optuna", "pandas", "pyarrow", "pyspark", "sagemaker")

DOWNSTREAM = {
    "build.plan": {"build.where"},
    "build.where": {"build.emr_serverless", "build.processing", "build.local"},
    "build.emr_serverless": {"check.corpus"},
    "build.processing": {"check.corpus"},
    "build.local": {"check.corpus"},
    "check.corpus": {"check.price", "check.preflight"},
    "check.price": {"train.where"},
    "check.preflight": {"train.where"},
    "train.where": {"train.sagemaker", "train.local"},
    "train.sagemaker": {"tune.wanted", "evaluate.trained"},
    "train.local": {"tune.wanted", "evaluate.trained"},
    "tune.wanted": {"tune.sagemaker", "tune.local"},
    "tune.sagemaker": {"evaluate.best"},
    "tune.local": {"evaluate.best"},
    "evaluate.trained": {"register.record"},
    "evaluate.best": {"register.record"},
    "register.record": {"register.compare"},
    "register.compare": set(),
}


@pytest.fixture(scope="module")
def bag(database):
    return read_dags()


def test_the_dag_is_imported_without_errors(bag):
    assert bag.import_errors == {}
    assert list(bag.dags) == ["blog_word2vec"]


def test_tasks_and_what_follows_on_what(bag):
    dag = bag.dags["blog_word2vec"]
    assert {task.task_id: task.downstream_task_ids for task in dag.tasks} == DOWNSTREAM
    groups = dag.task_group.get_task_group_dict()
    assert set(groups) == {None, "build", "check", "train", "tune", "evaluate", "register"}


def test_a_failed_task_is_tried_again_with_growing_delays_and_not_for_ever(bag):
    for task in bag.dags["blog_word2vec"].tasks:
        assert (task.retries, task.retry_exponential_backoff) == (3, True), task.task_id
        assert 60 <= task.execution_timeout.total_seconds() <= 7 * 24 * 3600, task.task_id


def test_each_parameter_is_in_the_form_and_in_the_documentation(bag):
    dag = bag.dags["blog_word2vec"]
    assert list(dag.params) == list(PARAMETERS)
    for name, one in PARAMETERS.items():
        param = dag.params.get_param(name)
        assert (param.value, param.description) == (one.default, one.description)
        assert f"| `{name}` |" in dag.doc_md
        param.resolve()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("where", "emr"),
        ("dedup", "fuzzy"),
        ("min_tokens", 0),
        ("build_options", "--tables"),
        ("code", "bucket/code"),
        ("max_cost", -1),
        ("spark_conf", {"spark.executor.cores": 4}),
        ("hyperparameters", "epochs=5"),
    ],
)
def test_the_form_refuses(bag, name, value):
    with pytest.raises(ParamValidationError):
        bag.dags["blog_word2vec"].params.get_param(name).resolve(value)


def test_nothing_heavy_is_imported_and_nothing_asked_when_the_file_is_read():
    """Beyond Airflow and its provider, which are there in any Airflow that can run the DAG."""
    script = f"""
import json, socket, sys
sys.path.insert(0, {str(ROOT / "dags")!r})
import airflow.providers.amazon.aws.operators.emr
import airflow.providers.amazon.aws.operators.sagemaker
import airflow.providers.common.compat.sdk as sdk
import airflow.providers.standard.operators.bash
[sdk.DAG, sdk.Param, sdk.TaskGroup, sdk.task, sdk.task.branch]
def refuse(*_): raise AssertionError("the network is used")
socket.socket.connect = refuse
before = set(sys.modules)
import blog_word2vec
print(json.dumps(sorted(name for name in set(sys.modules) - before)))
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    added = json.loads(ran.stdout.splitlines()[-1])
    foreign = {name.partition(".")[0] for name in added} - {*OURS, "airflow"}
    assert foreign & {*HEAVY, "boto3", "botocore", "jobs", "etl"} == set()
    of_airflow = {"babel", "croniter", "pytz"}  # which it imports when a first DAG is made
    assert foreign - set(sys.stdlib_module_names) <= of_airflow


@pytest.mark.parametrize("where", PLACES)
def test_every_template_is_rendered(bag, where):
    dag = bag.dags["blog_word2vec"]
    pulled = Pulled(where)
    context = {"params": DEFAULTS | {"where": where}, "ti": pulled}
    environment = dag.get_template_env()
    for task in dag.tasks:
        for name in task.template_fields:
            text = getattr(task, name, None)
            if isinstance(text, str) and "{{" in text:
                rendered = task.render_template(text, context, environment)
                assert "{{" not in rendered and "Undefined" not in rendered, (task.task_id, name)
                if name in ("request", "command"):
                    assert json.loads(rendered) == pulled.expected(text)


class Pulled:
    """A task instance that knows the plan, and nothing else."""

    def __init__(self, where):
        self.plan = {"build": {"where": where}, "preflight": None, "training": {"name": "it's"}}

    def xcom_pull(self, task_ids, key="return_value"):
        return self.plan.get(key) if task_ids == "build.plan" else None

    def expected(self, text):
        return next((value for key, value in self.plan.items() if f"key='{key}'" in text), None)


def test_the_names_of_a_run_fit_into_what_services_take():
    given = {"where": "local", "folder": "/f", "input": "/i", "home": "/h"}
    plan = make_plan(DEFAULTS | given, "manual__1", MOMENT, RunInputs())
    assert plan["corpus"].startswith("/f/corpora/")
    assert plan["training"]["done"] == f"/f/runs/{plan['name']}/run.json"
    assert plan["compare"]["steps"] == [["python3", "/h/jobs/compare_models.py", "/f/runs/"]]
