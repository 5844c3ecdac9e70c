"""A training job: a job whose log is followed on the screen, as a training on this machine is."""

import sys
import time
from pathlib import Path
from typing import Any

from aws import remote_runs
from aws.remote_runs import Status
from blazingtext.jobs import job_description
from blazingtext.jobs.job import SHOWN_CHARACTERS, Job
from blazingtext.jobs.job_description import SUCCEEDED, Described
from blazingtext.log.lines import LogProgress
from blazingtext.log.streams import LogStreams
from embeddings.training.training_progress import Progress
from storage.errors import AccessDeniedError, AwsError

LOG_LAG_SECONDS, LOG_TRIES = 2.0, 5
"""CloudWatch shows a line some seconds after it was written, also the last one."""

SHOWN_LINES = 10
FIRST_MACHINE = 1
"""Of several, each tells the same figures of its own work."""


class TrainingJob(Job):
    """A training job.

    Attributes:
        log: what is told of its log; None for nobody.
    """

    LABEL, API, METHOD, LOG_END = "training job", "TrainingJob", "training_job", "/"
    COMMAND = "train_embeddings.py"
    ENDED = "job", "is completed", "its model"

    def __init__(self, name: str, output: Path | None = None) -> None:
        super().__init__(name, output)
        self.log: LogProgress | None = None
        self.log_trouble = ""
        self._streams = LogStreams(name)

    @property
    def figures(self) -> dict[str, Any]:
        """What its log has told, by name."""
        return self.log.reader.figures if self.log else {}

    def status(self) -> Status:
        """Where it stands now; its log is read on, and told to `log`."""
        status = job_description.training_status(self.describe())
        self._read_log()
        return status

    def follow(self, progress: Progress, words: int | None = None) -> Status:
        """As for any job; bars and lines show what its log tells, which is words in millions."""
        if not self.described:
            with remote_runs.naming(self):
                self.describe()
        self.log = LogProgress(progress, job_description.hyperparameters(self.described), words)
        try:
            status = super().follow(progress)
            self._read_the_rest(self.log)
        finally:
            self.log.close()
        if self.log_trouble:
            progress.say(f"warning: {self.log_trouble}")
        return status

    def check_success(self, status: Status) -> None:
        """As for any job; of one that did not succeed, the last lines of its log are on stderr."""
        lines = self.log.last_lines if self.log and self.state != SUCCEEDED else []
        for line in lines[-SHOWN_LINES:]:
            print(f"log: {line[:SHOWN_CHARACTERS]}", file=sys.stderr)
        super().check_success(status)

    def read_figures(self, described: Described, words: int | None = None) -> dict[str, Any]:
        """What the log of a job that has ended tells; nothing if it can't be read."""
        self.log = LogProgress(Progress(), job_description.hyperparameters(described), words)
        try:
            self._read_log()
        except AwsError:
            return {}
        finally:
            self.log.close()
        return self.figures

    def _read_log(self) -> None:
        """Tells `log` the lines that are new. A log that may not be read is no reason to stop."""
        if self.log is None or self.log_trouble:
            return
        try:
            self._clients.ask("logs", self._tell_log)
        except AccessDeniedError as error:
            self.log_trouble = str(error)

    def _tell_log(self, client: Any) -> None:
        for line in self._streams.new_lines(client):
            if self.log and line.machine == FIRST_MACHINE:
                self.log.read(line.text, line.at, time.time())
            elif self.log:
                self.log.keep(line.text)

    def _read_the_rest(self, log: LogProgress) -> None:
        """Reads the lines that come after the job's end."""
        for _ in range(LOG_TRIES):
            if self.log_trouble or (self.state == SUCCEEDED and log.is_complete()):
                return
            time.sleep(LOG_LAG_SECONDS)
            self._read_log()

    def _shown(self, status: Status) -> str:
        return status.state  # it may tell which limit it was stopped at
