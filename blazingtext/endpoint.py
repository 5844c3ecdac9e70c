"""An endpoint that gives vectors: made together with its own deletion, asked, listed, deleted."""

import json
import math
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations
from typing import Any, NamedTuple

from aws import remote_runs
from aws.build_job import NAME as PROJECT
from aws.remote_runs import Status
from blazingtext import account
from blazingtext.account import Clients
from blazingtext.costs import HOSTING_PRICES, Budget
from blazingtext.jobs.job import announce
from blazingtext.requests.limits import ENDPOINT, new_name
from blazingtext.requests.serving_request import EXPIRES, Serving
from embeddings.runs.run_record import RunRecord
from embeddings.scoring.text_tables import figure, table
from storage.errors import (
    AwsError,
    EndpointFailedError,
    JobError,
    LeftRunningError,
    ObjectNotFoundError,
    RequestError,
)
from storage.pasted import job_command

POLL_SECONDS = 10.0
COMMAND = "serve_embeddings.py"
IN_SERVICE, FAILED, GONE = "InService", "Failed", "deleted"
FINAL = (IN_SERVICE, FAILED, "OutOfService", "UpdateRollbackFailed")
CHANGING = ("Creating", "Updating", "SystemUpdating", "RollingBack")
"""States in which SageMaker refuses to delete it."""

