"""A job of AWS as a task: taken over where it exists already, and its failure explained."""

import json
from collections.abc import Sequence
from typing import Any, ClassVar

from airflow.providers.common.compat.sdk import (
    AirflowException,
    AirflowFailException,
    BaseOperator,
)
from botocore.exceptions import ClientError

from orchestration.run_plan import attempt_name

MISSING = ("ValidationException", "ResourceNotFound", "ResourceNotFoundException")
"""What AWS says, one way or another, of a job that is not there."""


class ExistingJobOperator(BaseOperator):
    """A job that is looked for by its name before it is started.

    One that goes on is waited for, one that succeeded is the result; after jobs that failed, or
    were stopped, another one is started, of the same name with a number behind it. The provider's
    operator, which is the next base of each subclass, starts it. Waiting ends with the task's
    `execution_timeout`.

    Args:
        request: what AWS is sent, as JSON.
        deferrable: whether the triggerer waits; may be templated, as it is read when the task runs.
        poll_seconds: between two looks; may be templated.
    """

    NAME: ClassVar[str]
    STATUS: ClassVar[str]
    """Keys of the name in request and description, and of the state in the description."""
    SUCCEEDED: ClassVar[str]
    FAILED: ClassVar[tuple[str, ...]]
    PROVIDER: ClassVar[dict[str, Any]] = {}
    """Arguments of the provider's operator."""

    template_fields: Sequence[str] = (
        *("request", "wait_in_triggerer", "poll_seconds", "aws_conn_id", "region_name"),
    )
    template_fields_renderers = {"request": "json"}  # noqa: RUF012 - as Airflow has it

    def __init__(self, *, request: str, deferrable: Any, poll_seconds: Any, **kwargs: Any) -> None:
        super().__init__(deferrable=False, wait_for_completion=False, **self.PROVIDER, **kwargs)
        self.request = request
        self.wait_in_triggerer = deferrable
        self.poll_seconds = poll_seconds

    def execute(self, context: Any, event: Any = None) -> Any:
        """Starts the job, or takes over the one that exists, and waits for its end.

        Args:
            context: Airflow's.
            event: of a trigger of the provider's that waited for something before the start.

        Raises:
            AirflowFailException: it failed, and would fail again or cost again.
            AirflowException: it failed, and is worth another try; or AWS could not be asked.
        """
        self._read_request(context)
        jobs = self._jobs()
        if not jobs or jobs[-1][self.STATUS] in self.FAILED:
            name = attempt_name(self.body[self.NAME], len(jobs) + 1)
            self._start(name, context)
            self._wait(name)
        else:
            name, state = jobs[-1][self.NAME], jobs[-1][self.STATUS]
            self.log.info("%s is there already, %s", name, state)
            if state != self.SUCCEEDED:
                self._wait(name)
        return self._result(self._describe(name))

    def execute_complete(self, context: Any, event: Any = None) -> Any:
        """Goes on after the triggerer, whatever that says: the job knows how it ended."""
        return self._result(self._jobs()[-1])

    def resume_execution(self, next_method: str, next_kwargs: Any, context: Any) -> Any:
        """As Airflow's, after the triggerer; whatever failed is explained."""
        self._read_request(context)
        try:
            return super().resume_execution(next_method, next_kwargs, context)
        except AirflowFailException:
            raise
        except AirflowException:
            for job in self._jobs()[-1:]:
                self._check(job)
            raise

    def _read_request(self, context: Any) -> None:
        """Takes what the templates have become, and since when there may be a job."""
        run = context["dag_run"]
        self.since = run.logical_date or run.run_after
        self.body = json.loads(self.request)
        self.waiter_delay = int(self.poll_seconds)
        self.waiter_max_attempts = int(self.execution_timeout.total_seconds()) // self.waiter_delay

    def _start(self, name: str, context: Any) -> None:
        """Has the provider's operator send the request."""
        self.config = {**self.body, self.NAME: name}
        super().execute(context)

    def _describe(self, name: str) -> Any:
        """What AWS says of a job; None, or an error of `MISSING`, where there is none."""
        raise NotImplementedError

    def _follow(self, name: str) -> None:
        """Waits on the worker."""
        raise NotImplementedError

    def _trigger(self, name: str) -> Any:
        """What waits in the triggerer."""
        raise NotImplementedError

    def _outcome(self, job: dict[str, Any]) -> Any:
        """What the steps that follow are told: names, URIs and a few figures."""
        return {"job": job[self.NAME]}

    def _failure(self, job: dict[str, Any]) -> AirflowException:
        """Why a job failed, and whether it is worth another try."""
        raise NotImplementedError

    def _jobs(self) -> list[dict[str, Any]]:
        """Each job of the request's name, the latest last."""
        jobs: list[dict[str, Any]] = []
        while job := self._look(attempt_name(self.body[self.NAME], len(jobs) + 1)):
            jobs.append(job)
        return jobs

    def _look(self, name: str) -> Any:
        try:
            return self._describe(name)
        except ClientError as error:
            if error.response["Error"]["Code"] in MISSING:
                return None
            raise

    def _wait(self, name: str) -> None:
        if str(self.wait_in_triggerer) == "True":
            trigger, timeout = self._trigger(name), self.execution_timeout
            self.defer(trigger=trigger, method_name="execute_complete", timeout=timeout)
        try:
            self._follow(name)
        except AirflowException:
            self._check(self._describe(name))
            raise

    def _check(self, job: dict[str, Any]) -> None:
        if job[self.STATUS] in self.FAILED:
            raise self._failure(job)

    def _result(self, job: dict[str, Any]) -> Any:
        """The result of a job that succeeded.

        Raises:
            AirflowException: it failed, was stopped, or goes on although nobody waits any more.
        """
        self._check(job)
        if job[self.STATUS] != self.SUCCEEDED:
            raise AirflowException(f"{job[self.NAME]} is still {job[self.STATUS]}")
        return self._outcome(job)
