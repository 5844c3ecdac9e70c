"""Who may be the role, what it may do, and what its callers may: as the template makes them."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pytest
from botocore import xform_name
from botocore.loaders import Loader
from moto import mock_aws
from moto_account import isolate
from moto_stacks import NUMBER, REGION, mend

from aws.stack import TEMPLATE, Stack
from blazingtext.jobs import job_corpus

ROOT = Path(__file__).parents[2]
HERE = f"{REGION}:{NUMBER}"
KEY = f"arn:aws:kms:{HERE}:key/abc"
ROLE = f"arn:aws:iam::{NUMBER}:role/blazing-corpus"
BOTH, WRITTEN = ("input", "code"), ("corpora", "corpus", "models", "runs")
INLINE_LIMIT, MANAGED_LIMIT, BODY_LIMIT = 10_240, 6_144, 51_200
"""Characters of all inline policies of a role, of a managed policy ("IAM and STS quotas"); bytes of
a template that is sent along ("CloudFormation quotas")."""

Statements = dict[str, dict[str, Any]]


class Policies(NamedTuple):
    """Statements by their `Sid`."""

    trust: Statements
    role: Statements
    caller: Statements


def made_of(folder: Path, **parameters: str) -> Policies:
    """What a new stack of these parameters makes."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        isolate(patch, folder, REGION)
        mend(patch)
        stack = Stack("blazing-corpus")
        stack.deploy({"BucketName": "blogs"} | parameters, {}, dry_run=False)
        iam: Any = boto3.client("iam")
        name, arn = parameters.get("RoleName", "blazing-corpus"), stack.outputs()["CallerPolicyArn"]
        trust: Any = {"Statement": []}
        inline: Any = trust
        if "ExistingRoleArn" not in parameters:
            trust = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
            found = iam.get_role_policy(RoleName=name, PolicyName="blazing-corpus")
            inline = ast.literal_eval(found["PolicyDocument"])  # moto's way to write it
        managed = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"]
    return Policies(*map(by_sid, (trust, inline, managed)))


