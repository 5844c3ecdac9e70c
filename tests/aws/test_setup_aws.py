"""The command against moto: what its stack makes, how it ends, what it takes away.

moto makes a stack at once and whole. What takes time, or fails, is written down here as answers.
"""

import io
import re
import signal
import tomllib
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws
from moto_account import Requests, isolate, last_error
from moto_stacks import NUMBER, REGION, change_sets, mend, stacks

from aws import stack
from jobs import setup_aws

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "aws-setup.md"
ROLE = f"arn:aws:iam::{NUMBER}:role/blazing-corpus"
READING = re.compile(r"Head|Get|List|Describe")


@pytest.fixture(autouse=True)
def sent(monkeypatch, tmp_path):
    """An account of moto's with nothing in it; nothing of the caller's configuration."""
    isolate(monkeypatch, tmp_path, REGION)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(stack, "POLL_SECONDS", 0.0)
    mend(monkeypatch)
    with mock_aws():
        yield Requests(monkeypatch)


def changing(sent: Requests) -> list[str]:
    return [name for name in sent.names() if not READING.match(name)]


def run(*options: str) -> int:
    return setup_aws.main(["--bucket", "blogs", *options])


def client(service: str) -> Any:
    make: Any = boto3.client
    return make(service)


def names() -> dict[str, list[str]]:
    """What there is in the account."""
    return {
        "stacks": list(stacks()),
        "buckets": [bucket["Name"] for bucket in client("s3").list_buckets()["Buckets"]],
        "roles": sorted(role["RoleName"] for role in client("iam").list_roles()["Roles"]),
    }


ROLES = ["blazing-corpus", "blazing-corpus-build", "blazing-corpus-scheduler"]
ROLES += ["blazing-corpus-states"]


def local_policies() -> list[Any]:
    found = client("iam").list_policies(Scope="Local")["Policies"]
    names = {"CallerPolicy": "CALLER_POLICY", "ImagePolicy": "IMAGE_POLICY"}
    for each in found:
        each["PolicyName"] = names.get(each["PolicyName"].split("-")[2], "")
    return found


EMPTY: dict[str, list[str]] = {"stacks": [], "buckets": [], "roles": []}
ALL = {"stacks": ["blazing-corpus"], "buckets": ["blogs"], "roles": ROLES}


def fails_at(state: str, *events: tuple[str, str, str]) -> dict[str, list[Any]]:
    """Answers of CloudFormation while a stack ends badly: one event each, and the end."""
    told = [
        {"EventId": str(n), "ResourceStatus": status, "LogicalResourceId": name}
        | ({"ResourceStatusReason": reason} if reason else {})
        for n, (status, name, reason) in enumerate(events)
    ]
    return {
        "DescribeStackEvents": [
            {"StackEvents": []},
            {"StackEvents": told[:1]},
            {"StackEvents": told[::-1]},
        ],
        "DescribeStacks": [
            {"Stacks": [{"StackStatus": status, "StackId": "id"}]}
            for status in ("X_IN_PROGRESS", state)
        ],
    }


def test_an_empty_account(capsys):
    assert run("--tag", "user:application=BlazingText") == 0
    assert names() == ALL
    assert stacks()["blazing-corpus"].tags["user:application"] == "BlazingText"
    policies = {each["PolicyName"]: each["Arn"] for each in local_policies()}
    [application] = client("emr-serverless").list_applications()["applications"]
    out, err = capsys.readouterr()
    repository = f"{NUMBER}.dkr.ecr.eu-west-1.amazonaws.com/blazing-corpus"
    assert out.splitlines()[:11] == [
        "export AWS_REGION=eu-west-1",
        "export BUCKET=blogs",
        f"export ROLE={ROLE}",
        f"export BUILD_ROLE={ROLE}-build",
        f"export SCHEDULER_ROLE={ROLE}-scheduler",
        f"export STATES_ROLE={ROLE}-states",
        f"export APPLICATION={application['id']}",
        f"export REPOSITORY={repository}",
        *(f"export {name}={policies[name]}" for name in ("CALLER_POLICY", "IMAGE_POLICY")),
        "",
    ]
    assert err.splitlines()[0] == "CREATE_IN_PROGRESS   blazing-corpus: User Initiated"
    assert change_sets() == ["EXECUTE_COMPLETE"]


