"""Starts a job, after everything that could refuse it without a cent being spent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from blazingtext import account
from blazingtext.costs import Budget, Plan
from blazingtext.jobs import job_description
from blazingtext.jobs.job import Job, TuningJob
from blazingtext.jobs.job_corpus import Count, Facts, find_object, prepare
from blazingtext.jobs.training_job import TrainingJob
from blazingtext.requests.limits import TRAINING_JOB, TUNING_JOB, new_name
from blazingtext.requests.settings import JobSettings
from blazingtext.requests.training_request import training_request
from blazingtext.requests.tuning_request import Search, tuning_request
from embeddings.corpus.corpus_check import Preflight
from embeddings.training.hyperparameters import Hyperparameters
from embeddings.training.training_progress import Progress
from storage.errors import RequestError
from storage.locations import is_s3, join_uri, split_uri
from storage.s3_client import make_client

MODELS = "models/blazingtext"
"""Prefix of the output in the corpus's bucket, as in the reference run."""


@dataclass(frozen=True)
class JobOptions:
    """What a command says of a job, beside its hyperparameters or ranges.

    Attributes:
        corpus: `s3://bucket/key`, a build's output there, or a local file, which is uploaded.
        output: local folder of what the job leaves; None for a job that nobody waits for.
        base_name: of the job; time and chance are added.
        settings: of the job; role, output path and image may be empty, for those of the account.
        budget: what may be paid.
        preflight: looks at the corpus; None for a job that starts whatever it is like.
        bucket: for a corpus that is a local file; empty for that of the output path.
        name: of the run; empty for the job's.
        overwrite: replace a run that is in the output folder.
        cache: for objects that are fetched.
        detach: do not wait for the end.
        keep_all: fetch the models of all jobs of a search, not the best only.
        notes: what the user should know of the run.
    """

    corpus: str
    output: Path | None
    base_name: str
    settings: JobSettings
    budget: Budget = field(default_factory=Budget)
    preflight: Preflight | None = None
    bucket: str = ""
    name: str = ""
    overwrite: bool = False
    cache: Path | None = None
    detach: bool = False
    keep_all: bool = False
    notes: tuple[str, ...] = ()

    def following(self) -> list[str]:
        """What of it the command has to be told again that follows the job."""
        price = self.budget.price_per_hour
        values = {"--name": self.name, "--price-per-hour": price, "--cache": self.cache}
        flags = {"--overwrite": self.overwrite, "--keep-all": self.keep_all}
        return [
            *(f"{option}={value}" for option, value in values.items() if value not in ("", None)),
            *(option for option, is_given in flags.items() if is_given),
        ]


class Started(NamedTuple):
    """A job that runs.

    Attributes:
        job: by its name.
        facts: what is known of its corpus, under run.json's names.
    """

    job: Job
    facts: Facts


def start(options: JobOptions, order: Hyperparameters | Search, progress: Progress) -> Started:
    """Starts the training of some hyperparameters, or a search.

    Raises:
        JobError: nothing was started, or the line names the job.
    """
    is_search = isinstance(order, Search)
    make_request: Callable[..., dict[str, Any]] = tuning_request if is_search else training_request
    region, bucket = account.region(), corpus_bucket(options)
    name = new_name(options.base_name, TUNING_JOB if is_search else TRAINING_JOB)
    settings = complete(options.settings, region, bucket)
    draft = make_request(name, join_uri(bucket, "corpus"), order, settings)
    for line in settings.warnings():
        progress.say(f"warning: {line}")
    client = make_client()
    for used in dict.fromkeys((bucket, split_uri(settings.output_path)[0])):
        account.check_region(client, used, region)
    parents = find_parents(order, draft) if isinstance(order, Search) else []

    def agree(facts: Facts) -> None:
        price = options.budget.price_per_hour
        plan = Plan(order, settings, facts.get("words"), facts.get("lines"), price)
        question = f"Start the {'search' if is_search else 'training job'}?"
        options.budget.agree(plan.describe(), plan.dollars(), "started", question)

    look, chosen = options.preflight, smallest(order)
    count: Count | None = (lambda corpus: look(corpus, chosen, progress)) if look else None
    uri, facts = prepare(client, options.corpus, bucket, count, agree, progress, options.cache)
    if isinstance(order, Search):
        kind = job_description.warm_start_type(parents, uri, settings.image)
        order = replace(order, warm_start_type=kind)
    request = make_request(name, uri, order, settings)
    find_object(client, uri)  # once more: the checks may have taken a while
    kind_of_job = TuningJob if is_search else TrainingJob
    job = kind_of_job.start(request, options.output, options.following())
    return Started(job, facts)


def complete(settings: JobSettings, region: str, bucket: str) -> JobSettings:
    """Settings with the account's role, output path and image where they name none."""
    return replace(
        settings,
        role_arn=settings.role_arn or account.default_role(),
        output_path=settings.output_path or join_uri(bucket, MODELS),
        image=settings.image or account.image_uri(region),
    )


def corpus_bucket(options: JobOptions) -> str:
    """The bucket that the corpus is in, or goes to.

    Raises:
        RequestError: it is a local file, and nothing says which bucket to take.
    """
    if is_s3(options.corpus):
        return split_uri(options.corpus)[0]
    if options.bucket:
        return options.bucket
    if options.settings.output_path:
        return split_uri(options.settings.output_path)[0]
    raise RequestError(
        f"{options.corpus} is no object on S3: --output-path or --bucket say where to upload it"
    )


def smallest(order: Hyperparameters | Search) -> Hyperparameters:
    """The job with the smallest vocabulary: what the preflight looks at."""
    if not isinstance(order, Search):
        return order
    counts = order.ranges.get("min_count")
    return replace(order.common, min_count=int(max(counts.ends()))) if counts else order.common


def find_parents(search: Search, request: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The earlier searches that one starts from, as SageMaker describes them.

    Raises:
        ObjectNotFoundError: there is none of that name.
        RequestError: it can't start from one of them.
    """
    parents = [TuningJob(name).describe() for name in search.warm_start_parents]
    wrong = [
        line for parent in parents for line in job_description.parent_discrepancies(parent, request)
    ]
    if wrong:
        raise RequestError("; ".join(wrong))
    return parents
