"""The four commands of serve_embeddings."""

import argparse
import json
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import combinations

from aws import remote_runs
from blazingtext import account
from blazingtext.endpoint import IN_SERVICE, Endpoint, list_endpoints
from blazingtext.following import announce
from blazingtext.image import image_uri
from blazingtext.serving_request import PRICES, Serving, new_endpoint_name
from embeddings.report import figure, table
from embeddings.run_record import RunRecord
from embeddings.runs import read_run
from jobs.sagemaker_estimate import agree
from storage.errors import EndpointFailedError, LeftRunningError, RequestError, TooExpensiveError

POLL_SECONDS = 10.0


def deploy(given: argparse.Namespace) -> None:
    """An endpoint for the model of a run, and the schedule that deletes it.

    Raises:
        RequestError: the run has no model that an endpoint could serve.
        TooExpensiveError: it would cost more than it may.
        EndpointFailedError: SageMaker could not bring it into service; it is deleted.
        AwsError: AWS refuses.
    """
    serving = Serving(
        name=new_endpoint_name(),
        model_uri=_model_uri(read_run(given.run)),
        image=given.image or image_uri(account.region()),
        role_arn=given.role or account.default_role(),
        expires=datetime.now(UTC) + given.expires,
        instance_type=given.instance_type,
    )
    serving.check()
    line = _check_cost(given, serving)
    agree(line, given.yes, "Deploy the endpoint?")
    endpoint = Endpoint(serving.name)
    endpoint.deploy(serving)
    announce(endpoint)
    if not given.detach:
        _wait(endpoint)
        print(f"query   serve_embeddings.py query {endpoint.name} WORD …")


def query(given: argparse.Namespace) -> None:
    """Vectors as JSON lines, as BlazingText returns them; or the cosine of each two words."""
    words = list(dict.fromkeys(word.lower() for word in given.words))
    if given.cosine and len(words) < 2:
        raise RequestError("--cosine takes two words or more")
    vectors = Endpoint(given.name).vectors(words)
    if not given.cosine:
        for word in words:
            print(json.dumps({"word": word, "vector": vectors[word]}, ensure_ascii=False))
        return
    pairs = combinations(words, 2)
    rows = [[a, b, figure(cosine(vectors[a], vectors[b]))] for a, b in pairs]
    print(table(["word", "word", "cosine"], rows))


def show(given: argparse.Namespace) -> None:
    """All endpoints that were made here, and what is left of those that are deleted."""
    rows = [[one.name, one.state, one.expires or "-"] for one in list_endpoints()]
    print(table(["endpoint", "state", "expires"], rows) if rows else "no endpoints")


def delete(given: argparse.Namespace) -> None:
    """One endpoint, or all whose time is over, with all that belongs to them."""
    names = [given.name]
    if given.expired:
        names = [one.name for one in list_endpoints() if one.is_expired]
    for name in names:
        Endpoint(name).delete()
        print(f"deleted {name}")


def cosine(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Of two vectors of the same length; None where one is all zeros."""
    product = math.hypot(*one) * math.hypot(*other)
    if not product:
        return None
    return sum(a * b for a, b in zip(one, other, strict=True)) / product


def _model_uri(record: RunRecord) -> str:
    uri = record.details.get("model_uri")
    if not uri:
        raise RequestError(
            f"{record.name} was not trained on SageMaker, and its model is not BlazingText's own: "
            "jobs/neighbours.py answers for it here"
        )
    if not record.hyperparameters.get("subwords"):
        raise RequestError(
            f"{record.name} has no subwords, so it knows no other words than those of its corpus: "
            "train with --mode skipgram --subwords True"
        )
    return str(uri)


def _check_cost(given: argparse.Namespace, serving: Serving) -> str:
    """One line: the machine, its end, and what it costs until then.

    Raises:
        TooExpensiveError: that is more than it may be, or not known.
    """
    price = PRICES.get(serving.instance_type)
    price = price if given.price_per_hour is None else given.price_per_hour
    hours = given.expires.total_seconds() / 3600
    cost = "price unknown"
    if price is not None:
        cost = f"US$ {price:,.3f} an hour, US$ {price * hours:,.2f} until then"
    end = f"{serving.expires:%Y-%m-%d %H:%M} UTC"
    line = f"{serving.name} on 1 x {serving.instance_type} until {end}: {cost}"
    if given.max_cost is not None and (price is None or price * hours > given.max_cost):
        raise TooExpensiveError(f"not deployed, for --max-cost {given.max_cost:g}; {line}")
    return line


def _wait(endpoint: Endpoint) -> None:
    try:
        with remote_runs.reporter() as say:
            status = remote_runs.wait(endpoint, say, POLL_SECONDS)
    except KeyboardInterrupt:
        raise LeftRunningError(
            f"interrupted; {endpoint.name} goes on until it expires, "
            f"{endpoint.cancel_command} ends it"
        ) from None
    if status.state != IN_SERVICE:
        endpoint.delete()
        said = " ".join(status.details.split())[: remote_runs.MAX_DETAILS]
        text = f"endpoint {endpoint.name} is {status.state}, and deleted"
        raise EndpointFailedError(f"{text}: {said}" if said else text)