def test_any_parameter_of_the_template_can_be_given(sent):
    limit = f"arn:aws:iam::{NUMBER}:policy/limit"
    given = ("--parameter", "MaxVcpu=64", "--parameter", f"PermissionsBoundaryArn={limit}")
    assert run(*given, "--parameter", "RepositoryName=") == 0
    parameters = stacks()["blazing-corpus"].stack_parameters
    assert (parameters["MaxVcpu"], parameters["RepositoryName"]) == (64, "")
    assert client("ecr").describe_repositories()["repositories"] == []
    with pytest.raises(SystemExit):
        run("--parameter", "MaxVcpu")


def test_the_second_run_has_nothing_to_do(sent, capsys):
    assert run("--create-kms-key") == 0
    first = capsys.readouterr().out
    assert re.search(r"^export KMS_KEY=arn:aws:kms:", first, re.MULTILINE)
    sent.clear()
    assert setup_aws.main([]) == 0  # what is not given stays
    assert capsys.readouterr() == (f"nothing to do\n{first}", "")
    assert changing(sent) == ["CreateChangeSet", "DeleteChangeSet"]
    assert change_sets() == ["EXECUTE_COMPLETE"]


def test_a_dry_run_leaves_no_trace(sent, capsys):
    assert run("--dry-run") == 0
    shown = capsys.readouterr().out.splitlines()
    assert {"add: Bucket (AWS::S3::Bucket)", "add: Role (AWS::IAM::Role)"} <= set(shown)
    assert (names(), change_sets()) == (EMPTY, [])
    assert changing(sent) == ["CreateChangeSet", "DeleteChangeSet", "DeleteStack"]


def test_a_dry_run_shows_what_differs_and_changes_nothing(sent, capsys):
    assert run() == 0
    capsys.readouterr()
    bucket = {"LogicalResourceId": "Bucket", "ResourceType": "AWS::S3::Bucket"}
    role = {"LogicalResourceId": "Role", "ResourceType": "AWS::IAM::Role"}
    changes: list[Any] = [
        bucket | {"Action": "Modify", "Replacement": "True"},
        role | {"Action": "Modify", "Replacement": "Conditional"},
        role | {"Action": "Modify", "Replacement": "False"},
    ]
    sent.answers["DescribeChangeSet"] = [
        {"Status": "CREATE_IN_PROGRESS"},
        {"Status": "CREATE_COMPLETE", "Changes": [{"ResourceChange": one} for one in changes]},
    ]
    assert run("--dry-run", "--extra-prefix", "trials") == 0
    assert capsys.readouterr().out.splitlines() == [
        "replace: Bucket (AWS::S3::Bucket)",
        "modify or replace: Role (AWS::IAM::Role)",
        "modify: Role (AWS::IAM::Role)",
    ]
    assert stacks()["blazing-corpus"].stack_parameters["ExtraPrefix"] == ""
    assert change_sets() == ["EXECUTE_COMPLETE"]


def test_an_update_changes_what_is_given_and_keeps_the_rest(sent):
    assert run("--create-kms-key", "--tag", "team=nlp") == 0
    assert setup_aws.main(["--extra-prefix", "trials/x", "--tag", "cost=1"]) == 0
    made = stacks()["blazing-corpus"]
    parameters = made.stack_parameters
    assert (parameters["ExtraPrefix"], parameters["CreateKmsKey"]) == ("trials/x", "true")
    assert (parameters["BucketName"], made.status) == ("blogs", "UPDATE_COMPLETE")
    assert {"team": "nlp", "cost": "1"}.items() <= made.tags.items()