def by_sid(policy: Any) -> Statements:
    found = {statement["Sid"]: statement for statement in policy["Statement"]}
    assert len(found) == len(policy["Statement"])
    return found


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Of a stack as it is by default."""
    return made_of(tmp_path_factory.mktemp("aws"))


@pytest.fixture(scope="module")
def with_all(tmp_path_factory):
    """With a key, one more prefix, and the longest names."""
    extra = {"KmsKeyArn": KEY, "ExtraPrefix": "trials/x"}
    long = {"BucketName": "b" * 63, "RoleName": "r" * 64}
    return made_of(tmp_path_factory.mktemp("aws"), **extra, **long)


def test_only_the_services_and_only_for_this_account_become_the_role(made):
    services = [f"{name}.amazonaws.com" for name in ("sagemaker", "emr-serverless", "scheduler")]
    assert list(made.trust.values()) == [
        {
            "Sid": "ServicesOfThisAccount",
            "Effect": "Allow",
            "Principal": {"Service": services},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": NUMBER}},
        }
    ]
    assert made.caller["PassRole"] == {
        "Sid": "PassRole",
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": ROLE,
        "Condition": {"StringEquals": {"iam:PassedToService": services}},
    }


def test_role_and_caller_keep_to_the_prefixes(made, with_all):
    prefixes = [name for prefix in (*BOTH, *WRITTEN) for name in (prefix, f"{prefix}/*")]
    for policy in (made.role, made.caller):
        condition = policy["ListPrefixes"]["Condition"]
        assert sorted(condition["StringLike"]["s3:prefix"]) == sorted(prefixes)
        assert policy["ListPrefixes"]["Action"] == "s3:ListBucket"
        assert policy["Read"]["Action"] == ["s3:GetObject", "s3:GetObjectTagging"]
        assert sorted(policy["Read"]["Resource"]) == sorted(
            f"arn:aws:s3:::blogs/{name}" for name in prefixes
        )
        assert policy["FindBucket"]["Resource"] == "arn:aws:s3:::blogs"
        assert policy["Write"]["Action"] == [
            *("s3:PutObject", "s3:PutObjectTagging", "s3:DeleteObject"),
            *("s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"),
        ]
    written = {f"arn:aws:s3:::blogs/{name}/*" for name in (*WRITTEN, "code/logs")}
    assert set(made.role["Write"]["Resource"]) == written
    assert set(made.caller["Write"]["Resource"]) == {
        f"arn:aws:s3:::blogs/{name}/*" for name in (*BOTH, *WRITTEN)
    }
    assert job_corpus.CORPORA in WRITTEN
    for policy in (with_all.role, with_all.caller):
        arn = f"arn:aws:s3:::{'b' * 63}/trials/x"
        assert policy["Read"]["Resource"][-2:] == [arn, f"{arn}/*"]
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
    statements = made.role | made.caller
    ours = ("ListPrefixes", "FindBucket", "Read", "Write")
    found = {sid: each["Resource"] for sid, each in statements.items() if sid not in ours}
    assert found == {
        "WriteLogs": group,
        "WriteMetrics": "*",
        "LogInToRegistry": "*",
        "PullImages": [f"arn:aws:ecr:{image}" for image in images],
        "DeleteExpiredEndpoints": f"{sagemaker}:{served[-1]}",
        "PassRole": ROLE,
        "SeeRole": ROLE,
        "RunJobs": [f"{sagemaker}:{kind}" for kind in jobs],
        "ListJobs": "*",
        "ServeVectors": [f"{sagemaker}:{name}" for name in served],
        "ReadLogs": group,
        "ReadMetrics": "*",
        "RunOnEmrServerless": f"arn:aws:emr-serverless:{HERE}:/applications/*",
        "ScheduleDeletion": f"arn:aws:scheduler:{HERE}:schedule/*/blazing-corpus-*",
    }
    spaces = ["/aws/sagemaker/TrainingJobs", "/aws/sagemaker/ProcessingJobs"]
    condition = {"StringEquals": {"cloudwatch:namespace": spaces}}
    assert statements["WriteMetrics"]["Condition"] == condition
    assert statements["DeleteExpiredEndpoints"]["Action"] == "sagemaker:DeleteEndpoint"
    logs = ("CreateLogGroup", "CreateLogStream", "DescribeLogStreams", "PutLogEvents")
    assert statements["WriteLogs"]["Action"] == [f"logs:{name}" for name in logs]
    pull = ("BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer")
    assert statements["PullImages"]["Action"] == [f"ecr:{name}" for name in pull]


def test_the_key_is_for_those_who_have_one(made, with_all):
    for without, policy in ((made.role, with_all.role), (made.caller, with_all.caller)):
        assert policy.keys() - without.keys() == {"UseKey", "EncryptDisks"}
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


def test_a_role_that_is_there_is_the_one_to_be_passed(tmp_path):
    theirs = f"arn:aws:iam::{NUMBER}:role/team/theirs"
    found = made_of(tmp_path, ExistingRoleArn=theirs)
    assert (found.role, found.caller["PassRole"]["Resource"]) == ({}, theirs)


def test_all_is_short_enough(with_all):
    shortest = partial(json.dumps, separators=(",", ":"))
    assert len(shortest(list(with_all.role.values()))) < INLINE_LIMIT
    assert len(shortest(list(with_all.caller.values()))) + 60 < MANAGED_LIMIT
    assert len(TEMPLATE.read_bytes()) < BODY_LIMIT


def test_the_guide_has_a_line_for_each_statement_of_the_callers(with_all):
    guide = (ROOT / "docs" / "aws-setup.md").read_text()
    assert set(re.findall(r"^\| `(\w+)` \|", guide, re.MULTILINE)) == with_all.caller.keys()


def test_other_partitions_get_into_the_arns():
    assert '"arn:aws:' not in TEMPLATE.read_text()


def test_cfn_lint_has_nothing_to_say():
    """It knows every action of every service, which resources it takes, and types' properties."""
    pytest.importorskip("cfnlint", reason="cfn-lint is not installed")
    program = "from cfnlint.runner import main; main()"
    command = [sys.executable, "-c", program, "--include-checks", "I", "--", str(TEMPLATE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
