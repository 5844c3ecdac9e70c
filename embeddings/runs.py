"""The table of runs: one run.json a run, in folders on disk or on S3; no server needed."""

import os
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from embeddings.run_record import RUN_FILE, RunRecord
from storage.errors import BadRunError, InputNotFoundError, describe_os_error
from storage.locations import is_s3, join_uri, split_uri
from storage.objects import list_objects
from storage.ranges import read_object
from storage.s3_client import make_client

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

STAGING = ".staging-"
"""Start of the names of folders that are not yet, or never will be, runs."""

STAGED = re.compile(r"\.staging-\d+")
"""Such names as a run gives; whatever else begins with `STAGING` is not its own, and stays."""


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
        AwsError: S3 can't be read.
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
    client = make_client()
    bucket, prefix = split_uri(uri)
    prefix = prefix if not prefix or prefix.endswith("/") else f"{prefix}/"
    for found in list_objects(client, bucket, prefix):
        if found.key.rpartition("/")[2] == RUN_FILE:
            yield join_uri(bucket, found.key), partial(_read_object, client, bucket, found.key)


def _read_object(client: "S3Client", bucket: str, key: str) -> str:
    return read_object(client, bucket, key).decode("utf-8", "replace")
