"""Starting a build on AWS. Whatever can be refused is refused before anything is uploaded."""

import sys
from dataclasses import dataclass
from pathlib import Path

from aws import code_pointer, emr_serverless, processing, services, uploads
from aws.job import BuildJob, Code, unique_name
from storage.aws_errors import aws_errors
from storage.locations import split_uri
from storage.s3_client import S3Options, make_client


@dataclass(frozen=True)
class Source:
    """Where the code comes from and goes to.

    Attributes:
        dist: what `make package` made.
        prefix: `s3://bucket/prefix` to upload it to.
        options: how it is encrypted there.
    """

    dist: Path
    prefix: str
    options: S3Options

    def upload(self, with_environment: bool) -> Code:
        """Uploads what is not there yet, and says so on stderr."""
        client = make_client(self.options)
        return uploads.upload_code(
            client, self.dist, self.prefix, self.options, _say, with_environment
        )


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


def serverless(job: BuildJob, source: Source, wanted: Serverless) -> services.ServerlessRun:
    """Starts the build on an application of EMR Serverless.

    Raises:
        AwsError: see `services.check_application`, `uploads.upload_code`; or the start fails.
    """
    client = services.make_client("emr-serverless")
    services.check_application(client, wanted.application_id)
    code = source.upload(wanted.with_environment)
    logs = wanted.logs or f"{source.prefix.rstrip('/')}/logs/"
    with aws_errors(f"application {wanted.application_id}"):
        started = client.start_job_run(
            **emr_serverless.start_request(job, code, wanted.application_id, logs)
        )
    return services.ServerlessRun(client, wanted.application_id, started["jobRunId"])


def processing_job(
    job: BuildJob, source: Source, cluster: processing.Cluster
) -> services.ProcessingRun:
    """Starts the build as a job of SageMaker Processing.

    Raises:
        AwsError: see `processing.create_request`, `uploads.upload_code`; or the start fails.
    """
    name = unique_name(job.name)
    processing.check(job.arguments, name)
    client = services.make_client("sagemaker")
    code = source.upload(with_environment=False)
    configuration = upload_configuration(job, source) if job.conf else None
    request = processing.create_request(job, code, name, cluster, configuration)
    with aws_errors(f"processing job {name}"):
        client.create_processing_job(**request)
    return services.ProcessingRun(client, name)


def publish_code(source: Source, training_image: str | None) -> Code:
    """Uploads the code, and then says where it is, for whoever starts jobs later.

    Raises:
        AwsError: see `uploads.upload_code`; or S3 refused.
    """
    code = source.upload(with_environment=True)
    place = code_pointer.pointer_uri(source.prefix)
    bucket, key = split_uri(place)
    data = code_pointer.to_json(code, training_image)
    with aws_errors(place):
        make_client(source.options).put_object(
            Bucket=bucket, Key=key, Body=data, **source.options.encryption()
        )
    return code


def upload_configuration(job: BuildJob, source: Source) -> str:
    """Uploads the Spark settings of a job for SageMaker's image; their URI."""
    data = processing.spark_configuration(job.conf)
    client = make_client(source.options)
    return uploads.put(client, data, source.prefix, processing.CONFIGURATION, source.options)


def _say(text: str) -> None:
    print(text, file=sys.stderr)
