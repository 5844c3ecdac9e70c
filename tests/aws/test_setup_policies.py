"""Policies statement by statement, and the CloudFormation template, which must say the same."""

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from aws.setup import bucket, key, role
from aws.setup.caller_policy import caller_policy
from aws.setup.policies import SERVICES, role_policy, trust_policy
from aws.setup.wanted import KMS_ALIAS, Account, Wanted, check_names
from blazingtext import corpus_object
from storage.errors import RequestError

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "deploy" / "cloudformation.yaml"
ACCOUNT = Account("123456789012", "eu-west-1")
KEY = ACCOUNT.arn("kms", "key/abc")
WANTED = Wanted(ACCOUNT, "blogs")
WITH_KEY = Wanted(ACCOUNT, "blogs", kms_key=KEY)
INLINE_LIMIT, MANAGED_LIMIT = 10_240, 6_144
"""Characters of all inline policies of a role, of a managed policy ("IAM and STS quotas")."""


def statements(policy: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = {statement["Sid"]: statement for statement in policy["Statement"]}
    assert len(found) == len(policy["Statement"])
    return found


def test_only_the_services_and_only_for_this_account_become_the_role() -> None:
    assert trust_policy(ACCOUNT) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "ServicesOfThisAccount",
                "Effect": "Allow",
                "Principal": {
                    "Service": [
                        "sagemaker.amazonaws.com",
                        "emr-serverless.amazonaws.com",
                        "scheduler.amazonaws.com",
                    ]
                },
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
            }
        ],
    }


def test_the_role_keeps_to_its_prefixes() -> None:
    wanted = Wanted(ACCOUNT, "blogs", ("input",), ("corpus",))
    found = statements(role_policy(wanted))
    assert found["ListPrefixes"] == {
        "Sid": "ListPrefixes",
        "Effect": "Allow",
        "Action": "s3:ListBucket",
        "Resource": "arn:aws:s3:::blogs",
        "Condition": {"StringLike": {"s3:prefix": ["input", "input/*", "corpus", "corpus/*"]}},
    }
    assert found["Read"]["Action"] == ["s3:GetObject", "s3:GetObjectTagging"]
    assert found["Read"]["Resource"] == [
        "arn:aws:s3:::blogs/input",
        "arn:aws:s3:::blogs/input/*",
        "arn:aws:s3:::blogs/corpus",
        "arn:aws:s3:::blogs/corpus/*",
    ]
    assert found["Write"]["Action"] == [
        "s3:PutObject",
        "s3:PutObjectTagging",
        "s3:DeleteObject",
        "s3:AbortMultipartUpload",
        "s3:ListMultipartUploadParts",
    ]
    assert found["Write"]["Resource"] == ["arn:aws:s3:::blogs/corpus/*"]
    assert found["FindBucket"]["Resource"] == "arn:aws:s3:::blogs"


def test_the_role_may_read_corpora_that_training_uploads_and_write_those_of_the_dag() -> None:
    assert corpus_object.FOLDER in WANTED.write_prefixes


def test_logs_metrics_images_and_endpoints() -> None:
    found = statements(role_policy(WANTED))
    here = "eu-west-1:123456789012"
    assert found["WriteLogs"]["Resource"] == f"arn:aws:logs:{here}:log-group:/aws/sagemaker/*"
    assert found["WriteLogs"]["Action"] == [
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:DescribeLogStreams",
        "logs:PutLogEvents",
    ]
    assert found["WriteMetrics"]["Condition"] == {
        "StringEquals": {
            "cloudwatch:namespace": [
                "/aws/sagemaker/TrainingJobs",
                "/aws/sagemaker/ProcessingJobs",
            ]
        }
    }
    assert found["PullImages"]["Resource"] == [
        "arn:aws:ecr:eu-west-1:*:repository/blazingtext",
        f"arn:aws:ecr:{here}:repository/blazing-corpus*",
    ]
    assert found["DeleteExpiredEndpoints"]["Action"] == "sagemaker:DeleteEndpoint"
    assert found["DeleteExpiredEndpoints"]["Resource"] == (
        f"arn:aws:sagemaker:{here}:endpoint/blazing-corpus-*"
    )


