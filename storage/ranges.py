"""Objects read by ranges: bytes with retries, and an object as a seekable file."""

import io
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, cast

from storage.aws_errors import aws_errors, first_line
from storage.errors import AwsError, DamagedError, EndpointError
from storage.locations import join_uri, split_uri
from storage.s3_client import S3Options, shared_client
from storage.session import attempts

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

AHEAD_BYTES = 2**20
"""Bytes that a file fetches at once: one request costs as much time as some MB."""

BLOCK_BYTES = 16 * 2**20
"""Bytes of one request for a part of a large object."""

MOST_SECONDS_BETWEEN = 20.0


def read_object(client: "S3Client", bucket: str, key: str, etag: str | None = None) -> bytes:
    """All bytes of an object.

    Raises:
        ChangedError: it has another ETag than `etag`.
        AwsError: it can't be read.
    """
    return get_object(client, bucket, key, None, etag)[0]


def read_range(
    client: "S3Client", bucket: str, key: str, start: int, end: int, etag: str | None = None
) -> bytes:
    """The bytes from `start` up to, not including, `end`; none of them if that is empty.

    Raises:
        ChangedError: it has another ETag than `etag`.
        AwsError: it can't be read.
    """
    if end <= start:
        return b""
    return get_object(client, bucket, key, f"bytes={start}-{end - 1}", etag)[0]


def block_spans(size: int) -> Iterator[tuple[int, int]]:
    """Start and end of the blocks of an object of `size` bytes."""
    for start in range(0, size, BLOCK_BYTES):
        yield start, min(size, start + BLOCK_BYTES)


def read_blocks(
    client: "S3Client", bucket: str, key: str, size: int, etag: str | None = None
) -> Iterator[bytes]:
    """The bytes of an object of `size` bytes, in blocks; see `read_range` for what it raises."""
    for start, end in block_spans(size):
        yield read_range(client, bucket, key, start, end, etag)


def open_object(uri: str, options: S3Options | None = None, ahead: int = AHEAD_BYTES) -> IO[bytes]:
    """An object as a seekable file, which fetches `ahead` bytes at once.

    Raises:
        AwsError: it is not there, or can't be read.
    """
    return cast(IO[bytes], io.BufferedReader(ObjectFile(uri, options), ahead))


class RangeFile(io.RawIOBase, ABC):
    """An unbuffered seekable file over whatever gives its bytes by ranges.

    Args:
        size: of it, in bytes.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.place = 0

    @abstractmethod
    def fetch(self, start: int, end: int) -> bytes:
        """The bytes from `start` up to, not including, `end`, which may be empty."""

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """Bytes before the next one read."""
        return self.place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Moves without reading; past the end too."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self.place, io.SEEK_END: self.size}[whence]
        if start + offset < 0:
            raise ValueError(f"can't seek to {start + offset}")
        self.place = start + offset
        return self.place

    def readinto(self, buffer: object) -> int:
        """Fills a buffer by one range; 0 at the end."""
        view = memoryview(buffer)  # type: ignore[arg-type]
        data = self.fetch(self.place, max(self.place, min(self.place + len(view), self.size)))
        view[: len(data)] = data
        self.place += len(data)
        return len(data)


class ObjectFile(RangeFile):
    """An object as a file: one ranged request a read."""

    def __init__(self, uri: str, options: S3Options | None = None) -> None:
        self.bucket, self.key = split_uri(uri)
        self.client = shared_client(options or S3Options())
        with aws_errors(join_uri(self.bucket, self.key)):
            head = self.client.head_object(Bucket=self.bucket, Key=self.key)
        super().__init__(head["ContentLength"])

    def fetch(self, start: int, end: int) -> bytes:
        """By one request, none for no bytes."""
        return read_range(self.client, self.bucket, self.key, start, end)


def get_object(
    client: "S3Client", bucket: str, key: str, span: str | None = None, etag: str | None = None
) -> tuple[bytes, str]:
    """Bytes and ETag of an object: one request, and more if its body breaks off or is damaged.

    botocore leaves those to us; it holds the bytes to the checksum that S3 sends, if there is one.

    Raises:
        ChangedError: it has another ETag than `etag`.
        DamagedError: its bytes never were those of the checksum.
        AwsError: it can't be read.
    """
    from botocore import exceptions
    from urllib3.exceptions import HTTPError

    uri, tries = join_uri(bucket, key), attempts()
    kind: type[AwsError]
    cause: Exception
    conditions = {"IfMatch": f'"{etag}"'} if etag else {}
    if span:
        conditions["Range"] = span
    for left in reversed(range(tries)):
        try:
            with aws_errors(uri):
                answer = client.get_object(Bucket=bucket, Key=key, **conditions)  # type: ignore[arg-type]
            return answer["Body"].read(), answer["ETag"].strip('"')
        except exceptions.FlexibleChecksumError as error:
            kind, said, cause = DamagedError, "came damaged", error
        except (
            *(exceptions.HTTPClientError, exceptions.IncompleteReadError),
            *(HTTPError, ConnectionError),
        ) as error:
            kind, said, cause = EndpointError, "reading broke off", error
        if not left:
            raise kind(f"{uri}: {said}, {tries} times: {first_line(cause)}") from cause
        time.sleep(min(MOST_SECONDS_BETWEEN, 0.2 * 2 ** (tries - left)))
    raise AssertionError("unreachable")
