"""A training run from corpus to model.tar.gz and run.json, on this machine.

model.tar.gz is as BlazingText packs it; n-grams of subwords lie beside it.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from gensim.models import FastText, fasttext

from embeddings.corpus.corpus_check import CorpusFacts, Preflight, look_at
from embeddings.corpus.corpus_file import CorpusFile, find_corpus
from embeddings.runs.run_copies import track
from embeddings.runs.run_folder import run_folder
from embeddings.runs.run_record import (
    BACKENDS,
    COMPLETED,
    RunRecord,
    describe_host,
    describe_versions,
    now,
)
from embeddings.scoring.evaluation import Score, eval_json, evaluate
from embeddings.scoring.word_pairs import PairSet
from embeddings.training.hyperparameters import Hyperparameters
from embeddings.training.local_trainer import (
    SEED,
    WORKERS,
    Trained,
    describe_differences,
    peak_memory_bytes,
    train,
)
from embeddings.training.training_progress import Progress
from embeddings.vectors.archive import pack
from embeddings.vectors.vectors_file import MODEL, SUBWORDS
from storage.errors import BadVectorsError, UsageError
from storage.printable import printable

EVAL = "eval.json"


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
        tables: word pairs to score on beside WS-353.
        preflight: looks at the corpus; None to train on whatever can be trained on.
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
    tables: tuple[PairSet, ...] = ()
    preflight: Preflight | None = None


def run(config: TrainingConfig, progress: Progress | None = None) -> RunRecord:
    """Trains, evaluates, and publishes model.tar.gz and run.json in the output folder.

    Raises:
        UsageError: the backend is another one; `blazingtext` trains on SageMaker.
        JobError: any of its kinds; the output is then as it was.
    """
    if config.backend != "local":
        raise UsageError(f"no backend {config.backend} here: use --backend local")
    progress = progress or Progress()
    started, clock = now(), time.perf_counter()
    with run_folder(config.output, config.overwrite) as folder:
        corpus = find_corpus(config.corpus, config.cache)
        look_at(corpus, config.preflight, config.hyperparameters, progress)
        trained = train(corpus, config.hyperparameters, config.seed, config.workers, progress)
        is_evaluated = config.hyperparameters.evaluation
        scores = evaluate(trained.vectors, config.tables) if is_evaluated else []
        write_artifacts(trained, eval_json(scores) if scores else None, folder.staging)
        seconds = time.perf_counter() - clock
        record = _make_record(config, corpus, trained, scores, folder.staging, started, seconds)
        folder.publish(record)
    track(record, progress)
    return record


def _make_record(
    config: TrainingConfig,
    corpus: CorpusFile,
    trained: Trained,
    scores: list[Score],
    artifacts: Path,
    started: str,
    seconds: float,
) -> RunRecord:
    """The record of a run that ends now, and whose files that stay are in a folder."""
    return RunRecord(
        name=printable(config.name or config.output.resolve().name),
        backend="local",
        status=COMPLETED,
        started=started,
        finished=now(),
        hyperparameters=config.hyperparameters.to_dict(),
        corpus=_describe_corpus(corpus, trained.facts),
        seconds=round(seconds, 2),
        training_seconds=round(trained.training_seconds, 2),
        words_per_second=round(trained.words_per_second),
        vocabulary=len(trained.vectors),
        evaluation=eval_json(scores) if scores else None,
        scores=[score.to_dict() for score in scores],
        seed=config.seed,
        workers=config.workers,
        peak_memory_bytes=peak_memory_bytes(),
        notes=describe_differences(config.hyperparameters, trained.facts.long_lines),
        versions=describe_versions(),
        host=describe_host(),
        artifacts={path.name: path.stat().st_size for path in sorted(artifacts.iterdir())},
    )


def _describe_corpus(corpus: CorpusFile, facts: CorpusFacts) -> dict[str, object]:
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


def write_artifacts(trained: Trained, evaluation: Mapping[str, Any] | None, folder: Path) -> None:
    """Writes model.tar.gz into a folder, and subwords.bin if there are subwords.

    Args:
        trained: vectors, most frequent word first in both files.
        evaluation: content of eval.json; None where no evaluation was asked for, as BlazingText
            leaves it out then.
        folder: best one that is published as a whole; holds some files meanwhile.

    Raises:
        BadVectorsError: training ended in values that are no numbers.
    """
    if not np.isfinite(trained.vectors.vectors).all():
        raise BadVectorsError("training diverged: some vectors are NaN; lower learning_rate")
    files = [folder / "vectors.txt", folder / "vectors.bin"]
    for path in files:
        trained.vectors.save_word2vec_format(str(path), binary=path.suffix == ".bin")
    if evaluation is not None:
        files.append(folder / EVAL)
        # As BlazingText prints it.
        text = json.dumps(evaluation, indent=4, sort_keys=True, allow_nan=False)
        files[-1].write_text(f"{text}\n", encoding="utf-8")
    pack(folder / MODEL, files)
    for path in files:
        path.unlink()
    if isinstance(trained.model, FastText):
        # The model alone has what its format wants; the vectors are in the archive as well.
        fasttext.save_facebook_model(trained.model, str(folder / SUBWORDS))