def test_everything_is_allowed_only_where_aws_has_no_resources() -> None:
    for_all = [
        one["Action"] for one in role_policy(WITH_KEY)["Statement"] if one["Resource"] == "*"
    ]
    assert for_all == ["cloudwatch:PutMetricData", "ecr:GetAuthorizationToken"]


def test_the_key_is_for_those_who_have_one() -> None:
    without, found = statements(role_policy(WANTED)), statements(role_policy(WITH_KEY))
    assert found.keys() - without.keys() == {"UseKey", "EncryptDisks"}
    assert found["UseKey"]["Resource"] == found["EncryptDisks"]["Resource"] == KEY
    assert found["EncryptDisks"]["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}


def test_the_caller_may_pass_this_role_to_these_services_only() -> None:
    found = statements(caller_policy(WANTED))
    assert found["PassRole"] == {
        "Sid": "PassRole",
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": "arn:aws:iam::123456789012:role/blazing-corpus",
        "Condition": {"StringEquals": {"iam:PassedToService": list(SERVICES)}},
    }


def test_the_caller_may_do_what_the_jobs_do() -> None:
    found = statements(caller_policy(WANTED))
    here = "eu-west-1:123456789012"
    assert found["RunJobs"]["Action"] == [
        *("sagemaker:CreateTrainingJob", "sagemaker:DescribeTrainingJob"),
        *("sagemaker:StopTrainingJob", "sagemaker:CreateHyperParameterTuningJob"),
        *("sagemaker:DescribeHyperParameterTuningJob", "sagemaker:StopHyperParameterTuningJob"),
        *("sagemaker:CreateProcessingJob", "sagemaker:DescribeProcessingJob"),
        *("sagemaker:StopProcessingJob", "sagemaker:AddTags", "sagemaker:ListTags"),
    ]
    assert found["RunJobs"]["Resource"] == [
        f"arn:aws:sagemaker:{here}:training-job/*",
        f"arn:aws:sagemaker:{here}:hyper-parameter-tuning-job/*",
        f"arn:aws:sagemaker:{here}:processing-job/*",
    ]
    assert "sagemaker:Search" in found["ListJobs"]["Action"]
    assert found["ReadLogs"]["Action"] == [
        "logs:DescribeLogStreams",
        "logs:FilterLogEvents",
        "logs:GetLogEvents",
    ]
    assert "emr-serverless:StartJobRun" in found["RunOnEmrServerless"]["Action"]
    assert found["RunOnEmrServerless"]["Resource"] == (
        f"arn:aws:emr-serverless:{here}:/applications/*"
    )
    assert found["ScheduleDeletion"]["Resource"] == (
        f"arn:aws:scheduler:{here}:schedule/*/blazing-corpus-*"
    )
    assert "arn:aws:s3:::blogs/input/*" in found["Write"]["Resource"]
    assert statements(caller_policy(WITH_KEY))["UseKey"]["Resource"] == KEY


def test_other_partitions_and_paths_get_into_the_arns() -> None:
    wanted = Wanted(
        Account("123456789012", "cn-north-1", "aws-cn"),
        "blogs",
        role_arn="arn:aws-cn:iam::123456789012:role/team/x",
    )
    text = json.dumps([role_policy(wanted), caller_policy(wanted)])
    assert '"arn:aws:' not in text
    assert statements(caller_policy(wanted))["PassRole"]["Resource"].endswith(":role/team/x")


def test_the_policies_are_short_enough() -> None:
    assert len(json.dumps(role_policy(WITH_KEY))) < INLINE_LIMIT
    assert len(json.dumps(caller_policy(WITH_KEY), separators=(",", ":"))) < MANAGED_LIMIT


def test_all_wrong_names_are_told_at_once() -> None:
    with pytest.raises(RequestError) as error:
        check_names("B", ("a/", "ok"), "a b", "x", {"aws:x": "1"})
    assert str(error.value) == (
        "not a name that can be used: bucket B, prefix 'a/', role a b, KMS alias x, tag aws:x"
    )
    check_names("my.blogs-1", ("a/b c", "x=1"), "a.b@c", KMS_ALIAS, {"user:application": "b"})


def test_the_guide_shows_statements_of_this_policy() -> None:
    guide = (ROOT / "docs" / "aws-setup.md").read_text()
    [shown] = re.findall(r"```json\n(\{.*?\n\})\n```", guide, re.DOTALL)
    account = Account("111122223333", "eu-west-1")
    found = statements(caller_policy(Wanted(account, "my-blogs")))
    parts = statements(json.loads(shown))
    assert parts.keys() == {"PassRole", "RunJobs", "ReadLogs", "RunOnEmrServerless"}
    assert all(found[sid] == part for sid, part in parts.items())
    table = re.findall(r"^\| `(\w+)` \|", guide, re.MULTILINE)
    assert set(table) == found.keys() | {"UseKey", "EncryptDisks"}


# The template


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    yaml: Any = importlib.import_module("yaml")  # there are no types for it here

    class Loader(yaml.SafeLoader):  # type: ignore[misc]
        """YAML with CloudFormation's short forms."""

    def long_form(loader: Any, name: str, node: Any) -> dict[str, Any]:
        if isinstance(node, yaml.ScalarNode):
            value: Any = loader.construct_scalar(node)
        else:
            value = loader.construct_sequence(node, deep=True)
        if name == "GetAtt":
            value = value.split(".")
        return {name if name in ("Ref", "Condition") else f"Fn::{name}": value}

    Loader.add_multi_constructor("!", long_form)
    loaded: dict[str, Any] = yaml.load(TEMPLATE.read_text(), Loader)
    return loaded


class Stack:
    """Works out what a template comes to, as far as this one needs it."""

    def __init__(self, template: dict[str, Any], **parameters: str) -> None:
        defaults = {name: one.get("Default") for name, one in template["Parameters"].items()}
        self.names = defaults | parameters
        self.names |= {
            "AWS::AccountId": ACCOUNT.number,
            "AWS::Partition": ACCOUNT.partition,
            "AWS::Region": ACCOUNT.region,
        }
        self.conditions = template["Conditions"]
        self.resources = template["Resources"]

    def resource(self, name: str) -> dict[str, Any] | None:
        found = self.resources[name]
        if "Condition" in found and not self.holds({"Condition": found["Condition"]}):
            return None
        properties: dict[str, Any] = self.value(found["Properties"])
        return properties

    def value(self, node: Any) -> Any:
        if isinstance(node, list):
            values = [self.value(one) for one in node if not self._is_nothing(one)]
            return values
        if not isinstance(node, dict):
            return node
        match list(node.items()):
            case [("Ref", name)]:
                return self.names[name]
            case [("Fn::Sub", text)]:
                return re.sub(r"\$\{([^}]+)\}", lambda match: self.names[match[1]], text)
            case [("Fn::GetAtt", [resource, "Arn"])]:
                return {"Key": KEY}[resource]
            case [("Fn::If", [condition, then, otherwise])]:
                return self.value(then if self.holds({"Condition": condition}) else otherwise)
        return {name: self.value(one) for name, one in node.items()}

    def holds(self, node: dict[str, Any]) -> bool:
        [(name, value)] = node.items()
        match name:
            case "Condition":
                return self.holds(self.conditions[value])
            case "Fn::Equals":
                left, right = (self.value(one) for one in value)
                return bool(left == right)
            case "Fn::Not":
                return not self.holds(value[0])
        return {"Fn::And": all, "Fn::Or": any}[name](self.holds(one) for one in value)

    def _is_nothing(self, node: Any) -> bool:
        if node == {"Ref": "AWS::NoValue"}:
            return True
        if not (isinstance(node, dict) and "Fn::If" in node):
            return False
        condition, then, otherwise = node["Fn::If"]
        return self._is_nothing(then if self.holds({"Condition": condition}) else otherwise)


NO_KEY: dict[str, str] = {}
NEW_KEY, GIVEN_KEY = {"CreateKmsKey": "true"}, {"KmsKeyArn": KEY}


@pytest.mark.parametrize(
    ("parameters", "wanted"), [(NO_KEY, WANTED), (NEW_KEY, WITH_KEY), (GIVEN_KEY, WITH_KEY)]
)
def test_the_templates_role_is_ours(
    template: dict[str, Any], parameters: dict[str, str], wanted: Wanted
) -> None:
    made = Stack(template, BucketName="blogs", **parameters).resource("Role")
    assert made is not None
    [step] = role.make(wanted, None)
    create, _, permit = step.calls
    assert made["RoleName"] == create.arguments["RoleName"]
    assert made["Description"] == create.arguments["Description"]
    assert made["AssumeRolePolicyDocument"] == trust_policy(ACCOUNT)
    assert made["Policies"] == [
        {"PolicyName": permit.arguments["PolicyName"], "PolicyDocument": role_policy(wanted)}
    ]


@pytest.mark.parametrize(
    ("parameters", "wanted"), [(NO_KEY, WANTED), (NEW_KEY, WITH_KEY), (GIVEN_KEY, WITH_KEY)]
)
def test_the_templates_bucket_is_ours(
    template: dict[str, Any], parameters: dict[str, str], wanted: Wanted
) -> None:
    made = Stack(template, BucketName="blogs", **parameters).resource("Bucket")
    assert made is not None
    [step] = bucket.make(wanted, None)
    requests = {call.operation: call.arguments for call in step.calls}
    assert made["BucketName"] == "blogs"
    public = requests["put_public_access_block"]["PublicAccessBlockConfiguration"]
    assert made["PublicAccessBlockConfiguration"] == public
    versioning = requests["put_bucket_versioning"]["VersioningConfiguration"]
    assert made["VersioningConfiguration"] == versioning
    [theirs] = made["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    [ours] = bucket.encryption(wanted.kms_key)["Rules"]
    assert theirs == {  # CloudFormation has a name of its own for it
        name.replace("ApplyServerSideEncryption", "ServerSideEncryption"): value
        for name, value in ours.items()
    }
    [rule] = made["LifecycleConfiguration"]["Rules"]
    [own] = bucket.LIFECYCLE["Rules"]
    assert rule == {
        "Id": own["ID"],
        "Status": own["Status"],
        "Prefix": "",
        "NoncurrentVersionExpiration": own["NoncurrentVersionExpiration"],
        "AbortIncompleteMultipartUpload": own["AbortIncompleteMultipartUpload"],
        "ExpiredObjectDeleteMarker": True,
    }


def test_the_templates_key_is_ours(template: dict[str, Any]) -> None:
    stack = Stack(template, BucketName="blogs", **NEW_KEY)
    made, alias = stack.resource("Key"), stack.value(template["Resources"]["KeyAlias"])
    assert made is not None
    assert made["KeyPolicy"] == key.key_policy(ACCOUNT)
    assert made["EnableKeyRotation"] is True
    assert made["PendingWindowInDays"] == key.DAYS
    assert alias["Properties"] == {"AliasName": KMS_ALIAS, "TargetKeyId": KEY}
    assert Stack(template, BucketName="blogs", **GIVEN_KEY).resource("Key") is None
    both = Stack(template, BucketName="blogs", **GIVEN_KEY, **NEW_KEY)
    assert both.resource("Key") is None


def test_an_existing_role_is_taken_by_the_template_too(template: dict[str, Any]) -> None:
    stack = Stack(template, BucketName="blogs", ExistingRoleArn="arn:aws:iam::1:role/x")
    assert stack.resource("Role") is None
    assert stack.value(template["Outputs"]["RoleArn"]["Value"]) == "arn:aws:iam::1:role/x"


def test_destroy_leaves_the_stack_alone(template: dict[str, Any]) -> None:
    for name in ("Key", "Bucket", "Role"):
        tags = template["Resources"][name]["Properties"]["Tags"]
        assert tags == [{"Key": "blazing-corpus:made-by", "Value": "cloudformation"}]


def lint(*arguments: str) -> tuple[int, str, str]:
    """cfn-lint knows every action of every service, and which resources it takes."""
    pytest.importorskip("cfnlint", reason="cfn-lint is not installed")
    program = "from cfnlint.runner import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


def test_cfn_lint_has_nothing_to_say_about_the_template() -> None:
    assert lint("--include-checks", "I", "--", str(TEMPLATE)) == (0, "", "")


def test_cfn_lint_has_nothing_to_say_about_the_callers_policy(tmp_path: Path) -> None:
    made = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {}}
    made["Properties"] = {"PolicyDocument": caller_policy(WITH_KEY)}
    file = tmp_path / "caller.json"
    file.write_text(json.dumps({"Resources": {"Policy": made}}))
    assert lint("--", str(file)) == (0, "", "")
