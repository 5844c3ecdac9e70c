"""What a test on moto needs around it: no configuration of the caller, no waste, and refusals."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import botocore.client
import pytest
from botocore.exceptions import ClientError
from botocore.loaders import JSONFileLoader


def isolate(monkeypatch: pytest.MonkeyPatch, folder: Path, region: str) -> None:
    """No profile, file or endpoint of the caller's, one try a request, and a region.

    Args:
        monkeypatch: of the test.
        folder: in which there are no configuration files.
        region: of all clients.
    """
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(folder / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(folder / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")


@contextmanager
def models_read_once() -> Iterator[None]:
    """botocore reads its models, megabytes a service, once and not for every session."""
    with pytest.MonkeyPatch.context() as patch:
        read = lru_cache(JSONFileLoader().load_file)
        patch.setattr(JSONFileLoader, "load_file", lambda _, path: read(path))
        yield


class Requests(list[tuple[str, Any]]):
    """Every request of boto3 from now on, in order: operation and arguments.

    Attributes:
        answers: of operations, one for each request, errors among them; after the last, moto's.
        done: operations that are carried out all the same, before they are answered so.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answers: dict[str, list[Any]] = {}
        self.done: set[str] = set()
        client: Any = botocore.client.BaseClient
        real = client._make_api_call

        def call(sender: Any, name: str, arguments: Any) -> Any:
            self.append((name, arguments))
            answers = self.answers.get(name)
            if answers and name in self.done:
                real(sender, name, arguments)
            answer = answers.pop(0) if answers else real(sender, name, arguments)
            if isinstance(answer, BaseException):
                raise answer
            return answer

        monkeypatch.setattr(client, "_make_api_call", call)

    def names(self) -> list[str]:
        """The operations."""
        return [name for name, _ in self]

    def refuse(
        self, operation: str, error: BaseException | tuple[str, str], done: bool = False
    ) -> None:
        """An operation answers with an error, or with that of a code and a message; done or not."""
        self.done = self.done - {operation} | ({operation} if done else set())
        if not isinstance(error, BaseException):
            error = ClientError({"Error": {"Code": error[0], "Message": error[1]}}, operation)
        self.answers[operation] = [error] * 99


def refuse(
    monkeypatch: pytest.MonkeyPatch,
    operation: str,
    error: BaseException | tuple[str, str],
    done: bool = False,
) -> Requests:
    """One operation answers with an error, from now on; all requests."""
    requests = Requests(monkeypatch)
    requests.refuse(operation, error, done)
    return requests


def last_error(capsys: pytest.CaptureFixture[str]) -> str:
    """The error of a command, without its name: the last line of stderr, behind what it told."""
    line: str = capsys.readouterr().err.splitlines()[-1]
    assert ": error: " in line
    return line.partition(": error: ")[2]
