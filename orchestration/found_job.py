"""A job of SageMaker as a task: found again instead of paid twice, and its failure explained."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar

from airflow.providers.amazon.aws.operators.sagemaker import SageMakerBaseOperator
from airflow.providers.amazon.aws.triggers.sagemaker import SageMakerTrigger
from airflow.providers.common.compat.sdk import AirflowException, AirflowFailException
from botocore.exceptions import ClientError

from orchestration.names import FIRST, attempt_name

COMPLETED, FAILED = "Completed", ("Failed", "Stopped")
MISSING = ("ValidationException", "ResourceNotFound", "ResourceNotFoundException")
"""What SageMaker says, one way or another, of a job that is not there."""


class FindsItsJob(SageMakerBaseOperator):
    """A job of SageMaker that is found before it is started.

    A job of the request's name that goes on is waited for, one that completed is the result; after
    jobs that failed, or were stopped, another one is started, of the same name with a number
    behind it. So a failure is paid for once more only where somebody clears the task: Airflow
    itself does not retry it.

    Args:
        config: the request, as JSON.
        deferrable: whether the triggerer waits; may be templated, as it is read when the task runs.
        poll_seconds: between two looks; may be templated.
        timeout_seconds: after which nobody waits any more.
    """

    config: Any
    KIND: ClassVar[str]
    NAME: ClassVar[str]
    STATUS: ClassVar[str]
    START: ClassVar[dict[str, Any]] = {"wait_for_completion": False}

    template_fields: Sequence[str] = (
        *("config", "wait_in_triggerer", "poll_seconds", "aws_conn_id", "region_name"),
    )

    def __init__(
        self, *, deferrable: Any, poll_seconds: Any, timeout_seconds: int, **kwargs: Any
    ) -> None:
        super().__init__(deferrable=False, **self.START, **kwargs)
        self.wait_in_triggerer = deferrable
        self.poll_seconds = poll_seconds
        self.timeout_seconds = timeout_seconds

    def execute(self, context: Any) -> dict[str, Any]:
        """Starts the job, or finds it, and waits for its end.

        Raises:
            AirflowFailException: it failed, and would fail again or cost again.
            AirflowException: it failed, and is worth another try; or AWS could not be asked.
        """
        self.config = json.loads(self.config)
        name, job = self._find()
        if job:
            self.log.info("%s is there already, %s", name, job[self.STATUS])
        else:
            self.config[self.NAME] = name
            super().execute(context)
        if not job or job[self.STATUS] != COMPLETED:
            self._wait(name)
        return self._result(name)

    def execute_complete(self, context: Any, event: Any = None) -> dict[str, Any]:
        """Goes on after the triggerer."""
        return self._result((event or {})["job_name"])

    def resume_execution(self, next_method: str, next_kwargs: Any, context: Any) -> Any:
        """As Airflow's, after the triggerer; whatever failed is explained."""
        self.config = json.loads(self.config)
        try:
            return super().resume_execution(next_method, next_kwargs, context)
        except AirflowFailException:
            raise
        except AirflowException:
            self._result(self._find(finished=True)[0])
            raise

    def describe(self, name: str) -> dict[str, Any]:
        """What SageMaker says of a job."""
        raise NotImplementedError

    def result(self, job: dict[str, Any]) -> dict[str, Any]:
        """What the steps that follow are told: names, URIs and a few figures."""
        return {"job": job[self.NAME]}

    def failure(self, name: str, job: dict[str, Any]) -> AirflowException:
        """What a job failed of."""
        reason = job.get("FailureReason") or "no reason given"
        return AirflowFailException(f"{name} is {job[self.STATUS]}: {reason}")

    def follow(self, name: str) -> None:
        """Waits on the worker."""
        self.hook.check_status(name, self.STATUS, self.describe, int(self.poll_seconds))

    def _find(self, finished: bool = False) -> tuple[str, dict[str, Any] | None]:
        """The job that counts, and its name; without a job, the name that one is to get."""
        base, attempt, last = str(self.config[self.NAME]), FIRST, ""
        while job := self._look(name := attempt_name(base, attempt)):
            if job[self.STATUS] not in FAILED:
                return name, job
            attempt, last = attempt + 1, name
        return (last or name if finished else name), None

    def _look(self, name: str) -> dict[str, Any] | None:
        try:
            return self.describe(name)
        except ClientError as error:
            if error.response["Error"]["Code"] in MISSING:
                return None
            raise

    def _wait(self, name: str) -> None:
        if str(self.wait_in_triggerer) != "True":
            try:
                self.follow(name)
            except AirflowException:
                self._result(name)
                raise
            return
        delay = int(self.poll_seconds)
        trigger = SageMakerTrigger(
            job_name=name,
            job_type=self.KIND,
            waiter_delay=delay,
            waiter_max_attempts=self.timeout_seconds // delay,
            aws_conn_id=self.aws_conn_id,
            region_name=self.region_name,
        )
        timeout = timedelta(seconds=self.timeout_seconds)
        self.defer(trigger=trigger, method_name="execute_complete", timeout=timeout)

    def _result(self, name: str) -> dict[str, Any]:
        """The result of a job that completed.

        Raises:
            AirflowException: it failed, was stopped, or goes on although nobody waits any more.
        """
        job = self.describe(name)
        if job[self.STATUS] in FAILED:
            raise self.failure(name, job)
        if job[self.STATUS] != COMPLETED:
            raise AirflowException(f"{name} is still {job[self.STATUS]}")
        return self.result(job)
