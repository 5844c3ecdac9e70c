"""The bucket: how one is made, and how one that is there differs from that."""

from typing import Any

from aws.setup.calls import Call, Step
from aws.setup.found_bucket import BLOCKS, FoundBucket
from aws.setup.wanted import Wanted, tag_list

NO_LOCATION = "us-east-1"
"""The region that S3 wants to be told by not being told one."""

SSE_S3, SSE_KMS = "AES256", "aws:kms"
KEEP_DAYS, UPLOAD_DAYS = 30, 7
LIFECYCLE = {
    "Rules": [
        {
            "ID": "blazing-corpus-tidy-up",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "NoncurrentVersionExpiration": {"NoncurrentDays": KEEP_DAYS},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": UPLOAD_DAYS},
            "Expiration": {"ExpiredObjectDeleteMarker": True},
        }
    ]
}
"""Versions cost money for as long as they are kept, and a build leaves thousands: its lease is
written anew every five seconds."""


def make(wanted: Wanted, found: FoundBucket | None) -> list[Step]:
    """Nothing for a bucket that is there, unless making it broke off.

    Tags come right after the bucket, so that what was begun can be told from what was there.
    """
    if found and not found.is_unfinished:
        return []
    calls = [*([] if found else _create(wanted)), *_settings(wanted)]
    name = f"bucket s3://{wanted.bucket} in {wanted.account.region}"
    return [Step(name, calls, "finished" if found else "made")]


def differences(wanted: Wanted, found: FoundBucket) -> list[str]:
    """What is not as it would have been made, a line each."""
    where, lines = f"s3://{wanted.bucket}", []
    open_doors = [name for name in BLOCKS if name not in found.blocks]
    if open_doors:
        lines.append(f"{where}: public access is not blocked: {', '.join(open_doors)} off")
    if found.versioning != "Enabled":
        lines.append(f"{where}: versioning is {(found.versioning or 'off').lower()}")
    lines += [f"{where}: {line}" for line in _encryption_differences(wanted, found)]
    lacking = [
        f"{key}={value}" for key, value in wanted.tags.items() if found.tags.get(key) != value
    ]
    return lines + [f"{where}: no tag {tag}" for tag in lacking]


def _create(wanted: Wanted) -> list[Call]:
    arguments: dict[str, Any] = {"Bucket": wanted.bucket}
    if wanted.account.region != NO_LOCATION:
        arguments["CreateBucketConfiguration"] = {"LocationConstraint": wanted.account.region}
    return [Call("s3", "create_bucket", arguments)]


def _settings(wanted: Wanted) -> list[Call]:
    settings: dict[str, dict[str, Any]] = {
        "put_bucket_tagging": {"Tagging": {"TagSet": tag_list(wanted)}},
        "put_public_access_block": {
            "PublicAccessBlockConfiguration": dict.fromkeys(BLOCKS, True),
        },
        "put_bucket_encryption": {"ServerSideEncryptionConfiguration": encryption(wanted.kms_key)},
        "put_bucket_lifecycle_configuration": {"LifecycleConfiguration": LIFECYCLE},
        "put_bucket_versioning": {"VersioningConfiguration": {"Status": "Enabled"}},
    }
    return [
        Call("s3", operation, {"Bucket": wanted.bucket} | arguments)
        for operation, arguments in settings.items()
    ]


def encryption(kms_key: str | None) -> dict[str, Any]:
    """The default encryption, as S3 takes it: with the key if there is one, else with S3's own.

    A bucket key makes one request to KMS do for many objects.
    """
    if kms_key is None:
        return {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": SSE_S3}}]}
    default = {"SSEAlgorithm": SSE_KMS, "KMSMasterKeyID": kms_key}
    return {"Rules": [{"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}]}


def _encryption_differences(wanted: Wanted, found: FoundBucket) -> list[str]:
    if found.encryption is None:
        return ["has no default encryption"]
    if wanted.kms_key is None:
        if found.encryption == SSE_S3:
            return []
        key = found.kms_key or "the account's own for S3"
        return [f"is encrypted by {found.encryption}, key {key}: the role needs --kms-key for it"]
    if found.encryption == SSE_KMS and wanted.kms_key.endswith(found.kms_key or "?"):
        return []
    by = " ".join(filter(None, (found.encryption, found.kms_key)))
    return [f"is encrypted by {by}, not by {wanted.kms_key}"]
