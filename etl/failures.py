"""Spark's failures → one line: the root cause, without the stack of the JVM, which goes to a log.

What a Python worker raises is said by its last line, which `etl.spark.corpus` keeps free of text.
"""

import atexit
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from pickle import PicklingError

from py4j.protocol import Py4JError, Py4JNetworkError  # type: ignore[import-untyped]
from pyspark import SparkConf
from pyspark.errors import PySparkException

from etl.publishing.summary import human_bytes
from storage import errors as storage_errors
from storage.errors import (
    AwsError,
    JobError,
    OutputNotWritableError,
    SparkFailedError,
    describe_os_error,
)
from storage.output_folder import NO_ROOM

NO_SPACE = re.compile("No space left on device|Disk quota exceeded|File too large")
TRACEBACK = re.compile(r"Traceback \(most recent call last\):\n(?:[ \t].*\n|\n)*(\S.*)")
CAUSE = re.compile(r"^Caused by: (.+)", re.MULTILINE)
JAVA_CLASS = re.compile(r"^(?:[a-z]\w*\.)+(?=[A-Z])")
TOLD = re.compile(r"storage\.errors\.(\w+): (.*)")
CUT_OFF = re.compile(r"An error occurred while calling \S+")
"""All that py4j says when the JVM ends during a call."""

S3_CLASS = re.compile(r"hadoop\.fs\.s3a|amazonaws\.|amazon\.awssdk|amazon\.ws\.emr")
S3_CAUSE = re.compile(
    r"(?:\.fs\.s3a\.[\w.]+|nio\.file\.AccessDenied\w+|io\.FileNotFound\w+|fs\.PathIO\w+): (.+)"
)
"""What says the operation and the object."""

JVM_CODES: dict[type[AwsError], tuple[str, ...]] = {
    storage_errors.CredentialsError: ("NoAuthWithAWSException", "ExpiredToken", "InvalidAccessKey"),
    storage_errors.AccessDeniedError: ("AccessDenied", "Status Code: 403"),
    storage_errors.BucketError: ("NoSuchBucket", "UnknownStoreException", "PermanentRedirect"),
    storage_errors.ThrottledError: ("SlowDown", "Status Code: 503"),
    storage_errors.OutOfSpaceError: ("QuotaExceeded", "Status Code: 507"),
    storage_errors.ChangedError: (
        *("Status Code: 412", "RemoteFileChanged", "NoSuchUpload", "InvalidPart", "BadDigest"),
        *("specified parts could not be found", "different checksum", "content hash"),
        *("ValidationFailure", "s3a.commit.files"),  # a file of the commit that is damaged
    ),
    storage_errors.EndpointError: (
        *("UnknownHostException", "Connection refused", "Unable to execute HTTP request"),
        *("AWSNoResponse", "ApiCallTimeoutException"),
    ),
}
"""What S3's exceptions in the JVM hold, by the error that each stands for."""

MAX_LENGTH = 300
"""Characters of a cause that a line shows; some causes quote whole plans."""


class Log:
    """Where the details of a failure go: a file that is gone at the end if nothing failed.

    Attributes:
        path: None for stderr, as with `--verbose`, and on a cluster, whose logs are what one has.
        is_ours: whether this process has started Spark, and so may end it.
    """

    path: Path | None = None
    is_ours = False
    _is_kept = False

    def open(self) -> None:
        """Makes the file.

        Raises:
            OutputNotWritableError: nothing takes temporary files.
        """
        try:
            handle, name = tempfile.mkstemp(prefix="blazing-corpus-", suffix=".log")
        except OSError as error:
            text = f"no folder takes temporary files, TMPDIR names one: {describe_os_error(error)}"
            raise OutputNotWritableError(text) from error
        os.close(handle)
        self.path = Path(name)
        atexit.register(self._remove)

    def _remove(self) -> None:
        if self.path and not self._is_kept:
            self.path.unlink(missing_ok=True)

    def to_stderr(self) -> None:
        """Writes there from now on, as on a cluster, whose logs are all that one has of it."""
        self._remove()
        self.path = None

    def keep(self, details: str) -> str:
        """Writes them; what the line says of that."""
        if self.path is None:
            if self.is_ours:
                print(details, file=sys.stderr)
            return ""
        with suppress(OSError), self.path.open("a") as file:
            file.write(f"{details}\n")
            file.flush()
            self._is_kept = True
            return f"; details in {self.path}"
        return ""


