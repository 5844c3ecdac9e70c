"""Requests as data: what a dry run prints is what is sent."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from aws.setup.wanted import NEW_KEY
from storage.aws_errors import aws_errors
from storage.errors import BucketError

TAKEN = {"BucketAlreadyExists": "belongs to another account"}
"""Answers for which `storage.aws_errors` has no kind of its own."""

Clients = Mapping[str, Any]
"""boto3's, by the name of the service."""


class Call(NamedTuple):
    """One request.

    Attributes:
        service: boto3's name, such as "s3".
        operation: boto3's name of the method; of the waiter where `is_wait`.
        arguments: of the request; JSON-able.
        is_wait: whether it only waits for what an earlier one made.
    """

    service: str
    operation: str
    arguments: dict[str, Any]
    is_wait: bool = False

    def to_json(self) -> dict[str, Any]:
        """For people."""
        return {
            "service": self.service,
            "operation": self.operation,
            "arguments": self.arguments,
        }


class Step(NamedTuple):
    """One thing made or removed.

    Attributes:
        what: names it, as in "bucket s3://blogs".
        calls: what is sent for it, in order.
        verb: what was done to it, for people.
    """

    what: str
    calls: list[Call]
    verb: str = "made"

    def to_json(self) -> dict[str, Any]:
        """For people."""
        requests = [call.to_json() for call in self.calls if not call.is_wait]
        return {"what": self.what, "requests": requests}


def carry_out(clients: Clients, steps: Iterable[Step], say: Callable[[str], None]) -> str:
    """Sends everything; what stands for `NEW_KEY` by then.

    Args:
        clients: of all services in it.
        steps: in order.
        say: is told each step when it is done.

    Raises:
        AwsError: AWS refused; what was sent before stays.
    """
    key = NEW_KEY
    for step in steps:
        for call in step.calls:
            answer = send(clients, fill_in(call, key), step.what)
            if call.operation == "create_key":
                key = f"key/{answer['KeyMetadata']['KeyId']}"
        say(f"{step.verb} {step.what}")
    return key


def fill_in(call: Call, key: str) -> Call:
    """The call with a key's resource wherever `NEW_KEY` was, inside policies too."""
    text = json.dumps(call.arguments).replace(NEW_KEY, key)
    return call._replace(arguments=json.loads(text))


def send(clients: Clients, call: Call, what: str) -> Any:
    """What AWS answers.

    Raises:
        AwsError: it refused.
    """
    from botocore.exceptions import ClientError

    client = clients[call.service]
    with aws_errors(what):
        if call.is_wait:
            return client.get_waiter(call.operation).wait(**call.arguments)
        try:
            return getattr(client, call.operation)(**call.arguments)
        except ClientError as error:
            code = error.response["Error"].get("Code", "")
            if code in TAKEN:
                raise BucketError(f"{what}: {TAKEN[code]} ({code})") from error
            raise


def ask(what: str, request: Callable[[], Any], *missing: str) -> Any:
    """What AWS answers, None for an error whose code says that there is no such thing.

    Raises:
        AwsError: any other error.
    """
    from botocore.exceptions import ClientError

    with aws_errors(what):
        try:
            return request()
        except ClientError as error:
            if error.response["Error"].get("Code") in missing:
                return None
            raise
