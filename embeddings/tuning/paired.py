"""Two corpora, one model, several seeds: does the corpus make a difference to mean_rho?

The interval is Student's t over the differences by seed. A bootstrap of three or five differences
would be too narrow: it can't know more than these few values.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy import stats

from embeddings.corpus.corpus_check import check_corpus, look_at
from embeddings.corpus.corpus_file import CorpusFile, find_corpus
from embeddings.runs.run_record import RUN_FILE, RunRecord, read_run
from embeddings.scoring.text_tables import figure, interval, table
from embeddings.training.local_run import TrainingConfig, run
from embeddings.training.training_progress import Progress
from storage.errors import CorpusError, OutputExistsError, UsageError

LETTERS = "AB"
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Difference:
    """Mean of the differences B - A, one per seed.

    Attributes:
        mean: of all seeds.
        low: lower end of the 95 % interval; None with one seed.
        high: its upper end.
    """

    mean: float
    low: float | None
    high: float | None


def difference(first: Sequence[float], second: Sequence[float]) -> Difference:
    """Of two scores per seed, in the same order of seeds: how much the second ones are higher.

    Raises:
        ValueError: there are none, or not as many of the one as of the other.
    """
    changes = np.array([b - a for a, b in zip(first, second, strict=True)])
    if not len(changes):
        raise ValueError("no scores")
    mean = float(changes.mean())
    if len(changes) == 1:
        return Difference(mean, None, None)
    error = float(changes.std(ddof=1)) / math.sqrt(len(changes))
    reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, len(changes) - 1)) * error
    return Difference(mean, mean - reach, mean + reach)


def train_pairs(
    corpora: tuple[str, str], base: TrainingConfig, seeds: int, progress: Progress
) -> list[tuple[RunRecord, RunRecord]]:
    """Trains on both corpora with each seed, in `OUTPUT/A-seed-1` and so on; runs there are reused.

    Args:
        corpora: paths or S3 URIs.
        base: all but corpus, output and seed, which count up from `base.seed`.
        seeds: how many.
        progress: told in one line about each run.

    Returns:
        The runs of corpus A and B, by seed.

    Raises:
        OutputExistsError: a run that is there has other hyperparameters or another corpus.
        CorpusError: both corpora are the same, or one knows too few words for a mean_rho.
        JobError: whatever else training raises; runs that have ended stay.
    """
    if base.backend != "local":
        raise UsageError(f"no backend {base.backend} here: use --backend local")
    files = [find_corpus(uri, base.cache) for uri in corpora]
    for corpus in files:
        look_at(corpus, base.preflight, base.hyperparameters, progress.say)
    base = replace(base, preflight=None)
    digests = [check_corpus(corpus).sha256 for corpus in files]
    if digests[0] == digests[1]:
        raise CorpusError(f"{corpora[0]} and {corpora[1]} hold the same bytes")
    pairs = []
    for seed in range(base.seed, base.seed + seeds):
        first, second = (
            _train_or_read(corpus, digest, _config(base, letter, corpus, seed), progress)
            for letter, corpus, digest in zip(LETTERS, files, digests, strict=True)
        )
        pairs.append((first, second))
    return pairs


def paired_text(pairs: Sequence[tuple[RunRecord, RunRecord]]) -> str:
    """A line per seed, then the difference with its interval, and what the interval covers."""
    scores = [(first.mean_rho or 0.0, second.mean_rho or 0.0) for first, second in pairs]
    rows = [
        [str(first.seed), figure(a), figure(b), f"{b - a:+.4f}"]
        for (first, _), (a, b) in zip(pairs, scores, strict=True)
    ]
    change = difference(*zip(*scores, strict=True))
    missing = [_missing(record) for record in pairs[0]]
    lines = [table(["seed", "A", "B", "B - A"], rows), ""]
    lines += [
        f"corpus {letter}: {record.corpus['uri']}, {record.corpus['words']:,} words, "
        f"{lost} pairs of WS-353 not found"
        for letter, record, lost in zip(LETTERS, pairs[0], missing, strict=True)
    ]
    return "\n".join([*lines, _verdict(change, len(pairs))])


def _verdict(change: Difference, seeds: int) -> str:
    text = f"difference of mean_rho, B - A: {change.mean:+.4f}"
    if change.low is None or change.high is None:
        return f"{text}; one seed gives no interval"
    is_clear = change.low > 0 or change.high < 0
    return (
        f"{text}, 95 % interval {interval(change.low, change.high)} (t, {seeds} seeds): "
        + ("more than the seed's chance" if is_clear else "no more than the seed's chance")
        + "; the choice of word pairs is not in it"
    )


def _config(base: TrainingConfig, letter: str, corpus: CorpusFile, seed: int) -> TrainingConfig:
    output: Path = base.output / f"{letter}-seed-{seed}"
    return replace(base, corpus=corpus.uri, output=output, seed=seed)


def _train_or_read(
    corpus: CorpusFile, digest: str, config: TrainingConfig, progress: Progress
) -> RunRecord:
    """The run of one corpus and seed, trained if it is not there."""
    is_there = (config.output / RUN_FILE).exists()
    record = read_run(config.output) if is_there else run(config)
    if (wrong := _discrepancy(record, config, digest)) and is_there:
        raise OutputExistsError(f"{config.output} holds a run with another {wrong}")
    if record.mean_rho is None:
        raise CorpusError(f"{corpus.uri} knows too few words of WS-353 for a mean_rho")
    done = "was there" if is_there else f"{record.seconds or 0:,.0f} s"
    progress.say(f"{config.output}: mean_rho {record.mean_rho:.4f}, {done}")
    return record


def _discrepancy(record: RunRecord, config: TrainingConfig, digest: str) -> str:
    """The first thing in which a run is not the one wanted; empty if it is."""
    if record.corpus.get("sha256") != digest:
        return "corpus"
    if record.seed != config.seed:
        return "seed"
    asked = config.hyperparameters.to_dict()
    return next((name for name in asked if record.hyperparameters.get(name) != asked[name]), "")


def _missing(record: RunRecord) -> int:
    return int(record.scores[0]["not_found"]) if record.scores else 0
