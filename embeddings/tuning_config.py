"""A search for hyperparameters as its user describes it, and what that means for each job."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optuna.trial import FrozenTrial, Trial

from embeddings.corpus_file import find_corpus
from embeddings.hyperparameters import Hyperparameters
from embeddings.search_space import Space
from embeddings.train import TrainingConfig
from embeddings.tuning_study import job_name

MAX_JOBS, PARALLEL = 12, 2


@dataclass(frozen=True)
class TuningConfig:
    """A search.

    Attributes:
        corpus: path or S3 URI, see `find_corpus`.
        output: folder of the search, with a run folder a job.
        space: hyperparameters to search.
        common: values of the others.
        max_jobs: that end well, in all; failed ones come on top.
        parallel: jobs at a time.
        seed: of the sampler, and of every job.
        workers: threads of a job.
        keep_all: whether the vectors of all jobs stay, not only the best one's.
        cache: see `find_corpus`.
    """

    corpus: str
    output: Path
    space: Space
    common: Hyperparameters
    max_jobs: int = MAX_JOBS
    parallel: int = PARALLEL
    seed: int = 1
    workers: int = 1
    keep_all: bool = False
    cache: Path | None = None

    def settings(self) -> dict[str, Any]:
        """What all jobs share: the corpus by content, and the values of what is not searched.

        Raises:
            InputNotFoundError: there is no corpus.
            AwsError: S3 can't be read.
        """
        with find_corpus(self.corpus, self.cache).path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        common = self.common.to_dict().items()
        return {"corpus": digest, "seed": self.seed, "workers": self.workers} | {
            name: value for name, value in common if name not in self.space
        }

    def job(self, trial: Trial | FrozenTrial) -> TrainingConfig:
        """The training run of one job, in a folder of its own."""
        return TrainingConfig(
            corpus=self.corpus,
            output=self.output / job_name(trial),
            hyperparameters=Hyperparameters.of(self.common.to_dict() | trial.params),
            seed=self.seed,
            workers=self.workers,
            cache=self.cache,
        )
