"""The chain in Airflow: build the corpus, check it, train, tune, evaluate, register.

Only arguments: what the steps do is in `orchestration/`, and in the jobs that it runs.
"""

from datetime import timedelta
from typing import Any

from airflow.providers.common.compat.sdk import DAG, Asset, Param, TaskGroup, task

from orchestration import tasks
from orchestration.aws_operators import (
    EmrServerlessBuildOperator,
    ProcessingOperator,
    TrainingOperator,
    TuningOperator,
)
from orchestration.command_operator import CommandOperator
from orchestration.job_failures import on_failure
from orchestration.parameters import DOCUMENTATION, EMR, LOCAL, PARAMETERS, PROCESSING

# Where the file is differs from run to run, and an asset's URI may not: it is in the event's extra.
CORPUS, VECTORS = (
    Asset(name=f"blazing-corpus-{name}", uri=f"x-blazing-corpus://blazing-corpus-{name}")
    for name in ("corpus", "vectors")
)
BUILD_TASKS = {EMR: "build.emr_serverless", PROCESSING: "build.processing", LOCAL: "build.local"}
ANY_BRANCH = "none_failed_min_one_success"
SHORT, BUILD, TRAINING, TUNING = (timedelta(hours=hours) for hours in (1, 13, 25, 7 * 24))
RETRIES = {
    "retries": 3,
    "retry_delay": timedelta(minutes=1),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=30),
    "execution_timeout": SHORT,
}
CONNECTION, REGION = "{{ params.aws_conn_id }}", "{{ params.region or '' }}"


def planned(key: str) -> str:
    """A part of the plan, as JSON."""
    return f"{{{{ ti.xcom_pull(task_ids='build.plan', key='{key}') | tojson }}}}"


def command(task_id: str, key: str, limit: timedelta = SHORT, **arguments: Any) -> CommandOperator:
    """A task that runs a command of the plan on the worker."""
    return CommandOperator(
        task_id=task_id,
        command=planned(key),
        aws_conn_id=CONNECTION,
        region=REGION,
        execution_timeout=limit,
        **arguments,
    )


def evaluation(task_id: str, key: str, trained_by: str) -> CommandOperator:
    """A command about the SageMaker job that a task ran, if it did."""
    job = f"{{{{ (ti.xcom_pull(task_ids='{trained_by}') or {{}}).get('job') or '' }}}}"
    return command(task_id, key, job=job, trigger_rule=ANY_BRANCH)


def aws_job(operator: Any, task_id: str, key: str, limit: timedelta) -> Any:
    """A task that starts a job of AWS by a request of the plan, and waits for it."""
    return operator(
        task_id=task_id,
        request=planned(key),
        deferrable="{{ params.deferrable }}",
        poll_seconds="{{ params.poll_seconds }}",
        aws_conn_id=CONNECTION,
        region_name=REGION,
        execution_timeout=limit,
    )


with DAG(
    dag_id="blog_word2vec",
    description="Blogs to corpus to word vectors: EMR Serverless or Processing, then BlazingText",
    doc_md=DOCUMENTATION,
    schedule=None,
    catchup=False,
    max_active_runs=1,
    default_args=RETRIES,
    on_failure_callback=on_failure,
    tags=["blazing-corpus", "word2vec"],
    params={
        name: Param(
            field.default, description=field.description, section=field.section, **field.schema
        )
        for name, field in PARAMETERS.items()
    },
) as dag:
    with TaskGroup("build", tooltip="blog files to one corpus file"):

        @task(multiple_outputs=True)
        def plan(**context: Any) -> dict[str, Any]:
            """Names, places, requests and commands of this run."""
            return tasks.make_plan(context)

        @task.branch(task_id="where")
        def choose_build(params: Any) -> str:
            """What builds the corpus."""
            return BUILD_TASKS[params["where"]]

        builds = [
            aws_job(EmrServerlessBuildOperator, "emr_serverless", "build", BUILD),
            aws_job(ProcessingOperator, "processing", "build", BUILD),
            command("local", "build", BUILD),
        ]
        plan() >> choose_build() >> builds

    with TaskGroup("check", tooltip="nothing is paid for a corpus that is not right"):

        @task(outlets=[CORPUS], trigger_rule=ANY_BRANCH)
        def corpus(params: Any, ti: Any, outlet_events: Any) -> dict[str, Any]:
            """Figures of the corpus, if it is the one that was checked."""
            figures = tasks.check_corpus(params, ti.xcom_pull(task_ids="build.plan"))
            outlet_events[CORPUS].extra = figures
            return figures

        @task
        def price(params: Any, ti: Any) -> float | None:
            """US$ that the run may come to, unless that is too much."""
            return tasks.check_price(params, ti.xcom_pull(task_ids="check.corpus"))

        checks = [price(), command("preflight", "preflight")]
        builds >> corpus() >> checks

    with TaskGroup("train", tooltip="BlazingText, or gensim on the worker"):

        @task.branch(task_id="where", trigger_rule=ANY_BRANCH)
        def choose_training(params: Any) -> str:
            """What trains."""
            return "train.local" if params["where"] == LOCAL else "train.sagemaker"

        trained = [
            aws_job(TrainingOperator, "sagemaker", "training", TRAINING),
            command("local", "training", TRAINING),
        ]
        checks >> choose_training() >> trained

    with TaskGroup("tune", tooltip="a search for hyperparameters, if asked for"):

        @task.branch(task_id="wanted", trigger_rule=ANY_BRANCH)
        def choose_search(params: Any) -> str | None:
            """What searches, if anything does."""
            if not params["tune"]:
                return None
            return "tune.local" if params["where"] == LOCAL else "tune.sagemaker"

        tuned = [
            aws_job(TuningOperator, "sagemaker", "tuning", TUNING),
            command("local", "tuning", TUNING),
        ]
        trained >> choose_search() >> tuned

    with TaskGroup("evaluate", tooltip="fetch, score, put run.json where all runs are"):
        evaluate_trained = evaluation("trained", "evaluate", "train.sagemaker")
        evaluate_best = evaluation("best", "evaluate_best", "tune.sagemaker")
        trained >> evaluate_trained
        tuned >> evaluate_best

    with TaskGroup("register", tooltip="the best run, and the table of all"):

        @task(outlets=[VECTORS], trigger_rule=ANY_BRANCH)
        def record(params: Any, ti: Any, outlet_events: Any) -> dict[str, Any]:
            """Figures of the best run of this DAG run."""
            jobs = ti.xcom_pull(task_ids=["train.sagemaker", "tune.sagemaker"])
            figures = tasks.record_runs(params, ti.xcom_pull(task_ids="build.plan"), jobs)
            outlet_events[VECTORS].extra = figures
            return figures

        [evaluate_trained, evaluate_best] >> record() >> command("compare", "compare")
