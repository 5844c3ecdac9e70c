"""IAM in front of moto or another server: what the project's policies do not allow is a 403.

A request is told by its bytes: the service by its signature, the operation by botocore's model, who
asks by the access key: a logical ID of a role or policy of the stack, or what stands for one. Any
other key may do everything. HEAD or GET of a missing key takes `ListBucket` with that prefix,
HeadBucket `ListBucket` without one (S3 API reference, HeadObject, HeadBucket: Permissions).
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from botocore import xform_name
from botocore.loaders import Loader
from botocore.model import ServiceModel
from s3_proxy import Answer, Asked, http_proxy
from service_actions import as_the_role
from stack_policies import NUMBER, Need, StackPolicies, allows

CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/([^/]*)/([^/]+)/")
BOTO_NAMES = {"monitoring": "cloudwatch"}
"""boto3's names of services that sign as something else."""

BUCKET_READS = {
    "location": "GetBucketLocation",
    "uploads": "ListBucketMultipartUploads",
    "versions": "ListBucketVersions",
}
SERVICES = {"sagemaker": "sagemaker", "emr-serverless": "emr-serverless", "scheduler": "scheduler"}
ROLE_FIELDS = ("RoleArn", "ExecutionRoleArn", "executionRoleArn")
NOUN = re.compile(r"(?:Create|Describe|Stop|Delete|Update|Start|Cancel|Get|Invoke)(\w+)")


@dataclass
class Enforcement:
    """What was asked, and refused.

    Attributes:
        policies: of the stack.
        principals: access key → logical ID, where they differ.
        url: of the proxy.
        operations: who asked for what, in order: (access key, "service:Operation").
        denied: each refusal: who, and what it took.
    """

    policies: StackPolicies
    principals: Mapping[str, str] = field(default_factory=dict)
    url: str = ""
    operations: list[tuple[str, str]] = field(default_factory=list)
    denied: list[str] = field(default_factory=list)

    def handle(self, asked: Asked, pass_on: Callable[[], Answer]) -> Answer:
        """Passes on what may be."""
        parameters: dict[str, Any] = {}
        key, region, service = _signed(asked)
        key = self.principals.get(key, key)
        if service == "s3":
            operation, needs = "", s3_needs(asked)
        else:
            operation, parameters = find_operation(service, asked)
            needs = service_needs(service, region, operation, parameters)
        self.operations.append((key, f"{service}:{operation or asked.method}"))
        checks = [(key, need) for need in needs if key in self.policies.resources]
        checks += [
            (self.policies.role(arn) or arn, need)
            for arn, need in as_the_role(operation, parameters, region)
        ]
        for who, need in checks:
            if not self.allows(who, need):
                return self.refuse(who, need, service)
        for arn in roles(parameters):
            if not self.policies.trusts(self.policies.role(arn), f"{service}.amazonaws.com"):
                return self.refuse(service, Need("sts:AssumeRole", arn), service)
        answer = pass_on()
        if service == "s3" and answer.status == 404 and key in self.policies.resources:
            for need in _missing_key(asked):
                if not self.allows(key, need):
                    return self.refuse(key, need, service)
        return answer

    def allows(self, who: str, need: Need) -> bool:
        """Whether a role or policy of the stack allows something."""
        return who in self.policies.resources and allows(self.policies.statements(who), need)

    def refuse(self, who: str, need: Need, service: str) -> Answer:
        """As the service says it."""
        self.denied.append(f"{who}: {need}")
        said = f"{who} is not authorized to perform: {need.action} on resource: {need.resource}"
        if service == "s3":
            body = f"<Error><Code>AccessDenied</Code><Message>{said}</Message></Error>"
            return Answer(403, {"Content-Type": "application/xml"}, body.encode())
        kind = {"Content-Type": "application/json", "x-amzn-ErrorType": "AccessDeniedException"}
        return Answer(
            403, kind, json.dumps({"__type": "AccessDeniedException", "message": said}).encode()
        )


@contextmanager
def enforcing_proxy(
    upstream: str, policies: StackPolicies, **principals: str
) -> Iterator[Enforcement]:
    """The proxy, for as long as the block runs; see `Enforcement` for the principals."""
    enforcement = Enforcement(policies, principals)
    with http_proxy(upstream, enforcement.handle) as enforcement.url:
        yield enforcement


def s3_needs(asked: Asked) -> list[Need]:
    """What a request to S3 takes, whose bucket is in the path."""
    bucket, key, query = _s3_place(asked)
    arn, headers = f"arn:aws:s3:::{bucket}", asked.headers
    if not key:
        if asked.method == "POST" and "delete" in query:
            keys = re.findall(rb"<Key>([^<]*)</Key>", asked.body)
            return [Need("s3:DeleteObject", f"{arn}/{each.decode()}") for each in keys]
        read = next((name for name in BUCKET_READS if name in query), "")
        action = BUCKET_READS.get(read, "ListBucket" if asked.method in "GET HEAD" else "Change")
        prefix = {"s3:prefix": query["prefix"]} if "prefix" in query else {}
        return [Need(f"s3:{action}", arn, prefix)]
    tagging = [Need(f"s3:{asked.method.title()}ObjectTagging", f"{arn}/{key}")]
    if "tagging" in query:
        return tagging
    actions = {"GET": "GetObject", "HEAD": "GetObject", "DELETE": "DeleteObject"}
    action = actions.get(asked.method, "PutObject")
    if "uploadId" in query and asked.method in ("GET", "DELETE"):
        reads = asked.method == "GET"
        action = "ListMultipartUploadParts" if reads else "AbortMultipartUpload"
    needs = [Need(f"s3:{action}", f"{arn}/{key}")]
    if source := headers.get("x-amz-copy-source"):
        needs.append(Need("s3:GetObject", f"arn:aws:s3:::{unquote(source).lstrip('/')}"))
    if headers.get("x-amz-tagging"):
        needs.append(Need("s3:PutObjectTagging", f"{arn}/{key}"))
    return needs


