"""Spark's failures → one line: the root cause, without the stack of the JVM.

What a Python worker raises is said by its last line, which `etl.spark.corpus` keeps free of text.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from py4j.protocol import Py4JError  # type: ignore[import-untyped]
from pyspark.errors import PySparkException

from storage import errors as storage_errors
from storage.errors import AwsError, OutputNotWritableError, SparkFailedError

NO_SPACE = "No space left on device"
TRACEBACK = re.compile(r"Traceback \(most recent call last\):\n(?:[ \t].*\n|\n)*(\S.*)")
CAUSE = re.compile(r"^Caused by: (.+)", re.MULTILINE)
JAVA_CLASS = re.compile(r"^(?:[a-z]\w*\.)+(?=[A-Z])")
TOLD = re.compile(r"storage\.errors\.(\w+): (.*)")
S3A = "s3a"
JVM_CODES: dict[type[AwsError], tuple[str, ...]] = {
    storage_errors.CredentialsError: ("NoAuthWithAWSException", "ExpiredToken", "InvalidAccessKey"),
    storage_errors.AccessDeniedError: ("AccessDenied", "Status Code: 403"),
    storage_errors.BucketError: ("NoSuchBucket", "PermanentRedirect"),
    storage_errors.ThrottledError: ("SlowDown", "Status Code: 503"),
    storage_errors.OutOfSpaceError: ("QuotaExceeded", "Status Code: 507"),
    storage_errors.EndpointError: ("UnknownHostException", "Connection refused"),
}
"""What S3A's exceptions hold, by the error that it stands for."""

MAX_LENGTH = 300
"""Characters of a cause that a line shows; some causes quote whole plans."""


def summarize(error: BaseException) -> str:
    r"""The root cause of a failure in one line.

    >>> summarize(ValueError("first line\nsecond line"))
    'ValueError: first line'
    """
    return JAVA_CLASS.sub("", _cause(error))[:MAX_LENGTH]


def from_task(error: BaseException) -> AwsError | None:
    """What a task said about S3, as the error that it was; None if it was something else.

    Python's workers tell by the last line of their traceback, the JVM by the code that S3 gave.
    """
    text = _cause(error)
    if match := TOLD.match(text):
        kind = getattr(storage_errors, match[1], None)
        if isinstance(kind, type) and issubclass(kind, AwsError):
            return kind(match[2])
    for kind, codes in JVM_CODES.items():
        if S3A in str(error) and any(code in str(error) for code in codes):
            return kind(f"a task could not write to S3: {summarize(error)}")
    return None


@contextmanager
def spark_failures() -> Iterator[None]:
    """Turns what Spark raises inside into a `JobError` of one line.

    Raises:
        OutputNotWritableError: a disk is full.
        SparkFailedError: anything else.
    """
    try:
        yield
    except (PySparkException, Py4JError, ConnectionError) as error:
        if (told := from_task(error)) is not None:
            raise told from error
        if NO_SPACE in str(error):
            raise OutputNotWritableError(
                "no space left for the output or for Spark's local files"
            ) from error
        raise SparkFailedError(f"Spark failed: {summarize(error)}") from error


def _cause(error: BaseException) -> str:
    """The line that says most: the last of the last traceback, or the last cause, or the first."""
    text = str(error)
    tracebacks, causes = TRACEBACK.findall(text), CAUSE.findall(text)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    first = f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
    return str([first, *causes[-1:], *tracebacks[-1:]][-1]).strip()
