"""dist/ → S3: under the digest of its bytes, so nothing is replaced and nothing is sent twice."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from aws.job import Code
from storage.aws_errors import aws_errors
from storage.errors import ObjectNotFoundError, RequestError
from storage.locations import join_uri, split_uri
from storage.s3_client import S3Options

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BLOCK_BYTES = 2**20
DIGEST_DIGITS = 16
PARTS = {
    "job": "build_corpus.py",
    "py_files": "*-pyfiles.zip",
    "environment": "*-environment-*.tar.gz",
}


def upload_code(
    client: "S3Client",
    dist: Path,
    prefix: str,
    options: S3Options,
    say: Callable[[str], None],
    with_environment: bool = True,
) -> Code:
    """Uploads what `make package` made, as far as it is not there yet.

    Args:
        client: of S3.
        dist: the folder.
        prefix: `s3://bucket/prefix`.
        options: how objects are encrypted.
        say: is told what is uploaded.
        with_environment: whether the job needs the environment archive.

    Raises:
        RequestError: dist does not hold just one of each file.
        AwsError: S3 refused.
    """
    wanted = [name for name in PARTS if with_environment or name != "environment"]
    files = {name: find_file(dist, PARTS[name]) for name in wanted}
    return Code(
        **{name: upload(client, path, prefix, options, say) for name, path in files.items()}
    )


def find_file(dist: Path, pattern: str) -> Path:
    """The one file of dist that matches.

    Raises:
        RequestError: there is none, or more than one.
    """
    found = sorted(dist.glob(pattern))
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or "none"
        raise RequestError(f"{dist} should hold one {pattern}, and has {names}: run make package")
    return found[0]


def upload(
    client: "S3Client", path: Path, prefix: str, options: S3Options, say: Callable[[str], None]
) -> str:
    """Uploads one file unless it is there; its URI.

    Raises:
        AwsError: S3 refused.
    """
    bucket, folder = split_uri(prefix)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:DIGEST_DIGITS]
    key = "/".join(filter(None, (folder.strip("/"), digest, path.name)))
    uri = join_uri(bucket, key)
    if not _is_there(client, bucket, key, path.stat().st_size):
        say(f"uploading {path.name}, {path.stat().st_size / 2**20:.1f} MiB")
        with aws_errors(uri):
            client.upload_file(str(path), bucket, key, ExtraArgs=options.encryption())
    return uri


def put(client: "S3Client", data: bytes, prefix: str, name: str, options: S3Options) -> str:
    """Writes a small object under its digest; its URI.

    Raises:
        AwsError: S3 refused.
    """
    bucket, folder = split_uri(prefix)
    digest = hashlib.sha256(data).hexdigest()[:DIGEST_DIGITS]
    key = "/".join(filter(None, (folder.strip("/"), digest, name)))
    with aws_errors(join_uri(bucket, key)):
        client.put_object(Bucket=bucket, Key=key, Body=data, **options.encryption())
    return join_uri(bucket, key)


def _is_there(client: "S3Client", bucket: str, key: str, size: int) -> bool:
    try:
        with aws_errors(join_uri(bucket, key)):
            return client.head_object(Bucket=bucket, Key=key)["ContentLength"] == size
    except ObjectNotFoundError:
        return False
