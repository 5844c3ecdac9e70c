"""What an account should hold. Pure: nothing here talks to AWS."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from aws.job import NAME
from storage.errors import RequestError

MADE_BY, OURS = f"{NAME}:made-by", "setup_aws"
"""Tag of everything that is made here; nothing without it is ever removed."""

READ_PREFIXES = ("input", "code")
WRITE_PREFIXES = ("corpora", "corpus", "models", "code/logs", "runs")
"""Where the jobs look for things, and where they put them, as their guides have it."""

NEW_KEY = "key/of-the-new-alias"
"""Stands in an ARN for a key that is still to be made."""

KMS_ALIAS = f"alias/{NAME}"
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
PREFIX = re.compile(r"[\w!.'()/=+@ -]+", re.ASCII)
"""Less than S3 allows: `*`, `?` and `$` mean something else in a policy."""

ROLE = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+", re.ASCII)
ALIAS = re.compile(r"alias/(?!aws/)[\w/-]{1,250}", re.ASCII)
MAX_TAG_KEY, MAX_TAG_VALUE = 128, 256


@dataclass(frozen=True)
class Account:
    """Whose account, and where in it.

    Attributes:
        number: twelve digits.
        region: of everything that has one.
        partition: "aws", "aws-cn", "aws-us-gov".
    """

    number: str
    region: str
    partition: str = "aws"

    def arn(self, service: str, resource: str) -> str:
        """The ARN of something in this account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.number}:{resource}"


@dataclass(frozen=True)
class Wanted:
    """What should be there.

    Attributes:
        account: to be set up.
        bucket: for everything that the jobs read and write.
        read_prefixes: that the role may read, without slashes around them.
        write_prefixes: that it may also write.
        role_name: of the role that the jobs run as.
        role_arn: of a role that is there already, under whatever path; None for not known.
        makes_role: whether the role is made where it is missing.
        kms_key: ARN of the key that encrypts the bucket; None for S3's own.
        tags: of all that is made, besides `MADE_BY`.
    """

    account: Account
    bucket: str
    read_prefixes: tuple[str, ...] = READ_PREFIXES
    write_prefixes: tuple[str, ...] = WRITE_PREFIXES
    role_name: str = NAME
    role_arn: str | None = None
    makes_role: bool = True
    kms_key: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def role(self) -> str:
        """The role's ARN, or what it will be."""
        account = self.account
        made = f"arn:{account.partition}:iam::{account.number}:role/{self.role_name}"
        return self.role_arn or made

    @property
    def bucket_arn(self) -> str:
        """The bucket's ARN, which has neither region nor account."""
        return f"arn:{self.account.partition}:s3:::{self.bucket}"

    @property
    def prefixes(self) -> tuple[str, ...]:
        """All of them."""
        return self.read_prefixes + self.write_prefixes

    @property
    def all_tags(self) -> dict[str, str]:
        """The tags of what is made."""
        return dict(self.tags) | {MADE_BY: OURS}

    def with_key(self, key: str) -> "Wanted":
        """The same with a key's resource, `key/ID`, in place of `NEW_KEY`."""
        return replace(self, kms_key=self.kms_key and self.kms_key.replace(NEW_KEY, key))


def tag_list(wanted: Wanted, key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """The tags as AWS takes them; KMS has its own names for key and value."""
    return [{key: name, value: text} for name, text in wanted.all_tags.items()]


def check_names(
    bucket: str, prefixes: tuple[str, ...], role: str, alias: str, tags: Mapping[str, str]
) -> None:
    """Refuses names that AWS would, and those that mean something else in a policy.

    Raises:
        RequestError: with all of them in one line.
    """
    wrong = [f"bucket {bucket}"] if not BUCKET.fullmatch(bucket) else []
    wrong += [f"prefix {one!r}" for one in prefixes if not _is_prefix(one)]
    wrong += [f"role {role}"] if not ROLE.fullmatch(role) else []
    wrong += [f"KMS alias {alias}"] if not ALIAS.fullmatch(alias) else []
    wrong += [f"tag {key}" for key, value in tags.items() if not _is_tag(key, value)]
    if wrong:
        raise RequestError(f"not a name that can be used: {', '.join(wrong)}")


def _is_prefix(prefix: str) -> bool:
    return bool(PREFIX.fullmatch(prefix)) and prefix == prefix.strip("/")


def _is_tag(key: str, value: str) -> bool:
    if key.startswith("aws:") or key == MADE_BY:
        return False
    return 0 < len(key) <= MAX_TAG_KEY and len(value) <= MAX_TAG_VALUE
