"""Publishing on S3 without Spark."""

from typing import Any

import pytest

from etl.publishing import s3_output, s3_place
from etl.publishing.digest import digest_here
from storage.lease import Pace
from storage.s3_client import S3Options

FAST = Pace(beat=0.2, patience=0.6, look=0.1)


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """No Spark: the parts are read here; and no waiting for long."""
    monkeypatch.setattr(s3_output, "PACE", FAST)

    def digest(_: Any, bucket: str, parts: Any, s3: S3Options) -> tuple[Any, int]:
        return digest_here(bucket, parts, s3)

    monkeypatch.setattr(s3_place, "digest_objects", digest)
