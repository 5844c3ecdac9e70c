"""What a build on AWS is, whichever service runs it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

NAME = "blazing-corpus"
TIMEOUT_MINUTES = 12 * 60
"""The default of EMR Serverless; an hour is ample for the Blog Authorship Corpus."""

IMAGE_PYTHON = "/opt/blazing-corpus/bin/python"
"""The Python with all packages, in the images that deploy/Dockerfile makes."""


@dataclass(frozen=True)
class Code:
    """Where on S3 the things are that `make package` makes; all of them `s3://` URIs.

    Attributes:
        job: `build_corpus.py`.
        py_files: the zip of the project's packages.
        environment: the archive of all other packages; None where the image has them.
    """

    job: str
    py_files: str
    environment: str | None = None


@dataclass(frozen=True)
class BuildJob:
    """One build to be run.

    Attributes:
        arguments: of `build_corpus.py`, such as ("--input", "s3://…", "--output", "s3://…").
        role_arn: the IAM role that the job runs as.
        name: for people; need not be unique.
        conf: Spark settings.
        timeout_minutes: after which AWS stops the job.
        tags: of the job, for cost allocation for instance.
    """

    arguments: tuple[str, ...]
    role_arn: str
    name: str = NAME
    conf: Mapping[str, str] = field(default_factory=dict)
    timeout_minutes: int = TIMEOUT_MINUTES
    tags: Mapping[str, str] = field(default_factory=dict)


def unique_name(name: str, now: datetime | None = None) -> str:
    """The name with the time behind it, to the millisecond: SageMaker takes a name only once.

    >>> unique_name("blogs", datetime(2026, 1, 2, 3, 4, 5, 678000, UTC))
    'blogs-20260102-030405-678'
    """
    now = now or datetime.now(UTC)
    return f"{name}-{now:%Y%m%d-%H%M%S}-{now.microsecond // 1000:03d}"
