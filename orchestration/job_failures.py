"""Why a job failed, in one line: its exit code, and the error in its log."""

import gzip
import importlib
import logging
import os
import re
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from aws.processing import LOG_GROUP
from storage.aws_errors import aws_errors
from storage.errors import AwsError, ObjectNotFoundError
from storage.locations import split_uri
from storage.ranges import read_object

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

RETRIED = (10, 23, 24, 27)
"""Exit codes after which the same again may go well: another build writes, AWS not reachable or
throttled, an object changed. So may a job without an exit code, as when a machine was lost."""

ERROR_LINE = re.compile(r"^[a-z_]+: error: .+$", re.MULTILINE)
MEANINGS = {12: "the quality gate failed, so nothing was published"}
LAST_LINES = 200
"""Of each machine's log: the job says its error at the end, and Spark a few lines after it."""

HOOK = "BLAZING_CORPUS_ON_FAILURE"
"""Environment variable: `module:function`, called with Airflow's context."""

log = logging.getLogger(__name__)


def error_line(text: str) -> str:
    r"""The last line of a log in which a job says an error; empty if it said none.

    >>> error_line("WARN x\nbuild_corpus: error: nothing at s3://b/x\n")
    'build_corpus: error: nothing at s3://b/x'
    """
    return next(reversed(ERROR_LINE.findall(text)), "")


def explain(job: str, exit_code: int | None, line: str, details: str = "") -> str:
    """A failure for people.

    Args:
        job: what failed.
        exit_code: None where the service tells none.
        line: as `error_line` has it.
        details: what the service says.
    """
    ended = "without an exit code" if exit_code is None else f"with exit code {exit_code}"
    reasons = (MEANINGS.get(exit_code or 0, ""), line or " ".join(details.split()))
    return ": ".join((f"{job} ended {ended}", *filter(None, reasons)))


def may_succeed(exit_code: int | None) -> bool:
    """Whether the same again is worth a try."""
    return exit_code is None or exit_code in RETRIED


def job_failure(job: str, exit_code: int | None, line: str, details: str = "") -> Any:
    """The failure as Airflow's exception, by which it tries again or does not; see `explain`."""
    from airflow.providers.common.compat.sdk import AirflowException, AirflowFailException

    kind = AirflowException if may_succeed(exit_code) else AirflowFailException
    return kind(explain(job, exit_code, line, details))


def driver_error(client: "S3Client", places: Iterable[str]) -> str:
    """The error of a build on EMR Serverless; empty if it said none, or its logs can't be read.

    Spark passes on what Python writes to stderr on stdout, so it may be in either; a driver that
    never ran has neither.

    Args:
        client: of S3.
        places: of the logs, see `aws.emr_serverless.log_places`.
    """
    try:
        for place in places:
            with suppress(ObjectNotFoundError):
                data = read_object(client, *split_uri(place))
                if line := error_line(gzip.decompress(data).decode("utf-8", "replace")):
                    return line
    except (ValueError, OSError, AwsError) as error:
        log.warning("can't read the driver's log: %s", error)
    return ""


def processing_error(client: Any, job_name: str) -> str:
    """The error of a build on SageMaker; empty if it said none, or its log can't be read.

    Args:
        client: of CloudWatch Logs.
        job_name: of the Processing job.
    """
    messages: list[str] = []
    try:
        with aws_errors(f"log of {job_name}"):
            prefix = {"logGroupName": LOG_GROUP, "logStreamNamePrefix": f"{job_name}/"}
            for stream in client.describe_log_streams(**prefix)["logStreams"]:
                names = {"logGroupName": LOG_GROUP, "logStreamName": stream["logStreamName"]}
                answer = client.get_log_events(**names, startFromHead=False, limit=LAST_LINES)
                messages += [event["message"] for event in answer["events"]]
    except AwsError as error:
        log.warning("can't read the build's log: %s", error)
        return ""
    return error_line("\n".join(messages))


def on_failure(context: Any) -> None:
    """Of the DAG: says that the run failed, and calls the user's function if there is one."""
    run = context.get("dag_run")
    log.error("run %s failed: %s", getattr(run, "run_id", ""), context.get("reason") or "a task")
    module, _, function = os.environ.get(HOOK, "").partition(":")
    if module and function:
        getattr(importlib.import_module(module), function)(context)
