"""Objects from S3 as local files, fetched once: kept by bucket, key and ETag."""

import hashlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from embeddings.errors import (
    InputNotFoundError,
    OutputNotWritableError,
    RemoteError,
    describe_os_error,
)
from embeddings.s3 import make_client, s3_errors, split_uri, without_credentials

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PART_BYTES = 2**20


def default_cache() -> Path:
    """`$XDG_CACHE_HOME/blazing-corpus`, as the XDG base directory specification has it."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "blazing-corpus"


def fetch(uri: str, cache: Path | None = None, required: bool = True) -> Path | None:
    """A local copy of an object; downloaded only if the cache has no copy of that very content.

    Args:
        uri: `s3://bucket/key`.
        cache: folder of the copies; `default_cache()` if None.
        required: else a missing object gives None.

    Raises:
        InputNotFoundError: it is required, and not there.
        RemoteError: S3 can't be read, or the object changed or broke off on its way.
        OutputNotWritableError: the cache can't be written to.
    """
    client, shown = make_client(), without_credentials(uri)
    bucket, key = split_uri(uri)
    try:
        with s3_errors(shown):
            head = client.head_object(Bucket=bucket, Key=key)
    except InputNotFoundError:
        if required:
            raise
        return None
    etag, size = head["ETag"], head["ContentLength"]
    name = hashlib.sha256(f"{bucket}/{key}\n{etag}".encode()).hexdigest()[:32]
    target = (cache or default_cache()) / name / Path(key).name
    if target.is_file() and target.stat().st_size == size:
        return target
    with s3_errors(shown):
        _download(client, bucket, key, etag, target)
    if target.stat().st_size != size:
        target.unlink()
        raise RemoteError(f"{shown}: the download broke off; try again")
    return target


def _download(client: "S3Client", bucket: str, key: str, etag: str, target: Path) -> None:
    """Under another name first: a killed download must not look like a copy."""
    body = client.get_object(Bucket=bucket, Key=key, IfMatch=etag)["Body"]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _write_whole(body.iter_chunks(PART_BYTES), target)
    except OSError as error:
        raise OutputNotWritableError(
            f"can't write the cache {target.parent.parent}: {describe_os_error(error)}"
        ) from error


def _write_whole(parts: Iterable[bytes], target: Path) -> None:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as file:
            for part in parts:
                file.write(part)
        Path(name).replace(target)
    finally:
        Path(name).unlink(missing_ok=True)
