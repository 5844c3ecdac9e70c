"""The role that the jobs run as: how it is made, and what is found where there is one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aws.setup.calls import Call, Clients, Step, ask
from aws.setup.policies import POLICY_NAME, SERVICES, role_policy, trust_policy
from aws.setup.wanted import MADE_BY, OURS, Wanted, tag_list

MISSING = "NoSuchEntity"
DESCRIPTION = "blazing-corpus: builds, training, tuning and endpoints run as this role"


@dataclass(frozen=True)
class FoundRole:
    """A role of the account's.

    Attributes:
        arn: with its path.
        tags: all of them.
        trust: its trust policy.
        policy: its inline policy named `POLICY_NAME`; None for none.
        others: names of its other policies, attached ones included.
    """

    arn: str
    tags: Mapping[str, str] = field(default_factory=dict)
    trust: Mapping[str, Any] = field(default_factory=dict)
    policy: Mapping[str, Any] | None = None
    others: tuple[str, ...] = ()

    @property
    def is_ours(self) -> bool:
        """Whether it was made here."""
        return self.tags.get(MADE_BY) == OURS

    @property
    def is_unfinished(self) -> bool:
        """Whether making it broke off: the policy comes last."""
        return self.is_ours and self.policy is None


def make(wanted: Wanted, found: FoundRole | None) -> list[Step]:
    """Nothing for a role that is there, unless making it broke off."""
    if not wanted.makes_role or (found and not found.is_unfinished):
        return []
    name = {"RoleName": wanted.role_name}
    policy = json.dumps(role_policy(wanted))
    permit = Call("iam", "put_role_policy", name | _policy_name() | {"PolicyDocument": policy})
    # IAM answers before all of it knows the role.
    wait = Call("iam", "role_exists", name, is_wait=True)
    calls = [*([] if found else [_create(wanted), wait]), permit]
    return [Step(f"role {wanted.role}", calls, "finished" if found else "made")]


def look(clients: Clients, role_name: str) -> FoundRole | None:
    """The role as it is; None for none of that name.

    Raises:
        AwsError: IAM refused.
    """
    iam, what = clients["iam"], f"role {role_name}"
    found = ask(what, lambda: iam.get_role(RoleName=role_name), MISSING)
    if found is None:
        return None
    role = found["Role"]
    own = ask(what, lambda: iam.get_role_policy(RoleName=role_name, **_policy_name()), MISSING)
    return FoundRole(
        role["Arn"],
        {tag["Key"]: tag["Value"] for tag in role.get("Tags", [])},
        role["AssumeRolePolicyDocument"],
        own["PolicyDocument"] if own else None,
        _other_policies(iam, what, role_name),
    )


def differences(wanted: Wanted, found: FoundRole) -> list[str]:
    """What is not as it would have been made, a line each; of a role that was named, its trust."""
    what = f"role {wanted.role_name}"
    lines = [f"{what}: {line}" for line in _trust_differences(wanted, found)]
    if not wanted.makes_role:
        return lines
    if found.policy is None:
        lines.append(f"{what}: has no policy {POLICY_NAME}; --dry-run prints it as role_policy")
    elif canonical(found.policy) != canonical(role_policy(wanted)):
        lines.append(
            f"{what}: its policy {POLICY_NAME} is another; --dry-run prints this one as role_policy"
        )
    return lines


def remove(role_name: str, found: FoundRole) -> Step:
    """A role goes only after its policies."""
    name = {"RoleName": role_name}
    policy = [Call("iam", "delete_role_policy", name | _policy_name())]
    calls = [*(policy if found.policy is not None else []), Call("iam", "delete_role", name)]
    return Step(f"role {found.arn}", calls, "removed")


def canonical(policy: Any) -> Any:
    """A policy such that two that say the same are equal: lists in no order, one as good as none.

    >>> canonical({"Action": ["b", "a"]}) == canonical({"Action": ["a", "b"]})
    True
    >>> canonical({"Action": ["a"]}) == canonical({"Action": "a"})
    True
    """
    if isinstance(policy, Mapping):
        return {key: canonical(value) for key, value in policy.items()}
    if isinstance(policy, list | tuple):
        parts = sorted((canonical(one) for one in policy), key=lambda one: json.dumps(one))
        return parts[0] if len(parts) == 1 else parts
    return policy


def _create(wanted: Wanted) -> Call:
    arguments = {
        "RoleName": wanted.role_name,
        "AssumeRolePolicyDocument": json.dumps(trust_policy(wanted.account)),
        "Description": DESCRIPTION,
        "Tags": tag_list(wanted),
    }
    return Call("iam", "create_role", arguments)


def _trust_differences(wanted: Wanted, found: FoundRole) -> list[str]:
    if canonical(found.trust) == canonical(trust_policy(wanted.account)):
        return []
    known = json.dumps(found.trust)
    strangers = [service for service in SERVICES if f'"{service}"' not in known]
    if strangers:
        return [f"does not trust {', '.join(strangers)}"]
    return ["its trust policy is another; --dry-run prints this one as trust_policy"]


def _other_policies(iam: Any, what: str, role_name: str) -> tuple[str, ...]:
    inline = ask(what, lambda: iam.list_role_policies(RoleName=role_name))["PolicyNames"]
    attached = ask(what, lambda: iam.list_attached_role_policies(RoleName=role_name))
    names = [policy["PolicyName"] for policy in attached["AttachedPolicies"]]
    return tuple(name for name in (*inline, *names) if name != POLICY_NAME)


def _policy_name() -> dict[str, str]:
    return {"PolicyName": POLICY_NAME}
