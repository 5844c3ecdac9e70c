"""What a build on SageMaker Processing said last, from CloudWatch."""

from typing import Any

from aws.processing import LOG_GROUP
from orchestration.failures import error_line
from storage.aws_errors import aws_errors

LAST_LINES = 200
"""Of each machine's log: the job says its error at the end, and Spark a few lines after it."""


def last_error(client: Any, job_name: str) -> str:
    """The one line in which a job said its error; empty if it said none.

    Args:
        client: of CloudWatch Logs.
        job_name: of the Processing job.

    Raises:
        AwsError: its log can't be read.
    """
    with aws_errors(f"log of {job_name}"):
        found = client.describe_log_streams(
            logGroupName=LOG_GROUP, logStreamNamePrefix=f"{job_name}/"
        )
        names = [stream["logStreamName"] for stream in found["logStreams"]]
        lines = [line for name in names for line in _last_lines(client, name)]
    return error_line("\n".join(lines))


def _last_lines(client: Any, stream: str) -> list[str]:
    found = client.get_log_events(
        logGroupName=LOG_GROUP, logStreamName=stream, startFromHead=False, limit=LAST_LINES
    )
    return [event["message"] for event in found["events"]]
