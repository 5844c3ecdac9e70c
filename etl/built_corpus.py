"""A corpus that is built, and the gate that it has to pass: `etl` knows no gate by name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from etl.ledger import Ledger
from etl.publishing.output import CorpusFile, PartFile
from storage.errors import QualityError


@dataclass(frozen=True)
class BuiltCorpus:
    """A corpus that is built and not yet published.

    Attributes:
        ledger: of the whole build.
        corpus: what was found in the file.
        parts: kind of rows (`counting.profile.KINDS`) → what the tasks wrote of it, in file order.
        folder: the one that becomes `OUTPUT`.
    """

    ledger: Ledger
    corpus: CorpusFile
    parts: Callable[[str], Sequence[PartFile]]
    folder: Path


class RefusedError(QualityError):
    """A corpus that the gate keeps back, with what it found, as the manifest would have it."""

    def __init__(self, message: str, quality: dict[str, Any]) -> None:
        super().__init__(message)
        self.quality = quality


Gate = Callable[[BuiltCorpus], dict[str, Any]]
"""Says what it found, for the manifest; raises a `RefusedError` to keep the corpus back."""

Describe = Callable[[Path, dict[str, Any]], None]
"""Writes for people what a corpus is like: into the output's folder, from its manifest."""
