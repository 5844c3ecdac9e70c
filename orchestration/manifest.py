"""What a build's manifest says of its corpus, for the steps that follow. Pure."""

import json
from typing import Any, NamedTuple

from storage.errors import RequestError


class Corpus(NamedTuple):
    """A corpus file, in figures.

    Attributes:
        uri: of the file.
        lines: sentences.
        tokens: words, ends of lines not counted.
        bytes: of the file.
        sha256: of the file.
        files: of the input that were read.
        posts: that were kept.
    """

    uri: str
    lines: int
    tokens: int
    bytes: int
    sha256: str
    files: int
    posts: int


def read_manifest(data: bytes, uri: str, where: str) -> Corpus:
    """The corpus that a manifest is about.

    Args:
        data: content of manifest.json.
        uri: of the corpus file.
        where: what errors call the manifest.

    Raises:
        RequestError: it is no manifest, or one of a corpus whose checks did not pass.
    """
    try:
        found = json.loads(data)
        corpus, ledger = found["corpus"], found["ledger"]
        failed = _failed(found["quality"])
        figures = (corpus["lines"], corpus["tokens"], corpus["bytes"], corpus["sha256"])
        made = Corpus(uri, *figures, ledger["files"]["read"], ledger["posts"]["kept"])
    except (ValueError, TypeError, KeyError):
        raise RequestError(f"{where} is no manifest of a corpus that was checked") from None
    if failed:
        raise RequestError(f"{uri} did not pass its checks: {'; '.join(failed)}")
    return made


def _failed(quality: dict[str, Any]) -> list[str]:
    """Checks of severity error that failed: a build with --no-gate publishes all the same."""
    if quality["passed"]:
        return []
    return [
        f"{one['dataset']}.{one['expectation']}: found {one['found']}, expected {one['expected']}"
        for one in quality["verdicts"]
        if not one["passed"] and one["severity"] == "error"
    ]
