"""moto's CloudFormation, as far as AWS's differs from it for our template."""

from typing import Any

import pytest
from moto.cloudformation import parsing
from moto.cloudformation.models import ChangeSet, Stack, cloudformation_backends
from moto.cloudformation.responses import CloudFormationResponse
from moto.utilities.tagging_service import TaggingService

NUMBER, REGION = "123456789012", "eu-west-1"
clean_json, tag_resource = parsing.clean_json, TaggingService.tag_resource


def mend(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stacks come whole of change sets, and no change is a change set that failed."""
    monkeypatch.setattr(ChangeSet, "apply", apply)
    monkeypatch.setattr(CloudFormationResponse, "_validate_different_update", lambda *_: None)
    monkeypatch.setattr(Stack, "has_parameters", lambda self, new: self.stack_parameters == new)
    monkeypatch.setattr(Stack, "stack_resources", property(made_resources))
    monkeypatch.setattr(parsing, "clean_json", without_no_value)
    monkeypatch.setattr(TaggingService, "tag_resource", tag_by_any_name)


def stacks() -> dict[str, Any]:
    """Those that there are, by name."""
    return {one.name: one for one in cloudformation_backends[NUMBER][REGION].stacks.values()}


def change_sets() -> list[str]:
    """How far those are that there are; AWS deletes what is executed, moto does not."""
    found = cloudformation_backends[NUMBER][REGION].change_sets.values()
    return [str(one.execution_status) for one in found]


def apply(self: Any) -> None:
    """Conditions and outputs too: moto's change sets know neither, its stacks do."""
    made = self.stack
    if self.change_set_type == "UPDATE":
        made.update(self.template, None, self.parameters, self.tags)
    else:
        made.template, made.parameters, made.tags = self.template, self.parameters, self.tags
        made._parse_template()
        made.resource_map = made._create_resource_map()
        made.create_resources()
        made.output_map = made._create_output_map()


def made_resources(self: Any) -> list[Any]:
    """Not those whose condition does not hold."""
    return [one for one in self.resource_map.values() if one is not None]


def without_no_value(node: Any, resources: Any) -> Any:
    """Without the `AWS::NoValue`s of a list."""
    found = clean_json(node, resources)
    return [one for one in found if one is not None] if isinstance(found, list) else found


def tag_by_any_name(self: Any, arn: str, tags: list[dict[str, str]] | None) -> None:
    """KMS has its own names for a tag's key and value, its templates do not."""
    names = self.key_name, self.value_name
    tag_resource(self, arn, [dict(zip(names, tag.values(), strict=True)) for tag in tags or []])
