"""What a build needs of the place that it writes to, be that a folder or a prefix on S3.

    Output.held ─► Output.staging ─► Place: Spark writes, files, join ─► Place.publish

`local_output` and `s3_output` beside this are the two; only `opening` knows of both.
"""

import re
import shutil
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from schemas.output import CORPUS_FILE, FILES, FOLDERS, REFUSED, REJECTS, REPORT

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MARKER = "PUBLISH"
LOCK = ".lock"
STAGING = ".staging-"
STAGED = re.compile(r"\.staging-\d{8}T\d{6}Z-[0-9a-f]+")
"""Names of staging areas; whatever else begins with `STAGING` is not a build's, and stays."""

RAW = "raw"
"""Where tasks write lines, rejects and ledgers, below the staging area; not published."""


@dataclass(frozen=True)
class CorpusFile:
    """What a corpus file holds.

    Attributes:
        bytes: its size.
        lines: number of LF in it, so of sentences.
        sha256: hexadecimal digest of its bytes.
    """

    bytes: int
    lines: int
    sha256: str


@dataclass(frozen=True)
class Destination:
    """Where Spark writes, and how.

    Attributes:
        uri: in a scheme that the session's Hadoop knows.
        options: of the DataFrameWriter (or reader); they reach Hadoop's configuration.
        settings: of the session, while it writes.
    """

    uri: str
    options: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)


class PartFile(Protocol):
    """One file that a task wrote."""

    @property
    def size(self) -> int:
        """Bytes."""

    def read(self) -> bytes:
        """All of it."""


class Place(Protocol):
    """The staging area of one build.

    Attributes:
        final: a local folder; what lies there under a name of `ENTRIES` is published.
    """

    final: Path

    def for_spark(self, spark: "SparkSession", name: str) -> Destination:
        """Where Spark writes `RAW`, or a table."""

    def parts(self, kind: str) -> Sequence[PartFile]:
        """What the tasks wrote of a kind, in file order."""

    def join(self, spark: "SparkSession") -> CorpusFile:
        """Makes the lines one file, ready to be published."""

    def publish(self, stale: list[str]) -> None:
        """Gives everything its name, the corpus last; entries of `stale` go."""

    def refuse(self) -> None:
        """Publishes report and rejects under `REFUSED`, and nothing else."""


class Output(Protocol):
    """A folder or prefix that only ever shows whole builds."""

    def __str__(self) -> str:
        """As users know it."""

    def held(self) -> AbstractContextManager[None]:
        """Keeps other builds away, and tidies up after one that died."""

    def read(self, name: str) -> bytes | None:
        """The bytes of a small file of the output; None if it is not there."""

    def has(self, entry: str) -> bool:
        """Whether there is anything under the name of an entry."""

    def has_corpus(self, corpus: dict[str, Any]) -> bool:
        """Whether the corpus file is the one that a manifest describes."""

    def check_replaceable(self, entries: list[str], known: list[str], overwrite: bool) -> None:
        """Refuses to touch what may not be replaced."""

    def staging(self) -> AbstractContextManager[Place]:
        """A staging area, gone at the end however that comes."""


def run_name(suffix: str) -> str:
    """The name of a new build, which its staging area bears after `STAGING`.

    Args:
        suffix: hexadecimal digits that no other build of this second has.
    """
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{suffix}"


def is_made(path: str) -> bool:
    """Whether a file of an output, by its path there, has a name that builds give.

    >>> is_made("corpus/cleaned_sentences.csv"), is_made("corpus/old/cleaned_sentences.csv")
    (True, False)
    >>> is_made("manifest.json"), is_made("manifest.json.bak")
    (True, False)
    >>> is_made("refused/report/index.html"), is_made("refused/mail.txt")
    (True, False)
    """
    folder, slash, name = path.partition("/")
    if not slash:
        return path in FILES
    if folder == REFUSED:
        return name.startswith((f"{REPORT}/", f"{REJECTS}/")) and is_made(name)
    if folder in FOLDERS:
        return folder == REPORT or name.endswith(".parquet")
    return path == CORPUS_FILE


def set_aside(final: Path) -> None:
    """Leaves report and rejects in a folder, as `REFUSED`, and removes everything else."""
    refused = final / REFUSED
    refused.mkdir()
    for path in list(final.iterdir()):
        if path.name in (REPORT, REJECTS):
            path.rename(refused / path.name)
        elif path != refused:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def part_order(path: str) -> tuple[int, str]:
    """What part files are sorted by: the number of their chunk, then Spark's part name.

    >>> part_order("raw/kind=lines/chunk=12/part-00001.txt")
    (12, 'part-00001.txt')
    """
    *_, chunk, name = path.split("/")
    return int(chunk.partition("=")[2]), name
