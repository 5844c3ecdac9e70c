"""What `make package` makes for Amazon MWAA, unpacked as MWAA does, and read by Airflow."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from project_jobs import ROOT

from deploy.mwaa import IGNORE, LOCK, REQUIREMENTS, constraints, make_plugins
from deploy.package import make_py_files, make_wheel

READ = """
import json, sys
sys.path = [place for place in sys.path if place != sys.argv[2]]  # of an editable install
from airflow.dag_processing.dagbag import DagBag
from airflow import plugins_manager
import orchestration
print(json.dumps({
    "plugins": plugins_manager.get_import_errors(),
    "dags": DagBag(sys.argv[1]).import_errors,
    "from": orchestration.__file__,
}))
"""


@pytest.fixture
def airflow_home(tmp_path):
    """The folders that MWAA has: DAGs, and plugins with what was in the zip."""
    py_files = make_py_files(make_wheel(tmp_path), tmp_path / "pyfiles.zip")
    plugins = make_plugins(py_files, tmp_path / "plugins.zip")
    with zipfile.ZipFile(plugins) as zipped:
        zipped.extractall(tmp_path / "plugins")
    (tmp_path / "dags").mkdir()
    shutil.copy(ROOT / "dags" / "blog_word2vec.py", tmp_path / "dags")
    return tmp_path


def read(home: Path) -> dict:
    """Errors of plugins and DAGs, in an Airflow of its own."""
    folders = {"CORE__PLUGINS_FOLDER": home / "plugins", "CORE__DAGS_FOLDER": home / "dags"}
    variables = {f"AIRFLOW__{name}": str(value) for name, value in folders.items()}
    env = {**os.environ, **variables, "AIRFLOW_HOME": str(home)}
    command = [sys.executable, "-c", READ, str(home / "dags"), str(ROOT)]
    ran = subprocess.run(command, cwd=home, env=env, capture_output=True, text=True, check=True)
    return dict(json.loads(ran.stdout.splitlines()[-1]))


def test_airflow_reads_the_dag_and_takes_no_module_for_a_plugin(airflow_home):
    assert read(airflow_home) == {
        "plugins": {},
        "dags": {},
        "from": str(airflow_home / "plugins" / "orchestration" / "__init__.py"),
    }
    assert (airflow_home / "plugins" / "jobs" / "train_embeddings.py").exists()


def test_without_the_list_airflow_would_import_everything(airflow_home):
    (airflow_home / "plugins" / IGNORE).unlink()
    assert len(read(airflow_home)["plugins"]) > 50


def test_constraints_take_the_provider_that_was_tested():
    official = (
        "# for Airflow 3.2.1\napache-airflow-providers-amazon==9.27.0\nBoto3==1.42.90\n"
        "numpy==2.4.1\napache-airflow-providers-http==6.0.0\n"
    )
    edited = constraints(official, LOCK.read_text()).splitlines()
    assert edited[:3] == [
        "# for Airflow 3.2.1",
        "numpy==2.4.1",
        "apache-airflow-providers-http==6.0.0",
    ]
    assert "apache-airflow-providers-amazon==9.39.0" in edited
    assert len([line for line in edited if line.lower().startswith("boto3==")]) == 1
    named = re.findall(r"^(apache-airflow-providers-\w+)", REQUIREMENTS, re.MULTILINE)
    assert {f"{name}==" for name in named} <= {line.partition("==")[0] + "==" for line in edited}
