"""S3 as this room needs it: URIs, a client, and botocore's errors in one line."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from embeddings.errors import BackendMissingError, InputNotFoundError, RemoteError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

S3_URI = re.compile(r"s3[an]?://(?:[^/@]*@)?([^/]+)/?(.*)", re.DOTALL)
"""Bucket and key; Hadoop's s3a and s3n name the same objects."""

CREDENTIALS = re.compile(r"(?<=://)[^/@]*@")
MISSING = ("404", "NoSuchKey", "NoSuchBucket", "NotFound")


def is_s3(uri: str) -> bool:
    """Whether a location is on S3."""
    return S3_URI.fullmatch(uri) is not None


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key.

    >>> split_uri("s3://bucket/models/run.json")
    ('bucket', 'models/run.json')
    """
    match = S3_URI.fullmatch(uri)
    if not match:
        raise InputNotFoundError(f"{uri} is not an S3 URI")
    return match[1], match[2]


def without_credentials(uri: str) -> str:
    """A URI without the user and password that it may hold."""
    return CREDENTIALS.sub("", uri)


def make_client() -> "S3Client":
    """An S3 client from the environment; boto3 is imported only here.

    Raises:
        BackendMissingError: boto3 is not installed.
    """
    try:
        import boto3
    except ImportError:
        raise BackendMissingError("S3 needs boto3: pip install 'blazing-corpus[aws]'") from None
    with s3_errors("S3"):
        return boto3.client("s3")


@contextmanager
def s3_errors(uri: str) -> Iterator[None]:
    """Turns what boto3 raises inside into one line.

    Raises:
        InputNotFoundError: the object or bucket is not there.
        RemoteError: anything else.
    """
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in MISSING:
            raise InputNotFoundError(f"{uri} does not exist ({code})") from error
        message = error.response.get("Error", {}).get("Message", "")
        raise RemoteError(f"{uri}: {code} {message}".strip()) from error
    except (BotoCoreError, HTTPClientError) as error:
        raise RemoteError(f"{uri}: {str(error).splitlines()[0]}") from error
