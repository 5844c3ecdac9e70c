"""The two services, asked through boto3: starting a job, finding it again, ending it."""

from typing import TYPE_CHECKING, Any

from aws import emr_serverless, processing
from aws.runs import Run, Status
from storage.aws_errors import aws_errors
from storage.errors import AwsError, RequestError
from storage.s3_client import attempts
from storage.session import make_session

if TYPE_CHECKING:
    from mypy_boto3_emr_serverless import EMRServerlessClient
    from mypy_boto3_sagemaker import SageMakerClient

EMR, PROCESSING = "emr-serverless", "processing"


class ServerlessRun:
    """A job run of EMR Serverless."""

    def __init__(self, client: "EMRServerlessClient", application_id: str, run_id: str) -> None:
        self.client = client
        self.key: Any = {"applicationId": application_id, "jobRunId": run_id}
        self.handle = f"{EMR}:{application_id}:{run_id}"
        self.follow_command, self.cancel_command = _commands(self.handle)

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
        with aws_errors(self.handle):
            return dict(self.client.get_job_run(**self.key)["jobRun"])


class ProcessingRun:
    """A job of SageMaker Processing."""

    def __init__(self, client: "SageMakerClient", name: str) -> None:
        self.client = client
        self.name = name
        self.handle = f"{PROCESSING}:{name}"
        self.follow_command, self.cancel_command = _commands(self.handle)

    def status(self) -> Status:
        """Where it stands now."""
        with aws_errors(self.handle):
            found = self.client.describe_processing_job(ProcessingJobName=self.name)
        return processing.status(dict(found))

    def log_places(self) -> list[str]:
        """The command that shows its logs."""
        return processing.log_places(self.name, self.client.meta.region_name)

    def cancel(self) -> None:
        """Asks the service to end it."""
        with aws_errors(self.handle):
            self.client.stop_processing_job(ProcessingJobName=self.name)


def _commands(handle: str) -> tuple[str, str]:
    return f"submit.py follow {handle}", f"submit.py cancel {handle}"


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


def find_run(handle: str) -> Run:
    """The job of a handle, whether it is there or not.

    Raises:
        RequestError: it is no handle.
    """
    match handle.split(":"):
        case [service, application_id, run_id] if service == EMR and application_id and run_id:
            return ServerlessRun(make_client("emr-serverless"), application_id, run_id)
        case [service, name] if service == PROCESSING and name:
            return ProcessingRun(make_client("sagemaker"), name)
    raise RequestError(f"{handle} is neither {EMR}:APPLICATION:RUN nor {PROCESSING}:NAME")


def make_client(service: str) -> Any:
    """A client from the standard credential chain, which retries with backoff.

    Raises:
        PackageMissingError: boto3 is missing.
        BucketError: no region is set.
        CredentialsError: the environment names a profile that is not there.
    """
    session: Any = make_session()
    from botocore.config import Config

    config = Config(retries={"mode": "standard", "total_max_attempts": attempts()})
    with aws_errors(service):
        return session.client(service, config=config)
