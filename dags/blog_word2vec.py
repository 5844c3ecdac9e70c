"""The chain in Airflow: build the corpus, check it, train, tune, evaluate, register.

Only arguments: what the steps do is in `orchestration/`, and in the jobs that it runs.
"""

from datetime import timedelta
from typing import Any

from airflow.providers.common.compat.sdk import DAG, Asset, Param, TaskGroup, task

from orchestration import tasks
from orchestration.callbacks import on_failure
from orchestration.command_operator import CommandOperator
from orchestration.documentation import DOCUMENTATION
from orchestration.emr_operator import EmrServerlessBuildOperator
from orchestration.parameters import EMR, LOCAL, PARAMETERS, PROCESSING
from orchestration.sagemaker_operators import ProcessingOperator, TrainingOperator, TuningOperator

# Where the file is differs from run to run, and an asset's URI may not: it is in the event's extra.
CORPUS, VECTORS = (
    Asset(name=f"blazing-corpus-{name}", uri=f"x-blazing-corpus://blazing-corpus-{name}")
    for name in ("corpus", "vectors")
)
BUILD_TASKS = {EMR: "build.emr_serverless", PROCESSING: "build.processing", LOCAL: "build.local"}
ONE_OF_THEM = "none_failed_min_one_success"
SHORT, BUILD, TRAINING, TUNING = (timedelta(hours=hours) for hours in (1, 13, 25, 7 * 24))
RETRIES = {
    "retries": 3,
    "retry_delay": timedelta(minutes=1),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=30),
    "execution_timeout": SHORT,
}
CONNECTION = {
    "aws_conn_id": "{{ params.aws_conn_id }}",
    "region_name": "{{ params.region or '' }}",
}
WAITING = {
    "deferrable": "{{ params.deferrable }}",
    "poll_seconds": "{{ params.poll_seconds }}",
    **CONNECTION,
}
WORKER = {"aws_conn_id": CONNECTION["aws_conn_id"], "region": CONNECTION["region_name"]}


def planned(key: str) -> str:
    """A part of the plan, as JSON."""
    return f"{{{{ ti.xcom_pull(task_ids='build.plan', key='{key}') | tojson }}}}"


def job_of(task_id: str) -> str:
    """Name of the SageMaker job that a task ran; empty if it did not run."""
    return f"{{{{ (ti.xcom_pull(task_ids='{task_id}') or {{}}).get('job') or '' }}}}"


def waits(timeout: timedelta) -> dict[str, Any]:
    """Arguments of a task that waits for a job of AWS."""
    return {
        **WAITING,
        "timeout_seconds": int(timeout.total_seconds()),
        "execution_timeout": timeout,
    }


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
        name: Param(one.default, description=one.description, section=one.section, **one.schema)
        for name, one in PARAMETERS.items()
    },
) as dag:
    with TaskGroup("build", tooltip="blog files to one corpus file"):

        @task(multiple_outputs=True)
        def plan(**context: Any) -> dict[str, Any]:
            """Names, places, requests and commands of this run."""
            return tasks.make_plan(context)

        @task.branch
        def where(params: Any) -> str:
            """What builds the corpus."""
            return BUILD_TASKS[params["where"]]

        emr = EmrServerlessBuildOperator(
            task_id="emr_serverless", request=planned("build"), **waits(BUILD)
        )
        processing = ProcessingOperator(
            task_id="processing", config=planned("build"), **waits(BUILD)
        )
        local = CommandOperator(
            task_id="local", command=planned("build"), **WORKER, execution_timeout=BUILD
        )
        builds = [emr, processing, local]
        plan() >> where() >> builds

    with TaskGroup("check", tooltip="nothing is paid for a corpus that is not right"):

        @task(outlets=[CORPUS], trigger_rule=ONE_OF_THEM)
        def corpus(params: Any, ti: Any, outlet_events: Any) -> dict[str, Any]:
            """Figures of the corpus, if it is the one that was checked."""
            found = tasks.check_corpus(params, ti.xcom_pull(task_ids="build.plan"))
            outlet_events[CORPUS].extra = found
            return found

        @task
        def price(params: Any, ti: Any) -> float | None:
            """US$ that the run may come to, unless that is too much."""
            return tasks.check_price(params, ti.xcom_pull(task_ids="check.corpus"))

        preflight = CommandOperator(task_id="preflight", command=planned("preflight"), **WORKER)
        checks = [price(), preflight]
        builds >> corpus() >> checks

    with TaskGroup("train", tooltip="BlazingText, or gensim on the worker"):

        @task.branch(task_id="where", trigger_rule=ONE_OF_THEM)
        def where_to_train(params: Any) -> str:
            """What trains."""
            return "train.local" if params["where"] == LOCAL else "train.sagemaker"

        trained = [
            TrainingOperator(task_id="sagemaker", config=planned("training"), **waits(TRAINING)),
            CommandOperator(
                task_id="local",
                command=planned("training"),
                **WORKER,
                execution_timeout=TRAINING,
            ),
        ]
        checks >> where_to_train() >> trained

    with TaskGroup("tune", tooltip="a search for hyperparameters, if asked for"):

        @task.branch(trigger_rule=ONE_OF_THEM)
        def wanted(params: Any) -> str | None:
            """What searches, if anything does."""
            if not params["tune"]:
                return None
            return "tune.local" if params["where"] == LOCAL else "tune.sagemaker"

        tuned = [
            TuningOperator(task_id="sagemaker", config=planned("tuning"), **waits(TUNING)),
            CommandOperator(
                task_id="local", command=planned("tuning"), **WORKER, execution_timeout=TUNING
            ),
        ]
        trained >> wanted() >> tuned

    with TaskGroup("evaluate", tooltip="fetch, score, put run.json where all runs are"):
        evaluated = [
            CommandOperator(
                task_id="trained",
                command=planned("evaluate"),
                job=job_of("train.sagemaker"),
                **WORKER,
                trigger_rule=ONE_OF_THEM,
            ),
            CommandOperator(
                task_id="best",
                command=planned("evaluate_best"),
                job=job_of("tune.sagemaker"),
                **WORKER,
                trigger_rule=ONE_OF_THEM,
            ),
        ]
        trained >> evaluated[0]
        tuned >> evaluated[1]

    with TaskGroup("register", tooltip="the best run, and the table of all"):

        @task(outlets=[VECTORS], trigger_rule=ONE_OF_THEM)
        def record(params: Any, ti: Any, outlet_events: Any) -> dict[str, Any]:
            """Figures of the best run of this DAG run."""
            jobs = ti.xcom_pull(task_ids=["train.sagemaker", "tune.sagemaker"])
            found = tasks.record_runs(params, ti.xcom_pull(task_ids="build.plan"), jobs)
            outlet_events[VECTORS].extra = found
            return found

        compare = CommandOperator(task_id="compare", command=planned("compare"), **WORKER)
        evaluated >> record() >> compare
