"""Who may be the role, what it may do, and what its callers may: as the template makes them."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from botocore import xform_name
from botocore.loaders import Loader
from stack_policies import NUMBER, REGION, StackPolicies

from aws.role_paths import LOGS, READ, WRITTEN
from aws.stack import TEMPLATE
from blazingtext.jobs import job_corpus
from deploy import tables
from etl.text.blogs import age_group

ROOT = Path(__file__).parents[2]
HERE = f"{REGION}:{NUMBER}"
KEY = f"arn:aws:kms:{HERE}:key/abc"
ROLE = f"arn:aws:iam::{NUMBER}:role/blazing-corpus"
INLINE_LIMIT, MANAGED_LIMIT, BODY_LIMIT = 10_240, 6_144, 51_200
"""Characters of all inline policies of a role, of a managed policy ("IAM and STS quotas"); bytes of
a template that is sent along ("CloudFormation quotas")."""

Statements = dict[str, dict[str, Any]]


class Policies(NamedTuple):
    """Statements by their `Sid`."""

    role: Statements
    build: Statements
    scheduler: Statements
    caller: Statements


def made_of(**parameters: str) -> Policies:
    """Of a stack of these parameters."""
    stack = StackPolicies({"BucketName": "blogs"} | parameters)
    names = ("Role", "BuildRole", "SchedulerRole", "CallerPolicy")
    return Policies(*(by_sid(stack.statements(name)) for name in names))


def by_sid(found: list[dict[str, Any]]) -> Statements:
    statements = {statement["Sid"]: statement for statement in found}
    assert len(statements) == len(found)
    return statements


@pytest.fixture(scope="module")
def made():
    """Of a stack as it is by default."""
    return made_of()


@pytest.fixture(scope="module")
def with_all():
    """With a key, a VPC, one more prefix, and the longest names."""
    extra = {"KmsKeyArn": KEY, "ExtraPrefix": "trials/x", "VpcId": "vpc-1"}
    return made_of(**extra, BucketName="b" * 63, RoleName="r" * 54)


@pytest.mark.parametrize(
    ("role", "service"),
    [("Role", "sagemaker"), ("BuildRole", "emr-serverless"), ("SchedulerRole", "scheduler")],
)
def test_one_service_becomes_a_role_and_only_for_this_account(role, service, made):
    stack = StackPolicies({"BucketName": "blogs", "RolePath": "/team/"})
    [trust] = stack.properties(role)["AssumeRolePolicyDocument"]["Statement"]
    del trust["Sid"]
    assert trust == {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": NUMBER}},
    }
    ending = {"Role": "", "BuildRole": "-build", "SchedulerRole": "-scheduler"}[role]
    assert f"{ROLE}{ending}" in made.caller["PassRole"]["Resource"]
    assert stack.get_att(f"{role}.Arn") == f"arn:aws:iam::{NUMBER}:role/team/blazing-corpus{ending}"


def test_the_caller_passes_the_roles_to_their_services_only(made):
    services = [f"{name}.amazonaws.com" for name in ("sagemaker", "emr-serverless", "scheduler")]
    condition = {"StringEquals": {"iam:PassedToService": services}}
    assert made.caller["PassRole"]["Condition"] == condition
    assert len(made.caller["PassRole"]["Resource"]) == 3


def test_a_boundary_is_that_of_every_role():
    boundary = f"arn:aws:iam::{NUMBER}:policy/limit"
    stack = StackPolicies({"BucketName": "blogs", "PermissionsBoundaryArn": boundary})
    roles = [name for name, each in stack.resources.items() if each["Type"] == "AWS::IAM::Role"]
    assert [stack.properties(role)["PermissionsBoundary"] for role in roles] == [boundary] * 4
    assert "PermissionsBoundary" not in StackPolicies({"BucketName": "b"}).properties("Role")


def test_roles_and_caller_keep_to_the_prefixes(made, with_all):
    prefixes = [name for prefix in (*READ, *WRITTEN) for name in (prefix, f"{prefix}/*")]
    for policy in (made.role, made.build, made.caller):
        condition = policy["ListPrefixes"]["Condition"]
        assert sorted(condition["StringLike"]["s3:prefix"]) == sorted(prefixes)
        assert policy["ListPrefixes"]["Action"] == "s3:ListBucket"
        assert policy["Read"]["Action"] == ["s3:GetObject", "s3:GetObjectTagging"]
        # Of a prefix itself only Hadoop asks whether there is an object of its name.
        shown = prefixes if policy is not made.caller else prefixes[1::2]
        assert sorted(policy["Read"]["Resource"]) == sorted(
            f"arn:aws:s3:::blogs/{name}" for name in shown
        )
        assert policy["FindBucket"]["Resource"] == "arn:aws:s3:::blogs"
        assert policy["Write"]["Action"] == [
            *("s3:PutObject", "s3:PutObjectTagging", "s3:DeleteObject"),
            *("s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"),
        ]
    written = {f"arn:aws:s3:::blogs/{name}/*" for name in (*WRITTEN, LOGS)}
    assert set(made.role["Write"]["Resource"]) == set(made.build["Write"]["Resource"]) == written
    assert set(made.caller["Write"]["Resource"]) == {
        f"arn:aws:s3:::blogs/{name}/*" for name in (*READ, *WRITTEN)
    }
    assert made.caller["SeeBucket"]["Condition"] == {"Null": {"s3:prefix": "true"}}
    assert job_corpus.CORPORA in WRITTEN
    for policy in (with_all.role, with_all.caller):
        arn = f"arn:aws:s3:::{'b' * 63}/trials/x"
        assert policy["Read"]["Resource"][-1] == f"{arn}/*"
        assert policy["Write"]["Resource"][-1] == f"{arn}/*"
        shown = policy["ListPrefixes"]["Condition"]["StringLike"]["s3:prefix"]
        assert shown[-2:] == ["trials/x", "trials/x/*"]


def test_where_all_else_is_allowed(made):
    """For everything only where AWS has no resources, or allows it for all of them or none."""
    jobs = ("training-job/*", "hyper-parameter-tuning-job/*", "processing-job/*")
    served = [f"{kind}/blazing-corpus-*" for kind in ("model", "endpoint-config", "endpoint")]
    sagemaker, group = (
        f"arn:aws:sagemaker:{HERE}",
        f"arn:aws:logs:{HERE}:log-group:/aws/sagemaker/*",
    )
    images = [f"{REGION}:*:repository/blazingtext", f"{HERE}:repository/blazing-corpus*"]
    statements = made.role | made.build | made.scheduler | made.caller
    ours = ("ListPrefixes", "SeeBucket", "FindBucket", "Read", "Write", "PassRole")
    found = {sid: each["Resource"] for sid, each in statements.items() if sid not in ours}
    assert found == {
        "WriteLogs": group,
        "WriteMetrics": "*",
        "LogInToRegistry": "*",
        "PullImages": [f"arn:aws:ecr:{image}" for image in images],
        "DeleteExpiredEndpoints": f"{sagemaker}:{served[-1]}",
        "SeeRole": ROLE,
        "RunJobs": [f"{sagemaker}:{kind}" for kind in jobs],
        "ListJobs": "*",
        "ServeVectors": [f"{sagemaker}:{name}" for name in served],
        "RegisterModels": [f"{sagemaker}:model-package*/blazing-corpus*"],
        "ReadLogs": group,
        "ReadMetrics": "*",
        "RunOnEmrServerless": f"arn:aws:emr-serverless:{HERE}:/applications/*",
        "ScheduleDeletion": f"arn:aws:scheduler:{HERE}:schedule/*/blazing-corpus-*",
    }
    spaces = [f"/aws/sagemaker/{name}" for name in ("TrainingJobs", "ProcessingJobs", "Endpoints")]
    condition = {"StringEquals": {"cloudwatch:namespace": spaces}}
    assert statements["WriteMetrics"]["Condition"] == condition
    assert statements["DeleteExpiredEndpoints"]["Action"] == "sagemaker:DeleteEndpoint"
    logs = ("CreateLogGroup", "CreateLogStream", "DescribeLogStreams", "PutLogEvents")
    assert statements["WriteLogs"]["Action"] == [f"logs:{name}" for name in logs]
    pull = ("BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer")
    assert statements["PullImages"]["Action"] == [f"ecr:{name}" for name in pull]
    assert made.scheduler.keys() == {"DeleteExpiredEndpoints"}
    assert made.build.keys() == {"ListPrefixes", "FindBucket", "Read", "Write"}


def test_the_key_is_for_those_who_have_one(made, with_all):
    assert with_all.build.keys() - made.build.keys() == {"UseKey"}
    assert with_all.role.keys() - made.role.keys() == {"UseKey", "EncryptDisks", "WorkInVpc"}
    assert with_all.caller.keys() - made.caller.keys() == {"UseKey", "EncryptDisks"}
    for policy in (with_all.role, with_all.caller):
        assert policy["UseKey"]["Resource"] == policy["EncryptDisks"]["Resource"] == KEY
        condition = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
        assert policy["EncryptDisks"]["Condition"] == condition


SERVICES = {
    "sagemaker": "sagemaker",
    "sagemaker-runtime": "sagemaker",
    "emr-serverless": "emr-serverless",
    "scheduler": "scheduler",
    "logs": "logs",
    "cloudwatch": "cloudwatch",
}
"""boto3's names of the services that jobs are started and watched by, and those of IAM."""


