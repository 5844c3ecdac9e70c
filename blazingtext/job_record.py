"""A training job and its model → the same run.json as that of a training on this machine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from blazingtext import job_description
from blazingtext.model_files import Model
from embeddings.evaluation import Score, eval_json
from embeddings.run_environment import describe_versions
from embeddings.run_record import COMPLETED, RunRecord

TOLERANCE = 1e-3
"""Of mean_rho, between the job's own evaluation and ours: the text of vectors is rounded."""


@dataclass(frozen=True)
class Asked:
    """What the user said, and what was found out before the start.

    Attributes:
        name: of the run; empty for the job's.
        corpus: facts for run.json that are known: `sha256`, `bytes`, `lines`, `words`, …
        price_per_hour: US$ of one machine; None if not known.
        notes: what the user should know of how it was run.
    """

    name: str = ""
    corpus: Mapping[str, Any] = field(default_factory=dict)
    price_per_hour: float | None = None
    notes: Sequence[str] = ()


def make_record(
    job: job_description.Described,
    log: Mapping[str, Any],
    model: Model,
    scores: Sequence[Score],
    asked: Asked,
    artifacts: Path,
) -> RunRecord:
    """The record of a completed job.

    Args:
        job: as SageMaker describes it.
        log: figures of its log, by name; any of them may be missing.
        model: that it left.
        scores: ours, of its vectors; none without evaluation.
        asked: by the user.
        artifacts: folder of the files that stay.
    """
    ours = eval_json(scores) if scores else None
    chosen, resources = job_description.hyperparameters(job), job["ResourceConfig"]
    return RunRecord(
        name=asked.name or job["TrainingJobName"],
        backend="sagemaker",
        status=COMPLETED,
        started=job_description.iso(job["CreationTime"]),
        finished=job_description.iso(job.get("TrainingEndTime") or job.get("LastModifiedTime")),
        hyperparameters=chosen.to_dict(),
        corpus=describe_corpus(job, asked),
        seconds=job_description.seconds(job),
        training_seconds=log.get("training_seconds"),
        words_per_second=log.get("words_per_second"),
        vocabulary=len(model.vectors),
        evaluation=(model.evaluation or ours) if chosen.evaluation else None,
        scores=[score.to_dict() for score in scores],
        price_usd=job_description.price(job, asked.price_per_hour),
        notes=[*asked.notes, *compare_evaluations(model.evaluation, ours)],
        versions=describe_versions(),
        host={"machine": resources["InstanceType"], "count": resources["InstanceCount"]},
        artifacts={path.name: path.stat().st_size for path in sorted(artifacts.iterdir())},
        details=describe_job(job, model, asked.price_per_hour),
    )


def describe_corpus(job: job_description.Described, asked: Asked) -> dict[str, Any]:
    """The corpus, with None for what nobody has found out."""
    names = ("sha256", "bytes", "lines", "words", "manifest_sha256", "input_digest")
    known = {name: asked.corpus.get(name) for name in names}
    return {"uri": job_description.corpus_uri(job), **known}


def describe_job(
    job: job_description.Described, model: Model, price_per_hour: float | None
) -> dict[str, Any]:
    """What only SageMaker's jobs have."""
    return job_description.details(job, price_per_hour) | {"model_sha256": model.sha256}


def compare_evaluations(
    theirs: Mapping[str, Any] | None, ours: Mapping[str, Any] | None
) -> list[str]:
    """A note if the job's mean_rho is not ours."""
    if not theirs or not ours:
        return []
    first, second = theirs["mean_rho"], ours["mean_rho"]
    if first == second or (
        first is not None and second is not None and abs(first - second) <= TOLERANCE
    ):
        return []
    return [f"the job's eval.json has mean_rho {first}, and its vectors give {second}"]
