"""Starts a search on SageMaker, after everything that could refuse it without being paid for."""

import argparse
from dataclasses import replace
from typing import Any, NamedTuple

from blazingtext import account, tuning_description, tuning_start
from blazingtext.corpus_object import find_object
from blazingtext.machines import Machines
from blazingtext.search import Search
from blazingtext.search_name import BASE_NAME, new_search_name
from blazingtext.tuning_job import TuningJob
from blazingtext.tuning_request import check, tuning_request
from embeddings.hyperparameters import Hyperparameters
from embeddings.search_ranges import Ranges, make_ranges
from embeddings.training_progress import Progress
from jobs.sagemaker_start import check_buckets, choose_machines, corpus_bucket, prepare
from jobs.tuning_estimate import PlannedSearch, check_cost, confirm
from storage.errors import RequestError
from storage.s3_client import make_client

SEED = 1


class Started(NamedTuple):
    """A search that runs.

    Attributes:
        job: by its name.
        facts: what is known of its corpus, under run.json's names.
        request: what SageMaker was told.
    """

    job: TuningJob
    facts: dict[str, Any]
    request: dict[str, Any]


def make_search(given: argparse.Namespace) -> Search:
    """What the options describe.

    Raises:
        HyperparameterError: BlazingText would refuse some of it.
    """
    ranges, common = make_ranges(given.set, Hyperparameters.of({}, given.preset))
    return Search(
        ranges,
        common,
        max_jobs=given.max_jobs,
        parallel=given.parallel,
        early_stopping=given.early_stopping == "auto",
        warm_start_parents=tuple(given.warm_start or ()),
        seed=SEED if given.seed is None else given.seed,
    )


def start(given: argparse.Namespace, progress: Progress) -> Started:
    """Starts the search that the options describe.

    Raises:
        JobError, AwsError: nothing was started, or the line names the search.
    """
    search = make_search(given)
    region = account.region()
    bucket = corpus_bucket(given)
    name = new_search_name(given.base_job_name or BASE_NAME)
    machines = choose_machines(given, region, bucket)
    check(name, f"s3://{bucket}/corpus", search, machines)
    client = make_client()
    check_buckets(client, bucket, machines, region)
    parents = [TuningJob(parent).describe() for parent in search.warm_start_parents]
    _check_parents(parents, tuning_request(name, f"s3://{bucket}/corpus", search, machines))
    corpus = prepare(given, client, bucket, rarest(search.ranges, search.common), progress)
    kind = tuning_description.warm_start_type(parents, corpus.uri, machines.image)
    request = tuning_request(name, corpus.uri, replace(search, warm_start_type=kind), machines)
    _agree(given, search, machines, corpus.facts)
    find_object(client, corpus.uri)  # once more: the checks may have taken a while
    tuning_start.start(request)
    return Started(TuningJob(name, str(given.output or "OUTPUT")), corpus.facts, request)


def rarest(ranges: Ranges, common: Hyperparameters) -> Hyperparameters:
    """The job with the smallest vocabulary: what the preflight looks at."""
    found = ranges.get("min_count")
    return replace(common, min_count=int(max(found.ends()))) if found else common


def _check_parents(parents: list[dict[str, Any]], request: dict[str, Any]) -> None:
    wrong = [
        line
        for parent in parents
        for line in tuning_description.parent_discrepancies(parent, request)
    ]
    if wrong:
        raise RequestError("; ".join(wrong))


def _agree(
    given: argparse.Namespace, search: Search, machines: Machines, facts: dict[str, Any]
) -> None:
    """Holds the estimate against `--max-cost`, and asks whether to start."""
    counted = facts.get("words"), facts.get("lines")
    planned = PlannedSearch(search, machines, *counted, given.price_per_hour)
    check_cost(planned, given.max_cost)
    confirm(planned, bool(given.yes))
