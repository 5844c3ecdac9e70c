"""The settings of one build: frozen dataclasses that the command line fills."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from etl.cleaning.options import Cleaning
from etl.reading.layouts import Wanted
from etl.text.sentences import ANYTHING, BREAKS_BEFORE
from storage.s3_client import S3Options

MAX_REJECTED_FILES = 0.01
"""Share of the files found that may be rejected before the build fails."""

MAX_EXPANDED_BYTES = 16 * 2**30
"""Bytes that a zip may expand to: twenty times the whole corpus (806 MB)."""

MAX_FILE_BYTES = 2**30
"""Bytes of one file; the biggest of the corpus has 2.7 MB."""

SPLITTERS = ("rules", "spacy")
SENTENCE, POST = "sentence", "post"
LINES = (SENTENCE, POST)
CHOICES = {"splitter": SPLITTERS, "break_before": BREAKS_BEFORE, "lines": LINES}


@dataclass(frozen=True)
class ChainOptions:
    """What happens to the text.

    Attributes:
        splitter: "rules" (`etl.text.sentences`) or "spacy" (spaCy's sentencizer).
        break_before: what a sentence of the rules may begin with, one of `BREAKS_BEFORE`.
        lines: what becomes a line, a "sentence" or a whole "post".
        fold_diacritics: `café` becomes `cafe`, see `etl.text.normalize.fold`.
        keep_apostrophes: `don't` stays one token.
        min_tokens: shorter lines are dropped, and counted.
        cleaning: what is cleaned beyond the reference run's cleaning; nothing.
    """

    splitter: str = "rules"
    break_before: str = ANYTHING
    lines: str = SENTENCE
    fold_diacritics: bool = False
    keep_apostrophes: bool = False
    min_tokens: int = 1
    cleaning: Cleaning = field(default_factory=Cleaning)

    def __post_init__(self) -> None:
        for name, allowed in CHOICES.items():
            if getattr(self, name) not in allowed:
                value = getattr(self, name)
                raise ValueError(f"{name} is {value!r}, expected one of {allowed}")
        if self.splitter != "rules" and self.break_before != ANYTHING:
            raise ValueError("break_before is for the rules, not for another splitter")
        if self.min_tokens < 1:
            raise ValueError(f"min_tokens is {self.min_tokens}, expected 1 or more")


@dataclass(frozen=True)
class BuildOptions:
    """What to build from what, and how.

    Attributes:
        input: a folder, glob, file or zip, on this machine or S3, or a Hadoop URI; as typed.
        output: a local folder, or `s3://bucket/prefix`.
        s3: how to talk to S3, and how to store what is written there.
        chain: what happens to the text.
        form: what the user says that the input is.
        overwrite: replace an existing output.
        tables: also write posts and sentences as Parquet.
        keep_rejected_text: put the text of dropped posts and sentences into the rejects.
        max_rejected_files: share of the files, 0 to 1.
        max_expanded_bytes: bytes that a zip may expand to.
        max_file_bytes: bytes of one file; bigger ones are rejected.
        partitions: number of tasks; None for one per `reading.chunks.CHUNK_BYTES` of input.
        verbose: let Spark log.
        standard: what the gate holds the corpus to, JSON-able; None where there is no gate.
    """

    input: str
    output: str | Path
    chain: ChainOptions = field(default_factory=ChainOptions)
    form: Wanted = field(default_factory=Wanted)
    overwrite: bool = False
    tables: bool = False
    keep_rejected_text: bool = False
    max_rejected_files: float = MAX_REJECTED_FILES
    max_expanded_bytes: int = MAX_EXPANDED_BYTES
    max_file_bytes: int = MAX_FILE_BYTES
    partitions: int | None = None
    verbose: bool = False
    s3: S3Options = field(default_factory=S3Options)
    standard: dict[str, Any] | None = None

    def outcome(self) -> dict[str, Any]:
        """The options that the output depends on, JSON-able: with all the same, nothing changes."""
        elsewhere = {"input", "output", "overwrite", "partitions", "verbose", "chain", "s3"}
        own = {name: value for name, value in asdict(self).items() if name not in elsewhere}
        return asdict(self.chain) | own
