"""The steps that are neither a command nor a job of AWS: they look things up, and decide."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from airflow.providers.common.compat.sdk import AirflowException, AirflowFailException

from embeddings.run_record import RunRecord
from orchestration import plan as plans
from orchestration.costs import check_cost
from orchestration.manifest import Corpus, read_manifest
from orchestration.parameters import LOCAL
from storage.errors import AwsError, JobError, RequestError

Params = Mapping[str, Any]


@contextmanager
def refusals() -> Iterator[None]:
    """Turns our errors inside into Airflow's.

    Raises:
        AirflowFailException: what would fail again, and so is not tried again.
        AirflowException: S3 can't be read.
    """
    try:
        yield
    except (RequestError, JobError) as error:
        raise AirflowFailException(str(error)) from error
    except AwsError as error:
        raise AirflowException(str(error)) from error


def make_plan(context: Any) -> dict[str, Any]:
    """Everything that the run will do; see `orchestration.plan`.

    Raises:
        AirflowFailException: what AWS or BlazingText would refuse, in one line.
        AirflowException: S3 can't be read.
    """
    from orchestration.looking_up import look_up

    params, run = dict(context["params"]), context["dag_run"]
    moment = run.logical_date or run.run_after  # a manual run has no logical date
    with refusals():
        plans.check(params)
        found = look_up(params)
        return plans.make_plan(params, context["run_id"], moment, found)


def check_corpus(params: Params, plan: Mapping[str, Any]) -> dict[str, Any]:
    """Figures of the corpus, from its manifest.

    Raises:
        AirflowFailException: it did not pass its checks, or is not the file that was checked.
        AirflowException: S3 can't be read.
    """
    from orchestration.aws_connection import s3_client
    from orchestration.looking_up import read, size

    client = s3_client(params["aws_conn_id"], params["region"] or "")
    with refusals():
        corpus = read_manifest(read(client, plan["manifest"]), plan["corpus"], plan["manifest"])
        found = size(client, plan["corpus"])
        if found != corpus.bytes:
            raise RequestError(f"{corpus.uri} has {found} bytes, its manifest says {corpus.bytes}")
    return corpus._asdict()


def check_price(params: Params, corpus: Mapping[str, Any]) -> float | None:
    """US$ that the run may come to; None for `local`, or without a price.

    Raises:
        AirflowFailException: more than `max_cost`.
    """
    if params["where"] == LOCAL:
        return None
    with refusals():
        return check_cost(params, Corpus(**corpus))


def record_runs(params: Params, plan: Mapping[str, Any], jobs: list[Any]) -> dict[str, Any]:
    """Figures of what was trained, the best run last of all in `best`.

    Args:
        params: of the run.
        plan: of the run.
        jobs: what SageMaker's operators told; None for those that did not run.
    """
    from orchestration.aws_connection import s3_client
    from orchestration.looking_up import read

    client = s3_client(params["aws_conn_id"], params["region"] or "")
    runs: list[dict[str, Any]] = []
    with refusals():
        for place, vectors in _runs(plan, [job for job in jobs if job]):
            record = RunRecord.from_json(read(client, place).decode(), place)
            runs.append({"run": place, "vectors": vectors, "mean_rho": record.mean_rho})
    scored = [run for run in runs if run["mean_rho"] is not None]
    best = max(scored, key=lambda run: run["mean_rho"]) if scored else runs[0]
    return {**best, "runs": len(runs)}


def _runs(plan: Mapping[str, Any], jobs: list[Any]) -> list[tuple[str, str]]:
    """Each run.json, and the vectors that it is about."""
    if jobs:
        models = plan["models"]
        return [
            (
                f"{plan['runs']}{job['job']}/run.json",
                job.get("vectors") or f"{models}/{job['job']}/output/model.tar.gz",
            )
            for job in jobs
        ]
    folder = Path(plan["runs"])
    places = [folder / plan["name"], *sorted(folder.glob(f"{plan['name']}-tune/*/"))]
    found = [place for place in places if (place / "run.json").exists()]
    return [(str(place / "run.json"), str(place / "model.tar.gz")) for place in found]
