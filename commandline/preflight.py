"""Counts and judges a file that is to be trained on, here or by BlazingText: one preflight."""

import argparse
from typing import Any

from commandline.argument_types import cpus
from embeddings.corpus.corpus_check import Preflight
from embeddings.corpus.corpus_file import CorpusFile
from embeddings.scoring.word_pairs import ws353
from embeddings.training.hyperparameters import Hyperparameters
from embeddings.training.training_progress import Progress
from storage.errors import CorpusError, InputNotFoundError, VocabularyError, describe_os_error


def add_preflight(parser: argparse.ArgumentParser) -> None:
    """Adds the option that leaves it out."""
    parser.add_argument("--no-preflight", action="store_true", help="whatever the corpus is like")


def take_preflight(no_preflight: bool) -> Preflight | None:
    """What looks at the corpus, if anything."""
    return None if no_preflight else preflight


def preflight(corpus: CorpusFile, chosen: Hyperparameters, progress: Progress) -> dict[str, Any]:
    """Digest, lines and words of a corpus that may be trained on; `progress` is told the warnings.

    Raises:
        CorpusError: word2vec could not be trained on it.
        VocabularyError: no word occurs min_count times, and nothing else is wrong.
        InputNotFoundError: it can't be read.
    """
    # Only now: it takes a second to import, and --help and wrong values need none of it.
    from quality.checks.check import ERROR, WARNING
    from quality.gate import explain, read_standard
    from quality.judge import failures
    from quality.preflight import judge_file

    metrics = measure(corpus, chosen.min_count, cpus(), is_whole=False)
    quality = judge_file(metrics, read_standard(), strict=False)
    for verdict in failures(quality, WARNING):
        progress.say(f"warning: {verdict}")
    if not quality["passed"]:
        is_small = {verdict.expectation for verdict in failures(quality, ERROR)} == {"words"}
        kind = VocabularyError if is_small else CorpusError
        raise kind(f"{corpus.uri}: {explain(quality)}; --no-preflight leaves this check out")
    counted = metrics["corpus"]
    return {"sha256": counted["sha256"], "lines": counted["lines"], "words": counted["tokens"]}


def measure(
    corpus: CorpusFile, min_count: int, processes: int, *, is_whole: bool = True
) -> dict[str, Any]:
    """The metrics of a corpus; see `quality.preflight.describe_file`.

    Raises:
        InputNotFoundError: it can't be read.
    """
    from quality.preflight import describe_file

    pairs = [(pair.first, pair.second) for pair in ws353()[0].pairs]
    recorded = corpus.recorded_sha256
    try:
        return describe_file(corpus.path, pairs, min_count, processes, recorded, is_whole=is_whole)
    except OSError as error:
        raise InputNotFoundError(f"can't read {corpus.uri}: {describe_os_error(error)}") from error
