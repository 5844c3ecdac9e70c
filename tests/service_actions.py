"""What a service does as the role of a job that it is asked to start.

Sources: Amazon SageMaker developer guide, "CreateTrainingJob API: Execution Role Permissions" and
its neighbours; EMR Serverless user guide, "Job runtime roles"; "Logging with Amazon S3"; scheduler
user guide, "Execution role".
"""

import json
import re
import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from stack_policies import NUMBER, Need

LOG_GROUPS = {
    "CreateTrainingJob": "TrainingJobs",
    "CreateHyperParameterTuningJob": "TrainingJobs",
    "CreateProcessingJob": "ProcessingJobs",
    "CreateModel": "Endpoints",
}
PULL = ("BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer")
IN_A_VPC = (
    *("CreateNetworkInterface", "CreateNetworkInterfacePermission", "DeleteNetworkInterface"),
    *("DeleteNetworkInterfacePermission", "DescribeDhcpOptions", "DescribeNetworkInterfaces"),
    *("DescribeSecurityGroups", "DescribeSubnets", "DescribeVpcs"),
)


def as_the_role(operation: str, parameters: Any, region: str) -> Iterator[tuple[str, Need]]:
    """Role, and what it needs, for each thing that is done as it."""
    if operation == "StartJobRun":
        role, needs = parameters["executionRoleArn"], _serverless(parameters)
    elif operation == "CreateSchedule":
        role, needs = parameters["Target"]["RoleArn"], _scheduled(parameters["Target"], region)
    elif group := LOG_GROUPS.get(operation):
        definition = parameters.get("TrainingJobDefinition", parameters)
        role = definition.get("RoleArn") or definition["ExecutionRoleArn"]
        needs = _sagemaker(definition, group, region)
    else:
        return
    for need in needs:
        yield role, need


def reads(uri: str) -> Iterator[Need]:
    """An object, or all below a prefix; a glob by what stands before its first wild card."""
    bucket, _, key = re.split(r"[*?\[]", uri.removeprefix("s3://"))[0].partition("/")
    yield Need("s3:ListBucket", f"arn:aws:s3:::{bucket}", {"s3:prefix": key})
    yield Need("s3:GetObject", f"arn:aws:s3:::{bucket}/{key}")


def writes(uri: str) -> Iterator[Need]:
    """An object below a prefix."""
    place = uri.removeprefix("s3://").rstrip("/")
    yield Need("s3:PutObject", f"arn:aws:s3:::{place}/x")


def build_needs(arguments: Sequence[str]) -> Iterator[Need]:
    """What a build does by its arguments, in short; the whole of it is seen where one runs."""
    output = arguments[arguments.index("--output") + 1]
    yield from reads(arguments[arguments.index("--input") + 1])
    yield from (*reads(output), *writes(output))
    place = f"arn:aws:s3:::{output.removeprefix('s3://').rstrip('/')}/.lock"
    yield from (Need("s3:DeleteObject", place), Need("s3:AbortMultipartUpload", place))


def _serverless(parameters: Any) -> Iterator[Need]:
    driver = parameters["jobDriver"]["sparkSubmit"]
    words = shlex.split(driver["sparkSubmitParameters"])
    archives = [word.partition("=")[2] for word in words if word.startswith("spark.archives=")]
    py_files = words[words.index("--py-files") + 1]
    for uri in (driver["entryPoint"], py_files, *archives):
        yield from reads(uri.partition("#")[0])
    yield from build_needs(driver["entryPointArguments"])
    overrides = parameters.get("configurationOverrides", {})
    for logs in overrides.get("monitoringConfiguration", {}).values():
        if "logUri" in logs:
            yield from writes(logs["logUri"])


def _sagemaker(definition: Any, group: str, region: str) -> Iterator[Need]:
    for uri in _values(definition, ("S3Uri", "ModelDataUrl")):
        yield from reads(uri)
    for uri in _values(definition, ("S3OutputPath",)):
        yield from writes(uri)
    if "AppSpecification" in definition:
        yield from build_needs(definition["AppSpecification"]["ContainerArguments"])
    for image in _values(definition, ("TrainingImage", "ImageUri", "Image")):
        host, _, name = image.partition("/")
        number, *_ = host.split(".")
        repository = f"arn:aws:ecr:{region}:{number}:repository/{re.split('[:@]', name)[0]}"
        yield Need("ecr:GetAuthorizationToken", "*")
        yield from (Need(f"ecr:{action}", repository) for action in PULL)
    logs = f"arn:aws:logs:{region}:{NUMBER}:log-group:/aws/sagemaker/{group}"
    for action in ("CreateLogGroup", "CreateLogStream", "DescribeLogStreams", "PutLogEvents"):
        yield Need(f"logs:{action}", f"{logs}:log-stream:x" if "Stream" in action else logs)
    space = {"cloudwatch:namespace": f"/aws/sagemaker/{group}"}
    yield Need("cloudwatch:PutMetricData", "*", space)
    for key in _values(definition, ("KmsKeyId",)):
        yield from (Need(f"kms:{action}", key) for action in ("GenerateDataKey", "Decrypt"))
    for key in _values(definition, ("VolumeKmsKeyId",)):
        yield Need("kms:CreateGrant", key, {"kms:GrantIsForAWSResource": "true"})
    if _values(definition, ("Subnets",)):
        yield from (Need(f"ec2:{action}", "*") for action in IN_A_VPC)


def _scheduled(target: Any, region: str) -> Iterator[Need]:
    name = json.loads(target["Input"])["EndpointName"]
    arn = f"arn:aws:sagemaker:{region}:{NUMBER}:endpoint/{name}"
    yield Need("sagemaker:DeleteEndpoint", arn)


def _values(node: Any, names: Sequence[str]) -> list[Any]:
    """All values of some names, however deep."""
    if isinstance(node, list):
        return [value for each in node for value in _values(each, names)]
    if not isinstance(node, dict):
        return []
    own = [value for name, value in node.items() if name in names and value]
    return own + [value for each in node.values() for value in _values(each, names)]
