"""A build on EMR Serverless or SageMaker Processing: started, found again by its handle, ended.

Whatever can be refused is refused before anything is uploaded.
"""

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws import emr_serverless, processing
from aws.build_job import BuildJob, Source, unique_name, upload_bytes
from aws.remote_runs import Run, Status, starting
from storage.aws_errors import aws_errors, missing
from storage.errors import AwsError, EndpointError, LeftRunningError, RequestError
from storage.pasted import job_command
from storage.s3_client import make_client
from storage.session import make_service_client

if TYPE_CHECKING:
    from mypy_boto3_emr_serverless import EMRServerlessClient
    from mypy_boto3_sagemaker import SageMakerClient

EMR, PROCESSING = "emr-serverless", "processing"


@dataclass(frozen=True)
class Serverless:
    """What EMR Serverless needs to know besides.

    Attributes:
        application_id: of an application of type Spark.
        logs: S3 prefix; None for `logs/` below the code.
        with_environment: send the environment archive; else the application's image has it all.
    """

    application_id: str
    logs: str | None = None
    with_environment: bool = True

    def log_prefix(self, code: str) -> str:
        """Where the logs go.

        Args:
            code: prefix of the code.
        """
        return self.logs or f"{code.rstrip('/')}/logs/"


class ServerlessRun:
    """A job run of EMR Serverless."""

    def __init__(self, client: "EMRServerlessClient", application_id: str, run_id: str) -> None:
        self.client = client
        self.key: Any = {"applicationId": application_id, "jobRunId": run_id}
        self.handle = f"{EMR}:{application_id}:{run_id}"
        self.follow_command, self.cancel_command = _commands(self.handle, client)

    def status(self) -> Status:
        """Where it stands now."""
        return emr_serverless.status(self._describe())

    def log_places(self) -> list[str]:
        """The driver's logs on S3, or the command that shows them."""
        return emr_serverless.log_places(self._describe(), self.client.meta.region_name)

    def cancel(self) -> None:
        """Asks the service to end it."""
        with aws_errors(self.handle):
            self.client.cancel_job_run(**self.key)

    def _describe(self) -> dict[str, Any]:
        with aws_errors(self.handle), missing(self.handle):
            return dict(self.client.get_job_run(**self.key)["jobRun"])


class ProcessingRun:
    """A job of SageMaker Processing."""

    def __init__(self, client: "SageMakerClient", name: str) -> None:
        self.client = client
        self.name = name
        self.handle = f"{PROCESSING}:{name}"
        self.follow_command, self.cancel_command = _commands(self.handle, client)

    def status(self) -> Status:
        """Where it stands now."""
        with aws_errors(self.handle), missing(self.handle):
            job = self.client.describe_processing_job(ProcessingJobName=self.name)
        return processing.status(dict(job))

    def log_places(self) -> list[str]:
        """The command that shows its logs."""
        return processing.log_places(self.name, self.client.meta.region_name)

    def cancel(self) -> None:
        """Asks the service to end it."""
        with aws_errors(self.handle):
            self.client.stop_processing_job(ProcessingJobName=self.name)


def serverless(job: BuildJob, source: Source, wanted: Serverless) -> ServerlessRun:
    """Starts the build on an application of EMR Serverless.

    Raises:
        AwsError: see `check_application`, `Source.upload`; or the start fails.
    """
    client = make_service_client("emr-serverless")
    check_application(client, wanted.application_id)
    code = source.upload(wanted.with_environment)
    logs, key = wanted.log_prefix(source.prefix), source.options.kms_key_id
    request = emr_serverless.start_request(job, code, wanted.application_id, logs, key)
    place, region = ("--application-id", wanted.application_id), client.meta.region_name
    advice = shlex.join(["aws", "emr-serverless", "list-job-runs", *place, "--region", region])
    try:
        with aws_errors(f"application {wanted.application_id}"):
            started = client.start_job_run(**request)
    except KeyboardInterrupt:
        text = f"interrupted; the job may have been started by then: {advice} tells"
        raise LeftRunningError(text) from None
    except EndpointError as error:
        text = f"{error}; the job may have been started all the same: {advice} tells"
        raise EndpointError(text) from error
    return ServerlessRun(client, wanted.application_id, started["jobRunId"])


def check_application(client: "EMRServerlessClient", application_id: str) -> None:
    """Refuses an application that would not run a job, before anything is uploaded.

    Raises:
        AwsError: there is no such application, or it is not one that runs jobs.
    """
    place = f"application {application_id}"
    with aws_errors(place):
        application: Any = client.get_application(applicationId=application_id)["application"]
    if reason := emr_serverless.refusal(application):
        raise AwsError(f"{place} {reason}")


def processing_job(job: BuildJob, source: Source, cluster: processing.Cluster) -> ProcessingRun:
    """Starts the build as a job of SageMaker Processing.

    Raises:
        AwsError: see `processing.create_request`, `Source.upload`; or the start fails.
    """
    name = unique_name(job.name)
    processing.check(job.arguments, name)
    client = make_service_client("sagemaker")
    code = source.upload(with_environment=False)
    configuration = upload_configuration(job, source) if job.conf else None
    request = processing.create_request(job, code, name, cluster, configuration)
    run = ProcessingRun(client, name)
    with starting(run), aws_errors(f"processing job {name}"):
        client.create_processing_job(**request)
    return run


def upload_configuration(job: BuildJob, source: Source) -> str:
    """Uploads the Spark settings of a job for SageMaker's image; their URI."""
    data = processing.spark_configuration(job.conf)
    client = make_client(source.options)
    return upload_bytes(client, data, source.prefix, processing.CONFIGURATION, source.options)


def find_run(handle: str) -> Run:
    """The job of a handle, whether it is there or not.

    Raises:
        RequestError: it is no handle.
    """
    match handle.split(":"):
        case [service, application_id, run_id] if service == EMR and application_id and run_id:
            return ServerlessRun(make_service_client("emr-serverless"), application_id, run_id)
        case [service, name] if service == PROCESSING and name:
            return ProcessingRun(make_service_client("sagemaker"), name)
    raise RequestError(f"{handle} is neither {EMR}:APPLICATION:RUN nor {PROCESSING}:NAME")


def _commands(handle: str, client: Any) -> tuple[str, str]:
    region = client.meta.region_name
    follow, cancel = (
        job_command("submit.py", verb, handle, region=region) for verb in ("follow", "cancel")
    )
    return follow, cancel
