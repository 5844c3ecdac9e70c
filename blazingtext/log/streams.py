"""The lines that a training job's machines write to CloudWatch, as they come."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from storage.aws_errors import aws_errors, missing
from storage.errors import ObjectNotFoundError

LOG_GROUP = "/aws/sagemaker/TrainingJobs"
LOG = f"log {LOG_GROUP}"


class Line(NamedTuple):
    """One line of a log.

    Attributes:
        machine: that wrote it, from 1: that of the stream `<job>/algo-<machine>-<time>`.
        at: when, in seconds since the epoch.
        text: without its line end.
    """

    machine: int
    at: float
    text: str


class LogStreams:
    """Reads on, at each call, where it stopped at the last; the client is the caller's."""

    def __init__(self, job_name: str) -> None:
        self.prefix = f"{job_name}/algo-"
        self._tokens: dict[str, str | None] = {}

    def new_lines(self, client: Any) -> Iterator[Line]:
        """The lines that came since the last call, stream by stream.

        Raises:
            AwsError: CloudWatch can't be read.
        """
        for name in self._find_streams(client):
            yield from self._read(client, name)

    def _find_streams(self, client: Any) -> list[str]:
        prefix = {"logGroupName": LOG_GROUP, "logStreamNamePrefix": self.prefix}
        try:
            with aws_errors(LOG), missing(LOG):
                pages = client.get_paginator("describe_log_streams").paginate(**prefix)
                return [stream["logStreamName"] for page in pages for stream in page["logStreams"]]
        except ObjectNotFoundError:  # no group in a new account, before its first machine starts
            return []

    def _read(self, client: Any, stream: str) -> Iterator[Line]:
        place = {"logGroupName": LOG_GROUP, "logStreamName": stream, "startFromHead": True}
        while True:
            token = self._tokens.get(stream)
            with aws_errors(LOG):
                answer = client.get_log_events(**place, **({"nextToken": token} if token else {}))
            for event in answer["events"]:
                yield from _lines(self._machine(stream), event)
            self._tokens[stream] = answer["nextForwardToken"]
            if answer["nextForwardToken"] == token:
                return

    def _machine(self, stream: str) -> int:
        number = stream.removeprefix(self.prefix).partition("-")[0]
        return int(number) if number.isdecimal() else 0


def log_command(job_name: str, region: str, end: str = "/") -> str:
    """The command that shows the whole log of a job, or with "-" those of a search's jobs."""
    prefix = f"{job_name}{end}"
    return f"aws logs tail {LOG_GROUP} --log-stream-name-prefix {prefix} --region {region}"


def _lines(machine: int, event: dict[str, Any]) -> Iterator[Line]:
    for text in event["message"].replace("\r", "\n").splitlines():
        yield Line(machine, event["timestamp"] / 1000, text)