def _missing_key(asked: Asked) -> list[Need]:
    bucket, key, _ = _s3_place(asked)
    if not key or asked.method not in ("GET", "HEAD"):
        return []
    return [Need("s3:ListBucket", f"arn:aws:s3:::{bucket}", {"s3:prefix": key})]


def _s3_place(asked: Asked) -> tuple[str, str, dict[str, str]]:
    place = urlsplit(asked.path)
    bucket, _, key = unquote(place.path).lstrip("/").partition("/")
    return bucket, key, dict(parse_qsl(place.query, keep_blank_values=True))


def service_needs(service: str, region: str, operation: str, parameters: Any) -> list[Need]:
    """What an operation of another service takes: itself, tags, and the role that it passes."""
    if service == "sts":  # whoever one is, one may always ask
        return []
    arn = resource(service, region, operation, parameters)
    space = parameters.get("Namespace")
    needs = [
        Need(
            f"{'cloudwatch' if service == 'monitoring' else service}:{operation}",
            arn,
            {"cloudwatch:namespace": space} if space else {},
        )
    ]
    if parameters.get("Tags"):
        needs.append(Need(f"{service}:AddTags", arn))
    if parameters.get("tags"):
        needs.append(Need(f"{service}:TagResource", arn))
    return needs + [
        Need("iam:PassRole", role, {"iam:PassedToService": f"{service}.amazonaws.com"})
        for role in roles(parameters)
    ]


def roles(parameters: Any) -> set[str]:
    """ARNs of the roles that are passed, however deep."""
    if isinstance(parameters, list):
        return {role for each in parameters for role in roles(each)}
    if not isinstance(parameters, dict):
        return set()
    own = {parameters[name] for name in ROLE_FIELDS if parameters.get(name)}
    return own | {role for each in parameters.values() for role in roles(each)}


def resource(service: str, region: str, operation: str, parameters: Any) -> str:
    """What an operation is about; * where the service has nothing narrower."""
    here = f"arn:aws:{service}:{region}:{NUMBER}"
    if service == "sagemaker":
        if arn := parameters.get("ResourceArn"):
            return str(arn)
        if operation == "CreateModelPackage":  # a version, which is named by its group
            return f"{here}:model-package/{parameters['ModelPackageGroupName']}/1"
        match = NOUN.fullmatch(operation)
        noun = match[1] if match else ""
        if name := parameters.get(f"{noun}Name"):
            return f"{here}:{xform_name(noun).replace('_', '-')}/{name.lower()}"
    if service == "emr-serverless" and "applicationId" in parameters:
        run = f"/jobruns/{parameters['jobRunId']}" if "jobRunId" in parameters else ""
        return f"{here}:/applications/{parameters['applicationId']}{run}"
    if service == "scheduler":
        return f"{here}:schedule/{parameters.get('GroupName', 'default')}/{parameters['Name']}"
    if service == "logs":
        stream = parameters.get("logStreamName")
        end = f":log-stream:{stream}" if stream else ""
        return f"{here}:log-group:{parameters.get('logGroupName', '')}{end}"
    if service == "iam" and "RoleName" in parameters:
        return f"arn:aws:iam::{NUMBER}:role/{parameters['RoleName']}"
    return "*"


def find_operation(service: str, asked: Asked) -> tuple[str, dict[str, Any]]:
    """Name and parameters of an operation, by botocore's model of the service."""
    path = unquote(urlsplit(asked.path).path)
    target = asked.headers.get("x-amz-target", "") or path.rpartition("/operation/")[2]
    if "x-amz-target" in asked.headers or "/operation/" in path:
        is_json = "json" in asked.headers.get("content-type", "")
        return target.rpartition(".")[2], json.loads(asked.body or b"{}") if is_json else {}
    if asked.body.startswith(b"Action=") or b"&Action=" in asked.body:
        form = dict(parse_qsl(asked.body.decode()))
        return form["Action"], form
    for name in (service, "sagemaker-runtime"):
        for operation, method, pattern in _routes(BOTO_NAMES.get(name, name)):
            match = pattern.fullmatch(path)
            if match and method == asked.method:
                is_json = asked.body[:1] == b"{" and name == service
                body = json.loads(asked.body) if is_json else {}
                return operation, body | match.groupdict()
    raise AssertionError(f"{service}: {asked.method} {path}")


@cache
def _routes(service: str) -> list[tuple[str, str, re.Pattern[str]]]:
    """Operations of a service that goes by paths."""
    model = ServiceModel(Loader().load_service_model(service, "service-2"))
    operations = map(model.operation_model, model.operation_names)
    return [
        (each.name, each.http["method"], re.compile(_pattern(each.http["requestUri"])))
        for each in operations
    ]


def _pattern(uri: str) -> str:
    place = re.escape(uri.partition("?")[0]).replace(r"\{", "{").replace(r"\}", "}")
    return re.sub(r"\{(\w+)(?:\\\+)?\}", r"(?P<\1>[^/]+)", place).rstrip("/") + "/?"


def _signed(asked: Asked) -> tuple[str, str, str]:
    match = CREDENTIAL.search(asked.headers.get("authorization", ""))
    return (match[1], match[2], match[3]) if match else ("", "", "s3")