SCHEDULER = "-scheduler"
"""Ending of the name of the stack's role that deletes endpoints."""


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
        self._clients = Clients(f"endpoint {name}")

    @property
    def follow_command(self) -> str:
        """Shows whether it is in service."""
        return self.command("list")

    @property
    def cancel_command(self) -> str:
        """Ends it."""
        return self.command("delete", self.name)

    def command(self, *words: str) -> str:
        """A command about it, as a shell takes it."""
        return job_command(COMMAND, *words, region=self._clients.region)

    def status(self) -> Status:
        """Where it stands now."""
        described = self._clients.call("sagemaker", "describe_endpoint", EndpointName=self.name)
        state = described["EndpointStatus"]
        exit_code = 0 if state == IN_SERVICE else None
        return Status(state, state in FINAL, exit_code, described.get("FailureReason", ""))

    def log_places(self) -> list[str]:
        """The command that shows its log."""
        group = f"/aws/sagemaker/Endpoints/{self.name}"
        return [f"aws logs tail {group} --region {self._clients.region}"]

    def cancel(self) -> None:
        """Deletes it, and all that belongs to it."""
        self.delete()

    def create(self, serving: Serving) -> None:
        """Makes it, its deletion first; if that breaks off, what was made is removed again.

        Raises:
            QuotaError: the account may not run such a machine, or not one more.
            AccessDeniedError: the caller may not, or the role can't be assumed.
            LeftRunningError: Ctrl-C, and it can't be removed.
            AwsError: anything else that AWS says; the line names the endpoint.
        """
        makes = (
            ("scheduler", "create_schedule", serving.deletion()),
            ("sagemaker", "create_model", serving.model()),
            ("sagemaker", "create_endpoint_config", serving.configuration()),
            ("sagemaker", "create_endpoint", serving.endpoint()),
        )
        for begun, (service, method, request) in enumerate(makes, 1):
            try:
                self._clients.create(service, method, request)
            except BaseException as error:
                kind = type(error) if isinstance(error, JobError) else LeftRunningError
                costs = self._costs(kind, str(error) or "interrupted")
                with costs if begun == len(makes) else suppress(JobError):  # else free
                    self._settle()
                    for deletion in self._deletions()[-begun:]:
                        self._delete(*deletion)
                raise

    def wait(self) -> None:
        """Waits until it is in service; one that can't be is deleted.

        Raises:
            EndpointFailedError: SageMaker's reason.
            LeftRunningError: Ctrl-C; it goes on until it expires.
        """
        try:
            status = remote_runs.watch(self, POLL_SECONDS)
        except KeyboardInterrupt:
            raise LeftRunningError(
                f"interrupted; {self.name} goes on until it expires, {self.cancel_command} ends it"
            ) from None
        if status.state != IN_SERVICE:
            said = " ".join(status.details.split())[: remote_runs.MAX_DETAILS]
            reason = f": {said}" if said else ""
            text = f"endpoint {self.name} is {status.state}"
            with self._costs(EndpointFailedError, text + reason):
                self.delete(must_exist=False)
            raise EndpointFailedError(f"{text}, and deleted{reason}")

    def vectors(self, words: Sequence[str]) -> dict[str, list[float]]:
        """The vector of each word, of all zeros if the model can't make one.

        Raises:
            ObjectNotFoundError: there is no such endpoint.
            AwsError: it answers something else.
        """
        answer = self._clients.call(
            "sagemaker-runtime",
            "invoke_endpoint",
            EndpointName=self.name,
            ContentType="application/json",
            Body=json.dumps({"instances": list(words)}).encode(),
        )
        return parse_answer(answer["Body"].read(), words, self._clients.subject)

    def delete(self, must_exist: bool = True) -> None:
        """Deletes endpoint, configuration, model and schedule, as far as they are there.

        Waits first for an endpoint that is being made, which SageMaker would not delete.

        Raises:
            ObjectNotFoundError: none of them is, and one must.
        """
        self._settle()
        were_there = [self._delete(*deletion) for deletion in self._deletions()]
        if must_exist and not any(were_there):
            raise ObjectNotFoundError(f"endpoint {self.name}: does not exist")

    def _settle(self) -> None:
        with suppress(ObjectNotFoundError):
            while (state := self.status().state) in CHANGING:
                print(f"{self.name} is {state}, which is waited for first", file=sys.stderr)
                time.sleep(POLL_SECONDS)

    def _deletions(self) -> list[tuple[str, str, str]]:
        """Service, method and its key; the schedule goes when all else has gone."""
        return [
            ("sagemaker", "delete_endpoint", "EndpointName"),
            ("sagemaker", "delete_endpoint_config", "EndpointConfigName"),
            ("sagemaker", "delete_model", "ModelName"),
            ("scheduler", "delete_schedule", "Name"),
        ]

    def _delete(self, service: str, method: str, key: str) -> bool:
        try:
            self._clients.call(service, method, **{key: self.name})
        except ObjectNotFoundError:
            return False
        return True

    @contextmanager
    def _costs(self, kind: type[JobError], reason: str) -> Iterator[None]:
        """Around a removal that has a reason: where it fails, that is told with what it costs."""
        try:
            yield
        except JobError as failure:
            raise kind(
                f"{reason}; and it can't be removed: {failure}; "
                f"it may cost money until it is deleted: {self.cancel_command}"
            ) from failure


def deploy(run: RunRecord, serving: Serving, budget: Budget, wait: bool = True) -> None:
    """Makes an endpoint, once the user has agreed to what it costs, and says how to use it.

    Args:
        run: whose model it serves.
        serving: role and image may be empty, for those of the account; name and model are made.
        budget: what may be paid.
        wait: until it is in service.

    Raises:
        RequestError: the run has no such model, AWS would refuse it, or the user has.
        TooExpensiveError: it would cost more than it may.
        AwsError: AWS refuses.
    """
    serving = replace(
        serving,
        name=new_name(PROJECT, ENDPOINT),
        model_uri=model_uri(run),
        image=serving.image or account.image_uri(account.region()),
        role_arn=serving.role_arn or account.default_role(),
        scheduler_role_arn=serving.scheduler_role_arn
        or serving.role_arn
        or account.default_role(SCHEDULER),
    )
    serving.check()
    line, dollars = describe_cost(serving, budget.price_per_hour)
    budget.agree(line, dollars, "deployed", "Deploy the endpoint?")
    endpoint = Endpoint(serving.name)
    endpoint.create(serving)
    announce(endpoint)
    if wait:
        endpoint.wait()
        print(f"query   {endpoint.command('query', endpoint.name, 'WORD')}")