def test_a_role_or_key_to_be_made_is_none_that_was_there(sent):
    theirs = f"arn:aws:iam::{NUMBER}:role/team/theirs"
    key = f"arn:aws:kms:{REGION}:{NUMBER}:key/abc"
    assert run("--role", theirs, "--kms-key", key) == 0
    assert names()["roles"] == []
    assert run("--role-name", "ours", "--create-kms-key", "--dry-run") == 0
    given = [arguments for name, arguments in sent if name == "CreateChangeSet"][-1]["Parameters"]
    values = {one["ParameterKey"]: one.get("ParameterValue") for one in given}
    assert (values["ExistingRoleArn"], values["RoleName"]) == ("", "ours")
    assert (values["KmsKeyArn"], values["CreateKmsKey"]) == ("", "true")


def test_a_creation_that_fails(sent, capsys):
    answers = fails_at(
        "ROLLBACK_COMPLETE",
        ("CREATE_IN_PROGRESS", "Role", ""),
        ("CREATE_FAILED", "Bucket", "Resource creation cancelled"),
        ("CREATE_FAILED", "Role", "blazing-corpus\nalready exists"),
        ("CREATE_FAILED", "KeyAlias", "another"),
    )
    missing = ClientError({"Error": {"Code": "ValidationError", "Message": "does not exist"}}, "x")
    sent.answers |= answers | {"DescribeStacks": [missing, *answers["DescribeStacks"]]}
    sent.answers["ExecuteChangeSet"] = [{}]
    assert run() == 36
    line = "stack blazing-corpus is ROLLBACK_COMPLETE: Role: blazing-corpus already exists"
    out, err = capsys.readouterr()
    assert err.splitlines() == [
        "CREATE_IN_PROGRESS   Role",
        "CREATE_FAILED        Bucket: Resource creation cancelled",
        "CREATE_FAILED        Role: blazing-corpus already exists",
        "CREATE_FAILED        KeyAlias: another",
        f"setup_aws: error: {line}",
    ]
    assert out == ""


def test_a_stack_that_was_never_made_is_made_anew(sent, capsys):
    assert run() == 0
    old = stacks()["blazing-corpus"]
    old.status = "ROLLBACK_COMPLETE"
    capsys.readouterr()
    assert run("--dry-run") == 0
    assert capsys.readouterr().out == (
        "delete and make anew: stack blazing-corpus, which is ROLLBACK_COMPLETE\n"
    )
    assert run() == 0
    assert names() == ALL
    assert stacks()["blazing-corpus"].stack_id != old.stack_id


def test_a_stack_in_progress_is_waited_for(monkeypatch, capsys):
    assert run() == 0
    stacks()["blazing-corpus"].status = "UPDATE_IN_PROGRESS"
    capsys.readouterr()

    def end(_: float) -> None:
        stacks()["blazing-corpus"].status = "UPDATE_COMPLETE"

    monkeypatch.setattr("aws.remote_runs.time.sleep", end)
    assert run() == 0
    out, err = capsys.readouterr()
    assert out.startswith("nothing to do\n")
    assert err == "stack blazing-corpus is UPDATE_IN_PROGRESS, which is waited for first\n"


def test_what_can_not_be_changed(sent, capsys):
    reason = "Validation failed: AWS::EarlyValidation::ResourceExistenceCheck"
    sent.answers["DescribeChangeSet"] = [{"Status": "FAILED", "StatusReason": reason}]
    assert run() == 36
    assert reason in last_error(capsys)
    assert (names(), change_sets()) == (EMPTY, [])
    assert run() == 0
    stacks()["blazing-corpus"].status = "UPDATE_ROLLBACK_FAILED"
    assert run() == 36
    assert last_error(capsys) == "stack blazing-corpus is UPDATE_ROLLBACK_FAILED: --destroy ends it"


