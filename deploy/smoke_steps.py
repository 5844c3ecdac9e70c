"""What `deploy.smoke_aws` does on AWS, in order, with prices, and which doubts that settles. Pure.

A step is a command of the project, of docker, or one of `deploy.smoke_deeds`. `$NAME` in it is a
variable: of the stack's, as setup_aws prints them, or `BUILD_JOB` for the job of the step `build`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from string import Template

from blazingtext.costs import HOSTING_PRICES, INSTANCES
from blazingtext.requests.serving_request import Serving
from blazingtext.requests.settings import JobSettings

VCPU_HOUR, GB_HOUR = 0.052624, 0.0057785
"""US$ on EMR Serverless, x86, US East (N. Virginia), as of 2025."""

BUILD_HOUR = 16 * VCPU_HOUR + 64 * GB_HOUR
"""A driver and three executors, Spark's defaults there, of 4 vCPUs and 16 GB each."""

IMAGE_RELEASE = "7.10.0"
"""Of EMR: an older one, whose own Python is not ours, so that it takes an image."""

QUOTING, COMMITTER, SOURCE_ACCOUNT = "quoting", "committer", "source-account"
IMAGE, ENDPOINT = "image", "endpoint"
DOUBTS = {
    QUOTING: "EMR Serverless unpacks spark.archives, which is not quoted in sparkSubmitParameters, "
    "and takes double quotes around a value with white space",
    COMMITTER: "Spark's log on EMR Serverless names the committer that docs/s3.md says it has",
    SOURCE_ACCOUNT: "EMR Serverless, SageMaker and EventBridge Scheduler send aws:SourceAccount "
    "when they become a role",
    IMAGE: "EMR Serverless pulls an image made by deploy/Dockerfile, and a build runs in it",
    ENDPOINT: "BlazingText's image answers for unknown words, an endpoint that is being made can "
    "be deleted once it is there, and the schedule deletes one at its end",
}


@dataclass(frozen=True)
class Step:
    """One thing to do.

    Attributes:
        name: unique.
        words: what is run, the program, script of ours or deed first.
        minutes: that it may take.
        dollars: US$ that it may cost.
        settles: names of the doubts for which its success is needed.
        may_fail: the others go on without it.
    """

    name: str
    words: tuple[str, ...]
    minutes: float = 0.1
    dollars: float = 0.0
    settles: tuple[str, ...] = ()
    may_fail: bool = False

    def filled(self, variables: dict[str, str]) -> tuple[str, ...]:
        """The words, with the variables that are known."""
        return tuple(Template(word).safe_substitute(variables) for word in self.words)


def make_steps(with_image: bool) -> Iterator[Step]:
    """From the stack to the vectors, and to the end of what serves them."""
    yield Step("stack", _stack(with_image), 3)
    yield Step("upload", ("upload", "$INPUT", "s3://$BUCKET/input/blogs.zip"))
    yield from _builds()
    yield _training()
    yield from _endpoints()
    if with_image:
        yield from _image()


def clean_up(variables: dict[str, str]) -> Iterator[Step]:
    """Back to nothing, by what is known to have been made; the stack is deleted in any case."""
    words: tuple[str, ...]
    for name in ("BRIEF_JOB", "ENDPOINT_JOB"):
        if name in variables:
            words = ("jobs/serve_embeddings.py", "delete", f"${name}")
            yield Step(f"remove {variables[name]}", words, 6, may_fail=True)
    if "TRAIN_JOB" in variables:
        words = ("jobs/train_embeddings.py", "--backend", "sagemaker", "--stop", "$TRAIN_JOB")
        yield Step("stop the training", words, may_fail=True)
    if "APPLICATION" in variables:  # so there is a stack, and its bucket is not somebody's
        yield Step("stop the application", ("stop-application", "$APPLICATION"), 2)
        yield Step("empty the bucket", ("empty-bucket", "$BUCKET"))
    if "REPOSITORY" in variables:
        yield Step("empty the repository", ("empty-repository", "$STACK"))
    words = ("jobs/setup_aws.py", "--stack", "$STACK", "--destroy", "--yes")
    yield Step("remove the stack", words, 3)


