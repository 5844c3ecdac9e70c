"""Files by a local path, `file://` URI or `s3://` URI: callers need not ask which of them it is."""

import mimetypes
import os
import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from storage.aws_errors import aws_errors
from storage.errors import (
    InputNotFoundError,
    ObjectNotFoundError,
    UsageError,
    describe_os_error,
)
from storage.locations import is_s3, join_uri, split_uri, without_credentials
from storage.objects import list_objects
from storage.output_folder import write_files
from storage.ranges import read_object
from storage.s3_cache import fetch
from storage.s3_client import S3Options, make_client

FILE_URI = re.compile(r"file:(?://([^/]*))?(/.*)?", re.IGNORECASE | re.DOTALL)
"""Host and path: `file:/data`, `file:///data` and `file://localhost/data` are the same."""


class File(NamedTuple):
    """A file that a listing found.

    Attributes:
        location: path or URI.
        read: gives its bytes.
    """

    location: str
    read: Callable[[], bytes]


def local_path(location: str | Path) -> Path:
    """The path of a local location, which may be a `file:` URI.

    Raises:
        UsageError: the URI names another machine.

    >>> local_path("file:///data/my%20blogs#1?")
    PosixPath('/data/my blogs#1?')
    """
    return Path(unquoted_path(str(location)))


def unquoted_path(location: str) -> str:
    """As `local_path`, with whatever slashes a glob needs; any other text as it is."""
    match = FILE_URI.fullmatch(location)
    if not match:
        return location
    host, path = match.groups()
    if not path or (host or "localhost").lower() != "localhost":
        raise UsageError(f"{location} is no path of this machine, such as file:///PATH")
    return unquote(path)


def join_location(folder: str, name: str) -> str:
    """The location of a name below a folder or prefix."""
    return f"{folder.rstrip('/')}/{name}" if is_s3(folder) else str(local_path(folder) / name)


def read_bytes(location: str, s3: S3Options | None = None) -> bytes:
    """All bytes of a file, without the cache.

    Raises:
        InputNotFoundError: it is local, and not there, or can't be read.
        AwsError: S3 said no; an `ObjectNotFoundError` if it is not there.
    """
    if is_s3(location):
        return read_object(make_client(s3), *split_uri(location))
    try:
        return local_path(location).read_bytes()
    except OSError as error:
        raise InputNotFoundError(f"can't read {location}: {describe_os_error(error)}") from error


def read_if_there(location: str, s3: S3Options | None = None) -> bytes | None:
    """All bytes of a file; None if there is no such file.

    Raises:
        InputNotFoundError, AwsError: it is there, and can't be read.
    """
    if not is_s3(location) and not os.path.lexists(local_path(location)):
        return None
    try:
        return read_bytes(location, s3)
    except ObjectNotFoundError:
        return None


def write_bytes(location: str, data: bytes, s3: S3Options | None = None) -> None:
    """Writes or replaces a file, so that nobody sees half of it.

    Args:
        location: a missing folder is made; an object's type is told by its name.
        data: all of it.
        s3: how to reach S3, and how to store what is written.

    Raises:
        OutputNotWritableError: it is local, and can't be written.
        AwsError: S3 said no.
    """
    if not is_s3(location):
        return write_files({local_path(location): data}, overwrite=True)
    options = s3 or S3Options()
    (bucket, key), client = split_uri(location), make_client(options)
    kind = mimetypes.guess_type(key)[0] or "application/octet-stream"
    with aws_errors(join_uri(bucket, key)):
        client.put_object(
            Bucket=bucket, Key=key, Body=data, ContentType=kind, **options.publishing()
        )
    return None


def local_copy(
    location: str | Path, cache: Path | None = None, s3: S3Options | None = None
) -> Path:
    """A path under which a file can be opened: its own, or that of a cached copy of an object.

    Raises:
        InputNotFoundError: it is local, and not there.
        AwsError, ChangedError, OutputNotWritableError: see `storage.s3_cache.fetch`.
    """
    if is_s3(str(location)):
        copy = fetch(str(location), cache, s3=s3)
        assert copy is not None, "a required object is there, or `fetch` raises"
        return copy
    path = local_path(location)
    if not path.exists():
        raise InputNotFoundError(f"{without_credentials(str(location))} does not exist")
    return path


def find_files(location: str | Path, name: str, s3: S3Options | None = None) -> Iterator[File]:
    """All files of a name below a folder or S3 prefix, in order of their locations.

    The name may be a glob, such as `*.parquet`.

    Raises:
        InputNotFoundError: there is no such folder.
        AwsError: S3 can't be listed.
    """
    if is_s3(str(location)):
        client = make_client(s3)
        bucket, prefix = split_uri(str(location))
        prefix = prefix if not prefix or prefix.endswith("/") else f"{prefix}/"
        for item in list_objects(client, bucket, prefix):
            if fnmatchcase(item.key.rpartition("/")[2], name):
                yield File(
                    join_uri(bucket, item.key), partial(read_object, client, bucket, item.key)
                )
        return
    folder = local_path(location)
    if not folder.is_dir():
        raise InputNotFoundError(f"no folder at {folder}")
    for path in sorted(folder.rglob(name), key=str):
        yield File(str(path), partial(read_bytes, str(path)))
