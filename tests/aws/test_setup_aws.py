"""The command against moto: what it makes, what it leaves alone, what it removes."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import botocore.client
import botocore.loaders
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto_account import isolate

from aws.setup.bucket import LIFECYCLE
from aws.setup.caller_policy import caller_policy
from aws.setup.policies import role_policy, trust_policy
from aws.setup.wanted import Account, Wanted
from jobs import setup_aws

ROOT = Path(__file__).parents[2]
NUMBER, REGION = "123456789012", "eu-west-1"
ACCOUNT = Account(NUMBER, REGION)
ROLE = f"arn:aws:iam::{NUMBER}:role/blazing-corpus"
OURS = {"blazing-corpus:made-by": "setup_aws"}
READING = re.compile(r"Head|Get|List|Describe")
BLOCKED = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
)
REGION_OF = {"LocationConstraint": REGION}


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """An account of moto's with nothing in it; nothing of the caller's configuration."""
    isolate(monkeypatch, tmp_path, REGION)
    with mock_aws():
        yield


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """Every request, in order."""
    seen: list[tuple[str, Any]] = []
    client: Any = botocore.client.BaseClient
    real = client._make_api_call

    def call(self: Any, name: str, arguments: Any) -> Any:
        seen.append((name, arguments))
        return real(self, name, arguments)

    monkeypatch.setattr(client, "_make_api_call", call)
    return seen


def refuse(monkeypatch: pytest.MonkeyPatch, operation: str, code: str, message: str = "") -> None:
    """One operation answers with an error."""
    client: Any = botocore.client.BaseClient
    real = client._make_api_call

    def call(self: Any, name: str, arguments: Any) -> Any:
        if name == operation:
            raise ClientError({"Error": {"Code": code, "Message": message}}, name)
        return real(self, name, arguments)

    monkeypatch.setattr(client, "_make_api_call", call)


def run(*options: str, bucket: str = "blogs") -> int:
    return setup_aws.main(["--bucket", bucket, *options])


def client(service: str) -> Any:
    make: Any = boto3.client
    return make(service)


def bucket_state(bucket: str = "blogs") -> dict[str, Any]:
    s3 = client("s3")
    rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    return {
        "region": s3.get_bucket_location(Bucket=bucket)["LocationConstraint"],
        "public": s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"],
        "encryption": rules[0]["ApplyServerSideEncryptionByDefault"],
        "versioning": s3.get_bucket_versioning(Bucket=bucket)["Status"],
        "tags": pairs(s3.get_bucket_tagging(Bucket=bucket)["TagSet"]),
    }


def role_state(name: str = "blazing-corpus") -> dict[str, Any]:
    iam = client("iam")
    role = iam.get_role(RoleName=name)["Role"]
    policies = iam.list_role_policies(RoleName=name)["PolicyNames"]
    return {
        "arn": role["Arn"],
        "trust": role["AssumeRolePolicyDocument"],
        "tags": pairs(role["Tags"]),
        "policies": {
            policy: iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            for policy in policies
        },
    }


def pairs(tags: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


def names() -> dict[str, list[str]]:
    """What there is in the account."""
    return {
        "buckets": [bucket["Name"] for bucket in client("s3").list_buckets()["Buckets"]],
        "roles": [role["RoleName"] for role in client("iam").list_roles()["Roles"]],
        "keys": [key["KeyId"] for key in client("kms").list_keys()["Keys"]],
    }


EMPTY: dict[str, list[str]] = {"buckets": [], "roles": [], "keys": []}


def said(capsys: pytest.CaptureFixture[str]) -> str:
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("setup_aws: error: ")
    return lines[0].removeprefix("setup_aws: error: ")


def warnings(capsys: pytest.CaptureFixture[str]) -> list[str]:
    lines = capsys.readouterr().err.splitlines()
    assert all(line.startswith("setup_aws: warning: ") for line in lines)
    return [line.removeprefix("setup_aws: warning: ") for line in lines]


def test_an_empty_account(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--tag", "user:application=BlazingText") == 0
    tags = OURS | {"user:application": "BlazingText"}
    assert bucket_state() == {
        "region": REGION,
        "public": BLOCKED,
        "encryption": {"SSEAlgorithm": "AES256"},
        "versioning": "Enabled",
        "tags": tags,
    }
    assert role_state() == {
        "arn": ROLE,
        "trust": trust_policy(ACCOUNT),
        "tags": tags,
        "policies": {"blazing-corpus": role_policy(Wanted(ACCOUNT, "blogs"))},
    }
    rules = client("s3").get_bucket_lifecycle_configuration(Bucket="blogs")["Rules"]
    assert rules == LIFECYCLE["Rules"]
    assert names()["keys"] == []
    assert capsys.readouterr().out.splitlines() == [
        "made bucket s3://blogs in eu-west-1",
        f"made role {ROLE}",
        "",
        "export AWS_REGION=eu-west-1",
        "export BUCKET=blogs",
        f"export ROLE={ROLE}",
        "",
        '# jobs/submit.py: --role "$ROLE" --code "s3://$BUCKET/code"',
        '#     -- --input "s3://$BUCKET/input/blogs.zip" --output "s3://$BUCKET/corpus"',
        '# jobs/train_embeddings.py --backend sagemaker: --role "$ROLE"',
        '#     --corpus "s3://$BUCKET/corpus" --output-path "s3://$BUCKET/models/blazingtext"',
    ]


def test_the_second_run_has_nothing_to_do(
    sent: list[tuple[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--create-kms-key") == 0
    capsys.readouterr()
    sent.clear()
    assert run("--create-kms-key") == 0
    assert all(READING.match(name) for name, _ in sent)
    out, err = capsys.readouterr()
    assert (out.splitlines()[0], err) == ("nothing to do", "")
    assert f"export ROLE={ROLE}" in out


def test_a_dry_run_changes_nothing_and_says_what_would_be_sent(
    sent: list[tuple[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--dry-run", "--create-kms-key") == 0
    assert all(READING.match(name) for name, _ in sent)
    assert names() == EMPTY
    printed = json.loads(capsys.readouterr().out)
    key = f"arn:aws:kms:{REGION}:{NUMBER}:key/of-the-new-alias"
    wanted = Wanted(ACCOUNT, "blogs", kms_key=key)
    assert printed["role_policy"] == role_policy(wanted)
    assert printed["trust_policy"] == trust_policy(ACCOUNT)
    assert printed["caller_policy"] == caller_policy(wanted)
    assert printed["key_policy"]["Statement"][0]["Principal"] == {
        "AWS": f"arn:aws:iam::{NUMBER}:root"
    }
    facts = {name: printed[name] for name in ("account", "region", "bucket", "role_arn")}
    assert facts == {"account": NUMBER, "region": REGION, "bucket": "blogs", "role_arn": ROLE}
    assert printed["kms_key_arn"] == key
    assert [step["what"] for step in printed["plan"]] == [
        "KMS key alias/blazing-corpus",
        "bucket s3://blogs in eu-west-1",
        f"role {ROLE}",
    ]
    planned = [call for step in printed["plan"] for call in step["requests"]]
    sent.clear()
    assert run("--create-kms-key") == 0
    made = names()["keys"][0]
    real = json.loads(json.dumps(planned).replace("of-the-new-alias", made))
    changes = [(name, arguments) for name, arguments in sent if not READING.match(name)]
    assert [arguments for _, arguments in changes] == [call["arguments"] for call in real]
    assert [name.lower() for name, _ in changes] == [
        call["operation"].replace("_", "") for call in real
    ]


def test_a_dry_run_leaves_what_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--create-kms-key") == 0
    before = (bucket_state(), role_state(), names())
    capsys.readouterr()
    assert run("--dry-run", "--create-kms-key", "--prefix", "other") == 0
    assert (bucket_state(), role_state(), names()) == before
    printed = json.loads(capsys.readouterr().out)
    assert printed["plan"] == []
    assert printed["key_policy"] is None
    assert printed["warnings"] == [
        "role blazing-corpus: its policy blazing-corpus is another; "
        "--dry-run prints this one as role_policy"
    ]


def test_a_new_key(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--create-kms-key") == 0
    [key] = names()["keys"]
    kms = client("kms")
    found = kms.describe_key(KeyId="alias/blazing-corpus")["KeyMetadata"]
    assert found["KeyId"] == key
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is True
    tags = kms.list_resource_tags(KeyId=key)["Tags"]
    assert tags == [{"TagKey": "blazing-corpus:made-by", "TagValue": "setup_aws"}]
    arn = f"arn:aws:kms:{REGION}:{NUMBER}:key/{key}"
    assert bucket_state()["encryption"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": arn}
    policies = role_state()["policies"]
    assert policies == {"blazing-corpus": role_policy(Wanted(ACCOUNT, "blogs", kms_key=arn))}
    assert f"\nexport KMS_KEY={arn}\n" in capsys.readouterr().out


def test_a_key_that_is_there() -> None:
    key = client("kms").create_key()["KeyMetadata"]
    assert run("--kms-key", key["KeyId"]) == 0
    assert names()["keys"] == [key["KeyId"]]
    assert bucket_state()["encryption"]["KMSMasterKeyID"] == key["Arn"]


def test_a_key_that_can_not_be_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--kms-key", "alias/none") == 3
    assert said(capsys) == "KMS key alias/none does not exist in this region"
    kms = client("kms")
    key = kms.create_key()["KeyMetadata"]
    kms.schedule_key_deletion(KeyId=key["KeyId"])
    assert run("--kms-key", key["KeyId"]) == 25
    assert said(capsys) == (
        f"KMS key {key['KeyId']} is PendingDeletion: "
        f"aws kms cancel-key-deletion, then enable-key, --key-id {key['Arn']}"
    )
    assert (names()["buckets"], names()["roles"]) == ([], [])


def test_a_role_that_is_there_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    trust = {"Version": "2012-10-17", "Statement": [trust_statement("sagemaker.amazonaws.com")]}
    client("iam").create_role(
        RoleName="theirs", Path="/team/", AssumeRolePolicyDocument=json.dumps(trust)
    )
    arn = f"arn:aws:iam::{NUMBER}:role/team/theirs"
    for given in (arn, "theirs"):
        assert run("--role", given) == 0
        assert names()["roles"] == ["theirs"]
        assert client("iam").list_role_policies(RoleName="theirs")["PolicyNames"] == []
        out, err = capsys.readouterr()
        assert f"\nexport ROLE={arn}\n" in out
        assert err == (
            "setup_aws: warning: role theirs: does not trust emr-serverless.amazonaws.com, "
            "scheduler.amazonaws.com\n"
        )


def trust_statement(service: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}


def test_a_role_that_is_not_there_or_not_of_this_account(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("--role", "nobody") == 3
    assert said(capsys) == "role nobody does not exist in this account"
    other = "arn:aws:iam::999999999999:role/build"
    assert run("--role", other) == 2
    assert said(capsys) == f"--role {other} is not of account {NUMBER}"
    assert names() == EMPTY


def test_what_is_there_and_differs_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="blogs", CreateBucketConfiguration=REGION_OF)
    s3.put_public_access_block(
        Bucket="blogs",
        PublicAccessBlockConfiguration=BLOCKED | {"BlockPublicPolicy": False},
    )
    s3.put_bucket_versioning(Bucket="blogs", VersioningConfiguration={"Status": "Suspended"})
    trust = trust_policy(ACCOUNT)
    del trust["Statement"][0]["Condition"]
    client("iam").create_role(RoleName="blazing-corpus", AssumeRolePolicyDocument=json.dumps(trust))
    assert run("--tag", "team=nlp") == 0
    assert warnings(capsys) == [
        "s3://blogs: public access is not blocked: BlockPublicPolicy off",
        "s3://blogs: versioning is suspended",
        "s3://blogs: has no default encryption",
        "s3://blogs: no tag team=nlp",
        "role blazing-corpus: its trust policy is another; "
        "--dry-run prints this one as trust_policy",
        "role blazing-corpus: has no policy blazing-corpus; --dry-run prints it as role_policy",
    ]
    assert s3.get_bucket_versioning(Bucket="blogs")["Status"] == "Suspended"
    with pytest.raises(ClientError, match="NoSuchTagSet"):
        s3.get_bucket_tagging(Bucket="blogs")
    found = client("iam").get_role(RoleName="blazing-corpus")["Role"]
    assert found["AssumeRolePolicyDocument"] == trust
    assert client("iam").list_role_policies(RoleName="blazing-corpus")["PolicyNames"] == []


@pytest.mark.parametrize(
    ("default", "options", "expected"),
    [
        ({"SSEAlgorithm": "AES256"}, [], []),
        (
            {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "abc"},
            [],
            ["s3://blogs: is encrypted by aws:kms, key abc: the role needs --kms-key for it"],
        ),
        (
            {"SSEAlgorithm": "AES256"},
            ["--kms-key", "alias/mine"],
            [f"s3://blogs: is encrypted by AES256, not by arn:aws:kms:{REGION}:{NUMBER}:key/KEY"],
        ),
    ],
)
def test_other_encryption(
    capsys: pytest.CaptureFixture[str], default: Any, options: list[str], expected: list[str]
) -> None:
    kms = client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/mine", TargetKeyId=key)
    assert run() == 0
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": default}]}
    client("s3").put_bucket_encryption(Bucket="blogs", ServerSideEncryptionConfiguration=rules)
    assert run(*options, "--role-name", "another") == 0
    assert warnings(capsys) == [line.replace("KEY", key) for line in expected]
    assert bucket_state()["encryption"] == default


def test_a_bucket_in_another_region(capsys: pytest.CaptureFixture[str]) -> None:
    place: Any = {"LocationConstraint": "us-west-2"}
    far = boto3.client("s3", region_name="us-west-2")
    far.create_bucket(Bucket="blogs", CreateBucketConfiguration=place)
    assert run() == 22
    assert said(capsys) == "s3://blogs is in us-west-2, not in eu-west-1"
    assert names() == EMPTY | {"buckets": ["blogs"]}


def test_a_bucket_of_somebody_else(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    refuse(monkeypatch, "HeadBucket", "403", "Forbidden")
    assert run() == 22
    line = "s3://blogs belongs to another account, or s3:ListBucket is not allowed"
    assert said(capsys) == line
    assert names() == EMPTY


def test_a_bucket_that_somebody_else_was_faster_to_make(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    refuse(monkeypatch, "CreateBucket", "BucketAlreadyExists", "not available")
    assert run() == 22
    assert said(capsys) == (
        "bucket s3://blogs in eu-west-1: belongs to another account (BucketAlreadyExists)"
    )


def test_the_owner_is_asked_for(sent: list[tuple[str, Any]]) -> None:
    assert run() == 0
    assert ("HeadBucket", {"Bucket": "blogs", "ExpectedBucketOwner": NUMBER}) in sent


def test_the_first_region_has_no_name(
    monkeypatch: pytest.MonkeyPatch, sent: list[tuple[str, Any]]
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assert run() == 0
    assert ("CreateBucket", {"Bucket": "blogs"}) in sent
    assert run() == 0


@pytest.mark.parametrize(
    ("operation", "finished"),
    [
        ("PutPublicAccessBlock", ["finished bucket s3://blogs in eu-west-1", f"made role {ROLE}"]),
        ("PutBucketVersioning", ["finished bucket s3://blogs in eu-west-1", f"made role {ROLE}"]),
        ("CreateRole", [f"made role {ROLE}"]),
        ("PutRolePolicy", [f"finished role {ROLE}"]),
    ],
)
def test_what_broke_off_is_finished_by_the_next_run(
    capsys: pytest.CaptureFixture[str], operation: str, finished: list[str]
) -> None:
    with pytest.MonkeyPatch.context() as broken:
        refuse(broken, operation, "AccessDenied", "not authorized")
        assert run() == 21
    assert f"({operation}: AccessDenied)" in said(capsys)
    assert run() == 0
    out, err = capsys.readouterr()
    assert (out.splitlines()[: len(finished)], err) == (finished, "")
    assert bucket_state()["versioning"] == "Enabled"
    assert bucket_state()["public"] == BLOCKED
    assert list(role_state()["policies"]) == ["blazing-corpus"]
    assert run() == 0
    assert capsys.readouterr().out.startswith("nothing to do\n")


def test_who_may_not_look_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    refuse(monkeypatch, "GetRole", "AccessDenied", "not authorized to perform: iam:GetRole")
    assert run("--dry-run") == 21
    assert said(capsys).startswith("role blazing-corpus: access denied, needs permission to GetRol")
    assert names() == EMPTY


def test_no_credentials_and_no_region(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "")
    assert run() == 20
    assert said(capsys).startswith("account: no valid AWS credentials")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert run() == 22
    assert said(capsys) == "kms: no region is set: export AWS_REGION"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--bucket", "Blogs"], "bucket Blogs"),
        (["--prefix", "a*"], "prefix 'a*'"),
        (["--prefix", "${aws:username}"], "prefix '${aws:username}'"),
        (["--read-prefix", "/a"], "prefix '/a'"),
        (["--role-name", "a/b"], "role a/b"),
        (["--kms-alias", "alias/aws/s3"], "KMS alias alias/aws/s3"),
        (["--tag", "blazing-corpus:made-by=me"], "tag blazing-corpus:made-by"),
        (["--tag", "team"], "team is not KEY=VALUE"),
        (["--role", "a:b"], "a:b is neither the ARN nor the name of a role"),
        (["--role", "a", "--role-name", "b"], "not allowed with argument --role"),
        (["--kms-key", "a", "--create-kms-key"], "not allowed with argument --kms-key"),
        (["--destroy", "--role", "a"], "--role and --kms-key do not go with it"),
    ],
)
def test_wrong_arguments(
    capsys: pytest.CaptureFixture[str],
    sent: list[tuple[str, Any]],
    options: list[str],
    words: str,
) -> None:
    with pytest.raises(SystemExit) as error:
        run(*options)
    assert error.value.code == 2
    assert words in capsys.readouterr().err
    assert sent == []


def test_destroying_all_of_it(
    sent: list[tuple[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--create-kms-key") == 0
    [key] = names()["keys"]
    capsys.readouterr()
    sent.clear()
    assert run("--destroy", "--yes") == 0
    arn = f"arn:aws:kms:{REGION}:{NUMBER}:key/{key}"
    assert capsys.readouterr().out.splitlines() == [
        "removed bucket s3://blogs",
        f"removed role {ROLE}",
        f"will be gone in 30 days: KMS key {arn}",
    ]
    assert names() == EMPTY | {"keys": [key]}
    assert client("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    assert client("kms").list_aliases(KeyId=key)["Aliases"] == []
    assert [name for name, _ in sent if name.startswith(("Delete", "Schedule"))] == [
        "DeleteBucket",
        "DeleteRolePolicy",
        "DeleteRole",
        "ScheduleKeyDeletion",
        "DeleteAlias",
    ]
    assert ("ScheduleKeyDeletion", {"KeyId": key, "PendingWindowInDays": 30}) in sent
    assert run("--destroy", "--yes") == 0
    assert capsys.readouterr().out == "nothing to do\n"


@pytest.mark.parametrize("operation", ["DeleteRole", "ScheduleKeyDeletion", "DeleteAlias"])
def test_a_removal_that_broke_off_is_repeated(sent: list[tuple[str, Any]], operation: str) -> None:
    assert run("--create-kms-key") == 0
    [key] = names()["keys"]
    with pytest.MonkeyPatch.context() as broken:
        refuse(broken, operation, "AccessDenied")
        assert run("--destroy", "--yes") == 21
    assert names()["buckets"] == []
    sent.clear()
    assert run("--destroy", "--yes") == 0
    scheduled = [name for name, _ in sent if name == "ScheduleKeyDeletion"]
    assert len(scheduled) == (0 if operation == "DeleteAlias" else 1)  # KMS refuses it twice
    assert names() == EMPTY | {"keys": [key]}
    assert client("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    assert client("kms").list_aliases(KeyId=key)["Aliases"] == []


@pytest.mark.parametrize("rest", ["an object", "an old version", "a delete marker"])
def test_a_bucket_that_holds_something_stays_with_all_else(
    capsys: pytest.CaptureFixture[str], sent: list[tuple[str, Any]], rest: str
) -> None:
    assert run() == 0
    s3 = client("s3")
    version = s3.put_object(Bucket="blogs", Key="corpus/a", Body=b"a")["VersionId"]
    if rest != "an object":
        s3.delete_object(Bucket="blogs", Key="corpus/a")
        assert "Contents" not in s3.list_objects_v2(Bucket="blogs")
    if rest == "a delete marker":
        s3.delete_object(Bucket="blogs", Key="corpus/a", VersionId=version)
    capsys.readouterr()
    sent.clear()
    assert run("--destroy", "--yes") == 7
    assert said(capsys) == (
        "s3://blogs holds objects, old versions or delete markers: nothing was removed; "
        "empty it first, if nobody needs them"
    )
    assert all(READING.match(name) for name, _ in sent)
    assert (names()["buckets"], names()["roles"]) == (["blogs"], ["blazing-corpus"])


def test_what_was_not_made_here_stays(capsys: pytest.CaptureFixture[str]) -> None:
    s3, iam, kms = client("s3"), client("iam"), client("kms")
    s3.create_bucket(Bucket="blogs", CreateBucketConfiguration=REGION_OF)
    trust = json.dumps(trust_policy(ACCOUNT))
    by_cloudformation = [{"Key": "blazing-corpus:made-by", "Value": "cloudformation"}]
    iam.create_role(
        RoleName="blazing-corpus", AssumeRolePolicyDocument=trust, Tags=by_cloudformation
    )
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/blazing-corpus", TargetKeyId=key)
    before = names()
    assert run("--destroy", "--yes") == 0
    no_tag = "has no tag blazing-corpus:made-by=setup_aws"
    assert capsys.readouterr().out.splitlines() == [
        f"left alone: bucket s3://blogs: {no_tag}",
        f"left alone: role blazing-corpus: {no_tag}",
        f"left alone: KMS key alias/blazing-corpus: {no_tag}",
        "nothing to do",
    ]
    assert names() == before
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"


def test_a_key_stays_as_long_as_a_bucket_may_need_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--create-kms-key") == 0
    client("s3").put_bucket_tagging(Bucket="blogs", Tagging={"TagSet": []})
    capsys.readouterr()
    assert run("--destroy", "--yes") == 0
    out = capsys.readouterr().out
    assert "left alone: KMS key alias/blazing-corpus: s3://blogs stays, and may need it\n" in out
    key = client("kms").describe_key(KeyId="alias/blazing-corpus")["KeyMetadata"]
    assert key["KeyState"] == "Enabled"
    assert names()["roles"] == []


def test_a_role_that_was_given_more_stays(capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 0
    client("iam").put_role_policy(
        RoleName="blazing-corpus",
        PolicyName="vpc",
        PolicyDocument=json.dumps(role_policy(Wanted(ACCOUNT, "blogs"))),
    )
    capsys.readouterr()
    assert run("--destroy", "--yes") == 0
    assert capsys.readouterr().out.splitlines() == [
        "left alone: role blazing-corpus: somebody gave it more policies: vpc",
        "removed bucket s3://blogs",
    ]
    assert set(role_state()["policies"]) == {"blazing-corpus", "vpc"}


def test_without_a_terminal_nobody_can_say_yes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run() == 0
    capsys.readouterr()
    with Path(os.devnull).open() as nothing:
        monkeypatch.setattr("sys.stdin", nothing)
        assert run("--destroy") == 2
    assert said(capsys) == "--destroy asks on a terminal, and there is none; --yes is an answer"
    assert (names()["buckets"], names()["roles"]) == (["blogs"], ["blazing-corpus"])


class Terminal:
    """A stdin at which somebody sits."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("answer", "code", "left"),
    [("yes", 0, []), ("YES ", 0, []), ("y", 2, ["blogs"]), ("", 2, ["blogs"])],
)
def test_at_a_terminal_it_asks(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answer: str,
    code: int,
    left: list[str],
) -> None:
    assert run() == 0
    capsys.readouterr()
    asked: list[str] = []

    def reply(prompt: str) -> str:
        asked.append(prompt)
        return answer

    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("builtins.input", reply)
    assert run("--destroy") == code
    assert asked == ["Remove these? [yes/no] "]
    out = capsys.readouterr().out
    assert out.startswith(f"will be removed: bucket s3://blogs\nwill be removed: role {ROLE}\n")
    assert names()["buckets"] == left


def test_destroy_has_a_dry_run_too(
    sent: list[tuple[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run() == 0
    capsys.readouterr()
    sent.clear()
    assert run("--destroy", "--dry-run") == 0
    assert all(READING.match(name) for name, _ in sent)
    printed = json.loads(capsys.readouterr().out)
    assert printed["left"] == []
    assert [step["what"] for step in printed["plan"]] == ["bucket s3://blogs", f"role {ROLE}"]
    assert [call["operation"] for call in printed["plan"][1]["requests"]] == [
        "delete_role_policy",
        "delete_role",
    ]


def test_ctrl_c(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(setup_aws, "make_plan", interrupt)
    assert run() == 130
    assert capsys.readouterr().err == (
        "setup_aws: interrupted; the same command goes on from there\n"
    )
