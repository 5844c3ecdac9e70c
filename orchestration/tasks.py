"""The steps that are neither a command nor a job of AWS: they look things up, and decide."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from blazingtext.costs import estimate
from embeddings.runs.run_record import RunRecord
from embeddings.training.hyperparameters import Hyperparameters
from orchestration import lookup, run_plan
from orchestration.parameters import LOCAL
from orchestration.run_plan import Params
from storage.errors import AwsError, JobError, RequestError


class Corpus(NamedTuple):
    """A corpus file in figures; tokens without ends of lines, files and posts that were taken."""

    uri: str
    lines: int
    tokens: int
    bytes: int
    sha256: str
    files: int
    posts: int


@contextmanager
def refusals() -> Iterator[None]:
    """Turns our errors inside into Airflow's.

    Raises:
        AirflowFailException: what would fail again, and so is not tried again.
        AirflowException: S3 can't be read.
    """
    from airflow.providers.common.compat.sdk import AirflowException, AirflowFailException

    try:
        yield
    except AwsError as error:
        raise AirflowException(str(error)) from error
    except JobError as error:
        raise AirflowFailException(str(error)) from error


@refusals()
def make_plan(context: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that the run will do; see `orchestration.run_plan`."""
    params, run = dict(context["params"]), context["dag_run"]
    run_plan.check(params)
    moment = run.logical_date or run.run_after  # a manual run has no logical date
    plan = run_plan.make_plan(params, context["run_id"], moment, lookup.look_up(params))
    lookup.upload_configuration(params)  # only now that nothing is refused any more
    return plan


@refusals()
def check_corpus(params: Params, plan: Mapping[str, Any]) -> dict[str, Any]:
    """Figures of the corpus, if it passed its checks and is the file that was checked."""
    client = lookup.s3_client(params)
    data = lookup.read(client, plan["manifest"])
    corpus = read_manifest(data, plan["corpus"], plan["manifest"])
    if (size := lookup.size(client, corpus.uri)) != corpus.bytes:
        raise RequestError(f"{corpus.uri} has {size} bytes, its manifest says {corpus.bytes}")
    return corpus._asdict()


@refusals()
def check_price(params: Params, corpus: Mapping[str, Any]) -> float | None:
    """US$ that the run may come to, unless above `max_cost`; None for `local`, or no price."""
    return None if params["where"] == LOCAL else check_cost(params, Corpus(**corpus))


@refusals()
def record_runs(params: Params, plan: Mapping[str, Any], jobs: list[Any]) -> dict[str, Any]:
    """Figures of the best run of those that were trained, and their number in `runs`.

    Args:
        params: of the run.
        plan: of the run.
        jobs: what SageMaker's operators told; None for those that did not run.
    """
    client = lookup.s3_client(params)
    runs: list[dict[str, Any]] = []
    for location, vectors in _trained(plan, [job for job in jobs if job]):
        record = RunRecord.from_json(lookup.read(client, location).decode(), location)
        runs.append({"run": location, "vectors": vectors, "mean_rho": record.mean_rho})
    scored = [run for run in runs if run["mean_rho"] is not None]
    best = max(scored, key=lambda run: run["mean_rho"]) if scored else runs[0]
    return {**best, "runs": len(runs)}


def read_manifest(data: bytes, uri: str, name: str) -> Corpus:
    """The corpus that a manifest is about.

    Args:
        data: content of manifest.json.
        uri: of the corpus file.
        name: what errors call the manifest.

    Raises:
        RequestError: it is no manifest, or one of a corpus whose checks did not pass: a build with
            --no-gate publishes all the same.
    """
    try:
        manifest = json.loads(data)
        corpus, ledger, quality = manifest["corpus"], manifest["ledger"], manifest["quality"]
        failed = [
            f"{check['dataset']}.{check['expectation']}: "
            f"found {check['found']}, expected {check['expected']}"
            for check in (() if quality["passed"] else quality["verdicts"])
            if check["severity"] == "error" and not check["passed"]
        ]
        figures = (corpus["lines"], corpus["tokens"], corpus["bytes"], corpus["sha256"])
        made = Corpus(uri, *figures, ledger["files"]["read"], ledger["posts"]["kept"])
    except (ValueError, TypeError, KeyError):
        raise RequestError(f"{name} is no manifest of a corpus that was checked") from None
    if failed:
        raise RequestError(f"{uri} did not pass its checks: {'; '.join(failed)}")
    return made


def check_cost(params: Params, corpus: Corpus) -> float | None:
    """US$ of the training, and of the search at its dearest; None without a known speed.

    Raises:
        RequestError: it is above `max_cost`; or there is a limit, and no price to hold against it.
    """
    limit, instance_type = params["max_cost"], params["training_instance_type"]
    if not run_plan.has_price(params):
        return None

    def dollars_of(values: Hyperparameters) -> float:
        machines = (instance_type, params["training_instances"], params["price_per_hour"])
        return estimate(corpus.tokens, corpus.lines, values, *machines).dollars

    dollars = dollars_of(run_plan.hyperparameters(params))
    if params["tune"]:
        dollars += int(params["max_jobs"]) * max(map(dollars_of, run_plan.dearest(params)))
    if limit is not None and dollars > limit:
        raise RequestError(f"training would cost US$ {dollars:,.2f}, max_cost is {limit:,.2f}")
    return dollars


def _trained(plan: Mapping[str, Any], jobs: list[Any]) -> list[tuple[str, str]]:
    """Each run.json, and the vectors that it is about."""
    if jobs:
        models, runs = plan["models"], plan["runs"]
        return [
            (
                f"{runs}{job['job']}/run.json",
                job.get("vectors") or f"{models}/{job['job']}/output/model.tar.gz",
            )
            for job in jobs
        ]
    root = Path(plan["runs"])
    folders = [root / plan["name"], *sorted(root.glob(f"{plan['name']}-tune/*/"))]
    return [
        (str(folder / "run.json"), str(folder / "model.tar.gz"))
        for folder in folders
        if (folder / "run.json").exists()
    ]
