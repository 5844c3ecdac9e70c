"""An endpoint that gives vectors: made together with its own deletion, asked, listed, deleted."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from aws.build_job import NAME as PROJECT
from aws.remote_runs import Status
from blazingtext.asking import Asker
from blazingtext.sdk import start_errors
from blazingtext.serving_request import EXPIRES, Serving
from storage.errors import AwsError, ObjectNotFoundError

COMMAND = "serve_embeddings.py"
IN_SERVICE, FAILED, GONE = "InService", "Failed", "deleted"
FINAL = (IN_SERVICE, FAILED, "OutOfService", "UpdateRollbackFailed")


class Listed(NamedTuple):
    """An endpoint, or what is left of one.

    Attributes:
        name: of all that belongs to it.
        state: `GONE` if only configuration and model are left, which cost nothing.
        expires: ISO 8601; empty if nobody has said.
    """

    name: str
    state: str
    expires: str

    @property
    def is_expired(self) -> bool:
        """Whether its time is over."""
        return bool(self.expires) and datetime.fromisoformat(self.expires) <= datetime.now(UTC)


class Endpoint:
    """An endpoint, by its name; a `Run` for `aws.remote_runs`."""

    def __init__(self, name: str) -> None:
        self.name = self.handle = name
        self.follow_command = f"{COMMAND} list"
        self.cancel_command = f"{COMMAND} delete {name}"
        self._asker = Asker(f"endpoint {name}")

    def status(self) -> Status:
        """Where it stands now."""
        found = self._ask("sagemaker", "describe_endpoint", EndpointName=self.name)
        state = found["EndpointStatus"]
        exit_code = 0 if state == IN_SERVICE else None
        return Status(state, state in FINAL, exit_code, found.get("FailureReason", ""))

    def log_places(self) -> list[str]:
        """The command that shows its log."""
        region = self._asker.client("sagemaker").meta.region_name
        return [f"aws logs tail /aws/sagemaker/Endpoints/{self.name} --region {region}"]

    def cancel(self) -> None:
        """Deletes it, and all that belongs to it."""
        self.delete()

    def deploy(self, serving: Serving) -> None:
        """Makes it, its deletion first; if that breaks off, what was made is removed again.

        Raises:
            QuotaError: the account may not run such a machine, or not one more.
            AccessDeniedError: the caller may not, or the role can't be assumed.
            AwsError: anything else that AWS says; the line names the endpoint.
        """
        steps: list[tuple[str, str, dict[str, Any]]] = [
            ("scheduler", "create_schedule", serving.deletion()),
            ("sagemaker", "create_model", serving.model()),
            ("sagemaker", "create_endpoint_config", serving.configuration()),
            ("sagemaker", "create_endpoint", serving.endpoint()),
        ]
        try:
            for service, method, request in steps:
                operation = "".join(word.capitalize() for word in method.split("_"))
                with start_errors(self._asker.where, operation):
                    getattr(self._asker.client(service), method)(**request)
        except BaseException:
            self.delete(must_exist=False)
            raise

    def vectors(self, words: Sequence[str]) -> dict[str, list[float]]:
        """The vector of each word, of all zeros if the model can't make one.

        Raises:
            ObjectNotFoundError: there is no such endpoint.
            AwsError: it answers something else.
        """
        answer = self._ask(
            "sagemaker-runtime",
            "invoke_endpoint",
            EndpointName=self.name,
            ContentType="application/json",
            Body=json.dumps({"instances": list(words)}).encode(),
        )
        return parse_answer(answer["Body"].read(), words, self._asker.where)

    def delete(self, must_exist: bool = True) -> None:
        """Deletes endpoint, configuration, model and schedule, as far as they are there.

        Raises:
            ObjectNotFoundError: none of them is, and one must.
        """
        found = [
            self._delete("sagemaker", "delete_endpoint", EndpointName=self.name),
            self._delete("sagemaker", "delete_endpoint_config", EndpointConfigName=self.name),
            self._delete("sagemaker", "delete_model", ModelName=self.name),
            self._delete("scheduler", "delete_schedule", Name=self.name),
        ]
        if must_exist and not any(found):
            raise ObjectNotFoundError(f"endpoint {self.name}: does not exist")

    def _delete(self, service: str, method: str, **key: str) -> bool:
        try:
            self._ask(service, method, **key)
        except ObjectNotFoundError:
            return False
        return True

    def _ask(self, service: str, method: str, **arguments: Any) -> Any:
        return self._asker.ask(service, lambda client: _call(client, method, arguments))


def list_endpoints() -> Iterator[Listed]:
    """All endpoints that were made here, and what is left of those that are deleted."""
    asker = Asker("endpoints")

    def configurations(client: Any) -> list[dict[str, Any]]:
        pages = client.get_paginator("list_endpoint_configs").paginate(NameContains=f"{PROJECT}-")
        return [one for page in pages for one in page["EndpointConfigs"]]

    def tags(arn: str) -> Callable[[Any], dict[str, str]]:
        return lambda client: {
            tag["Key"]: tag["Value"] for tag in client.list_tags(ResourceArn=arn)["Tags"]
        }

    for one in asker.ask("sagemaker", configurations):
        name = one["EndpointConfigName"]
        if not name.startswith(f"{PROJECT}-"):
            continue
        expires = asker.ask("sagemaker", tags(one["EndpointConfigArn"])).get(EXPIRES, "")
        try:
            state = Endpoint(name).status().state
        except ObjectNotFoundError:
            state = GONE
        yield Listed(name, state, expires)


def parse_answer(body: bytes, words: Sequence[str], where: str) -> dict[str, list[float]]:
    """BlazingText's answer, `[{"word": …, "vector": […]}, …]`, by word.

    Raises:
        AwsError: it is something else.
    """
    try:
        found = {one["word"]: [float(value) for value in one["vector"]] for one in json.loads(body)}
    except (ValueError, TypeError, KeyError):
        found = {}
    if missing := [word for word in words if not found.get(word)]:
        raise AwsError(f"{where}: its answer holds no vector of {', '.join(missing)}")
    return found


def _call(client: Any, method: str, arguments: dict[str, Any]) -> Any:
    from botocore.exceptions import ClientError

    try:
        return getattr(client, method)(**arguments)
    except ClientError as error:
        code, said = error.response["Error"].get("Code", ""), str(error).lower()
        if "NotFound" in code or "could not find" in said or "not found" in said:
            raise ObjectNotFoundError(f"{method} of {arguments}: does not exist") from error
        raise
