"""What lies under a prefix: listing it, and removing it, unfinished uploads included.

A prefix is only a beginning of keys: `out/a.json` is one of `out/a.json.bak`, too. So whatever asks
for one object compares its whole key, and what is removed as a folder ends in a slash.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from storage.aws_errors import aws_errors
from storage.errors import AwsError, ObjectNotFoundError
from storage.locations import join_uri

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

DELETE_KEYS = 1000
"""Keys that one DeleteObjects request takes."""


class Found(NamedTuple):
    """One object, as a listing shows it.

    Attributes:
        key: name inside the bucket.
        size: bytes.
        etag: changes with the content; without its quotes.
    """

    key: str
    size: int
    etag: str


def list_objects(client: "S3Client", bucket: str, prefix: str) -> Iterator[Found]:
    """All objects whose keys begin with `prefix`, by the UTF-8 bytes of their keys.

    Raises:
        AwsError: no such bucket, no access, no connection.
    """
    with aws_errors(join_uri(bucket, prefix)):
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        for page in pages:
            for entry in page.get("Contents", ()):
                yield Found(entry["Key"], entry["Size"], entry["ETag"].strip('"'))


def head_object(client: "S3Client", bucket: str, key: str) -> "HeadObjectOutputTypeDef | None":
    """What S3 knows of the object of just this key; None if there is none.

    Raises:
        AwsError: no such bucket, no access, no connection.
    """
    try:
        with aws_errors(join_uri(bucket, key)):
            return client.head_object(Bucket=bucket, Key=key)
    except ObjectNotFoundError:
        return None


def delete_objects(client: "S3Client", bucket: str, keys: Iterable[str]) -> None:
    """Removes objects; those that are gone already do not matter.

    Raises:
        AwsError: one of them could not be removed.
    """
    keys = iter(keys)
    while batch := list(islice(keys, DELETE_KEYS)):
        with aws_errors(join_uri(bucket, batch[0])):
            answer = client.delete_objects(
                Bucket=bucket, Delete={"Objects": [{"Key": key} for key in batch], "Quiet": True}
            )
        for error in answer.get("Errors", ()):
            uri = join_uri(bucket, error.get("Key", "?"))
            raise AwsError(f"{uri}: can't be deleted: {error.get('Code')}")


def delete_folder(client: "S3Client", bucket: str, folder: str, last: str = "") -> None:
    """Removes all objects below a folder, and aborts the uploads to it.

    Args:
        client: of S3.
        bucket: its name.
        folder: what their keys begin with; ends in a slash.
        last: a key that goes only when all others have gone.

    Raises:
        ValueError: it does not, so neighbours would go too.
    """
    if not folder.endswith("/"):
        raise ValueError(f"{folder!r} is not a folder")
    abort_uploads(client, bucket, folder)
    keys = (entry.key for entry in list_objects(client, bucket, folder))
    delete_objects(client, bucket, (key for key in keys if key != last))
    if last:
        delete_objects(client, bucket, [last])


def list_uploads(client: "S3Client", bucket: str, prefix: str) -> Iterator[tuple[str, str]]:
    """Key and id of all multipart uploads to keys that begin with `prefix`."""
    with aws_errors(join_uri(bucket, prefix)):
        pages = client.get_paginator("list_multipart_uploads").paginate(
            Bucket=bucket, Prefix=prefix
        )
        for page in pages:
            yield from ((upload["Key"], upload["UploadId"]) for upload in page.get("Uploads", ()))


def abort_uploads(client: "S3Client", bucket: str, place: str) -> None:
    """Aborts all multipart uploads to a key, or below a folder: their parts cost money.

    Args:
        client: of S3.
        bucket: its name.
        place: the whole key, or a folder, which ends in a slash.
    """
    for key, upload_id in list(list_uploads(client, bucket, place)):
        if key == place or place.endswith("/"):
            abort_upload(client, bucket, key, upload_id)


def abort_upload(client: "S3Client", bucket: str, key: str, upload_id: str) -> None:
    """Aborts one multipart upload, if it is still there."""
    from botocore.exceptions import ClientError

    with aws_errors(join_uri(bucket, key)):
        try:
            client.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=upload_id)
        except ClientError as error:
            if error.response["Error"].get("Code") not in ("NoSuchUpload", "404"):
                raise
