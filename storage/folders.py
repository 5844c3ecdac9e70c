"""Whole folders between S3 and this machine: what is small enough to be there twice."""

import mimetypes
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.aws_errors import aws_errors
from storage.files import local_path
from storage.locations import folder_key, is_s3, join_uri, split_uri
from storage.objects import list_objects
from storage.s3_client import S3Options, make_client


def download_folder(uri: str, folder: Path, s3: S3Options | None = None) -> None:
    """Copies all objects below a prefix into a folder.

    Raises:
        AwsError: S3 said no.
    """
    client, (bucket, key) = make_client(s3), split_uri(uri)
    prefix = f"{folder_key(key)}/".lstrip("/")
    for entry in list_objects(client, bucket, prefix):
        path = folder / entry.key.removeprefix(prefix)
        if folder.resolve() in path.resolve().parents and not entry.key.endswith("/"):
            path.parent.mkdir(parents=True, exist_ok=True)
            with aws_errors(join_uri(bucket, entry.key)):
                client.download_file(bucket, entry.key, str(path))


def upload_folder(folder: Path, uri: str, s3: S3Options | None = None, since: float = 0.0) -> None:
    """Copies the files of a folder that were written since some time to a prefix.

    Raises:
        AwsError: S3 said no.
    """
    client, (bucket, key) = make_client(s3), split_uri(uri)
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.stat().st_mtime >= since:
            name = f"{folder_key(key)}/{path.relative_to(folder).as_posix()}".lstrip("/")
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            extra = {"ContentType": kind, **(s3 or S3Options()).encryption()}
            with aws_errors(join_uri(bucket, name)):
                client.upload_file(str(path), bucket, name, ExtraArgs=extra)


@contextmanager
def downloaded(uri: str, s3: S3Options | None = None) -> Iterator[Path]:
    """A copy of all objects below a prefix, which goes in the end.

    Raises:
        AwsError: S3 said no.
    """
    with tempfile.TemporaryDirectory(prefix="blazing-corpus-") as name:
        download_folder(uri, Path(name), s3)
        yield Path(name)


@contextmanager
def working_folder(location: str, s3: S3Options | None = None) -> Iterator[Path]:
    """A folder as a path: of this machine itself, of S3 a copy, whose changes are copied back.

    Raises:
        AwsError: S3 said no.
        UsageError: it is neither on S3 nor of this machine.
    """
    if not is_s3(location):
        yield local_path(location)
        return
    with downloaded(location, s3) as folder:
        before = max((path.stat().st_mtime for path in folder.rglob("*")), default=0.0)
        yield folder
        upload_folder(folder, location, s3, since=before)
