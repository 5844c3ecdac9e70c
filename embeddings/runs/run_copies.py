"""A run's record elsewhere too: below a prefix of S3, and in MLflow if the user has one.

run.json is the record, with or without them.
"""

import os
from pathlib import Path

from embeddings.runs.run_record import RUN_FILE, RunRecord, read_run
from embeddings.training.training_progress import Progress
from embeddings.vectors.vectors_file import MODEL, SUBWORDS
from storage.aws_errors import aws_errors
from storage.errors import OutputExistsError
from storage.files import join_location, read_if_there
from storage.locations import join_uri, split_uri
from storage.s3_client import S3Options, make_client

MAX_BYTES = 2**20
"""Of a file that goes along to S3; maps may be larger, and stay where they are."""

STAY = (RUN_FILE, MODEL, SUBWORDS)
"""What does not go along: the record goes last, and vectors have a place of their own."""

TRACKING_URI = "MLFLOW_TRACKING_URI"
EXPERIMENT, EXPERIMENT_DEFAULT = "MLFLOW_EXPERIMENT_NAME", "blazing-corpus"
METRICS = ("seconds", "training_seconds", "words_per_second", "peak_memory_bytes", "price_usd")


def register(run: Path, prefix: str, overwrite: bool, options: S3Options) -> str:
    """Copies the run.json of a folder, last, and the small files beside it; the URI of run.json.

    The same again changes nothing.

    Args:
        run: folder of the run.
        prefix: `s3://bucket/prefix` for its files.
        overwrite: whether another record there is replaced.
        options: how to write.

    Raises:
        InputNotFoundError, BadRunError: there is no run.
        OutputExistsError: there is another record.
        AwsError: S3 refused.
    """
    read_run(run)
    client = make_client(options)
    prefix = join_uri(*split_uri(prefix))  # as users see it: s3, and no credentials
    target = join_location(prefix, RUN_FILE)
    present = read_if_there(target, options)
    if present is not None and present != (run / RUN_FILE).read_bytes() and not overwrite:
        raise OutputExistsError(f"{target} is another run: use --overwrite to replace it")
    for path in [*_small_files(run), run / RUN_FILE]:
        uri = join_location(prefix, path.name)
        bucket, key = split_uri(uri)
        with aws_errors(uri):
            client.put_object(
                Bucket=bucket, Key=key, Body=path.read_bytes(), **options.publishing()
            )
    return target


def _small_files(run: Path) -> list[Path]:
    """Of the run's folder, hidden ones left out."""
    return [
        path
        for path in sorted(run.iterdir())
        if path.is_file()
        and not path.name.startswith(".")
        and path.name not in STAY
        and path.stat().st_size <= MAX_BYTES
    ]


def track(record: RunRecord, progress: Progress) -> None:
    """Logs a run to the MLflow of `MLFLOW_TRACKING_URI`; does nothing without that variable.

    Args:
        record: a run that is complete and on disk.
        progress: told in one line if logging fails, which costs nothing but the log.
    """
    if not os.environ.get(TRACKING_URI):
        return
    try:
        _log(record)
    except Exception as error:  # a tracker must never cost a run, whatever it raises
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        progress.say(f"warning: not logged to MLflow: {reason}")


def _log(record: RunRecord) -> None:
    import mlflow

    mlflow.set_experiment(os.environ.get(EXPERIMENT) or EXPERIMENT_DEFAULT)
    with mlflow.start_run(run_name=record.name):
        mlflow.log_params(record.hyperparameters | {"seed": record.seed, "workers": record.workers})
        mlflow.log_metrics(metrics(record))
        mlflow.set_tags(
            {
                "backend": record.backend,
                "status": record.status,
                "corpus.uri": record.corpus.get("uri"),
                "corpus.sha256": record.corpus.get("sha256"),
            }
        )
        mlflow.log_text(record.to_json(), RUN_FILE)


def metrics(record: RunRecord) -> dict[str, float]:
    """The figures of a run that are there: mean_rho, each score's rho, time, speed, memory."""
    figures = {name: getattr(record, name) for name in METRICS}
    for score in record.scores:
        name = score["name"]
        figures[name if name == "mean_rho" else f"rho.{name}"] = score["rho"]
    return {name: value for name, value in figures.items() if value is not None}
