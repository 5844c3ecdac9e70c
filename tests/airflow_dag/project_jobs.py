"""The project's own Python and Spark, beside Airflow's: what stands for the machines of AWS."""

import json
import subprocess
import zipfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv" / "bin" / "python"
SPARK_SUBMIT = str(ROOT / ".venv" / "spark" / "bin" / "spark-submit")
JAVA = str(ROOT / ".venv" / "java")
SAMPLE = ROOT / "data" / "sample"
PACKAGES = (
    *("aws", "blazingtext", "commandline", "embeddings", "etl", "jobs", "quality", "schemas"),
    "storage",
)
S3A_JARS = (
    *("org.apache.hadoop_hadoop-aws", "org.apache.spark_spark-hadoop-cloud"),
    *("software.amazon", "com.amazonaws", "org.wildfly.openssl"),
)


def jars() -> list[Path]:
    """S3A for the project's Spark; none if it was not fetched."""
    folders = sorted((ROOT / ".tools").glob("jars-4*"))
    return [
        path
        for folder in folders[-1:]
        for path in sorted(folder.glob("*.jar"))
        if path.name.startswith(S3A_JARS)
    ]


def make_dist(folder: Path) -> Path:
    """What `make package` makes, but for the packages of others, which are here already."""
    folder.mkdir(parents=True)
    (folder / "build_corpus.py").write_bytes((ROOT / "jobs" / "build_corpus.py").read_bytes())
    (folder / "blazing_corpus-0-environment-cp311-x86_64.tar.gz").write_bytes(b"")
    with zipfile.ZipFile(folder / "blazing_corpus-0-pyfiles.zip", "w") as zipped:
        for package in PACKAGES:
            for path in sorted((ROOT / package).rglob("*")):
                if path.is_file() and "__pycache__" not in path.parts:
                    zipped.write(path, path.relative_to(ROOT))
    return folder


def run_job(name: str, *arguments: str, env: dict[str, str]) -> str:
    """One of the project's jobs by its command line; what it prints."""
    command = [str(PYTHON), str(ROOT / "jobs" / f"{name}.py"), *arguments]
    ran = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def read_run(folder: Path) -> dict[str, Any]:
    """The run.json of a folder."""
    return dict(json.loads((folder / "run.json").read_text()))
