"""The KMS key that encrypts the bucket, where one is wanted."""

import json
from dataclasses import dataclass
from typing import Any

from aws.setup.calls import Call, Clients, Step, ask
from aws.setup.policies import Statement, allow, document
from aws.setup.wanted import MADE_BY, OURS, Account, Wanted, tag_list
from storage.errors import AwsError, ObjectNotFoundError

MISSING = "NotFoundException"
ENABLED, LEAVING = "Enabled", "PendingDeletion"
DAYS = 30
"""Between asking KMS to delete a key and its end: the longest that it takes. Until then
`aws kms cancel-key-deletion` brings it back; after it, what it encrypted can't be read any more."""

DESCRIPTION = "blazing-corpus: encrypts its bucket"


@dataclass(frozen=True)
class FoundKey:
    """A key.

    Attributes:
        arn: its own, whatever it was looked for by.
        state: as KMS calls it.
        is_ours: whether it was made here.
    """

    arn: str
    state: str
    is_ours: bool


def make(wanted: Wanted, alias: str) -> list[Step]:
    """A key with an alias, by which it is found again; it is turned over once a year."""
    arguments = {
        "Description": DESCRIPTION,
        "Policy": json.dumps(key_policy(wanted.account)),
        "Tags": tag_list(wanted, "TagKey", "TagValue"),
    }
    calls = [
        Call("kms", "create_key", arguments),
        Call("kms", "create_alias", {"AliasName": alias, "TargetKeyId": wanted.kms_key}),
        Call("kms", "enable_key_rotation", {"KeyId": wanted.kms_key}),
    ]
    return [Step(f"KMS key {alias}", calls)]


def key_policy(account: Account) -> dict[str, Any]:
    """The key's own policy: who may use it is for IAM to say, as with everything else."""
    statement: Statement = allow("IamDecides", "kms:*", "*")
    root = f"arn:{account.partition}:iam::{account.number}:root"
    return document(statement | {"Principal": {"AWS": root}})


def look(clients: Clients, name: str) -> FoundKey | None:
    """The key of an ID, ARN or alias; None for none.

    Raises:
        AwsError: KMS refused.
    """
    kms, what = clients["kms"], f"KMS key {name}"
    found = ask(what, lambda: kms.describe_key(KeyId=name), MISSING)
    if found is None:
        return None
    key = found["KeyMetadata"]
    return FoundKey(key["Arn"], key["KeyState"], _is_ours(kms, what, key))


def find_usable(clients: Clients, name: str) -> str | None:
    """The ARN of a key that can encrypt; None for none of that name.

    Raises:
        AwsError: it can't be used.
        AwsError: KMS refused.
    """
    found = look(clients, name)
    if found is None:
        return None
    if found.state != ENABLED:
        back = f": aws kms cancel-key-deletion, then enable-key, --key-id {found.arn}"
        raise AwsError(f"KMS key {name} is {found.state}{back if found.state == LEAVING else ''}")
    return found.arn


def find_given(clients: Clients, name: str) -> str:
    """The ARN of the key that the user named.

    Raises:
        ObjectNotFoundError: there is none.
        AwsError: it can't be used, or KMS refused.
    """
    arn = find_usable(clients, name)
    if arn is None:
        raise ObjectNotFoundError(f"KMS key {name} does not exist in this region")
    return arn


def remove(alias: str, found: FoundKey) -> Step:
    """The key first: without its alias it could not be found again."""
    ask_for_end = Call(
        "kms",
        "schedule_key_deletion",
        {"KeyId": found.arn.rpartition("/")[2], "PendingWindowInDays": DAYS},
    )
    calls = [] if found.state == LEAVING else [ask_for_end]
    calls.append(Call("kms", "delete_alias", {"AliasName": alias}))
    return Step(f"KMS key {found.arn}", calls, f"will be gone in {DAYS} days:")


def _is_ours(kms: Any, what: str, key: dict[str, Any]) -> bool:
    if key.get("KeyManager") != "CUSTOMER":
        return False
    found = ask(what, lambda: kms.list_resource_tags(KeyId=key["KeyId"]), "AccessDeniedException")
    tags = {tag["TagKey"]: tag["TagValue"] for tag in (found or {}).get("Tags", [])}
    return tags.get(MADE_BY) == OURS