def calls() -> Iterator[tuple[str, str]]:
    """Service and operation of all that our code asks of those services."""
    folders = [ROOT / name for name in ("aws", "blazingtext", "jobs")]
    code = "\n".join(path.read_text() for folder in folders for path in folder.rglob("*.py"))
    words = set(re.findall(r"\.(\w+)\(|\"(\w+)\"", code))
    names = {name for pair in words for name in pair if name}
    for service, prefix in SERVICES.items():
        for operation in Loader().load_service_model(service, "service-2")["operations"]:
            if xform_name(operation) in names - {"search"}:
                yield prefix, operation


def test_the_caller_may_do_what_the_code_asks_for(made):
    allowed = {
        action
        for statement in made.caller.values()
        for action in ([statement["Action"]] * isinstance(statement["Action"], str))
        or statement["Action"]
    }
    asked = {f"{service}:{operation}" for service, operation in calls()}
    assert {"sagemaker:CreateProcessingJob", "emr-serverless:StartJobRun"} <= asked
    assert asked - allowed == set()
    assert "sagemaker:Search" in allowed


def test_a_role_that_is_there_is_the_one_to_be_passed():
    theirs = f"arn:aws:iam::{NUMBER}:role/team/theirs"
    found = made_of(ExistingRoleArn=theirs)
    assert found.caller["PassRole"]["Resource"] == [theirs]


