"""What is found where a bucket is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aws.setup.calls import Clients, ask
from aws.setup.wanted import MADE_BY, OURS, Account
from storage.errors import AccessDeniedError, BucketError

BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


@dataclass(frozen=True)
class FoundBucket:
    """A bucket of the account's in the right region.

    Attributes:
        tags: all of them.
        versioning: "Enabled", "Suspended", or None where it never was on.
        blocks: names of `BLOCKS` that are on.
        encryption: "AES256", "aws:kms", …; None for no default.
        kms_key: of the default encryption: an ID, ARN or alias.
    """

    tags: Mapping[str, str] = field(default_factory=dict)
    versioning: str | None = None
    blocks: frozenset[str] = frozenset()
    encryption: str | None = None
    kms_key: str | None = None

    @property
    def is_ours(self) -> bool:
        """Whether it was made here."""
        return self.tags.get(MADE_BY) == OURS

    @property
    def is_unfinished(self) -> bool:
        """Whether making it broke off: versioning comes last, and never goes back to None."""
        return self.is_ours and self.versioning is None


def look(clients: Clients, account: Account, bucket: str) -> FoundBucket | None:
    """The bucket as it is; None for none of that name.

    Raises:
        BucketError: it is another account's, or in another region.
        AwsError: S3 refused otherwise.
    """
    region = find_region(clients, account, bucket)
    if region is None:
        return None
    where = f"s3://{bucket}"
    if region != account.region:
        raise BucketError(f"{where} is in {region}, not in {account.region}")
    s3, key = clients["s3"], {"Bucket": bucket, "ExpectedBucketOwner": account.number}
    public = ask(
        where,
        lambda: s3.get_public_access_block(**key),
        "NoSuchPublicAccessBlockConfiguration",
    )
    blocks = (public or {}).get("PublicAccessBlockConfiguration", {})
    algorithm, kms_key = _encryption(s3, where, key)
    return FoundBucket(
        _tags(s3, where, key),
        ask(where, lambda: s3.get_bucket_versioning(**key)).get("Status"),
        frozenset(name for name in BLOCKS if blocks.get(name)),
        algorithm,
        kms_key,
    )


def find_region(clients: Clients, account: Account, bucket: str) -> str | None:
    """Where the bucket is; None for none of that name.

    Raises:
        BucketError: it is another account's.
        AwsError: S3 refused otherwise.
    """
    where = f"s3://{bucket}"
    try:
        found = ask(
            where,
            lambda: clients["s3"].head_bucket(Bucket=bucket, ExpectedBucketOwner=account.number),
            "404",
            "NoSuchBucket",
        )
    except AccessDeniedError as error:  # S3 does not tell which of the two it is
        raise BucketError(
            f"{where} belongs to another account, or s3:ListBucket is not allowed"
        ) from error
    return str(found.get("BucketRegion") or account.region) if found else None


def is_empty(clients: Clients, bucket: str) -> bool:
    """Whether it holds no object, no old version and no delete marker.

    Raises:
        AwsError: S3 refused.
    """
    where = f"s3://{bucket}"
    found = ask(where, lambda: clients["s3"].list_object_versions(Bucket=bucket, MaxKeys=1))
    return not found.get("Versions") and not found.get("DeleteMarkers")


def _encryption(s3: Any, where: str, key: dict[str, str]) -> tuple[str | None, str | None]:
    found = ask(
        where,
        lambda: s3.get_bucket_encryption(**key),
        "ServerSideEncryptionConfigurationNotFoundError",
    )
    rules = (found or {}).get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
    default = rules[0].get("ApplyServerSideEncryptionByDefault", {}) if rules else {}
    return default.get("SSEAlgorithm"), default.get("KMSMasterKeyID")


def _tags(s3: Any, where: str, key: dict[str, str]) -> dict[str, str]:
    found = ask(where, lambda: s3.get_bucket_tagging(**key), "NoSuchTagSet")
    return {tag["Key"]: tag["Value"] for tag in (found or {}).get("TagSet", [])}
