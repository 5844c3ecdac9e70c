"""What a build on AWS is, whichever service runs it, and where on S3 its code lies.

dist/ is uploaded under the digest of its bytes, so nothing is replaced and nothing is sent twice.
Such names can't be guessed: a prefix's `latest.json`, the pointer, says where the code is that was
uploaded last.
"""

import hashlib
import json
import re
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from storage.aws_errors import aws_errors
from storage.errors import RequestError
from storage.locations import is_s3, join_uri, split_uri
from storage.objects import head_object
from storage.s3_client import S3Options, make_client

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

NAME = "blazing-corpus"
TAGS = {"user:application": "BlazingText"}
"""Of every job, for cost allocation; the reference run's."""

TIMEOUT_MINUTES = 12 * 60
"""The default of EMR Serverless; an hour is ample for the Blog Authorship Corpus."""

IMAGE_PYTHON = "/opt/blazing-corpus/bin/python"
"""The Python with all packages, in the images that deploy/Dockerfile makes."""

ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+")

PARTS = {
    "job": "build_corpus.py",
    "py_files": "*-pyfiles.zip",
    "environment": "*-environment-*.tar.gz",
}
POINTER = "latest.json"
DIGEST_DIGITS = 16


@dataclass(frozen=True)
class Code:
    """Where on S3 the things are that `make package` makes; all of them `s3://` URIs.

    Attributes:
        job: `build_corpus.py`.
        py_files: the zip of the project's packages.
        environment: the archive of all other packages; None where the image has them.
    """

    job: str
    py_files: str
    environment: str | None = None


@dataclass(frozen=True)
class BuildJob:
    """One build to be run.

    Attributes:
        arguments: of `build_corpus.py`, such as ("--input", "s3://…", "--output", "s3://…").
        role_arn: the IAM role that the job runs as.
        name: for people; need not be unique.
        conf: Spark settings.
        timeout_minutes: after which AWS stops the job.
        tags: of the job.

    Raises:
        RequestError: the role is no ARN.
    """

    arguments: tuple[str, ...]
    role_arn: str
    name: str = NAME
    conf: Mapping[str, str] = field(default_factory=dict)
    timeout_minutes: int = TIMEOUT_MINUTES
    tags: Mapping[str, str] = field(default_factory=lambda: dict(TAGS))

    def __post_init__(self) -> None:
        if not ROLE_ARN.fullmatch(self.role_arn):
            form = "arn:aws:iam::ACCOUNT:role/NAME"
            raise RequestError(f"role is {self.role_arn!r}, not an ARN such as {form}")


@dataclass(frozen=True)
class Source:
    """Where the code comes from and goes to.

    Attributes:
        dist: what `make package` made.
        prefix: `s3://bucket/prefix` to upload it to.
        options: how it is encrypted there.
    """

    dist: Path
    prefix: str
    options: S3Options

    def upload(self, with_environment: bool) -> Code:
        """Uploads what is not there yet, and says so on stderr.

        Raises:
            RequestError: dist does not hold just one of each file.
            AwsError: S3 refused.
        """
        names = [name for name in PARTS if with_environment or name != "environment"]
        paths = {name: _find_file(self.dist, PARTS[name]) for name in names}
        client = make_client(self.options)
        return Code(
            **{
                name: upload_file(client, path, self.prefix, self.options)
                for name, path in paths.items()
            }
        )

    def publish(self, training_image: str | None) -> Code:
        """Uploads the code, and then says where it is, for whoever starts jobs later.

        Raises:
            RequestError: see `upload`.
            AwsError: S3 refused.
        """
        code = self.upload(with_environment=True)
        place = pointer_uri(self.prefix)
        bucket, key = split_uri(place)
        data = pointer_bytes(code, training_image)
        with aws_errors(place):
            make_client(self.options).put_object(
                Bucket=bucket, Key=key, Body=data, **self.options.encryption()
            )
        return code


def unique_name(name: str, now: datetime | None = None) -> str:
    """The name with the time behind it, to the millisecond: SageMaker takes a name only once.

    >>> unique_name("blogs", datetime(2026, 1, 2, 3, 4, 5, 678000, UTC))
    'blogs-20260102-030405-678'
    """
    now = now or datetime.now(UTC)
    return f"{name}-{now:%Y%m%d-%H%M%S}-{now.microsecond // 1000:03d}"


def upload_file(client: "S3Client", path: Path, prefix: str, options: S3Options) -> str:
    """Uploads one file unless it is there, and says so on stderr; its URI.

    Raises:
        AwsError: S3 refused.
    """
    with path.open("rb") as file:
        bucket, key = _digest_key(
            prefix, hashlib.file_digest(file, "sha256").hexdigest(), path.name
        )
    uri, size = join_uri(bucket, key), path.stat().st_size
    head = head_object(client, bucket, key)
    if not head or head["ContentLength"] != size:
        print(f"uploading {path.name}, {size / 2**20:.1f} MiB", file=sys.stderr)
        with aws_errors(uri):
            client.upload_file(str(path), bucket, key, ExtraArgs=options.encryption())
    return uri


def upload_bytes(
    client: "S3Client", data: bytes, prefix: str, name: str, options: S3Options
) -> str:
    """Writes a small object under its digest; its URI.

    Raises:
        AwsError: S3 refused.
    """
    uri = bytes_uri(data, prefix, name)
    bucket, key = split_uri(uri)
    with aws_errors(uri):
        client.put_object(Bucket=bucket, Key=key, Body=data, **options.encryption())
    return uri


def bytes_uri(data: bytes, prefix: str, name: str) -> str:
    """Where `upload_bytes` puts them."""
    return join_uri(*_digest_key(prefix, hashlib.sha256(data).hexdigest(), name))


def pointer_uri(prefix: str) -> str:
    """Where the pointer of a prefix is."""
    return f"{prefix.rstrip('/')}/{POINTER}"


def upload_command(pointer: str) -> str:
    """What makes a pointer anew, in a checkout with `dist/`."""
    return f"python jobs/submit.py upload --code {shlex.quote(pointer.rpartition('/')[0])}"


def pointer_bytes(code: Code, training_image: str | None) -> bytes:
    """The pointer's content."""
    uris = {"job": code.job, "py_files": code.py_files, "environment": code.environment}
    return (json.dumps(uris | {"training_image": training_image}, indent=2) + "\n").encode()


def read_pointer(data: bytes, name: str) -> tuple[Code, str | None]:
    """Code and BlazingText's image, if the pointer names one.

    Raises:
        RequestError: it is no pointer; `name` is what the error calls it.
    """
    try:
        pointer = json.loads(data)
        code = Code(pointer["job"], pointer["py_files"], pointer.get("environment"))
        uris = [code.job, code.py_files, *filter(None, [code.environment])]
        image = pointer.get("training_image")
        if all(map(is_s3, uris)):
            return code, image
    except (ValueError, TypeError, KeyError, AttributeError):
        pass
    raise RequestError(f"{name} does not say where the code is: {upload_command(name)}")


def _find_file(dist: Path, pattern: str) -> Path:
    paths = sorted(dist.glob(pattern))
    if len(paths) != 1:
        names = ", ".join(path.name for path in paths) or "none"
        raise RequestError(f"{dist} should hold one {pattern}, and has {names}: run make package")
    return paths[0]


def _digest_key(prefix: str, digest: str, name: str) -> tuple[str, str]:
    bucket, folder = split_uri(prefix)
    return bucket, "/".join(filter(None, (folder.strip("/"), digest[:DIGEST_DIGITS], name)))
