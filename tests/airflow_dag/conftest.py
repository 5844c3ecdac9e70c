"""An Airflow of its own, in a folder that is removed. Nothing here is for the project's own Python,
which has no Airflow and collects none of these tests."""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
IS_AIRFLOW = importlib.util.find_spec("airflow") is not None
collect_ignore_glob = [] if IS_AIRFLOW else ["test_*.py"]

if IS_AIRFLOW:  # before anything imports it
    HOME = tempfile.mkdtemp(prefix="blazing-corpus-airflow-")
    SETTINGS = {
        "CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__UNIT_TEST_MODE": "False",
        "DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{HOME}/airflow.db",
        "USAGE_DATA_COLLECTION__ENABLED": "False",
    }
    os.environ["AIRFLOW_HOME"] = HOME
    os.environ.update({f"AIRFLOW__{name}": value for name, value in SETTINGS.items()})
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "PYTHONPATH"):
        os.environ.pop(name, None)
    sys.path[:0] = [str(ROOT / "dags"), str(ROOT / "tests")]


def pytest_unconfigure() -> None:
    """Removes Airflow's folder."""
    if IS_AIRFLOW:
        shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture(scope="session")
def database() -> None:
    """Airflow's tables."""
    subprocess.run(
        [sys.executable, "-m", "airflow", "db", "migrate"], check=True, capture_output=True
    )


@pytest.fixture
def dag() -> Iterator[Any]:
    """The DAG, fresh from its file; a failed task is not tried again."""
    from dag_runs import read_dags

    found = read_dags().dags["blog_word2vec"]
    for one in found.tasks:
        one.retries = 0
    yield found
