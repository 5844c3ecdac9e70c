"""Names of objects: `s3://bucket/key`, and Hadoop's `s3a://` and `s3n://` for the same."""

import posixpath
import re

S3_URI = re.compile(r"s3[an]?://(?:[^/@]*@)?([^/]+)/?(.*)", re.DOTALL)
"""Bucket and key; what stands before an @ are credentials, which are dropped."""

CREDENTIALS = re.compile(r"(?<=://)[^/@]*@")


def is_s3(uri: str) -> bool:
    """Whether a location is on S3."""
    return S3_URI.fullmatch(uri) is not None


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key, which is "" for a whole bucket.

    Raises:
        ValueError: it is not on S3.

    >>> split_uri("s3a://bucket/models/run.json")
    ('bucket', 'models/run.json')
    """
    match = S3_URI.fullmatch(uri)
    if not match:
        raise ValueError(f"{uri} is not an S3 URI")
    return match[1], match[2]


def join_uri(bucket: str, key: str) -> str:
    """The one form in which objects are named to users."""
    return f"s3://{bucket}/{key}"


def folder_key(key: str) -> str:
    """The key of a folder as Hadoop writes it: without empty parts, dots, and slashes at its ends.

    >>> folder_key("/a//b/../c/"), folder_key("/")
    ('a/c', '')
    """
    return posixpath.normpath(f"/{key}").lstrip("/")


def without_credentials(uri: str) -> str:
    """A URI without the user and password that it may hold.

    >>> without_credentials("s3a://key:secret@bucket/blogs")
    's3a://bucket/blogs'
    """
    return CREDENTIALS.sub("", uri)