@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_a_bucket_that_is_there_is_not_taken_over(sent, capsys, options):
    place: Any = {"LocationConstraint": "us-west-2"}
    far = boto3.client("s3", region_name="us-west-2")
    far.create_bucket(Bucket="blogs", CreateBucketConfiguration=place)
    sent.clear()
    assert run(*options) == 22
    assert last_error(capsys).startswith(
        "s3://blogs is there already, and a new stack makes its own"
    )
    sent.refuse("HeadBucket", ("403", "Forbidden"))
    assert run(*options) == 22
    line = "s3://blogs belongs to another account, or s3:ListBucket is not allowed"
    assert last_error(capsys) == line
    assert changing(sent) == []


def test_a_new_stack_has_a_bucket(capsys):
    assert setup_aws.main([]) == 2
    assert last_error(capsys) == "a new stack takes --bucket, the name of the bucket to be made"


@pytest.mark.parametrize(
    ("operation", "left"),
    [
        ("DescribeStacks", EMPTY),
        ("CreateChangeSet", EMPTY),
        ("DescribeChangeSet", EMPTY),
        ("DescribeStackEvents", EMPTY),
        ("ExecuteChangeSet", EMPTY),
        ("DeleteChangeSet", ALL | {"buckets": [], "roles": []}),
        ("DescribeStackResources", ALL),
        ("ListObjectVersions", ALL),
        ("DeleteStack", ALL),
    ],
)
def test_access_denied_is_one_line_with_the_permission(sent, capsys, operation, left):
    options = {"DeleteChangeSet": ["--dry-run"]}.get(operation, [])
    if left == ALL:
        assert run() == 0
        options = ["--destroy", "--yes"]
    sent.refuse(operation, ("AccessDenied", "User: someone is not authorized"))
    assert run(*options) == 21
    service = (
        "s3:ListBucketVersions" if operation.startswith("List") else f"cloudformation:{operation}"
    )
    line = last_error(capsys)
    assert service in line and "someone is not authorized" in line
    sent.answers.clear()
    assert names() == left


def test_ctrl_c_while_it_plans_leaves_no_trace(sent, capsys):
    sent.answers["DescribeChangeSet"] = [KeyboardInterrupt()]
    assert run() == 130
    assert "setup_aws: interrupted; " in capsys.readouterr().err
    assert (names(), change_sets()) == (EMPTY, [])


def test_ctrl_c_while_it_waits_leaves_the_stack_to_go_on(sent, capsys):
    sent.answers["DescribeStackEvents"] = [{"StackEvents": []}, KeyboardInterrupt()]
    assert run() == 130
    assert capsys.readouterr().err == (
        "setup_aws: interrupted; what CloudFormation has begun goes on, the same command waits "
        "for it, aws cloudformation describe-stack-events --stack-name blazing-corpus shows it\n"
    )
    assert names() == ALL


def test_a_lost_connection_while_it_waits_is_borne(sent):
    sent.answers["DescribeStackEvents"] = [
        {"StackEvents": []},
        EndpointConnectionError(endpoint_url="https://cloudformation"),
    ]
    assert run() == 0


