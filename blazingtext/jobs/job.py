"""A job of SageMaker's, training or tuning: started, described, followed to its end, stopped."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Self

from aws import remote_runs
from aws.remote_runs import Status, left_running
from blazingtext.account import Clients
from blazingtext.jobs import job_description
from blazingtext.jobs.job_description import FAILED, FINAL, SUCCEEDED
from blazingtext.log.streams import log_command
from embeddings.training.training_progress import Progress
from storage.errors import (
    JobError,
    LeftRunningError,
    RequestError,
    TrainingFailedError,
    TrainingStoppedError,
)
from storage.pasted import job_command

POLL_SECONDS = 10.0
SHOWN_CHARACTERS = 400


class Job:
    """A job, by its name, whether it is there or not; a `Run` for `aws.remote_runs`.

    Asking survives one expiry of the credentials at a time.

    Attributes:
        name: of the job; `handle` is the same.
        options: of the command that follows it, beside where its results go.
        described: what SageMaker said of it last.
    """

    #: What it is called; its names in the API, in both spellings; the end of its log's prefix.
    LABEL: ClassVar[str]
    API: ClassVar[str]
    METHOD: ClassVar[str]
    LOG_END: ClassVar[str]

    #: The command that starts it; how it is said to have ended, and what of it is fetched then.
    COMMAND: ClassVar[str]
    ENDED: ClassVar[tuple[str, str, str]]

    def __init__(self, name: str, output: Path | None = None) -> None:
        self.name = self.handle = name
        self.output = output or Path("build") / name
        self.options: tuple[str, ...] = ()
        self.described: dict[str, Any] = {}
        self._clients = Clients(f"{self.LABEL} {name}")

    @classmethod
    def start(
        cls, request: dict[str, Any], output: Path | None = None, options: Sequence[str] = ()
    ) -> Self:
        """Starts the job of a request, and does not wait for it.

        Args:
            request: from `training_request` or `tuning_request`; it is sent as it is.
            output: folder that what it leaves will be fetched to.
            options: of the command that follows it.

        Raises:
            QuotaError, AccessDeniedError, RequestError: see `Clients.create`.
            LeftRunningError: Ctrl-C, when it may have been started.
            AwsError: anything else that AWS says; the line names the job.
        """
        job = cls(request[f"{cls.API}Name"], output)
        job.options = tuple(options)
        with remote_runs.starting(job):
            job._clients.create("sagemaker", f"create_{cls.METHOD}", request)
        return job

    @property
    def follow_command(self) -> str:
        """Waits for it, and fetches what it leaves."""
        return self._command("--attach", self.name, "--output", str(self.output), *self.options)

    @property
    def cancel_command(self) -> str:
        """Ends it."""
        return self._command("--stop", self.name)

    @property
    def figures(self) -> dict[str, Any]:
        """What its log has told, by name; nothing for a search, which has none of its own."""
        return {}

    @property
    def state(self) -> str:
        """What SageMaker calls it; empty before it was described."""
        return str(self.described.get(f"{self.API}Status", ""))

    def describe(self) -> dict[str, Any]:
        """What SageMaker says of it now.

        Raises:
            ObjectNotFoundError: there is no job of that name in the region.
            AwsError: SageMaker can't be asked.
        """
        self.described = dict(self._call("describe"))
        return self.described

    def status(self) -> Status:
        """Where it stands now."""
        raise NotImplementedError

    def jobs(self) -> list[dict[str, Any]]:
        """What SageMaker says of each training job that is part of it."""
        return [self.described]

    def log_places(self) -> list[str]:
        """The command that shows its log, or those of all its training jobs."""
        return [log_command(self.name, self._clients.region, self.LOG_END)]

    def cancel(self) -> None:
        """Asks SageMaker to stop it, and all that it runs.

        Raises:
            ObjectNotFoundError: there is no such job.
            RequestError: it has ended already.
        """
        self.describe()
        if self.state in FINAL:
            raise RequestError(f"{self.LABEL} {self.name} is {self.state} already")
        self._call("stop")

    def follow(self, progress: Progress, words: int | None = None) -> Status:
        """Waits for its end, however that is; says its state when it changes.

        Args:
            progress: is told of it.
            words: of the corpus, if known.

        Raises:
            AwsError: AWS can't be asked any more; the line names the job.
        """
        last = ""
        for status, line in remote_runs.poll(self, POLL_SECONDS):
            if status.state != last:
                progress.say(line)
            last = status.state
        return status

    def check_success(self, status: Status) -> None:
        """Nothing for a job that is completed.

        Raises:
            TrainingFailedError, TrainingStoppedError: with SageMaker's reason.
        """
        if self.state == SUCCEEDED:
            return
        said = " ".join(status.details.split())[:SHOWN_CHARACTERS]
        text = f"{self.LABEL} {self.name} is {self._shown(status)}" + (f": {said}" if said else "")
        raise TrainingFailedError(text) if self.state == FAILED else TrainingStoppedError(text)

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Ctrl-C inside leaves the job as it is, and says how to find it again.

        Raises:
            LeftRunningError: after Ctrl-C.
        """
        try:
            yield
        except KeyboardInterrupt:
            if self.state not in FINAL:
                raise LeftRunningError(left_running(self)) from None
            _, is_over, model = self.ENDED
            raise LeftRunningError(
                f"interrupted; {self.name} {is_over}, {self.follow_command} fetches {model}"
            ) from None

    @contextmanager
    def fetching(self) -> Iterator[None]:
        """Adds to what goes wrong inside that the job has ended, and need not be paid again."""
        try:
            yield
        except JobError as error:
            noun, is_over, model = self.ENDED
            advice = f"the {noun} {is_over}, {self.follow_command} fetches {model} again"
            raise type(error)(f"{error}; {advice}") from error

    def _shown(self, status: Status) -> str:
        return self.state

    def _command(self, *words: str) -> str:
        backend = ("--backend", "sagemaker")
        return job_command(self.COMMAND, *backend, *words, region=self._clients.region)

    def _call(self, verb: str) -> Any:
        key = {f"{self.API}Name": self.name}
        return self._clients.call("sagemaker", f"{verb}_{self.METHOD}", **key)


class TuningJob(Job):
    """A search."""

    LABEL, LOG_END = "search", "-"
    API, METHOD = "HyperParameterTuningJob", "hyper_parameter_tuning_job"
    COMMAND = "tune_embeddings.py"
    ENDED = "search", "has ended", "its best model"

    def status(self) -> Status:
        """Where it stands now, and its jobs."""
        return job_description.tuning_status(self.describe())

    def jobs(self) -> list[dict[str, Any]]:
        """In the order of their start."""
        describe = "describe_training_job"
        return [
            dict(self._clients.call("sagemaker", describe, TrainingJobName=name))
            for name in self._clients.ask("sagemaker", self._names)
        ]

    def _names(self, client: Any) -> list[str]:
        pages = client.get_paginator(f"list_training_jobs_for_{self.METHOD}").paginate(
            HyperParameterTuningJobName=self.name, SortBy="CreationTime", SortOrder="Ascending"
        )
        return [
            summary["TrainingJobName"] for page in pages for summary in page["TrainingJobSummaries"]
        ]


def announce(run: remote_runs.Run) -> None:
    """Says, on stdout, how a job or an endpoint can be found again."""
    print(f"job     {run.handle}")
    for place in run.log_places():
        print(f"logs    {place}")
    print(f"follow  {run.follow_command}")
    print(f"stop    {run.cancel_command}", flush=True)
