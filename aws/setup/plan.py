"""What is there, compared with what is wanted: what will be made, and what is left as it is."""

from dataclasses import dataclass, field, replace
from typing import Any

from aws import services
from aws.setup import bucket, found_bucket, key, role
from aws.setup.caller_policy import caller_policy
from aws.setup.calls import Clients, Step, ask
from aws.setup.policies import role_policy, trust_policy
from aws.setup.wanted import NEW_KEY, Account, Wanted
from storage.errors import ObjectNotFoundError


@dataclass(frozen=True)
class Plan:
    """What will be done, in order.

    Attributes:
        wanted: with everything that was found out.
        steps: what is missing.
        warnings: what is there and differs, a line each.
        key_policy: of the key that will be made; None for none.
    """

    wanted: Wanted
    steps: list[Step]
    warnings: list[str] = field(default_factory=list)
    key_policy: dict[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """What `--dry-run` prints."""
        wanted = self.wanted
        return {
            "account": wanted.account.number,
            "region": wanted.account.region,
            "bucket": wanted.bucket,
            "role_arn": wanted.role,
            "kms_key_arn": wanted.kms_key,
            "plan": [step.to_json() for step in self.steps],
            "warnings": self.warnings,
            "trust_policy": trust_policy(wanted.account),
            "role_policy": role_policy(wanted),
            "key_policy": self.key_policy,
            "caller_policy": caller_policy(wanted),
        }


def connect() -> tuple[Clients, Account]:
    """The clients, and whose account they work in.

    Raises:
        AwsError: no region, no credentials, or boto3 is missing.
    """
    clients = {name: services.make_client(name) for name in ("kms", "s3", "iam", "sts")}
    caller = ask("account", clients["sts"].get_caller_identity)
    region = clients["kms"].meta.region_name
    return clients, Account(caller["Account"], region, caller["Arn"].split(":")[1])


def make_plan(clients: Clients, wanted: Wanted, given_key: str | None, alias: str | None) -> Plan:
    """Asks what is there; changes nothing.

    Args:
        clients: of KMS, S3 and IAM.
        wanted: without the key, which is found here.
        given_key: ID, ARN or alias of a key that has to be there.
        alias: of a key that is made where it is missing.

    Raises:
        AwsError: something is there that can't be used, or AWS refused.
    """
    found = found_bucket.look(clients, wanted.account, wanted.bucket)
    wanted, steps = _with_key(clients, wanted, given_key, alias)
    owner = role.look(clients, wanted.role_name)
    if owner is None and not wanted.makes_role:
        raise ObjectNotFoundError(f"role {wanted.role_name} does not exist in this account")
    wanted = replace(wanted, role_arn=owner.arn if owner else None)
    policy = key.key_policy(wanted.account) if steps else None
    steps += [*bucket.make(wanted, found), *role.make(wanted, owner)]
    warnings = []
    if found and not found.is_unfinished:
        warnings += bucket.differences(wanted, found)
    if owner and not (owner.is_unfinished and wanted.makes_role):
        warnings += role.differences(wanted, owner)
    return Plan(wanted, steps, warnings, policy)


def _with_key(
    clients: Clients, wanted: Wanted, given: str | None, alias: str | None
) -> tuple[Wanted, list[Step]]:
    if given:
        return replace(wanted, kms_key=key.find_given(clients, given)), []
    if not alias:
        return wanted, []
    arn = key.find_usable(clients, alias)
    if arn:
        return replace(wanted, kms_key=arn), []
    wanted = replace(wanted, kms_key=wanted.account.arn("kms", NEW_KEY))
    return wanted, key.make(wanted, alias)
