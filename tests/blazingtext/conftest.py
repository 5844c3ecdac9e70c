"""An account of moto's, in which training jobs are really run."""

import signal
from collections.abc import Iterator
from functools import partial
from typing import Any

import boto3
import made_up_runs
import pytest
import stand_in
from moto import mock_aws
from moto_account import isolate, models_read_once
from stand_in import REGION, put

from embeddings.scoring.evaluation import evaluate


@pytest.fixture(scope="package", autouse=True)
def models() -> Iterator[None]:
    """See `models_read_once`."""
    with models_read_once():
        yield


@pytest.fixture
def aws(monkeypatch, tmp_path):
    """Nothing of the caller's configuration, and no waiting."""
    isolate(monkeypatch, tmp_path, REGION)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr("blazingtext.jobs.job.POLL_SECONDS", 0.02)
    monkeypatch.setattr("blazingtext.jobs.training_job.LOG_LAG_SECONDS", 0.0)
    monkeypatch.setattr("blazingtext.jobs.job_record.evaluate", partial(evaluate, resamples=20))
    with mock_aws():
        place: Any = {"LocationConstraint": REGION}
        boto3.client("s3").create_bucket(Bucket="bucket", CreateBucketConfiguration=place)
        with stand_in.StandIn() as running:
            yield running


@pytest.fixture(scope="session")
def lines() -> str:
    """A small corpus that passes the preflight."""
    return "\n".join(made_up_runs.make_scored_lines(2000)) + "\n"


@pytest.fixture
def corpus(aws, lines):
    """The URI of that corpus in the account's bucket."""
    put("corpus/lines.txt", lines.encode())
    return "s3://bucket/corpus/lines.txt"