def describe_cost(serving: Serving, price_per_hour: float | None) -> tuple[str, float | None]:
    """One line: the machine, its end, and what it costs until then; and that in US$, if known."""
    price = HOSTING_PRICES.get(serving.instance_type)
    price = price if price_per_hour is None else price_per_hour
    hours = (serving.expires - datetime.now(UTC)).total_seconds() / 3600
    end = f"{serving.expires:%Y-%m-%d %H:%M} UTC"
    line = f"{serving.name} on 1 x {serving.instance_type} until {end}"
    if price is None:
        return f"{line}: price unknown", None
    return f"{line}: US$ {price:,.3f} an hour, US$ {price * hours:,.2f} until then", price * hours


def model_uri(record: RunRecord) -> str:
    """Where the model of a run is that an endpoint can serve.

    Raises:
        RequestError: it has none.
    """
    uri = record.details.get("model_uri")
    if not uri:
        raise RequestError(
            f"{record.name} was not trained on SageMaker, and its model is not BlazingText's own: "
            "python jobs/neighbours.py --model RUN WORD answers for it here"
        )
    if not record.hyperparameters.get("subwords"):
        raise RequestError(
            f"{record.name} has no subwords, so it knows no other words than those of its corpus: "
            "train with --mode skipgram --subwords True"
        )
    return str(uri)


def list_endpoints() -> Iterator[Listed]:
    """All endpoints that were made here, and what is left of those that are deleted."""
    clients = Clients("endpoints")

    def configurations(client: Any) -> list[dict[str, Any]]:
        pages = client.get_paginator("list_endpoint_configs").paginate(NameContains=f"{PROJECT}-")
        return [each for page in pages for each in page["EndpointConfigs"]]

    for configuration in clients.ask("sagemaker", configurations):
        name = configuration["EndpointConfigName"]
        if not name.startswith(f"{PROJECT}-"):
            continue
        answer = clients.call(
            "sagemaker", "list_tags", ResourceArn=configuration["EndpointConfigArn"]
        )
        tags = {tag["Key"]: tag["Value"] for tag in answer["Tags"]}
        try:
            state = Endpoint(name).status().state
        except ObjectNotFoundError:
            state = GONE
        yield Listed(name, state, tags.get(EXPIRES, ""))


def endpoint_table() -> str:
    """All endpoints, for people."""
    rows = [[each.name, each.state, each.expires or "-"] for each in list_endpoints()]
    return table(["endpoint", "state", "expires"], rows) if rows else "no endpoints"


def cosine_table(vectors: Mapping[str, Sequence[float]]) -> str:
    """The cosine of each two words; a dash where one has a vector of zeros."""
    pairs = combinations(vectors, 2)
    rows = [[word, other, figure(_cosine(vectors[word], vectors[other]))] for word, other in pairs]
    return table(["word", "word", "cosine"], rows)


def _cosine(vector: Sequence[float], other: Sequence[float]) -> float | None:
    product = math.hypot(*vector) * math.hypot(*other)
    if not product:
        return None
    return sum(a * b for a, b in zip(vector, other, strict=True)) / product


def parse_answer(body: bytes, words: Sequence[str], subject: str) -> dict[str, list[float]]:
    """BlazingText's answer, `[{"word": …, "vector": […]}, …]`, by word.

    Raises:
        AwsError: it is something else.
    """
    try:
        answer = json.loads(body)
        vectors = {row["word"]: [float(value) for value in row["vector"]] for row in answer}
    except (ValueError, TypeError, KeyError):
        vectors = {}
    vectors = {word: vector for word, vector in vectors.items() if all(map(math.isfinite, vector))}
    if missing := [word for word in words if not vectors.get(word)]:
        raise AwsError(f"{subject}: its answer holds no vector of {', '.join(missing)}")
    return vectors
