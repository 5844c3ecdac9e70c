"""Fixtures that all tests share: one Spark session, and the made-up corpus in its forms."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import made_up
import pytest
from pyspark.sql import SparkSession


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """One small session on loopback; a task may fail twice before a job does."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    session = (
        SparkSession.builder.master("local[2,3]")
        .appName("tests")
        .config("spark.driver.memory", "1g")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.log.level", "OFF")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.executorEnv.PYTHONPATH", os.pathsep.join(map(str, roots())))
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.fixture
def blogs(tmp_path: Path) -> Path:
    """The made-up corpus as a folder."""
    return made_up.write_files(tmp_path / "blogs")


@pytest.fixture
def blogs_zip(tmp_path: Path) -> Path:
    """The made-up corpus as a zip."""
    return made_up.write_zip(tmp_path / "blogs.zip")


def roots() -> list[Path]:
    """Where workers find the project and the tests' own modules."""
    tests = Path(__file__).parent
    return [tests.parent, tests]
