"""The DAG's parameters, and what it says of itself in Airflow's web pages. Pure data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

EMR, PROCESSING, LOCAL = "emr-serverless", "processing", "local"
PLACES = (EMR, PROCESSING, LOCAL)

S3_PREFIX = r"^(s3://[^/\s]+(/\S*)?)?$"
OPTIONAL_TEXT: dict[str, Any] = {"type": ["null", "string"]}


@dataclass(frozen=True)
class Parameter:
    """One field of the trigger form.

    Attributes:
        default: what it has if nobody says anything.
        description: for the form and the DAG's documentation.
        section: of the form.
        schema: JSON schema of its values.
    """

    default: Any
    description: str
    section: str
    schema: Mapping[str, Any]


def _text(default: str | None, description: str, section: str, **schema: Any) -> Parameter:
    kind = {"type": "string"} if default else OPTIONAL_TEXT
    return Parameter(default, description, section, {**kind, **schema})


def _texts(description: str, section: str) -> Parameter:
    return Parameter([], description, section, {"type": "array", "items": {"type": "string"}})


def _switch(default: bool, description: str, section: str) -> Parameter:
    return Parameter(default, description, section, {"type": "boolean"})


def _number(default: int, description: str, section: str, low: int, high: int) -> Parameter:
    schema = {"type": "integer", "minimum": low, "maximum": high}
    return Parameter(default, description, section, schema)


def _choice(description: str, section: str, *choices: str | None) -> Parameter:
    kinds = ["null", "string"] if None in choices else ["string"]
    return Parameter(choices[0], description, section, {"type": kinds, "enum": list(choices)})


RUN, CORPUS, BUILD, TRAINING, TUNING = "Run", "Corpus", "Build", "Training", "Tuning"

PARAMETERS: dict[str, Parameter] = {
    "where": _choice(
        "where the corpus is built; `local` runs every step as a command on the worker",
        RUN,
        *PLACES,
    ),
    "bucket": _text(None, "S3 bucket of corpora, models and runs; not for `local`", RUN),
    "prefix": _text(None, "of all keys in the bucket; the role has to cover it", RUN),
    "folder": _text(None, "in place of bucket and prefix for `local`; workers share it", RUN),
    "role": _text(None, "ARN of the IAM role of Processing and training; not for `local`", RUN),
    "build_role": _text(None, "EMR Serverless: ARN of the build's role; else `role`", RUN),
    "tags": Parameter(
        {},
        "of every job, beside the one that all have for their costs",
        RUN,
        {"type": "object", "additionalProperties": {"type": "string"}},
    ),
    "subnets": _texts("of a VPC, for the jobs of SageMaker; EMR's is its application's", RUN),
    "security_groups": _texts("of that VPC", RUN),
    "region": _text(None, "AWS region; else the connection's", RUN),
    "aws_conn_id": _text("aws_default", "Airflow connection to AWS", RUN),
    "deferrable": _switch(False, "wait in the triggerer, and hold no worker", RUN),
    "poll_seconds": _number(30, "between two looks at a job", RUN, 1, 600),
    "python": _text("python3", "interpreter on the workers that has the project's packages", RUN),
    "home": _text(None, "folder of the project on the workers; else where the DAG lies", RUN),
    "input": _text(None, "blog files: folder, glob, zip; s3://, or a path for `local`", CORPUS),
    "splitter": _choice("of sentences", CORPUS, "rules", "spacy"),
    "dedup": _choice("drop posts that repeat another", CORPUS, None, "exact", "near"),
    "language": _text(None, "drop posts surely in another, as `en`", CORPUS),
    "mask": _choice("tokens for e-mail addresses, phone numbers, URLs", CORPUS, None, "pii"),
    "min_tokens": _number(1, "drop shorter lines", CORPUS, 1, 1000),
    "build_options": _texts("further options of build_corpus.py, one per line", CORPUS),
    "code": _text(None, "S3 prefix that submit.py upload was given", BUILD, pattern=S3_PREFIX),
    "application_id": _text(None, "EMR Serverless application", BUILD),
    "send_environment": _switch(
        True, "EMR Serverless: send the environment archive; off if the image has it", BUILD
    ),
    "image": _text(None, "Processing: image made by deploy/Dockerfile", BUILD),
    "instance_type": _text("ml.m5.2xlarge", "Processing: of each machine", BUILD),
    "instances": _number(2, "Processing: machines", BUILD, 1, 100),
    "volume_gb": _number(30, "Processing: disk of each machine", BUILD, 1, 16_384),
    "log_key": _text(None, "EMR Serverless: KMS key of the logs; else the bucket's", BUILD),
    "spark_conf": Parameter(
        {},
        "Spark settings",
        BUILD,
        {"type": "object", "additionalProperties": {"type": "string"}},
    ),
    "preset": _choice("hyperparameters to start from", TRAINING, "reference", "default"),
    "hyperparameters": Parameter(
        {}, "BlazingText's, over the preset's, by their names", TRAINING, {"type": "object"}
    ),
    "training_image": _text(
        None, "BlazingText's image in the region; `submit.py upload` notes it", TRAINING
    ),
    "training_instance_type": _text("ml.c5.xlarge", "of each machine", TRAINING),
    "training_instances": _number(1, "machines; several in batch_skipgram only", TRAINING, 1, 100),
    "training_volume_gb": _number(11, "disk of each machine", TRAINING, 1, 16_384),
    "max_run_seconds": _number(18_000, "after which a job is stopped", TRAINING, 60, 86_400),
    "output_key": _text(None, "KMS key of models; else the account's for S3", TRAINING),
    "volume_key": _text(None, "KMS key of all machines' disks", TRAINING),
    "spot": _switch(
        False, "train on spare capacity, for an hour at most, waiting included", TRAINING
    ),
    "max_cost": Parameter(
        10.0,
        "US$ that training and tuning may come to by the estimate; empty for no limit",
        TRAINING,
        {"type": ["null", "number"], "minimum": 0},
    ),
    "price_per_hour": Parameter(
        None,
        "US$ of one machine; else as listed for US East",
        TRAINING,
        {"type": ["null", "number"], "minimum": 0},
    ),
    "tune": _switch(False, "search for hyperparameters after the training", TUNING),
    "max_jobs": _number(12, "of the search", TUNING, 1, 750),
    "parallel_jobs": _number(2, "of them at a time", TUNING, 1, 100),
    "tuning_ranges": _texts(
        "in place of the reference's, one per line: min_count=5:20, mode=skipgram,cbow, epochs=5",
        TUNING,
    ),
}
"""By name, in the order of the form."""

DEFAULTS = {name: parameter.default for name, parameter in PARAMETERS.items()}


def table() -> str:
    """All parameters as a Markdown table, for the DAG's documentation."""
    rows = [
        f"| `{name}` | {'' if parameter.default in (None, [], {}) else f'`{parameter.default}`'} "
        f"| {parameter.description} |"
        for name, parameter in PARAMETERS.items()
    ]
    return "\n".join(["| parameter | default | |", "| --- | --- | --- |", *rows])


DOCUMENTATION = f"""
# Blog posts to word vectors

Builds the corpus, lets its checks decide, trains BlazingText on it, searches for hyperparameters if
asked to, scores the vectors on WordSim-353 and puts the run beside all others.

- **A failed quality gate (exit code 12) ends the run before anything is paid**; the log of the
  build's task says which check failed.
- **A task that is retried or cleared finds its job again**: it waits for one that goes on, takes
  the result of one that has succeeded, and starts another only after one that failed. Names come
  from the run's logical date and its parameters.
- With `where` = `local` every step is a command on the worker, and no account is needed: give
  `input`, `folder`, and `python`, an interpreter with the project's packages.
- Assets: `blazing-corpus-corpus` and `blazing-corpus-vectors`; their events say in `extra` where
  the file is.

{table()}
"""
