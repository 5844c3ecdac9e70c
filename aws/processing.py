"""Requests to SageMaker Processing, and what its answers mean. Pure: nothing here talks to AWS.

`create_request` is what `create_processing_job` takes, and what Airflow's
`SageMakerProcessingOperator` takes as its `config`. It asks for what sagemaker's `PySparkProcessor`
would ask for, and needs nothing but boto3.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aws.build_job import IMAGE_PYTHON, BuildJob, Code
from aws.remote_runs import Status
from storage.errors import RequestError

INPUT = "/opt/ml/processing/input"
"""Where SageMaker's Spark image looks for the job, its packages and its configuration."""

CONFIGURATION = "configuration.json"
MAX_ARGUMENT, MAX_ARGUMENTS = 256, 100
"""Characters of one of the container's arguments, and their number."""

EXIT_CODE = re.compile(r"\bexit code: (\d+)|returned non-zero exit status (\d+)")
"""`FailureReason` is "AlgorithmError: , exit code: 3": smspark-submit in the image ends as
spark-submit does. `ExitMessage`, of which 1 KB is kept, says the same behind the command."""

SUCCEEDED, FINAL = "Completed", ("Completed", "Failed", "Stopped")
NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
LOG_GROUP = "/aws/sagemaker/ProcessingJobs"


@dataclass(frozen=True)
class Cluster:
    """The machines of a Processing job.

    Attributes:
        image: URI of an image made by deploy/Dockerfile: AWS's own lacks our packages.
        instance_type: of every machine.
        instances: their number; one of them also runs the driver.
        volume_gb: disk of each, for Spark's local files.
        volume_kms_key_id: key for that disk; None for SageMaker's own.
        subnets: of the VPC to run in; none for SageMaker's network.
        security_groups: of that VPC.
        encrypt_traffic: also between the machines, which is slower.

    Raises:
        RequestError: subnets without security groups, or the other way round.
    """

    image: str
    instance_type: str = "ml.m5.2xlarge"
    instances: int = 2
    volume_gb: int = 30
    volume_kms_key_id: str | None = None
    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    encrypt_traffic: bool = False

    def __post_init__(self) -> None:
        if bool(self.subnets) != bool(self.security_groups):
            raise RequestError("a VPC takes both subnets and security groups")


def create_request(
    job: BuildJob, code: Code, name: str, cluster: Cluster, configuration: str | None
) -> dict[str, Any]:
    """Arguments of `create_processing_job`.

    Args:
        job: the build.
        code: what runs.
        name: unique in account and region.
        cluster: where it runs.
        configuration: `s3://` URI of `spark_configuration`'s file, if there are settings.

    Raises:
        RequestError: arguments that SageMaker does not take.
    """
    check(job.arguments, name)
    script = code.job.rpartition("/")[2]
    submit = ["smspark-submit", "--py-files", f"{INPUT}/py-files", f"{INPUT}/code/{script}"]
    channels = {"code": code.job, "py-files": code.py_files, "conf": configuration}
    request: dict[str, Any] = {
        "ProcessingJobName": name,
        "RoleArn": job.role_arn,
        "AppSpecification": {
            "ImageUri": cluster.image,
            "ContainerEntrypoint": submit,
            "ContainerArguments": list(job.arguments),
        },
        "Environment": dict.fromkeys(("PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON"), IMAGE_PYTHON),
        "ProcessingInputs": [_input(name, uri) for name, uri in channels.items() if uri],
        "ProcessingResources": {"ClusterConfig": _machines(cluster)},
        "StoppingCondition": {"MaxRuntimeInSeconds": job.timeout_minutes * 60},
    }
    if network := _network(cluster):
        request["NetworkConfig"] = network
    tags = [{"Key": key, "Value": value} for key, value in job.tags.items()]
    return request | ({"Tags": tags} if tags else {})


def spark_configuration(conf: Mapping[str, str]) -> bytes:
    """Spark settings as the file that the image reads: smspark-submit has no `--conf`."""
    wanted = [{"Classification": "spark-defaults", "Properties": dict(conf)}]
    return json.dumps(wanted, indent=2).encode()


def check(arguments: tuple[str, ...], name: str) -> None:
    """Refuses what SageMaker would.

    Raises:
        RequestError: too many arguments, one that is too long, or a name that it does not take.
    """
    if not NAME.fullmatch(name):
        raise RequestError(f"{name} is no name for SageMaker: letters, digits, hyphens, 63 at most")
    if len(arguments) > MAX_ARGUMENTS:
        raise RequestError(f"SageMaker takes {MAX_ARGUMENTS} arguments, not {len(arguments)}")
    for argument in arguments:
        if len(argument) > MAX_ARGUMENT or "\n" in argument:
            raise RequestError(
                f"SageMaker takes arguments of one line and {MAX_ARGUMENT} characters at most: "
                f"{argument.splitlines()[0][:40]}…"
            )


def status(job: Mapping[str, Any]) -> Status:
    """A job, as `describe_processing_job` shows it."""
    state = job["ProcessingJobStatus"]
    details = " ".join(filter(None, (job.get("FailureReason"), job.get("ExitMessage"))))
    match = EXIT_CODE.search(details)
    exit_code = 0 if state == SUCCEEDED else int(match[1] or match[2]) if match else None
    return Status(state, state in FINAL, exit_code, details)


def log_places(name: str, region: str) -> list[str]:
    """The command that shows the logs of driver and executors."""
    return [f"aws logs tail {LOG_GROUP} --log-stream-name-prefix {name}/ --region {region}"]


def _input(name: str, uri: str) -> dict[str, Any]:
    return {
        "InputName": name,
        "S3Input": {
            "S3Uri": uri,
            "LocalPath": f"{INPUT}/{name}",
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
            "S3DataDistributionType": "FullyReplicated",
        },
    }


def _machines(cluster: Cluster) -> dict[str, Any]:
    key = cluster.volume_kms_key_id
    return {
        "InstanceType": cluster.instance_type,
        "InstanceCount": cluster.instances,
        "VolumeSizeInGB": cluster.volume_gb,
    } | ({"VolumeKmsKeyId": key} if key else {})


def _network(cluster: Cluster) -> dict[str, Any]:
    """Nothing where SageMaker's defaults are wanted. Isolation is none of it: the job reads S3."""
    encryption = {"EnableInterContainerTrafficEncryption": True} if cluster.encrypt_traffic else {}
    if not cluster.subnets:
        return encryption
    vpc = {"Subnets": [*cluster.subnets], "SecurityGroupIds": [*cluster.security_groups]}
    return encryption | {"VpcConfig": vpc}
