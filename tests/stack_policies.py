"""Who may do what, by the policies of deploy/cloudformation.yaml; moto looks at neither the
resources nor the conditions of a policy (`moto.iam.access_control` says so)."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

TEMPLATE = Path(__file__).resolve().parents[1] / "deploy" / "cloudformation.yaml"
NUMBER, REGION = "123456789012", "eu-west-1"
NOTHING = object()


class Need(NamedTuple):
    """What a request takes: an action on a resource, with the keys that conditions look at."""

    action: str
    resource: str
    context: Mapping[str, str] = {}

    def __str__(self) -> str:
        keys = "".join(f", {key}={value!r}" for key, value in self.context.items())
        return f"{self.action} on {self.resource}{keys}"


class StackPolicies:
    """The template with parameters, its functions worked out as far as policies have them.

    Args:
        parameters: beside the template's defaults.
        region: in which the stack is.
    """

    def __init__(self, parameters: Mapping[str, str], region: str = REGION) -> None:
        template = yaml.load(TEMPLATE.read_text(), _Loader)
        defaults = {key: each.get("Default") for key, each in template["Parameters"].items()}
        pseudo = {"Partition": "aws", "Region": region, "AccountId": NUMBER, "NoValue": NOTHING}
        self.values = {f"AWS::{name}": value for name, value in pseudo.items()}
        self.values |= defaults | dict(parameters)
        self.parameters = set(defaults)
        self.conditions = template.get("Conditions", {})
        self.resources: dict[str, Any] = template["Resources"]

    def statements(self, name: str) -> list[dict[str, Any]]:
        """Those of a role, inline and attached, or of a managed policy, by logical ID."""
        properties = self.properties(name)
        documents = [properties["PolicyDocument"]] if "PolicyDocument" in properties else []
        documents += [each["PolicyDocument"] for each in properties.get("Policies", ())]
        attached = [
            statement
            for arn in properties.get("ManagedPolicyArns", ())
            for statement in self.statements(arn)
        ]
        return [each for document in documents for each in document["Statement"]] + attached

    def role(self, arn: str) -> str:
        """Logical ID of the role that has an ARN; empty for none."""
        roles = (name for name in self.resources if self._kind(name) == "AWS::IAM::Role")
        return next((name for name in roles if self.get_att(f"{name}.Arn") == arn), "")

    def trusts(self, role: str, service: str) -> bool:
        """Whether a service may become the role on behalf of the account."""
        if role not in self.resources:
            return False
        document = self.properties(role)["AssumeRolePolicyDocument"]
        context = {"aws:SourceAccount": NUMBER}
        return any(
            service in _listed(each["Principal"]["Service"]) and _holds(each, context)
            for each in document["Statement"]
        )

    def properties(self, name: str) -> Any:
        """Of a resource."""
        return self.value(self.resources[name]["Properties"])

    def get_att(self, text: str) -> str:
        """The ARN of a resource, which is all that policies ask for."""
        name = text.removesuffix(".Arn")
        properties = self.resources[name]["Properties"]
        if self._kind(name) == "AWS::IAM::Role":
            path = self.value(properties.get("Path", "/"))
            return f"arn:aws:iam::{NUMBER}:role{path}{self.value(properties['RoleName'])}"
        service = self._kind(name).split("::")[1].lower()
        region = self.values["AWS::Region"]
        return f"arn:aws:{service}:{region}:{NUMBER}:{name.lower()}/{name.lower()}"

    def value(self, node: Any) -> Any:
        """A node of the template, as CloudFormation would have it."""
        match node:
            case {"Ref": name}:
                return self.values.get(name, name)
            case {"Sub": text}:
                return re.sub(r"\$\{(!?[\w:.]+)\}", lambda name: self._named(name[1]), text)
            case {"GetAtt": text}:
                return self.get_att(text)
            case {"If": [condition, yes, no]}:
                return self.value(yes if self.holds(condition) else no)
            case {"Equals": [one, other]}:
                return self.value(one) == self.value(other)
            case {"Not": [one]}:
                return not self.value(one)
            case {"And": terms}:
                return all(map(self.value, terms))
            case {"Or": terms}:
                return any(map(self.value, terms))
            case {"Condition": str(name)} if len(node) == 1:
                return self.holds(name)
            case dict():
                pairs = ((key, self.value(each)) for key, each in node.items())
                return {key: each for key, each in pairs if each is not NOTHING}
            case list():
                return [each for each in map(self.value, node) if each is not NOTHING]
        return node

    def holds(self, condition: str) -> bool:
        """Whether a condition of the template does."""
        return bool(self.value(self.conditions[condition]))

    def _named(self, name: str) -> str:
        if name.startswith("!"):  # is to stay
            return f"${{{name[1:]}}}"
        return self.get_att(name) if name.endswith(".Arn") else str(self.values.get(name, name))

    def _kind(self, name: str) -> str:
        return str(self.resources[name]["Type"])


def allows(statements: Sequence[Mapping[str, Any]], need: Need) -> bool:
    """Whether policies allow something: one that does, and none that denies it."""
    effects = {
        each["Effect"]
        for each in statements
        if any(_like(pattern, need.action) for pattern in _listed(each["Action"]))
        and any(_like(pattern, need.resource) for pattern in _listed(each["Resource"]))
        and _holds(each, need.context)
    }
    return effects == {"Allow"}


def _holds(statement: Mapping[str, Any], context: Mapping[str, str]) -> bool:
    return all(
        _compare(operator, context.get(key), _listed(expected))
        for operator, keys in statement.get("Condition", {}).items()
        for key, expected in keys.items()
    )


def _compare(operator: str, value: str | None, expected: list[str]) -> bool:
    """As IAM does ("IAM JSON policy elements: Condition operators"); no key, no match."""
    if operator == "Null":
        return (value is None) == (expected == ["true"])
    if value is None:
        return False
    if operator in ("StringLike", "ArnLike"):
        return any(_like(pattern, value) for pattern in expected)
    assert operator in ("StringEquals", "Bool"), operator
    return value in expected


def _like(pattern: str, value: str) -> bool:
    words = "".join({"*": ".*", "?": "."}.get(each) or re.escape(each) for each in pattern)
    return re.fullmatch(words, value, re.DOTALL) is not None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """Short forms of CloudFormation's functions, as mappings: `!Ref X` is {"Ref": "X"}."""


def _construct(loader: Any, name: str, node: Any) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _construct)
