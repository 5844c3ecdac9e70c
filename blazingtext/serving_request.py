"""The requests for an endpoint that gives vectors, and for its deletion. Pure.

Sources: Amazon SageMaker developer guide, "BlazingText algorithm" (model artifacts and inference);
EventBridge Scheduler user guide, "Using universal targets", "Schedule types".
"""

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aws.build_job import NAME as PROJECT
from blazingtext.machines import ROLE, TAGS
from storage.errors import RequestError
from storage.locations import is_s3

NAME = re.compile(rf"{PROJECT}-[a-zA-Z0-9](-*[a-zA-Z0-9]){{0,47}}")
"""Of endpoint, configuration, model and schedule, all of which are called the same; setup_aws gives
permissions for such names."""

EXPIRES = f"{PROJECT}:expires"
"""Tag of all but the schedule: when it is deleted, in ISO 8601."""

DURATION = re.compile(r"(\d+)([mhd])")
UNITS = {"m": "minutes", "h": "hours", "d": "days"}
SHORTEST, LONGEST = timedelta(minutes=15), timedelta(days=7)
"""Starting an endpoint takes some five minutes."""

PRICES = {
    "ml.t2.medium": 0.056,
    "ml.m5.large": 0.115,
    "ml.m5.xlarge": 0.23,
    "ml.m5.2xlarge": 0.461,
    "ml.c5.large": 0.102,
    "ml.c5.xlarge": 0.204,
    "ml.c5.2xlarge": 0.408,
}
"""US$ an hour of hosting, US East (N. Virginia), as of 2025. Two million n-grams of 100 dimensions
take 0.8 GB of memory, beside the words."""


@dataclass(frozen=True)
class Serving:
    """An endpoint, and when it ends.

    Attributes:
        name: of all that belongs to it.
        model_uri: `s3://…/model.tar.gz` that BlazingText wrote, with subwords.
        image: URI of BlazingText's image.
        role_arn: that hosts it, and deletes it.
        expires: when it is deleted.
        instance_type: of its one machine.
        tags: beside the one of its end.
    """

    name: str
    model_uri: str
    image: str
    role_arn: str
    expires: datetime
    instance_type: str = "ml.m5.large"
    tags: Mapping[str, str] = field(default_factory=lambda: dict(TAGS))

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
        if not ROLE.fullmatch(self.role_arn):
            wrong.append(f"role is {self.role_arn!r}, not arn:aws:iam::ACCOUNT:role/NAME")
        if not re.fullmatch(r"ml\.[a-z0-9-]+\.[a-z0-9]+", self.instance_type):
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
        partition = self.role_arn.split(":")[1]
        return {
            "Name": self.name,
            "Description": f"deletes the endpoint {self.name}",
            "ScheduleExpression": f"at({self.expires.astimezone(UTC):%Y-%m-%dT%H:%M:%S})",
            "ScheduleExpressionTimezone": "UTC",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "ActionAfterCompletion": "DELETE",
            "Target": {
                "Arn": f"arn:{partition}:scheduler:::aws-sdk:sagemaker:deleteEndpoint",
                "RoleArn": self.role_arn,
                "Input": json.dumps({"EndpointName": self.name}),
                "RetryPolicy": {"MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 185},
            },
        }

    def _tags(self) -> list[dict[str, str]]:
        end = self.expires.astimezone(UTC).isoformat(timespec="seconds")
        return [{"Key": key, "Value": one} for key, one in {**self.tags, EXPIRES: end}.items()]


def new_endpoint_name(now: datetime | None = None) -> str:
    """A name that no other endpoint has: `blazing-corpus-260102-030405-1a2b3c`."""
    return f"{PROJECT}-{now or datetime.now(UTC):%y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def duration(text: str) -> timedelta:
    """A span such as `45m`, `2h` or `1d`.

    Raises:
        ValueError: it is none, or too short or too long; one line for the user.
    """
    found = DURATION.fullmatch(text)
    span = timedelta(**{UNITS[found[2]]: int(found[1])}) if found else None
    if span is None or not SHORTEST <= span <= LONGEST:
        raise ValueError(f"{text} is not a span from 15m to 7d, such as 45m, 2h or 1d")
    return span
