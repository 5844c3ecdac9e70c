"""What a test on moto needs around it: nothing of the caller's configuration, and no waste."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import pytest
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
