"""A corpus that is built, and the gate that it has to pass: `etl` knows no gate by name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from etl.ledger import Ledger
from etl.publishing.output import CorpusFile, PartFile


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


Gate = Callable[[BuiltCorpus], dict[str, Any]]
"""Says what it found, for the manifest; raises a `JobError` to keep the corpus back."""

Describe = Callable[[Path, dict[str, Any]], None]
"""Writes for people what a corpus is like: into the output's folder, from its manifest."""
