"""Fixtures that all tests share: a Spark session, an S3 server, the made-up corpus in its forms."""

import os
import signal
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import made_up
import pytest
import s3_server
from headless_chromium import CHROMIUM, Browser
from hypothesis import settings
from pyspark.sql import SparkSession

from storage.s3_client import S3Options

# How long an example takes says how busy the machine is, and no test asserts that.
settings.register_profile("ci", deadline=None, max_examples=400)
settings.register_profile("here", deadline=None, max_examples=40)
settings.load_profile("ci" if os.environ.get("CI") else "here")

# Whoever runs them in the background has SIGINT ignored, which processes of ours would inherit.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Of the S3 server in the tests, for every test and for Spark's JVM: nobody's real account.
os.environ.update(s3_server.ENVIRONMENT)
os.environ.pop("AWS_PROFILE", None)
os.environ.pop("AWS_ENDPOINT_URL", None)


def pytest_report_header() -> str:
    """Which S3 server the tests run against, and whether Spark writes to it."""
    s3a = "Hadoop's S3A" if s3_server.jars() else "no S3A, so Spark does not write to S3"
    return f"S3 server: {s3_server.NAME}; {s3a}"


@pytest.fixture(autouse=True)
def own_credentials() -> Iterator[None]:
    """Whatever a test does to them, the next one finds the server's credentials.

    monkeypatch, undone after moto's mock has ended, would leave moto's own.
    """
    yield
    os.environ.update(s3_server.ENVIRONMENT)


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
        .config("spark.driver.extraClassPath", os.pathsep.join(map(str, s3_server.jars())))
        .config("spark.executorEnv.PYTHONPATH", os.pathsep.join(map(str, roots())))
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[s3_server.S3Server]:
    """A real S3 server."""
    with s3_server.s3_server(tmp_path_factory.mktemp("s3")) as running:
        yield running


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser; a test that asks for it is skipped, loudly, where there is none."""
    if not CHROMIUM:
        pytest.skip("NO CHROMIUM: pages, their keys, touch and console are NOT tested")
    browser = Browser(tmp_path_factory.mktemp("chromium"))
    yield browser
    browser.close()


@pytest.fixture
def bucket(server: s3_server.S3Server) -> str:
    """A new bucket."""
    return server.bucket(f"test-{uuid.uuid4().hex[:12]}")


@pytest.fixture
def s3(server: s3_server.S3Server) -> S3Options:
    """How to reach the server."""
    return S3Options(endpoint_url=server.url, path_style=True)


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
