"""The jobs of AWS that the DAG starts: the build on EMR Serverless or SageMaker; training, tuning.

What they send is made by the functions that the commands use; see `orchestration.run_plan`.
"""

import time
import uuid
from typing import Any, ClassVar

from airflow.providers.amazon.aws.hooks.sagemaker import LogState
from airflow.providers.amazon.aws.operators.emr import EmrServerlessStartJobOperator
from airflow.providers.amazon.aws.operators.sagemaker import (
    SageMakerProcessingOperator,
    SageMakerTrainingOperator,
    SageMakerTuningOperator,
)
from airflow.providers.amazon.aws.triggers.emr import EmrServerlessStartJobTrigger
from airflow.providers.amazon.aws.triggers.sagemaker import SageMakerTrigger
from airflow.providers.amazon.aws.utils.waiter_with_logging import wait
from airflow.providers.common.compat.sdk import AirflowException, AirflowFailException

from aws import emr_serverless, processing
from blazingtext.requests.tuning_request import MEAN_RHO
from orchestration.existing_job import ExistingJobOperator
from orchestration.job_failures import driver_error, job_failure, processing_error
from orchestration.lookup import aws_client

ASKED_LONG_AGO = 0.0
"""For the hook, which else looks at a job's status every 30 seconds at most."""


class EmrServerlessBuildOperator(ExistingJobOperator, EmrServerlessStartJobOperator):
    """`aws.emr_serverless.start_request` as a task; its result is the run's id."""

    NAME, STATUS = "name", "state"
    SUCCEEDED, FAILED = emr_serverless.SUCCEEDED, emr_serverless.FAILED
    PROVIDER: ClassVar = {"application_id": "", "execution_role_arn": "", "job_driver": {}}

    def _read_request(self, context: Any) -> None:
        super()._read_request(context)
        self.application_id = self.body["applicationId"]
        self.configuration_overrides = self.body.get("configurationOverrides")
        self.deferrable = str(self.wait_in_triggerer) == "True"

    def _start(self, name: str, context: Any) -> None:
        # The same token for the same name: a request that is sent twice starts one run.
        self.name, self.client_request_token = name, str(uuid.uuid5(uuid.NAMESPACE_URL, name))
        super()._start(name, context)

    def _describe(self, name: str) -> Any:
        # The service finds a run by its id only; an application may have had thousands.
        pages = self.hook.conn.get_paginator("list_job_runs")
        place = {"applicationId": self.application_id, "createdAtAfter": self.since}
        runs = (
            run["id"]
            for page in pages.paginate(**place)
            for run in page["jobRuns"]
            if run.get("name") == name
        )
        if job_id := next(runs, None):
            self.job_id = job_id
            return self.hook.conn.get_job_run(**self._key())["jobRun"]
        return None

    def _follow(self, name: str) -> None:
        wait(
            waiter=self.hook.get_waiter("serverless_job_completed"),
            waiter_delay=self.waiter_delay,
            waiter_max_attempts=self.waiter_max_attempts,
            args=self._key(),
            failure_message="the build failed",
            status_message="the build is",
            status_args=["jobRun.state", "jobRun.stateDetails"],
        )

    def _trigger(self, name: str) -> Any:
        return EmrServerlessStartJobTrigger(
            application_id=self.application_id,
            job_id=self.job_id,
            waiter_delay=self.waiter_delay,
            waiter_max_attempts=self.waiter_max_attempts,
            aws_conn_id=self.aws_conn_id,
            region_name=self.region_name,
            cancel_on_kill=self.cancel_on_kill,
        )

    def _outcome(self, job: dict[str, Any]) -> Any:
        return job["jobRunId"]

    def _failure(self, job: dict[str, Any]) -> AirflowException:
        client = aws_client("s3", self.aws_conn_id or "", self.region_name or "")
        places = emr_serverless.log_places(job, self.hook.conn_region_name or "")
        line, status = driver_error(client, places), emr_serverless.status(job)
        return job_failure(job["name"], status.exit_code, line, status.details)

    def _key(self) -> dict[str, Any]:
        return {"applicationId": self.application_id, "jobRunId": self.job_id}


class SageMakerJobOperator(ExistingJobOperator):
    """A job of SageMaker as a task; that it failed is paid for again only where it is cleared."""

    KIND: ClassVar[str]
    SUCCEEDED, FAILED = "Completed", ("Failed", "Stopped")
    PROVIDER: ClassVar = {"config": {}, "print_log": False, "action_if_job_exists": "fail"}

    def _failure(self, job: dict[str, Any]) -> AirflowException:
        reason = job.get("FailureReason") or "no reason given"
        return AirflowFailException(f"{job[self.NAME]} is {job[self.STATUS]}: {reason}")

    def _describe(self, name: str) -> Any:
        return getattr(self.hook, f"describe_{self.KIND}_job")(name)

    def _follow(self, name: str) -> None:
        self.hook.check_status(name, self.STATUS, self._describe, self.waiter_delay)

    def _trigger(self, name: str) -> Any:
        return SageMakerTrigger(
            job_name=name,
            job_type=self.KIND,
            waiter_delay=self.waiter_delay,
            waiter_max_attempts=self.waiter_max_attempts,
            aws_conn_id=self.aws_conn_id,
            region_name=self.region_name,
        )


class ProcessingOperator(SageMakerJobOperator, SageMakerProcessingOperator):
    """`aws.processing.create_request` as a task."""

    KIND, NAME, STATUS = "processing", "ProcessingJobName", "ProcessingJobStatus"

    def _failure(self, job: dict[str, Any]) -> AirflowException:
        name = job[self.NAME]
        client = aws_client("logs", self.aws_conn_id or "", self.region_name or "")
        line, status = processing_error(client, name), processing.status(job)
        return job_failure(name, status.exit_code, line, status.details)


class TrainingOperator(SageMakerJobOperator, SageMakerTrainingOperator):
    """BlazingText's training request as a task; its log is in the task's."""

    KIND, NAME, STATUS = "training", "TrainingJobName", "TrainingJobStatus"

    def _follow(self, name: str) -> None:
        # Repeats BlazingText's log as it grows.
        job, state = self._describe(name), LogState.TAILING
        positions: tuple[dict[str, Any], list[str]] = ({}, [])
        count = job["ResourceConfig"]["InstanceCount"]
        while state != LogState.COMPLETE:
            time.sleep(self.waiter_delay)
            state, job, _ = self.hook.describe_training_job_with_log(
                name, *positions, count, state, job, ASKED_LONG_AGO
            )

    def _outcome(self, job: dict[str, Any]) -> Any:
        metrics = job.get("FinalMetricDataList", ())
        rhos = [float(metric["Value"]) for metric in metrics if metric["MetricName"] == MEAN_RHO]
        return {
            "job": job[self.NAME],
            "vectors": job["ModelArtifacts"]["S3ModelArtifacts"],
            "mean_rho": rhos[-1] if rhos else None,
            "billable_seconds": job.get("BillableTimeInSeconds"),
        }


class TuningOperator(SageMakerJobOperator, SageMakerTuningOperator):
    """BlazingText's tuning request as a task."""

    KIND, NAME, STATUS = "tuning", "HyperParameterTuningJobName", "HyperParameterTuningJobStatus"
    PROVIDER: ClassVar = {"config": {}}

    def _outcome(self, job: dict[str, Any]) -> Any:
        best = job.get("BestTrainingJob") or {}
        objective = best.get("FinalHyperParameterTuningJobObjectiveMetric") or {}
        return {
            "search": job[self.NAME],
            "job": best.get("TrainingJobName"),
            "mean_rho": objective.get("Value"),
        }
