"""Counts and judges the file that BlazingText would be paid to train on, as check_corpus does."""

from typing import Any

from commandline.argument_types import cpus
from embeddings.corpus.corpus_file import CorpusFile
from embeddings.scoring.word_pairs import ws353
from embeddings.training.hyperparameters import Hyperparameters
from storage.errors import CorpusError, PackageMissingError


def preflight(corpus: CorpusFile, chosen: Hyperparameters) -> dict[str, Any]:
    """Digest, lines and words of a corpus that may be trained on.

    Raises:
        CorpusError: BlazingText could not be trained on it.
        PackageMissingError: what the checks need is not installed.
    """
    try:
        from quality.gate import explain, read_standard
        from quality.preflight import describe_file, judge_file
    except ModuleNotFoundError as error:
        raise PackageMissingError(
            f"the preflight needs {error.name}: pip install 'blazing-corpus[quality]', or start "
            "unchecked with --no-preflight"
        ) from None
    pairs = [(pair.first, pair.second) for pair in ws353()[0].pairs]
    sha256 = corpus.manifest.get("corpus", {}).get("sha256")
    metrics = describe_file(corpus.path, pairs, chosen.min_count, cpus(), sha256)
    quality = judge_file(metrics, read_standard(), strict=False)
    if not quality["passed"]:
        raise CorpusError(f"{corpus.uri}: {explain(quality)}; --no-preflight starts all the same")
    counted = metrics["corpus"]
    return {"sha256": counted["sha256"], "lines": counted["lines"], "words": counted["tokens"]}
