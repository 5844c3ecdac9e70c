"""A training run from corpus to run.json, on this machine."""

import time
from dataclasses import dataclass
from pathlib import Path

from embeddings import local_meaning
from embeddings.artifacts import write_artifacts
from embeddings.corpus_check import CorpusFacts
from embeddings.corpus_file import CorpusFile, find_corpus
from embeddings.evaluation import Score, eval_json, evaluate
from embeddings.hyperparameters import Hyperparameters
from embeddings.local_trainer import SEED, WORKERS, Trained, peak_memory_bytes, train
from embeddings.run_environment import describe_host, describe_versions, now
from embeddings.run_folder import run_folder
from embeddings.run_record import BACKENDS, COMPLETED, RunRecord, printable
from embeddings.tracking import track
from embeddings.training_progress import Progress
from storage.errors import UsageError


@dataclass(frozen=True)
class TrainingConfig:
    """What to train, and where to leave it.

    Attributes:
        corpus: path or S3 URI, see `find_corpus`.
        output: folder of the run.
        hyperparameters: BlazingText's.
        backend: one of `BACKENDS`.
        name: of the run; empty for the output folder's.
        seed: see `local_trainer.train`.
        workers: likewise.
        overwrite: whether an older run in the folder may be replaced.
        cache: where corpora from S3 are kept; None for the user's cache folder.
    """

    corpus: str
    output: Path
    hyperparameters: Hyperparameters
    backend: str = BACKENDS[0]
    name: str = ""
    seed: int = SEED
    workers: int = WORKERS
    overwrite: bool = False
    cache: Path | None = None


def run(config: TrainingConfig, progress: Progress | None = None) -> RunRecord:
    """Trains, evaluates, and publishes model.tar.gz and run.json in the output folder.

    Raises:
        JobError: any of its kinds; the output is then as it was.
    """
    if config.backend != "local":
        raise UsageError(f"no backend {config.backend} here: use --backend local")
    return run_local(config, progress or Progress())


def run_local(config: TrainingConfig, progress: Progress) -> RunRecord:
    """The same with gensim."""
    started, clock = now(), time.perf_counter()
    with run_folder(config.output, config.overwrite) as folder:
        corpus = find_corpus(config.corpus, config.cache)
        trained = train(corpus, config.hyperparameters, config.seed, config.workers, progress)
        scores = evaluate(trained.vectors) if config.hyperparameters.evaluation else []
        write_artifacts(trained, eval_json(scores) if scores else None, folder.staging)
        seconds = time.perf_counter() - clock
        record = make_record(config, corpus, trained, scores, folder.staging, started, seconds)
        folder.publish(record)
    track(record, lambda text: progress.say(f"warning: {text}"))
    return record


def make_record(
    config: TrainingConfig,
    corpus: CorpusFile,
    trained: Trained,
    scores: list[Score],
    artifacts: Path,
    started: str,
    seconds: float,
) -> RunRecord:
    """The record of a local run that ends now.

    Args:
        config: what was asked for.
        corpus: what was trained on.
        trained: what came of it.
        scores: how good it is; none without evaluation.
        artifacts: folder of the files that stay.
        started: when, in ISO 8601.
        seconds: since then.
    """
    return RunRecord(
        name=printable(config.name or config.output.resolve().name),
        backend="local",
        status=COMPLETED,
        started=started,
        finished=now(),
        hyperparameters=config.hyperparameters.to_dict(),
        corpus=describe_corpus(corpus, trained.facts),
        seconds=round(seconds, 2),
        training_seconds=round(trained.training_seconds, 2),
        words_per_second=round(trained.words_per_second),
        vocabulary=len(trained.vectors),
        evaluation=eval_json(scores) if scores else None,
        scores=[score.to_dict() for score in scores],
        seed=config.seed,
        workers=config.workers,
        peak_memory_bytes=peak_memory_bytes(),
        notes=local_meaning.notes(config.hyperparameters, trained.facts.long_lines),
        versions=describe_versions(),
        host=describe_host(),
        artifacts={path.name: path.stat().st_size for path in sorted(artifacts.iterdir())},
    )


def describe_corpus(corpus: CorpusFile, facts: CorpusFacts) -> dict[str, object]:
    """A corpus as run.json has it: by content, and by the build that its manifest tells of."""
    source = corpus.manifest.get("input")
    return {
        "uri": printable(corpus.uri),
        "sha256": facts.sha256,
        "bytes": facts.bytes,
        "lines": facts.lines,
        "words": facts.words,
        "manifest_sha256": corpus.manifest_sha256 or None,
        "input_digest": source.get("digest") if isinstance(source, dict) else None,
    }
