"""One S3 server for all tests of this folder, and a bucket of its own for each."""

import uuid
from collections.abc import Iterator

import pytest
from s3_server import ENVIRONMENT, S3Server, s3_server

from storage.s3_client import S3Options


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A real S3 server."""
    with s3_server(tmp_path_factory.mktemp("s3")) as running:
        yield running


@pytest.fixture
def bucket(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """A new bucket; the environment has its credentials."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return server.bucket(f"test-{uuid.uuid4().hex[:12]}")


@pytest.fixture
def options(server: S3Server) -> S3Options:
    """How to reach the server."""
    return S3Options(endpoint_url=server.url, path_style=True)
