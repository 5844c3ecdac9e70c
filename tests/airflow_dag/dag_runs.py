"""The DAG as Airflow reads it, its runs in this process, and what came of them."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

ROOT = Path(__file__).resolve().parents[2]
SMALL = {"mode": "skipgram", "min_count": 2, "epochs": 2, "vector_dim": 20}
LONGEST_SECONDS = 0.2
MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def read_dags() -> Any:
    """All DAGs of the folder, read anew."""
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(str(ROOT / "dags"))


def shortly(seconds: float, sleep: Any = time.sleep) -> None:
    """Sleeps, but not for long: `dag.test` waits a second before each wave of tasks."""
    sleep(min(seconds, LONGEST_SECONDS))


def run_dag(dag: Any, params: dict[str, Any], moment: datetime = MOMENT, done: str = "") -> Any:
    """A run of that moment, all of its tasks cleared if it was there already.

    Args:
        dag: the DAG.
        params: of the run.
        moment: its logical date, which is also when it was to run.
        done: pattern of tasks that are taken to have succeeded.
    """
    with patch("time.sleep", shortly):
        return dag.test(
            run_conf=params,
            logical_date=moment,
            run_after=moment,
            mark_success_pattern=done or None,
        )


def states(run: Any) -> dict[str, str]:
    """State of each task."""
    return {one.task_id: str(one.state) for one in run.get_task_instances()}


def told(run: Any, task_id: str) -> Any:
    """What a task returned."""
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session

    wanted = {"run_id": run.run_id, "dag_ids": run.dag_id, "task_ids": task_id}
    with create_session() as session:
        query = XComModel.get_many(**wanted, key="return_value")
        return XComModel.deserialize_value(session.execute(query).scalars().first())
