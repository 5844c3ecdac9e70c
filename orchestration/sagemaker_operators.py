"""The jobs of SageMaker that the DAG starts: training, processing, tuning."""

import time
from collections.abc import Sequence
from typing import Any, ClassVar

from airflow.providers.amazon.aws.hooks.sagemaker import LogState
from airflow.providers.amazon.aws.operators.sagemaker import (
    SageMakerProcessingOperator,
    SageMakerTrainingOperator,
    SageMakerTuningOperator,
)
from airflow.providers.common.compat.sdk import AirflowException, AirflowFailException

from aws import processing
from orchestration.aws_connection import logs_client
from orchestration.failures import explain, may_go_well
from orchestration.found_job import FindsItsJob
from orchestration.processing_log import last_error
from orchestration.results import training_result, tuning_result
from storage.errors import AwsError

ASKED_LONG_AGO = 0.0
"""For the hook, which else looks at a job's status every 30 seconds at most."""


class TrainingOperator(FindsItsJob, SageMakerTrainingOperator):
    """`blazingtext.training_request.training_request` as a task; its log is in the task's."""

    KIND, NAME, STATUS = "training", "TrainingJobName", "TrainingJobStatus"
    START: ClassVar[dict[str, Any]] = {
        "wait_for_completion": False,
        "print_log": False,
        "action_if_job_exists": "fail",
    }

    def describe(self, name: str) -> dict[str, Any]:
        """What SageMaker says of a job."""
        return dict(self.hook.describe_training_job(name))

    def result(self, job: dict[str, Any]) -> dict[str, Any]:
        """Job, model and mean_rho."""
        return training_result(job)

    def follow(self, name: str) -> None:
        """Waits on the worker, and repeats BlazingText's log as it grows."""
        job, state = self.describe(name), LogState.TAILING
        places: tuple[dict[str, Any], list[str]] = ({}, [])
        count = job["ResourceConfig"]["InstanceCount"]
        while state != LogState.COMPLETE:
            time.sleep(int(self.poll_seconds))
            state, job, _ = self.hook.describe_training_job_with_log(
                name, *places, count, state, job, ASKED_LONG_AGO
            )


class ProcessingOperator(FindsItsJob, SageMakerProcessingOperator):
    """`aws.processing.create_request` as a task."""

    KIND, NAME, STATUS = "processing", "ProcessingJobName", "ProcessingJobStatus"
    START: ClassVar[dict[str, Any]] = TrainingOperator.START
    template_fields: Sequence[str] = (*FindsItsJob.template_fields, "output_files_to_xcom")

    def describe(self, name: str) -> dict[str, Any]:
        """What SageMaker says of a job."""
        return dict(self.hook.describe_processing_job(name))

    def failure(self, name: str, job: dict[str, Any]) -> AirflowException:
        """What a build failed of, by its exit code."""
        status = processing.status(job)
        kind = AirflowException if may_go_well(status.exit_code) else AirflowFailException
        return kind(explain(name, status.exit_code, self._error_line(name), status.details))

    def _error_line(self, name: str) -> str:
        """What the build said; empty where its log can't be read."""
        try:
            client = logs_client(self.aws_conn_id or "", self.region_name or "")
            return last_error(client, name)
        except AwsError as error:
            self.log.warning("can't read the build's log: %s", error)
            return ""


class TuningOperator(FindsItsJob, SageMakerTuningOperator):
    """`blazingtext.tuning_request.tuning_request` as a task."""

    KIND, NAME, STATUS = "tuning", "HyperParameterTuningJobName", "HyperParameterTuningJobStatus"

    def describe(self, name: str) -> dict[str, Any]:
        """What SageMaker says of a job."""
        return dict(self.hook.describe_tuning_job(name))

    def result(self, job: dict[str, Any]) -> dict[str, Any]:
        """Name of the best job, and its mean_rho."""
        return tuning_result(job)
