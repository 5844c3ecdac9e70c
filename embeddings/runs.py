"""The table of runs: one run.json a run, in folders on disk or on S3; no server needed.

A run.json names no path of this machine but those that the user typed, and no host.
"""

import json
import os
import platform
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any, Self

from embeddings.errors import BadRunError, InputNotFoundError, describe_os_error
from embeddings.s3 import is_s3, make_client, s3_errors, split_uri, without_credentials

RUN_FILE = "run.json"
FORMAT = 1
TOOL = "blazing-corpus"
COMPLETED = "completed"
BACKENDS = ("local", "sagemaker")
PACKAGES = ("blazing-corpus", "gensim", "numpy", "scipy")
STAGING = ".staging-"
"""Start of the names of folders that are not yet, or never will be, runs."""


@dataclass(frozen=True)
class RunRecord:
    """One training run, of whichever backend; one object a run.json.

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

    def to_json(self) -> str:
        """The text of run.json."""
        content = {"format": FORMAT, "tool": TOOL, **asdict(self)}
        return json.dumps(content, indent=2, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str, where: str) -> Self:
        """Reads a run.json; fields that this version does not know are left out.

        Args:
            text: its content.
            where: what errors call it.

        Raises:
            BadRunError: it is no run.json of this tool and format.
        """
        try:
            content = json.loads(text)
            if (content["tool"], content["format"]) != (TOOL, FORMAT):
                raise BadRunError(f"{where} is of another tool or format")
            known = {one.name for one in fields(cls)}
            record = cls(**{name: value for name, value in content.items() if name in known})
        except (ValueError, TypeError, KeyError):
            raise BadRunError(f"{where} is no {RUN_FILE} of {TOOL}") from None
        if not isinstance(record.hyperparameters, dict) or not isinstance(record.corpus, dict):
            raise BadRunError(f"{where} is no {RUN_FILE} of {TOOL}")
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
    path = folder / RUN_FILE
    return RunRecord.from_json(_read_text(path), str(path))


def read_runs(
    location: str | Path, broken: Callable[[str], None] | None = None
) -> Iterator[tuple[str, RunRecord]]:
    """Every run below a folder or an S3 prefix, with the place of its run.json, by place.

    Args:
        location: the folder or prefix.
        broken: told about each run.json that is not one, which is then left out.

    Raises:
        InputNotFoundError: the folder or bucket is not there.
        BadRunError: a run.json is not one, and nobody is to be told.
        RemoteError: S3 can't be read.
    """
    texts = _remote_texts(str(location)) if is_s3(str(location)) else _local_texts(Path(location))
    for where, read in texts:
        try:
            yield where, RunRecord.from_json(read(), where)
        except BadRunError as error:
            if broken is None:
                raise
            broken(str(error))


def _local_texts(folder: Path) -> Iterator[tuple[str, Callable[[], str]]]:
    if not folder.is_dir():
        raise InputNotFoundError(f"no folder of runs at {folder}")
    for path in sorted(folder.rglob(RUN_FILE)):
        if not any(part.startswith(STAGING) for part in path.parts):
            yield str(path), partial(_read_text, path)


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise BadRunError(f"{path} is not UTF-8") from None
    except OSError as error:
        raise InputNotFoundError(f"can't read {path}: {describe_os_error(error)}") from error


def _remote_texts(uri: str) -> Iterator[tuple[str, Callable[[], str]]]:
    client, shown = make_client(), without_credentials(uri)
    bucket, prefix = split_uri(uri)
    prefix = prefix if not prefix or prefix.endswith("/") else f"{prefix}/"
    with s3_errors(shown):
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
    for key in sorted(key for key in keys if key.rpartition("/")[2] == RUN_FILE):
        where = f"s3://{bucket}/{key}"
        with s3_errors(where):
            body = client.get_object(Bucket=bucket, Key=key)["Body"].read()
        yield where, partial(body.decode, "utf-8", "replace")


def now() -> str:
    """ISO 8601 in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def describe_versions() -> dict[str, Any]:
    """Versions that a run's vectors depend on; None for what is not installed."""
    found: dict[str, Any] = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = None
    return found


def describe_host() -> dict[str, Any]:
    """The kind of machine, and nothing that names it."""
    return {
        "system": platform.system(),
        "machine": platform.machine(),
        "cpus": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
    }
