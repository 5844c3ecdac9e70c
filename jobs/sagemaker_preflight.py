"""Checks the file that BlazingText would be paid to train on, as jobs/check_corpus.py does."""

import hashlib
from collections.abc import Mapping
from typing import Any

from commandline.argument_types import cpus
from embeddings.corpus_file import CorpusFile
from embeddings.hyperparameters import Hyperparameters
from embeddings.word_pairs import ws353
from storage.errors import CorpusError, PackageMissingError


def known_facts(manifest: Mapping[str, Any], manifest_sha256: str, size: int) -> dict[str, Any]:
    """What a manifest says of its corpus, of `size` bytes, under run.json's names."""
    described, source = manifest.get("corpus", {}), manifest.get("input")
    return {
        "sha256": described.get("sha256"),
        "bytes": size,
        "lines": described.get("lines"),
        "words": described.get("tokens"),
        "manifest_sha256": manifest_sha256 or None,
        "input_digest": source.get("digest") if isinstance(source, dict) else None,
    }


def check(corpus: CorpusFile, chosen: Hyperparameters) -> dict[str, Any]:
    """Facts of a corpus that may be trained on.

    One that its build's gate has passed, and that is still the same to the byte, is not counted
    again.

    Args:
        corpus: the file, or a copy of the object.
        chosen: hyperparameters.

    Raises:
        CorpusError: BlazingText could not be trained on it, or the manifest describes another file.
        PackageMissingError: what the checks need is not installed.
    """
    facts = known_facts(corpus.manifest, corpus.manifest_sha256, corpus.path.stat().st_size)
    with corpus.path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if facts["sha256"] not in (None, found):
        raise CorpusError(f"{corpus.uri} is not what its manifest describes: build it again")
    has_passed = corpus.manifest.get("quality", {}).get("gate") == "passed"
    if has_passed and facts["lines"] and facts["words"]:
        return facts
    return facts | _count(corpus, chosen, facts["sha256"])


def _count(corpus: CorpusFile, chosen: Hyperparameters, sha256: str | None) -> dict[str, Any]:
    try:
        from quality.gate import explain, read_standard
        from quality.preflight import describe_file, judge_file
    except ModuleNotFoundError as error:
        raise _missing(error) from None
    pairs = [(pair.first, pair.second) for pair in ws353()[0].pairs]
    metrics = describe_file(corpus.path, pairs, chosen.min_count, cpus(), sha256)
    quality = judge_file(metrics, read_standard(), strict=False)
    if not quality["passed"]:
        raise CorpusError(f"{corpus.uri}: {explain(quality)}; --no-preflight starts all the same")
    found = metrics["corpus"]
    return {"sha256": found["sha256"], "lines": found["lines"], "words": found["tokens"]}


def _missing(error: ModuleNotFoundError) -> PackageMissingError:
    return PackageMissingError(
        f"the preflight needs {error.name}: pip install 'blazing-corpus[quality]', or start "
        "unchecked with --no-preflight"
    )