def test_all_is_short_enough(with_all):
    shortest = partial(json.dumps, separators=(",", ":"))
    assert len(shortest(list(with_all.role.values()))) < INLINE_LIMIT
    assert len(shortest(list(with_all.caller.values()))) + 60 < MANAGED_LIMIT
    assert len(TEMPLATE.read_bytes()) < BODY_LIMIT


def test_the_guide_has_a_line_for_each_statement_of_the_callers_and_each_parameter(with_all):
    guide = (ROOT / "docs" / "aws-setup.md").read_text()
    roles, caller = guide.split("## What you need yourself")
    assert set(re.findall(r"^\| `(\w+)` \|", caller, re.MULTILINE)) == with_all.caller.keys()
    with_options = {"BucketName", "RoleName", "ExistingRoleArn", "KmsKeyArn", "CreateKmsKey"}
    with_options |= {"KmsAlias", "ExtraPrefix"}
    named = set(
        re.findall(r"`(\w+)`", "".join(re.findall(r"^\| `[A-Z].*?\|", roles, re.MULTILINE)))
    )
    assert named == StackPolicies({}).parameters - with_options


def test_other_partitions_get_into_the_arns():
    assert '"arn:aws:' not in TEMPLATE.read_text()


def test_the_tables_are_those_of_the_schemas():
    text = TEMPLATE.read_text()
    for name, columns in tables.TABLES.items():
        assert tables.table(name, columns) in text
    table = StackPolicies({"BucketName": "blogs"}).properties("PostsTable")["TableInput"]
    folders = "posts/gender=${gender}/age_group=${age_group}/"
    assert table["Parameters"]["storage.location.template"] == f"s3://blogs/corpus/{folders}"
    decades = table["Parameters"]["projection.age_group.values"].split(",")
    assert {age_group(age) for age in (13, 27, 48, 99)} <= set(decades)


def test_cfn_lint_has_nothing_to_say():
    """It knows every action of every service, which resources it takes, and types' properties."""
    pytest.importorskip("cfnlint", reason="cfn-lint is not installed")
    program = "from cfnlint.runner import main; main()"
    command = [sys.executable, "-c", program, "--include-checks", "I", "--", str(TEMPLATE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