def _stack(with_image: bool) -> tuple[str, ...]:
    repository = "$STACK" if with_image else ""
    return (
        *("jobs/setup_aws.py", "--stack", "$STACK", "--bucket", "$STACK", "--role-name", "$STACK"),
        *("--parameter", f"RepositoryName={repository}", "--parameter", "DatabaseName=$DATABASE"),
    )


def _build(output: str, *options: str) -> tuple[str, ...]:
    """Spark's log is wanted for the committer, and tables so that there is something to commit."""
    return (
        *("jobs/submit.py", "emr-serverless", "--application-id", "$APPLICATION"),
        *("--role", "$BUILD_ROLE", "--code", "s3://$BUCKET/code", "--timeout-minutes", "30"),
        *(*options, "--", "--input", "s3://$BUCKET/input/blogs.zip"),
        *("--output", f"s3://$BUCKET/{output}", "--tables", "--verbose"),
    )


def _builds() -> Iterator[Step]:
    price = BUILD_HOUR / 60
    settled = (QUOTING, SOURCE_ACCOUNT)
    yield Step("build", _build("corpus"), 5, 5 * price, settled)
    yield Step("committer", ("committer", "$BUILD_LOG"), settles=(COMMITTER,), may_fail=True)
    words = _build("corpora/quoted", "--conf", "spark.app.name=two words")
    yield Step("quoted", words, 3, 3 * price, (QUOTING,), may_fail=True)


def _training() -> Step:
    words = (
        *("jobs/train_embeddings.py", "--backend", "sagemaker", "--role", "$ROLE", "--yes"),
        *("--corpus", "s3://$BUCKET/corpus", "--output", "$RUN", "--no-preflight"),
        *("--mode", "skipgram", "--subwords", "True", "--min_count", "2", "--vector_dim", "25"),
        *("--epochs", "2", "--max-run", "1800"),
    )
    _, price = INSTANCES[JobSettings.instance_type]
    return Step("train", words, 5, 5 / 60 * price, (SOURCE_ACCOUNT,))


def _endpoints() -> Iterator[Step]:
    serve, price = "jobs/serve_embeddings.py", HOSTING_PRICES[Serving.instance_type] / 60
    deploy = (
        *(serve, "deploy", "$RUN", "--role", "$ROLE", "--scheduler-role", "$SCHEDULER_ROLE"),
        *("--expires", "15m", "--yes"),
    )
    both = (SOURCE_ACCOUNT, ENDPOINT)
    yield Step("brief", (*deploy, "--detach"), 0.2, 0, (ENDPOINT,))
    yield Step("delete", (serve, "delete", "$BRIEF_JOB"), 6, 6 * price, (ENDPOINT,), may_fail=True)
    yield Step("endpoint", deploy, 6, 6 * price, both)
    yield Step("query", (serve, "query", "$ENDPOINT_JOB", "cofffee", "coffee"), settles=(ENDPOINT,))
    yield Step("expiry", ("await-deletion", "$ENDPOINT_JOB"), 10, 10 * price, both)


def _image() -> Iterator[Step]:
    """The application of the stack becomes another, and one that runs can't be changed."""
    base, image = (
        f"public.ecr.aws/emr-serverless/spark/emr-{IMAGE_RELEASE}:latest",
        "$REPOSITORY:emr",
    )
    arguments = ("--build-arg", f"BASE={base}", "--build-arg", "PYTHON=3.11", "-t", image, ".")
    make = ("docker", "build", "--platform", "linux/amd64", "-f", "deploy/Dockerfile", *arguments)
    release = ("--parameter", f"ReleaseLabel=emr-{IMAGE_RELEASE}")
    change = ("jobs/setup_aws.py", "--stack", "$STACK", *release)
    settles = (IMAGE,)
    yield Step("image", make, 10, 0, settles)
    yield Step("log-in", ("docker-login", "$REPOSITORY"), settles=settles)
    yield Step("push", ("docker", "push", image), 5, 0.01, settles)
    yield Step("stop", ("stop-application", "$APPLICATION"), 2, 0, settles)
    yield Step("change", (*change, "--parameter", f"ImageUri={image}"), 2, 0, settles)
    words = _build("corpora/image", "--no-environment")
    yield Step("in-image", words, 5, 5 * BUILD_HOUR / 60, settles)
