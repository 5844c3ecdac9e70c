"""The requests for an endpoint that gives vectors, and for its deletion. Pure.

Sources: Amazon SageMaker developer guide, "BlazingText algorithm" (model artifacts and inference);
EventBridge Scheduler user guide, "Using universal targets", "Schedule types".
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aws.build_job import NAME as PROJECT
from aws.build_job import TAGS
from blazingtext.requests.limits import family, is_valid
from storage.errors import RequestError
from storage.locations import is_s3

NAME = re.compile(rf"{PROJECT}-[a-zA-Z0-9](-*[a-zA-Z0-9]){{0,47}}")
"""Of endpoint, configuration, model and schedule, all of which are called the same; setup_aws gives
permissions for such names."""

EXPIRES = f"{PROJECT}:expires"
"""Tag of all but the schedule: when it is deleted, in ISO 8601."""


@dataclass(frozen=True)
class Serving:
    """An endpoint, and when it ends.

    Attributes:
        expires: when it is deleted.
        name: of all that belongs to it.
        model_uri: `s3://…/model.tar.gz` that BlazingText wrote, with subwords.
        image: URI of BlazingText's image.
        role_arn: that hosts it.
        instance_type: of its one machine.
        tags: beside the one of its end.
        scheduler_role_arn: that deletes it; the one that hosts it if empty.
    """

    expires: datetime
    name: str = ""
    model_uri: str = ""
    image: str = ""
    role_arn: str = ""
    instance_type: str = "ml.m5.large"
    tags: Mapping[str, str] = field(default_factory=lambda: dict(TAGS))
    scheduler_role_arn: str = ""

    def check(self) -> None:
        """Nothing for what AWS would take.

        Raises:
            RequestError: all that is wrong, in one line.
        """
        wrong = []
        if not NAME.fullmatch(self.name):
            wrong.append(f"name is {self.name!r}: {PROJECT}-, letters, digits, single hyphens")
        if not is_s3(self.model_uri) or not self.model_uri.endswith(".tar.gz"):
            wrong.append(f"model is {self.model_uri!r}, not s3://bucket/key of a model.tar.gz")
        if not is_valid("RoleArn", self.role_arn):
            wrong.append(f"role is {self.role_arn!r}, not arn:aws:iam::ACCOUNT:role/NAME")
        if not family(self.instance_type):
            wrong.append(f"instance type is {self.instance_type!r}, not ml.FAMILY.SIZE")
        if wrong:
            raise RequestError("; ".join(wrong))

    def model(self) -> dict[str, Any]:
        """Arguments of `create_model`."""
        container = {"Image": self.image, "ModelDataUrl": self.model_uri}
        return {
            "ModelName": self.name,
            "PrimaryContainer": container,
            "ExecutionRoleArn": self.role_arn,
            "Tags": self._tags(),
        }

    def configuration(self) -> dict[str, Any]:
        """Arguments of `create_endpoint_config`."""
        variant = {
            "VariantName": "vectors",
            "ModelName": self.name,
            "InstanceType": self.instance_type,
            "InitialInstanceCount": 1,
        }
        return {
            "EndpointConfigName": self.name,
            "ProductionVariants": [variant],
            "Tags": self._tags(),
        }

    def endpoint(self) -> dict[str, Any]:
        """Arguments of `create_endpoint`."""
        return {
            "EndpointName": self.name,
            "EndpointConfigName": self.name,
            "Tags": self._tags(),
        }

    def deletion(self) -> dict[str, Any]:
        """Arguments of `create_schedule`: it deletes the endpoint, and then itself."""
        role_arn = self.scheduler_role_arn or self.role_arn
        partition = role_arn.split(":")[1]
        return {
            "Name": self.name,
            "Description": f"deletes the endpoint {self.name}",
            "ScheduleExpression": f"at({self.expires.astimezone(UTC):%Y-%m-%dT%H:%M:%S})",
            "ScheduleExpressionTimezone": "UTC",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "ActionAfterCompletion": "DELETE",
            "Target": {
                "Arn": f"arn:{partition}:scheduler:::aws-sdk:sagemaker:deleteEndpoint",
                "RoleArn": role_arn,
                "Input": json.dumps({"EndpointName": self.name}),
                "RetryPolicy": {"MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 185},
            },
        }

    def _tags(self) -> list[dict[str, str]]:
        end = self.expires.astimezone(UTC).isoformat(timespec="seconds")
        return [{"Key": key, "Value": value} for key, value in {**self.tags, EXPIRES: end}.items()]
