"""Logs runs to MLflow too, when the user has one; run.json is the record, with or without it."""

import os
from collections.abc import Callable

from embeddings.run_record import RUN_FILE, RunRecord

TRACKING_URI = "MLFLOW_TRACKING_URI"
EXPERIMENT, EXPERIMENT_DEFAULT = "MLFLOW_EXPERIMENT_NAME", "blazing-corpus"
METRICS = ("seconds", "training_seconds", "words_per_second", "peak_memory_bytes", "price_usd")


def track(record: RunRecord, warn: Callable[[str], None]) -> None:
    """Logs a run to the MLflow of `MLFLOW_TRACKING_URI`; does nothing without that variable.

    Args:
        record: a run that is complete and on disk.
        warn: told in one line if logging fails, which costs nothing but the log.
    """
    if not os.environ.get(TRACKING_URI):
        return
    try:
        _log(record)
    except Exception as error:  # a tracker must never cost a run, whatever it raises
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        warn(f"not logged to MLflow: {reason}")


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
    figures |= {_metric_name(score["name"]): score["rho"] for score in record.scores}
    return {name: value for name, value in figures.items() if value is not None}


def _metric_name(score: str) -> str:
    return score if score == "mean_rho" else f"rho.{score}"
