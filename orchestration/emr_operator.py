"""The build on EMR Serverless: found again instead of started again, and its failure explained."""

import json
from collections.abc import Sequence
from typing import Any

from airflow.providers.amazon.aws.operators.emr import EmrServerlessStartJobOperator
from airflow.providers.amazon.aws.triggers.emr import EmrServerlessStartJobTrigger
from airflow.providers.amazon.aws.utils.waiter_with_logging import wait
from airflow.providers.common.compat.sdk import AirflowException, AirflowFailException
from botocore.exceptions import ClientError

from aws import emr_serverless
from orchestration.aws_connection import s3_client
from orchestration.emr_log import last_error
from orchestration.failures import explain, may_go_well
from orchestration.names import FIRST, attempt_name, client_token
from storage.errors import AwsError

MISSING = ("ResourceNotFoundException",)


class EmrServerlessBuildOperator(EmrServerlessStartJobOperator):
    """`aws.emr_serverless.start_request` as a task.

    A run of the request's name that goes on is waited for, one that succeeded is the result; after
    runs that failed another one is started, of the same name with a number behind it.

    Args:
        request: of `start_job_run`, as JSON.
        deferrable: whether the triggerer waits; may be templated, as it is read when the task runs.
        poll_seconds: between two looks; may be templated.
        timeout_seconds: after which nobody waits any more.
    """

    template_fields: Sequence[str] = (
        *("request", "wait_in_triggerer", "poll_seconds", "aws_conn_id", "region_name"),
    )
    template_fields_renderers = {"request": "json"}  # noqa: RUF012 - as Airflow has it

    def __init__(
        self,
        *,
        request: str,
        deferrable: Any,
        poll_seconds: Any,
        timeout_seconds: int,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            application_id="", execution_role_arn="", job_driver={}, deferrable=False, **kwargs
        )
        self.request = request
        self.wait_in_triggerer = deferrable
        self.poll_seconds = poll_seconds
        self.timeout_seconds = timeout_seconds

    def execute(self, context: Any, event: dict[str, Any] | None = None) -> str | None:
        """Starts the build, or finds it, and waits for its end.

        Raises:
            AirflowFailException: it failed, and would fail again.
            AirflowException: it failed, and is worth another try; or AWS could not be asked.
        """
        self._take_request()
        name, found = self._find()
        if found and found["state"] == emr_serverless.SUCCEEDED:
            self.log.info("%s has succeeded already", name)
            return str(found["id"])
        try:
            if found:
                self.log.info("%s is there already, %s", name, found["state"])
                self.job_id = found["id"]
            else:
                self.name, self.config["clientToken"] = name, client_token(name)
                self.wait_for_completion = False
                super().execute(context, event)
            self._wait()
        except AirflowException as error:
            if reason := self._explained(name):
                raise reason from error
            raise
        return str(self.job_id)

    def execute_complete(self, context: Any, event: dict[str, Any] | None = None) -> str:
        """The run's id, after the triggerer.

        Raises:
            AirflowException: it did not succeed. The provider's own method expects the run's id in
                such an event, where it is not.
        """
        told = event or {}
        if told.get("status") != "success":
            raise AirflowException(f"the build failed: {told.get('message')}")
        return str(told["job_details"]["job_id"])

    def resume_execution(self, next_method: str, next_kwargs: Any, context: Any) -> Any:
        """As Airflow's, after the triggerer; whatever failed is explained."""
        self._take_request()
        try:
            return super().resume_execution(next_method, next_kwargs, context)
        except AirflowFailException:
            raise
        except AirflowException as error:
            if reason := self._explained(self._find(finished=True)[0]):
                raise reason from error
            raise

    def _take_request(self) -> None:
        request = json.loads(self.request)
        self.base_name = request["name"]
        self.application_id = request.pop("applicationId")
        self.execution_role_arn = request.pop("executionRoleArn")
        self.job_driver = request.pop("jobDriver")
        self.configuration_overrides = request.pop("configurationOverrides", None)
        self.name = request.pop("name")
        self.config = request
        self.deferrable = str(self.wait_in_triggerer) == "True"
        self.waiter_delay = int(self.poll_seconds)
        self.waiter_max_attempts = self.timeout_seconds // self.waiter_delay

    def _find(self, finished: bool = False) -> tuple[str, dict[str, Any] | None]:
        """The run that counts, and its name; without a run, the name that one is to get."""
        base, runs = self.base_name, self._runs()
        attempt, last = FIRST, ("", None)
        while (name := attempt_name(base, attempt)) in runs:
            last = (name, runs[name])
            if runs[name]["state"] not in emr_serverless.FAILED:
                return last
            attempt += 1
        return last if finished else (name, None)

    def _runs(self) -> dict[str, Any]:
        """All runs of the application, by name."""
        pages = self.hook.conn.get_paginator("list_job_runs")
        try:
            return {
                run.get("name", ""): run
                for page in pages.paginate(applicationId=self.application_id)
                for run in page["jobRuns"]
            }
        except ClientError as error:
            if error.response["Error"]["Code"] in MISSING:
                return {}
            raise

    def _wait(self) -> None:
        if self.deferrable:
            trigger = EmrServerlessStartJobTrigger(
                application_id=self.application_id,
                job_id=self.job_id,
                waiter_delay=self.waiter_delay,
                waiter_max_attempts=self.waiter_max_attempts,
                aws_conn_id=self.aws_conn_id,
                region_name=self.region_name,
                cancel_on_kill=self.cancel_on_kill,
            )
            self.defer(trigger=trigger, method_name="execute_complete")
        wait(
            waiter=self.hook.get_waiter("serverless_job_completed"),
            waiter_delay=self.waiter_delay,
            waiter_max_attempts=self.waiter_max_attempts,
            args={"applicationId": self.application_id, "jobRunId": self.job_id},
            failure_message="the build failed",
            status_message="the build is",
            status_args=["jobRun.state", "jobRun.stateDetails"],
        )

    def _explained(self, name: str) -> AirflowException | None:
        """What a failed run failed of; None if it has not failed."""
        runs = self._runs()
        if name not in runs:
            return None
        key = {"applicationId": self.application_id, "jobRunId": runs[name]["id"]}
        run = self.hook.conn.get_job_run(**key)["jobRun"]
        status = emr_serverless.status(run)
        if status.state not in emr_serverless.FAILED:
            return None
        line = self._error_line(run)
        reason = explain(name, status.exit_code, line, status.details)
        self.log.error("%s", reason)
        kind = AirflowException if may_go_well(status.exit_code) else AirflowFailException
        return kind(reason)

    def _error_line(self, run: dict[str, Any]) -> str:
        """What the driver said; empty where its logs can't be read."""
        places = emr_serverless.log_places(run, self.hook.conn_region_name or "")
        client = s3_client(self.aws_conn_id or "", self.region_name or "")
        try:
            return last_error(client, places)
        except (ValueError, OSError, AwsError) as error:
            self.log.warning("can't read the driver's log: %s", error)
            return ""
