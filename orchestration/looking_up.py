"""What a plan looks up: files of the input, code, manifests; on S3 or on the worker."""

from collections.abc import Iterator, Mapping
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aws.build_job import pointer_uri, read_pointer, upload_bytes
from aws.processing import CONFIGURATION, spark_configuration
from orchestration.aws_connection import s3_client
from orchestration.parameters import LOCAL, PROCESSING
from orchestration.plan import Found
from storage.errors import ObjectNotFoundError, RequestError
from storage.locations import is_s3, split_uri
from storage.objects import list_objects
from storage.ranges import read_object
from storage.s3_client import S3Options

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

WILD = "*?["


def look_up(params: Mapping[str, Any]) -> Found:
    """Everything that a plan has to know beside its parameters.

    Raises:
        RequestError: there is no input, or no code.
        AwsError: S3 can't be read.
    """
    client = s3_client(params["aws_conn_id"], params["region"] or "")
    listing = tuple(list_input(client, params["input"]))
    if not listing:
        raise RequestError(f"nothing at {params['input']}")
    if params["where"] == LOCAL:
        return Found(listing)
    pointer = pointer_uri(params["code"])
    try:
        code, image = read_pointer(read(client, pointer), pointer)
    except ObjectNotFoundError:
        raise RequestError(f"no {pointer}: run submit.py upload --code {params['code']}") from None
    return Found(listing, code, image, _configuration(client, params))


def list_input(client: "S3Client", place: str) -> Iterator[tuple[str, int, str]]:
    """Name, size and tag of each file of an input: ETag on S3, else the time it was changed.

    A glob on S3 is taken by what stands before its first wild card: a few files too many change
    the digest where nothing changed, and never the other way round. Anything else is an object or
    a folder, whose neighbours `in-2/` and `in.zip` say nothing of it.
    """
    if is_s3(place):
        bucket, key = split_uri(place)
        end = min((key.index(wild) for wild in WILD if wild in key), default=len(key))
        below = f"{key.rstrip('/')}/" if key.strip("/") else ""
        for found in list_objects(client, bucket, key[:end]):
            if end < len(key) or found.key == key or found.key.startswith(below):
                yield found.key, found.size, found.etag
        return
    folder = Path(place.removeprefix("file://"))
    wild = glob(str(folder), recursive=True)  # noqa: PTH207 - the pattern may be absolute
    paths = folder.rglob("*") if folder.is_dir() else map(Path, wild)
    for path in paths:
        if path.is_file():
            status = path.stat()
            yield str(path), status.st_size, str(status.st_mtime_ns)


def read(client: "S3Client", place: str) -> bytes:
    """A small file.

    Raises:
        RequestError: it is on the worker, and can't be read.
        AwsError: it is on S3, and can't be read.
    """
    if is_s3(place):
        return read_object(client, *split_uri(place))
    try:
        return Path(place).read_bytes()
    except OSError as error:
        raise RequestError(f"can't read {place}: {error.strerror}") from error


def size(client: "S3Client", place: str) -> int:
    """Bytes of the one file at a place.

    Raises:
        RequestError: there is none; or, on S3, others whose names begin with its name, all of
            which SageMaker would train on.
    """
    if not is_s3(place):
        return Path(place).stat().st_size if Path(place).is_file() else -1
    bucket, key = split_uri(place)
    found = list(list_objects(client, bucket, key))
    if [one.key for one in found] != [key]:
        raise RequestError(f"{len(found)} objects have names that begin with {place}, not one")
    return found[0].size


def _configuration(client: "S3Client", params: Mapping[str, Any]) -> str | None:
    """Spark's settings for SageMaker's image, under the digest of their bytes; their URI."""
    if params["where"] != PROCESSING or not params["spark_conf"]:
        return None
    data = spark_configuration(params["spark_conf"])
    return upload_bytes(client, data, params["code"], CONFIGURATION, S3Options())
