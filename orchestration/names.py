"""Names that a retry, or a task that was cleared, finds again. Pure."""

import hashlib
import json
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from aws.build_job import NAME

DIGITS = 8
FIRST = 1


def digest(*values: Any) -> str:
    """The same for the same values, however their keys are ordered.

    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    text = json.dumps(values, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


def run_name(moment: datetime, *values: Any) -> str:
    """Name of everything that a DAG run starts; with what is appended, SageMaker takes it.

    Args:
        moment: the run's logical date; or when it was to run, where it has none.
        values: what tells the run from others of that moment.

    >>> run_name(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "manual__1")
    'blazing-corpus-20260102-030405-5ce47221'
    """
    return f"{NAME}-{moment.astimezone(UTC):%Y%m%d-%H%M%S}-{digest(*values)}"


def tuning_name(moment: datetime, *values: Any) -> str:
    """The same for a tuning job, whose name may have 32 characters, that of an attempt included.

    >>> tuning_name(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "manual__1")
    'tune-260102030405-5ce47221'
    """
    return f"tune-{moment.astimezone(UTC):%y%m%d%H%M%S}-{digest(*values)}"


def attempt_name(name: str, attempt: int) -> str:
    """Name of a job that is started anew because the ones before it failed.

    >>> attempt_name("train", 1), attempt_name("train", 2)
    ('train', 'train-2')
    """
    return name if attempt == FIRST else f"{name}-{attempt}"


def listing_digest(listing: Iterable[tuple[str, int, str]]) -> str:
    """What tells one input from another: the name, size and tag of each of its files."""
    return digest(sorted(listing))


def client_token(name: str) -> str:
    """EMR Serverless takes a request with the same token for the same request."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))
