"""Taking away what was made here, and nothing else.

The order is bucket, role, key: what may be refused comes first, and a key only goes when nothing
is left that it encrypts. Each time all is looked up again, so a removal that broke off is repeated.
"""

from dataclasses import dataclass, field
from typing import Any

from aws.setup import found_bucket, key, role
from aws.setup.calls import Call, Clients, Step
from aws.setup.wanted import MADE_BY, OURS, Account
from storage.errors import NotEmptyError


@dataclass(frozen=True)
class Removal:
    """What will be removed, in order.

    Attributes:
        steps: what was made here.
        left: what is there and stays, with the reason, a line each.
    """

    steps: list[Step] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """What `--destroy --dry-run` prints."""
        return {"plan": [step.to_json() for step in self.steps], "left": self.left}


def plan_removal(
    clients: Clients, account: Account, bucket_name: str, role_name: str, alias: str
) -> Removal:
    """Asks what is there; changes nothing.

    Raises:
        NotEmptyError: the bucket was made here, and holds something.
        AwsError: AWS refused.
    """
    plan = Removal()
    stays = _plan_bucket(clients, account, bucket_name, plan)
    _plan_role(clients, role_name, plan)
    _plan_key(clients, alias, stays, plan)
    return plan


def _plan_bucket(clients: Clients, account: Account, name: str, plan: Removal) -> str | None:
    """The bucket's name if it stays."""
    found = found_bucket.look(clients, account, name)
    if found is None:
        return None
    if not found.is_ours:
        plan.left.append(f"bucket s3://{name}: {_not_ours()}")
        return name
    if not found_bucket.is_empty(clients, name):
        raise NotEmptyError(
            f"s3://{name} holds objects, old versions or delete markers: nothing was removed; "
            "empty it first, if nobody needs them"
        )
    delete = Call("s3", "delete_bucket", {"Bucket": name, "ExpectedBucketOwner": account.number})
    plan.steps.append(Step(f"bucket s3://{name}", [delete], "removed"))
    return None


def _plan_role(clients: Clients, name: str, plan: Removal) -> None:
    found = role.look(clients, name)
    if found is None:
        return
    if not found.is_ours:
        plan.left.append(f"role {name}: {_not_ours()}")
    elif found.others:
        plan.left.append(f"role {name}: somebody gave it more policies: {', '.join(found.others)}")
    else:
        plan.steps.append(role.remove(name, found))


def _plan_key(clients: Clients, alias: str, bucket_that_stays: str | None, plan: Removal) -> None:
    found = key.look(clients, alias)
    if found is None:
        return
    if not found.is_ours:
        plan.left.append(f"KMS key {alias}: {_not_ours()}")
    elif bucket_that_stays:
        plan.left.append(f"KMS key {alias}: s3://{bucket_that_stays} stays, and may need it")
    else:
        plan.steps.append(key.remove(alias, found))


def _not_ours() -> str:
    return f"has no tag {MADE_BY}={OURS}"