LOG = Log()


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
    text, cause = str(error), _cause(error)
    if match := TOLD.match(cause):
        kind = getattr(storage_errors, match[1], None)
        if isinstance(kind, type) and issubclass(kind, AwsError):
            return kind(match[2])
    if not S3_CLASS.search(text) or TRACEBACK.search(text):
        return None
    kinds = (kind for kind, codes in JVM_CODES.items() if any(code in text for code in codes))
    default = None if NO_SPACE.search(text) else AwsError
    if (kind := next(kinds, default)) is None:
        return None
    match = S3_CAUSE.search(text)
    said = match[1][:MAX_LENGTH] if match else summarize(error)
    return kind(f"Spark could not write to S3, and nothing was published: {said}")


@contextmanager
def spark_failures(output: str | Path = "", needed: int = 0) -> Iterator[None]:
    """Turns what Spark raises inside into a `JobError` of one line; the rest goes to `LOG`.

    Args:
        output: a local folder that Spark writes to, if it does.
        needed: bytes that it takes there, about.

    Raises:
        OutputNotWritableError: a disk is full.
        AwsError: S3 said no.
        SparkFailedError: anything else.
    """
    try:
        yield
    except (PySparkException, Py4JError, PicklingError, ConnectionError) as error:
        failure = _classify(error, output, needed)
        raise type(failure)(f"{failure}{LOG.keep(str(error))}") from error
    except OSError as error:  # of the driver
        if error.errno not in NO_ROOM:
            raise
        raise OutputNotWritableError(_describe_space(output, needed)) from error


def _classify(error: BaseException, output: str | Path, needed: int) -> JobError:
    text = str(error)
    if (told := from_task(error)) is not None:
        return told
    if NO_SPACE.search(text):
        is_output = output if "RawLocalFileSystem" in text else ""
        return OutputNotWritableError(_describe_space(is_output, needed))
    if isinstance(error, Py4JNetworkError | ConnectionError) or CUT_OFF.fullmatch(text):
        return SparkFailedError("Spark failed: its JVM has ended, perhaps for want of memory")
    return SparkFailedError(f"Spark failed: {summarize(error)}")


def _describe_space(output: str | Path, needed: int) -> str:
    """Which folder has no room, how much it has, and how much it takes."""
    local = os.environ.get("SPARK_LOCAL_DIRS", "")
    with suppress(Py4JError, OSError):  # the JVM may be gone
        local = local or SparkConf().get("spark.local.dir") or ""
    folders = [str(output)] if output else [*local.split(","), tempfile.gettempdir()]
    usages = {folder: shutil.disk_usage(folder) for folder in folders if Path(folder).is_dir()}
    if not usages:
        return "no space left for Spark's local files"
    folder, usage = min(usages.items(), key=lambda pair: pair[1].free)
    free, total, takes = map(human_bytes, (usage.free, usage.total, needed))
    said = f"no space left in {folder} ({free} of {total} free now)"
    if output:
        return f"{said}: the build takes about {takes}"
    return f"{said}, for Spark's local files: SPARK_LOCAL_DIRS and TMPDIR name another"


def _cause(error: BaseException) -> str:
    """The line that says most: the last of the last traceback, or the last cause, or the first."""
    text = str(error)
    tracebacks, causes = TRACEBACK.findall(text), CAUSE.findall(text)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    first = f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
    return str([first, *causes[-1:], *tracebacks[-1:]][-1]).strip()
