"""Objects from S3 as local files, fetched once: kept by bucket, key and ETag."""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

from storage.aws_errors import aws_errors
from storage.errors import ChangedError, ObjectNotFoundError, OutputNotWritableError
from storage.locations import join_uri, split_uri
from storage.ranges import read_blocks
from storage.s3_client import S3Options, make_client

COPY_FOLDER_DIGITS = 32
COPY_FOLDER = re.compile(rf"[0-9a-f]{{{COPY_FOLDER_DIGITS}}}")
"""Name of the folder of a copy, in whichever cache."""


def default_cache() -> Path:
    """`$XDG_CACHE_HOME/blazing-corpus`, as the XDG base directory specification has it."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "blazing-corpus"


def fetch(
    uri: str, cache: Path | None = None, required: bool = True, s3: S3Options | None = None
) -> Path | None:
    """A local copy of an object; downloaded only if the cache has no copy of that very content.

    Args:
        uri: `s3://bucket/key`.
        cache: folder of the copies; `default_cache()` if None.
        required: else a missing object gives None.
        s3: how to reach S3.

    Raises:
        ObjectNotFoundError: it is required, and not there.
        ChangedError: it changed on its way; trying again will do.
        OutputNotWritableError: the cache can't be written to.
        AwsError: S3 said no.
    """
    client = make_client(s3)
    bucket, key = split_uri(uri)
    try:
        with aws_errors(join_uri(bucket, key)):
            head = client.head_object(Bucket=bucket, Key=key)
    except ObjectNotFoundError:
        if required:
            raise
        return None
    etag, size = head["ETag"].strip('"'), head["ContentLength"]
    name = hashlib.sha256(f"{bucket}/{key}\n{etag}".encode()).hexdigest()[:COPY_FOLDER_DIGITS]
    target = (cache or default_cache()) / name / Path(key).name
    if target.is_file() and target.stat().st_size == size:
        return target
    blocks = read_blocks(client, bucket, key, size, etag)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _write_whole(blocks, target, size)
    except OSError as error:
        text = error.strerror or type(error).__name__
        raise OutputNotWritableError(
            f"can't write the cache {target.parent.parent}: {text}"
        ) from error
    return target


def is_copy(path: Path) -> bool:
    """Whether a local file is, or is a link to, a copy from S3: one in the cache or like those."""
    cache = default_cache().resolve()
    return any(
        cache in place.parents or COPY_FOLDER.fullmatch(place.parent.name) is not None
        for place in (path.absolute(), path.resolve())
    )


def _write_whole(blocks: Iterable[bytes], target: Path, size: int) -> None:
    """Under another name first: a killed download must not look like a copy."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as file:
            written = sum(file.write(block) for block in blocks)
        if written != size:
            raise ChangedError(f"{target.name}: {written} bytes came, {size} were announced")
        Path(name).replace(target)
    finally:
        Path(name).unlink(missing_ok=True)
