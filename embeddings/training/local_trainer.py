"""Trains word vectors with gensim, as near to BlazingText as it comes; the corpus stays on disk.

What a bare `Word2Vec(corpus_file=…)` with the same parameters does, to the bit with one worker.
With more, gensim measures each worker's progress against the whole corpus, so within an epoch the
learning rate falls by a worker's share only; docs/training.md has what came of evening that out.
"""

import logging
import resource
import sys
import time
from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from gensim.models import FastText, Word2Vec
from gensim.models.keyedvectors import KeyedVectors

from embeddings.corpus.corpus_check import GENSIM_LINE_TOKENS, CorpusFacts, check_corpus
from embeddings.corpus.corpus_file import CorpusFile
from embeddings.training.hyperparameters import Hyperparameters
from embeddings.training.training_progress import Progress
from embeddings.training.training_workers import WorkerGuard
from storage.errors import VocabularyError

SEED, WORKERS = 1, 1
MIN_ALPHA_SHARE = 1e-4
"""Of learning_rate, where its fall ends: word2vec.c's `starting_alpha * 0.0001`."""

KIB = 1024
MOST_SEED = 2**32 - 1
"""numpy's RandomState takes no larger one."""


@dataclass(frozen=True)
class Trained:
    """What a training leaves.

    Attributes:
        model: gensim's Word2Vec, or FastText where subwords were asked for.
        facts: what the corpus holds.
        scan_seconds: for checking the corpus and counting its words.
        training_seconds: for the epochs alone, as BlazingText's "Total training time".
        words_per_second: tokens of the corpus times epochs, by training_seconds.
        peak_memory_bytes: of the whole process until now.
    """

    model: Any
    facts: CorpusFacts
    scan_seconds: float
    training_seconds: float
    words_per_second: float
    peak_memory_bytes: int

    @property
    def vectors(self) -> KeyedVectors:
        """The vectors of the vocabulary, most frequent word first."""
        return self.model.wv


def train(
    corpus: CorpusFile,
    hyperparameters: Hyperparameters,
    seed: int = SEED,
    workers: int = WORKERS,
    progress: Progress | None = None,
) -> Trained:
    """Trains on a corpus file; the same seed and one worker give the same vectors again.

    Args:
        corpus: the file, from `find_corpus`.
        hyperparameters: BlazingText's.
        seed: of the first vectors, and of all that is drawn later.
        workers: threads; with several, no run is like another.
        progress: what is told on the way; nothing if None.

    Raises:
        CorpusError: the corpus can't be trained on, or changes meanwhile.
        InputNotFoundError: it can't be read, or vanishes meanwhile.
        VocabularyError: no word is as frequent as min_count.
        JobError: gensim failed.
    """
    logging.getLogger("gensim").setLevel(logging.ERROR)
    progress = progress or Progress()
    started = time.perf_counter()
    counts: Counter[bytes] = Counter()
    with closing(WorkerGuard(corpus)) as guard:
        with progress.reading(guard.size):
            facts = check_corpus(corpus, counts, progress)
        model = _with_vocabulary(counts, facts, hyperparameters, seed, workers)
        progress.vocabulary(len(model.wv), hyperparameters.min_count)
        scanned, words, epochs = time.perf_counter(), facts.words, hyperparameters.epochs
        with guard.watch(words, epochs, workers, progress):
            _run_epochs(model, facts, guard)
    seconds = time.perf_counter() - scanned
    return Trained(
        model,
        facts,
        scanned - started,
        seconds,
        facts.words * hyperparameters.epochs / seconds,
        peak_memory_bytes(),
    )


def describe_differences(hyperparameters: Hyperparameters, long_lines: int = 0) -> list[str]:
    """What a local run does otherwise than BlazingText, one line each, for the user and run.json.

    Args:
        hyperparameters: of the run.
        long_lines: lines of the corpus with more than `GENSIM_LINE_TOKENS` tokens.
    """
    told = []
    if hyperparameters.mode == "batch_skipgram":
        told.append("mode: batch_skipgram is trained as plain skip-gram (gensim sg=1)")
        told.append(f"batch_size: {hyperparameters.batch_size} has no local meaning")
    if hyperparameters.subwords:
        told.append("subwords: kept in subwords.bin, fastText's format, beside model.tar.gz")
    told.append("end of line: BlazingText counts one token </s> a line, gensim none")
    if long_lines:
        told.append(
            f"long lines: {long_lines:,} of more than {GENSIM_LINE_TOKENS:,} tokens, "
            f"which gensim breaks there"
        )
    return told


def _with_vocabulary(
    counts: Counter[bytes],
    facts: CorpusFacts,
    hyperparameters: Hyperparameters,
    seed: int,
    workers: int,
) -> Any:
    """A model with its vocabulary and first vectors; empties the counts, to give memory back."""
    frequent = _frequent(counts, hyperparameters.min_count)
    model = make_model(hyperparameters, seed, workers)
    model.build_vocab_from_freq(frequent, corpus_count=facts.lines)
    model.raw_vocab = defaultdict(int)
    model.corpus_total_words = facts.words
    return model


def make_model(hyperparameters: Hyperparameters, seed: int, workers: int) -> Any:
    """An untrained gensim model; `Rule.local` says what becomes of each hyperparameter."""
    shared = {
        "sg": 0 if hyperparameters.mode == "cbow" else 1,
        "hs": 0,
        "vector_size": hyperparameters.vector_dim,
        "window": hyperparameters.window_size,
        "min_count": hyperparameters.min_count,
        "sample": hyperparameters.sampling_threshold,
        "negative": hyperparameters.negative_samples,
        "alpha": hyperparameters.learning_rate,
        "min_alpha": hyperparameters.learning_rate * MIN_ALPHA_SHARE,
        "epochs": hyperparameters.epochs,
        "seed": seed,
        "workers": workers,
    }
    if not hyperparameters.subwords:
        return Word2Vec(**shared)
    return FastText(
        **shared,
        min_n=hyperparameters.min_char,
        max_n=hyperparameters.max_char,
        bucket=hyperparameters.buckets,
    )


def _frequent(counts: Counter[bytes], min_count: int) -> dict[str, int]:
    """Words that stay, in the order of first appearance, which breaks ties of frequency."""
    most = max(counts.values())
    frequent = {word.decode(): count for word, count in counts.items() if count >= min_count}
    counts.clear()
    if not frequent:
        raise VocabularyError(
            f"no word occurs min_count, {min_count:,}, times: the most frequent one has {most:,}"
        )
    return frequent


def _run_epochs(model: Any, facts: CorpusFacts, guard: WorkerGuard) -> None:
    with guard.around(model):
        model.train(
            corpus_file=guard.path,
            total_examples=facts.lines,
            total_words=facts.words,
            epochs=model.epochs,
            callbacks=[guard],
        )


def peak_memory_bytes() -> int:
    """The most memory that this process ever had resident."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * KIB
