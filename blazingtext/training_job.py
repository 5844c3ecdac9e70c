"""A training job that was started: where it stands, what its log says, how it is ended."""

import time
from typing import Any

from aws.remote_runs import Status
from blazingtext import job_description
from blazingtext.asking import Asker
from blazingtext.log_progress import LogProgress
from blazingtext.log_streams import LogStreams, log_command
from storage.errors import AccessDeniedError, ObjectNotFoundError, RequestError

FIRST_MACHINE = 1
"""Of several, each tells the same figures of its own work."""

COMMAND = "train_embeddings.py --backend sagemaker"


class TrainingJob:
    """A job, by its name; asking survives one expiry of the credentials at a time.

    Attributes:
        name: of the job; `handle` is the same, for `aws.remote_runs`.
        described: what SageMaker said of it last.
        log: what is told of its log; None for nobody.
    """

    def __init__(self, name: str, output: str = "OUTPUT") -> None:
        self.name = self.handle = name
        self.follow_command = f"{COMMAND} --attach {name} --output {output}"
        self.cancel_command = f"{COMMAND} --stop {name}"
        self.described: dict[str, Any] = {}
        self.log: LogProgress | None = None
        self.log_trouble = ""
        self._streams = LogStreams(name)
        self._asker = Asker(f"training job {name}")

    @property
    def region(self) -> str:
        """Where it runs."""
        return str(self._asker.client("sagemaker").meta.region_name)

    def describe(self) -> dict[str, Any]:
        """What SageMaker says of it now.

        Raises:
            ObjectNotFoundError: there is no job of that name in the region.
            AwsError: SageMaker can't be asked.
        """
        self.described = self._asker.ask("sagemaker", self._describe)
        return self.described

    def status(self) -> Status:
        """Where it stands now; its log is read on, and told to `log`."""
        status = job_description.status(self.describe())
        self.read_log()
        return status

    def read_log(self) -> None:
        """Tells `log` the lines that are new. A log that may not be read is no reason to stop."""
        if self.log is None or self.log_trouble:
            return
        try:
            self._asker.ask("logs", self._tell_log)
        except AccessDeniedError as error:
            self.log_trouble = str(error)

    def log_places(self) -> list[str]:
        """The command that shows the whole log."""
        return [log_command(self.name, self.region)]

    def cancel(self) -> None:
        """Asks SageMaker to stop it.

        Raises:
            ObjectNotFoundError: there is no such job.
            RequestError: it has ended already.
        """
        state = self.describe()["TrainingJobStatus"]
        if state in job_description.FINAL:
            raise RequestError(f"training job {self.name} is {state} already")
        self._asker.ask(
            "sagemaker", lambda client: client.stop_training_job(TrainingJobName=self.name)
        )

    def _tell_log(self, client: Any) -> None:
        for line in self._streams.new_lines(client):
            if self.log and line.machine == FIRST_MACHINE:
                self.log.read(line.text, line.at, time.time())
            elif self.log:
                self.log.keep(line.text)

    def _describe(self, client: Any) -> dict[str, Any]:
        from botocore.exceptions import ClientError

        try:
            return dict(client.describe_training_job(TrainingJobName=self.name))
        except ClientError as error:
            if "not found" in str(error) or "Could not find" in str(error):
                where = f"training job {self.name} in {client.meta.region_name}"
                raise ObjectNotFoundError(f"{where}: does not exist") from error
            raise
