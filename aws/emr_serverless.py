"""Requests to EMR Serverless, and what its answers mean. Pure: nothing here talks to AWS.

The parts of the request are what Airflow's `EmrServerlessStartJobOperator` takes by the same names.
"""

import re
from collections.abc import Mapping
from typing import Any

from aws.build_job import IMAGE_PYTHON, BuildJob, Code
from aws.remote_runs import Status

ENVIRONMENT = "environment"
"""Folder that the archive is unpacked to, in the working directories of driver and executors."""

PYTHON_SETTINGS = (
    "spark.emr-serverless.driverEnv.PYSPARK_DRIVER_PYTHON",
    "spark.emr-serverless.driverEnv.PYSPARK_PYTHON",
    "spark.executorEnv.PYSPARK_PYTHON",
)
"""EMR Serverless User Guide, "Using Python libraries with EMR Serverless"."""

EXIT_CODE = re.compile(r"\bExitCode: (\d+)")
"""`stateDetails` of a failed run: "Job failed, please check complete logs in configured logging
destination. ExitCode: 3. Last few exceptions: …". A run that never got a driver has none."""

FAILED, SUCCEEDED = ("FAILED", "CANCELLED"), "SUCCESS"
USABLE = ("CREATED", "STARTING", "STARTED", "STOPPING", "STOPPED")
"""States of an application that may still run a job, if it starts by itself."""


def start_request(
    job: BuildJob,
    code: Code,
    application_id: str,
    logs: str | None,
    log_key_arn: str | None = None,
) -> dict[str, Any]:
    """Arguments of `start_job_run`.

    Args:
        job: the build.
        code: what runs.
        application_id: of an application of type Spark.
        logs: S3 prefix for the logs; None for the service's own storage, kept for 30 days.
        log_key_arn: KMS key for them; None for the bucket's default.
    """
    request: dict[str, Any] = {
        "applicationId": application_id,
        "executionRoleArn": job.role_arn,
        "name": job.name,
        "jobDriver": job_driver(job, code),
        "executionTimeoutMinutes": job.timeout_minutes,
    }
    if logs:
        request["configurationOverrides"] = configuration_overrides(logs, log_key_arn)
    return request | ({"tags": dict(job.tags)} if job.tags else {})


def job_driver(job: BuildJob, code: Code) -> dict[str, Any]:
    """The `jobDriver`: what spark-submit runs, with which arguments and settings."""
    python = f"./{ENVIRONMENT}/bin/python" if code.environment else IMAGE_PYTHON
    ours = {"spark.archives": f"{code.environment}#{ENVIRONMENT}"} if code.environment else {}
    settings = ours | dict.fromkeys(PYTHON_SETTINGS, python) | dict(job.conf)
    conf = [part for key, value in settings.items() for part in ("--conf", f"{key}={value}")]
    return {
        "sparkSubmit": {
            "entryPoint": code.job,
            "entryPointArguments": list(job.arguments),
            "sparkSubmitParameters": " ".join(map(_word, ["--py-files", code.py_files, *conf])),
        }
    }


def configuration_overrides(logs: str, log_key_arn: str | None) -> dict[str, Any]:
    """The `configurationOverrides`: logs of driver and executors go to S3."""
    key = {"encryptionKeyArn": log_key_arn} if log_key_arn else {}
    return {"monitoringConfiguration": {"s3MonitoringConfiguration": {"logUri": logs} | key}}


def _word(word: str) -> str:
    """A word of the parameters, quoted only where it has white space.

    Nothing says whether the service takes `'a#b'` for a quoted word or for one with quotes in it.
    """
    if not re.search(r"\s", word):
        return word
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def refusal(application: Mapping[str, Any]) -> str | None:
    """Why an application, as `get_application` shows it, would not run a job; None if it would."""
    state = application["state"]
    if application.get("type", "Spark").lower() != "spark":
        return f"is of type {application['type']}, not Spark"
    if state not in USABLE:
        return f"is {state}"
    if state != "STARTED" and not application.get("autoStartConfiguration", {}).get(
        "enabled", True
    ):
        return f"is {state}, and not set to start by itself"
    return None


def status(run: Mapping[str, Any]) -> Status:
    """A job run, as `get_job_run` shows it."""
    state, details = run["state"], run.get("stateDetails") or ""
    match = EXIT_CODE.search(details)
    exit_code = 0 if state == SUCCEEDED else int(match[1]) if match else None
    return Status(state, state in (SUCCEEDED, *FAILED), exit_code, details)


def log_places(run: Mapping[str, Any], region: str) -> list[str]:
    """Where the driver's log is: an S3 prefix, or the command that shows it."""
    application, job_run = run["applicationId"], run["jobRunId"]
    monitoring = run.get("configurationOverrides", {}).get("monitoringConfiguration", {})
    uri = monitoring.get("s3MonitoringConfiguration", {}).get("logUri")
    if uri:
        folder = f"{uri.rstrip('/')}/applications/{application}/jobs/{job_run}/SPARK_DRIVER"
        return [f"{folder}/stderr.gz", f"{folder}/stdout.gz"]
    dashboard = f"--application-id {application} --job-run-id {job_run} --region {region}"
    return [f"aws emr-serverless get-dashboard-for-job-run {dashboard}"]
