"""For all tests of this folder: botocore's models are read once."""

from collections.abc import Iterator

import pytest
from moto_account import models_read_once


@pytest.fixture(scope="package", autouse=True)
def models() -> Iterator[None]:
    """See `models_read_once`."""
    with models_read_once():
        yield
