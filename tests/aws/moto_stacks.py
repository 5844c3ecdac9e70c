"""moto's CloudFormation, as far as AWS's differs from it for our template."""

from inspect import signature
from typing import Any

import pytest
from moto.cloudformation import parsing
from moto.cloudformation.models import ChangeSet, Stack, cloudformation_backends
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.common_models import CloudFormationModel
from moto.emrserverless.models import Application, emrserverless_backends
from moto.utilities.tagging_service import TaggingService

NUMBER, REGION = "123456789012", "eu-west-1"
clean_json, tag_resource = parsing.clean_json, TaggingService.tag_resource
update_resource = parsing.parse_and_update_resource


class StackApplication(CloudFormationModel):
    """EMR Serverless applications, which moto's stacks leave out, as they do the types below."""

    __module__ = "moto.emrserverless.models"  # by which moto counts the instances of its classes

    def __init__(self, properties: Any, account: str, region: str) -> None:
        given: dict[str, Any] = {
            "name": properties["Name"],
            "release_label": properties["ReleaseLabel"],
            "application_type": properties["Type"],
            "tags": {tag["Key"]: tag["Value"] for tag in properties.get("Tags", ())},
            "maximum_capacity": properties["MaximumCapacity"],
        }
        others: dict[str, Any] = dict.fromkeys([*signature(Application.__init__).parameters][1:])
        place = {"account_id": account, "region_name": region}
        made = Application(**(others | given | place))
        self.properties, self.physical_resource_id = properties, made.id
        emrserverless_backends[account][region].applications[made.id] = made

    @staticmethod
    def cloudformation_name_type() -> str:
        return ""

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::EMRServerless::Application"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return attr == "ApplicationId"

    def get_cfn_attribute(self, attr: str) -> str:
        assert attr == "ApplicationId"
        return str(self.physical_resource_id)

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **kwargs: Any,
    ) -> Any:
        return cls(cloudformation_json["Properties"], account_id, region_name)

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> Any:
        return original_resource  # nothing that the tests look at is changed

    @classmethod
    def delete_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> None:
        del emrserverless_backends[account_id][region_name].applications[resource_name]

    def is_created(self) -> bool:
        return True


LEFT_OUT = ("S3::BucketPolicy", "Budgets::Budget", "Glue::Database", "Glue::Table")
"""Types of our template that moto's stacks leave out too, each with a warning; they are noted."""


def _note(kind: str) -> type[StackApplication]:
    def note(self: Any, properties: Any, *_: str) -> None:
        self.properties, self.physical_resource_id = properties, f"noted-{kind}"

    methods: dict[str, Any] = {
        "__module__": StackApplication.__module__,
        "__init__": note,
        "cloudformation_type": staticmethod(lambda: f"AWS::{kind}"),
        "delete_from_cloudformation_json": classmethod(lambda *_: None),
    }
    return type(kind, (StackApplication, CloudFormationModel), methods)


NOTED = [_note(kind) for kind in LEFT_OUT]


def mend(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stacks come whole of change sets, and no change is a change set that failed."""
    parsing.get_model_list.cache_clear()  # or it may not know the class above
    parsing.get_model_map.cache_clear()
    parsing.get_name_type_map.cache_clear()
    monkeypatch.setattr(ChangeSet, "apply", apply)
    monkeypatch.setattr(CloudFormationResponse, "_validate_different_update", lambda *_: None)
    monkeypatch.setattr(Stack, "has_parameters", lambda self, new: self.stack_parameters == new)
    monkeypatch.setattr(Stack, "stack_resources", property(made_resources))
    monkeypatch.setattr(parsing, "clean_json", without_no_value)
    monkeypatch.setattr(parsing, "parse_and_update_resource", update_what_there_is)
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


def update_what_there_is(name: str, resource: Any, resources: Any, **place: str) -> Any:
    """Nothing of what a condition leaves out."""
    condition = resource.get("Condition")
    if condition and not resources.lazy_condition_map[condition]:
        return None
    return update_resource(name, resource, resources, **place)


def without_no_value(node: Any, resources: Any) -> Any:
    """Without the `AWS::NoValue`s of a list."""
    found = clean_json(node, resources)
    return [one for one in found if one is not None] if isinstance(found, list) else found


def tag_by_any_name(self: Any, arn: str, tags: list[dict[str, str]] | None) -> None:
    """KMS has its own names for a tag's key and value, its templates do not."""
    names = self.key_name, self.value_name
    tag_resource(self, arn, [dict(zip(names, tag.values(), strict=True)) for tag in tags or []])
