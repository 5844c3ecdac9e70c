"""Starts a training job, after everything that could refuse it without a cent being spent."""

import argparse
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from blazingtext import account, estimator
from blazingtext.corpus_object import find_object, upload_corpus
from blazingtext.image import image_uri
from blazingtext.job_name import BASE_NAME, new_name
from blazingtext.machines import Machines
from blazingtext.training_job import TrainingJob
from blazingtext.training_request import check, training_request
from embeddings.corpus_file import CorpusFile, find_corpus
from embeddings.hyperparameters import Hyperparameters
from embeddings.training_progress import Progress
from jobs import sagemaker_preflight
from jobs.sagemaker_arguments import machines_of
from jobs.sagemaker_estimate import Planned, check_cost, confirm
from storage.errors import RequestError
from storage.locations import is_s3, join_uri, split_uri
from storage.s3_cache import fetch
from storage.s3_client import S3Options, make_client

MODELS = "models/blazingtext"
"""Prefix of the output in the corpus's bucket, as in the reference run."""


class Ready(NamedTuple):
    """A corpus that a job may read.

    Attributes:
        uri: `s3://bucket/key`.
        facts: what is known of it, under run.json's names.
    """

    uri: str
    facts: dict[str, Any]


def start(
    given: argparse.Namespace, hyperparameters: Hyperparameters, progress: Progress
) -> tuple[TrainingJob, dict[str, Any]]:
    """Starts the job that the options describe; with it, what is known of its corpus.

    Raises:
        JobError, AwsError: nothing was started, or the line names the job.
    """
    region = account.region()
    bucket = corpus_bucket(given)
    machines = choose_machines(given, region, bucket)
    name = new_name(given.base_job_name or BASE_NAME)
    check(name, join_uri(bucket, "corpus"), hyperparameters, machines)
    client = make_client()
    check_buckets(client, bucket, machines, region)
    agree = partial(_agree, given, hyperparameters, machines)
    corpus = prepare(given, client, bucket, hyperparameters, progress, agree)
    request = training_request(name, corpus.uri, hyperparameters, machines)
    find_object(client, corpus.uri)  # once more: the checks may have taken a while
    estimator.start(request)
    return TrainingJob(name, str(given.output or "OUTPUT")), corpus.facts


def choose_machines(given: argparse.Namespace, region: str, bucket: str) -> Machines:
    """Where the job runs: as the options have it, else the reference's."""
    output_path = given.output_path or join_uri(bucket, MODELS)
    role = given.role or account.default_role()
    return machines_of(given, role, output_path, given.image or image_uri(region))


def check_buckets(client: Any, bucket: str, machines: Machines, region: str) -> None:
    """Refuses buckets of corpus and models that are not there, or in another region."""
    for one in dict.fromkeys((bucket, split_uri(machines.output_path)[0])):
        account.check_region(client, one, region)


def corpus_bucket(given: argparse.Namespace) -> str:
    """The bucket that the corpus is in, or goes to.

    Raises:
        RequestError: it is a local file, and nothing says which bucket to take.
    """
    if is_s3(given.corpus):
        return split_uri(given.corpus)[0]
    if given.bucket:
        return str(given.bucket)
    if given.output_path:
        return split_uri(given.output_path)[0]
    raise RequestError(
        f"{given.corpus} is no object on S3: --output-path or --bucket say where to upload it"
    )


def prepare(
    given: argparse.Namespace,
    client: Any,
    bucket: str,
    chosen: Hyperparameters,
    progress: Progress,
    agree: Callable[[dict[str, Any]], None] = lambda facts: None,
) -> Ready:
    """The corpus as an object, checked; uploaded if it is a local file.

    Args:
        given: the options.
        client: of S3.
        bucket: that a local file goes to.
        chosen: hyperparameters.
        progress: is told of the upload.
        agree: is told the facts before anything is uploaded, and raises what keeps it from that.
    """
    if is_s3(given.corpus):
        found = _prepare_object(given, client, chosen)
        agree(found.facts)
        return found
    local = find_corpus(given.corpus)
    facts = _facts(given, local, chosen)
    agree(facts)
    uri = upload_corpus(client, local.path, bucket, S3Options(), progress.say)
    return Ready(find_object(client, uri).uri, facts)


def _prepare_object(given: argparse.Namespace, client: Any, chosen: Hyperparameters) -> Ready:
    found = find_object(client, given.corpus)
    known = found.manifest, found.manifest_sha256
    if given.no_preflight:
        return Ready(found.uri, sagemaker_preflight.known_facts(*known, found.bytes))
    path = fetch(found.uri, given.cache)
    assert path is not None  # it is required, so fetch raises
    return Ready(found.uri, _facts(given, CorpusFile(found.uri, path, *known), chosen))


def _facts(
    given: argparse.Namespace, corpus: CorpusFile, chosen: Hyperparameters
) -> dict[str, Any]:
    if not given.no_preflight:
        return sagemaker_preflight.check(corpus, chosen)
    size = corpus.path.stat().st_size
    return sagemaker_preflight.known_facts(corpus.manifest, corpus.manifest_sha256, size)


def _agree(
    given: argparse.Namespace,
    chosen: Hyperparameters,
    machines: Machines,
    facts: dict[str, Any],
) -> None:
    """Holds the estimate against `--max-cost`, and asks whether to start."""
    counted = facts.get("words"), facts.get("lines")
    planned = Planned(chosen, machines, *counted, given.price_per_hour)
    check_cost(planned, given.max_cost)
    confirm(planned, bool(given.yes))
