"""What Spark has to be told, as the Makefile tells it: one Python, one Spark, one Java."""

import os
import sys
from pathlib import Path

from benchmarks.real_posts import ROOT

MASTER = "local[2]"
VENV = ROOT / ".venv"


def spark_environment() -> dict[str, str]:
    """This process's environment with the settings of the Makefile; Java's only where it is."""
    settings = {
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_DRIVER_PYTHON": sys.executable,
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    homes = {"SPARK_HOME": VENV / "spark", "JAVA_HOME": VENV / "java"}
    settings |= {name: str(home) for name, home in homes.items() if home.exists()}
    return dict(os.environ) | settings


def prepare_session() -> None:
    """Has a session that this process starts be as those of `spark_submit` are."""
    os.environ.update(spark_environment())
    os.environ["PYSPARK_SUBMIT_ARGS"] = f"--master {MASTER} pyspark-shell"


def spark_submit() -> str:
    """The command beside this Python."""
    return str(Path(sys.executable).parent / "spark-submit")
