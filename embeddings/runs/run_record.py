"""What one training run leaves: one run.json, whichever backend trained; written, read, found.

A run.json names no path of this machine but those that the user typed, and no host. The table of
runs is nothing but such files in folders, on disk or on S3.
"""

import json
import os
import platform
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Self

from storage.errors import BadRunError
from storage.files import find_files, read_bytes

RUN_FILE = "run.json"
FORMAT = 1
TOOL = "blazing-corpus"
COMPLETED = "completed"
BACKENDS = ("local", "sagemaker")
PACKAGES = ("blazing-corpus", "gensim", "numpy", "scipy")
"""Those that a run's vectors and scores depend on."""

STAGING = ".staging-"
"""Start of the names of folders that are not yet, or never will be, runs."""

STAGED = re.compile(r"\.staging-\d+")
"""Such names as a run gives; whatever else begins with `STAGING` is not its own, and stays."""


@dataclass(frozen=True)
class RunRecord:
    """One training run, of whichever backend; one object per run.json.

    Attributes:
        name: the output folder's, or the training job's.
        backend: `local` or `sagemaker`.
        status: `completed`, or what the backend calls it.
        started: ISO 8601, UTC.
        finished: likewise; empty while it runs.
        hyperparameters: BlazingText's, typed, by name; all of them.
        corpus: `uri`, `sha256`, `bytes`, `lines`, `words`, `manifest_sha256`, `input_digest`; None
            for what the backend does not know.
        seconds: from start to finish, of everything.
        training_seconds: of the epochs alone.
        words_per_second: tokens times epochs by training_seconds.
        vocabulary: words that have a vector.
        evaluation: content of eval.json; None without evaluation.
        scores: the same with intervals, as `Score.to_dict()`; and further tables.
        seed: None if the backend takes none.
        workers: threads; None likewise.
        peak_memory_bytes: None if not known.
        price_usd: what the run cost; None for local runs.
        notes: what was done otherwise than BlazingText does.
        versions: of Python and packages.
        host: kind of machine.
        artifacts: names of files beside run.json, with their sizes in bytes.
        details: whatever else a backend knows (job name, instance type, billable seconds, …).
    """

    name: str
    backend: str
    status: str
    started: str
    finished: str
    hyperparameters: dict[str, Any]
    corpus: dict[str, Any]
    seconds: float | None = None
    training_seconds: float | None = None
    words_per_second: float | None = None
    vocabulary: int | None = None
    evaluation: dict[str, Any] | None = None
    scores: list[dict[str, Any]] = field(default_factory=list)
    seed: int | None = None
    workers: int | None = None
    peak_memory_bytes: int | None = None
    price_usd: float | None = None
    notes: list[str] = field(default_factory=list)
    versions: dict[str, Any] = field(default_factory=dict)
    host: dict[str, Any] = field(default_factory=dict)
    artifacts: dict[str, int] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def mean_rho(self) -> float | None:
        """The objective of tuning; None without evaluation, or with too few words for one."""
        return (self.evaluation or {}).get("mean_rho")

    def score(self, name: str) -> dict[str, Any]:
        """The score of a name, as `Score.to_dict()`; empty if there is none."""
        return next((score for score in self.scores if score["name"] == name), {})

    def to_json(self) -> str:
        """The text of run.json."""
        content = {"format": FORMAT, "tool": TOOL, **asdict(self)}
        return json.dumps(content, indent=2, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, content: str | bytes, location: str) -> Self:
        """Reads a run.json; fields that this version does not know are left out.

        Args:
            content: of the file.
            location: what errors call it.

        Raises:
            BadRunError: it is no run.json of this tool and format.
        """
        try:
            values = json.loads(content)
            if (values["tool"], values["format"]) != (TOOL, FORMAT):
                raise BadRunError(f"{location} is of another tool or format")
            known = {item.name for item in fields(cls)}
            record = cls(**{name: value for name, value in values.items() if name in known})
        except (ValueError, TypeError, KeyError):
            raise BadRunError(f"{location} is no {RUN_FILE} of {TOOL}") from None
        if not isinstance(record.hyperparameters, dict) or not isinstance(record.corpus, dict):
            raise BadRunError(f"{location} is no {RUN_FILE} of {TOOL}")
        return record


def write_run(record: RunRecord, folder: Path) -> None:
    """Writes run.json into a folder, in one step that nobody sees the middle of."""
    part = folder / f".{RUN_FILE}.part"
    try:
        with part.open("w", encoding="utf-8") as file:
            file.write(record.to_json())
            file.flush()
            os.fsync(file.fileno())
        part.replace(folder / RUN_FILE)
    finally:
        part.unlink(missing_ok=True)


def read_run(folder: Path) -> RunRecord:
    """The run of a folder.

    Raises:
        InputNotFoundError: there is no run.json.
        BadRunError: it is not one.
    """
    location = str(folder / RUN_FILE)
    return RunRecord.from_json(read_bytes(location), location)


def read_runs(
    location: str | Path, broken: Callable[[str], None] | None = None
) -> Iterator[tuple[str, RunRecord]]:
    """Every run below a folder or an S3 prefix, with the place of its run.json, by place.

    Args:
        location: the folder or prefix.
        broken: told about each run.json that is not one, which is then left out.

    Raises:
        InputNotFoundError: the folder is not there.
        BadRunError: a run.json is not one, and nobody is to be told.
        AwsError: S3 can't be read, or there is no such bucket.
    """
    for file in find_files(location, RUN_FILE):
        if any(part.startswith(STAGING) for part in Path(file.location).parts):
            continue
        try:
            yield file.location, RunRecord.from_json(file.read(), file.location)
        except BadRunError as error:
            if broken is None:
                raise
            broken(str(error))


def describe_run(record: RunRecord) -> str:
    """What a finished run is, in a few lines."""
    words = (record.corpus.get("words") or 0) * record.hyperparameters["epochs"]
    dimensions = record.hyperparameters["vector_dim"]
    lines = [f"{record.name}: {record.vocabulary:,} vectors of {dimensions} dimensions"]
    if record.training_seconds is not None and record.words_per_second:
        lines.append(
            f"trained on {words:,} words in {record.training_seconds:,.1f} s: "
            f"{record.words_per_second:,.0f} words/s"
        )
    if record.peak_memory_bytes:
        lines.append(f"peak memory: {record.peak_memory_bytes / 2**20:,.0f} MiB")
    lines += [f"note: {note}" for note in record.notes]
    return "\n".join(lines)


def now() -> str:
    """ISO 8601 in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def describe_versions() -> dict[str, Any]:
    """Versions that a run's vectors depend on; None for what is not installed."""
    versions: dict[str, Any] = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            versions[package] = None
    return versions


def describe_host() -> dict[str, Any]:
    """The kind of machine, and nothing that names it."""
    is_linux = hasattr(os, "sched_getaffinity")
    return {
        "system": platform.system(),
        "machine": platform.machine(),
        "cpus": len(os.sched_getaffinity(0)) if is_linux else os.cpu_count(),
    }