def test_without_the_template(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(stack, "TEMPLATE", tmp_path / "cloudformation.yaml")
    assert run() == 2
    line = f"{tmp_path}/cloudformation.yaml is missing: it comes with the sources"
    assert last_error(capsys) == line


def test_destroying_it(sent, capsys):
    assert run("--create-kms-key") == 0
    capsys.readouterr()
    sent.clear()
    assert setup_aws.main(["--destroy", "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert "AWS::S3::Bucket blogs: will be removed\n" in shown
    ends = r"aws kms schedule-key-deletion --key-id \1 --region eu-west-1 ends it"
    assert re.search(rf"^AWS::KMS::Key (\S+): stays, {ends}$", shown, re.MULTILINE)
    assert changing(sent) == []
    assert setup_aws.main(["--destroy", "--yes"]) == 0
    assert capsys.readouterr().out == f"{shown}removed stack blazing-corpus\n"
    assert names() == EMPTY
    assert setup_aws.main(["--destroy"]) == 0
    assert capsys.readouterr().out == "nothing to do\n"


@pytest.mark.parametrize("rest", ["an object", "an old version", "a delete marker"])
def test_a_bucket_that_holds_something_stays_with_all_else(capsys, sent, rest):
    assert run() == 0
    s3 = client("s3")
    s3.put_bucket_versioning(Bucket="blogs", VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket="blogs", Key="corpus/a", Body=b"a")["VersionId"]
    if rest != "an object":
        s3.delete_object(Bucket="blogs", Key="corpus/a")
        assert "Contents" not in s3.list_objects_v2(Bucket="blogs")
    if rest == "a delete marker":
        s3.delete_object(Bucket="blogs", Key="corpus/a", VersionId=version)
    sent.clear()
    for options in ("--yes", "--dry-run"):
        assert run("--destroy", options) == 35
        assert last_error(capsys).startswith(
            "s3://blogs holds objects, old versions or delete markers"
        )
    assert changing(sent) == []
    assert names() == ALL


def test_a_bucket_that_somebody_has_deleted_is_in_nobodys_way(sent):
    assert run() == 0
    sent.refuse("ListObjectVersions", ("NoSuchBucket", ""))
    assert run("--destroy", "--yes") == 0


def test_a_deletion_that_fails(sent, capsys):
    assert run() == 0
    reason = "Cannot delete a policy attached to entities."
    answers = fails_at(
        "DELETE_FAILED",
        ("DELETE_IN_PROGRESS", "CallerPolicy", ""),
        ("DELETE_FAILED", "CallerPolicy", reason),
    )
    there = {"Stacks": [{"StackStatus": "CREATE_COMPLETE", "StackId": "id"}]}
    sent.answers |= answers | {"DescribeStacks": [there] * 3 + answers["DescribeStacks"]}
    sent.answers["DeleteStack"] = [{}]
    assert run("--destroy", "--yes") == 36
    assert last_error(capsys) == f"stack blazing-corpus is DELETE_FAILED: CallerPolicy: {reason}"


class Terminal(io.StringIO):
    """A stdin at which somebody sits."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stdin", "code", "words"),
    [
        (Terminal("yes\n"), 0, ""),
        (Terminal("YES \n"), 0, ""),
        (Terminal("y\n"), 2, "nothing was removed"),
        (Terminal(""), 2, "nothing was removed"),
        (io.StringIO("yes\n"), 2, "--destroy asks on a terminal, and there is none; --yes is"),
    ],
)
def test_it_asks_at_a_terminal(monkeypatch, capsys, stdin, code, words):
    assert run() == 0
    monkeypatch.setattr("sys.stdin", stdin)
    assert run("--destroy") == code
    assert words in capsys.readouterr().err
    assert names() == (EMPTY if code == 0 else ALL)


def test_the_guide_shows_every_option():
    guide = GUIDE.read_text()
    options = {
        word for action in setup_aws.make_parser()._actions for word in action.option_strings
    }
    assert {option for option in options - {"-h", "--help"} if option not in guide} == set()


def test_the_guide_names_every_permission_that_setting_up_takes(sent):
    assert run() == 0
    assert run("--dry-run") == 0
    assert run("--destroy", "--yes") == 0
    guide = GUIDE.read_text()
    asked = set(sent.names()) - {"HeadBucket", "ListObjectVersions", "ListBuckets"}
    assert {name for name in asked if f"cloudformation:{name}" not in guide} == set()


def test_the_wheel_has_the_template():
    target = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"][
        "targets"
    ]
    inside = str(stack.TEMPLATE.relative_to(ROOT))
    assert target["wheel"]["force-include"] == {inside: inside}
    assert "/deploy" in target["sdist"]["include"]
