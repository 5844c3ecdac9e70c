"""What lies under a prefix: listing it, and removing it, unfinished uploads included."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from storage.aws_errors import aws_errors
from storage.errors import AwsError
from storage.locations import join_uri

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

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
            for one in page.get("Contents", ()):
                yield Found(one["Key"], one["Size"], one["ETag"].strip('"'))


def is_empty(client: "S3Client", bucket: str, prefix: str) -> bool:
    """Whether no object's key begins with `prefix`."""
    with aws_errors(join_uri(bucket, prefix)):
        return not client.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1).get("KeyCount")


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
            where = join_uri(bucket, error.get("Key", "?"))
            raise AwsError(f"{where}: can't be deleted: {error.get('Code')}")


def delete_prefix(client: "S3Client", bucket: str, prefix: str, last: str = "") -> None:
    """Removes all objects below a prefix, and aborts the uploads to it.

    Args:
        client: of S3.
        bucket: its name.
        prefix: of the keys.
        last: a key that goes only when all others have gone.
    """
    abort_uploads(client, bucket, prefix)
    keys = (found.key for found in list_objects(client, bucket, prefix))
    delete_objects(client, bucket, (key for key in keys if key != last))
    if last:
        delete_objects(client, bucket, [last])


def abort_uploads(client: "S3Client", bucket: str, prefix: str) -> None:
    """Aborts all multipart uploads to keys that begin with `prefix`: their parts cost money."""
    with aws_errors(join_uri(bucket, prefix)):
        pages = client.get_paginator("list_multipart_uploads").paginate(
            Bucket=bucket, Prefix=prefix
        )
        uploads = [one for page in pages for one in page.get("Uploads", ())]
    for one in uploads:
        abort_upload(client, bucket, one["Key"], one["UploadId"])


def abort_upload(client: "S3Client", bucket: str, key: str, upload_id: str) -> None:
    """Aborts one multipart upload, if it is still there."""
    from botocore.exceptions import ClientError

    with aws_errors(join_uri(bucket, key)):
        try:
            client.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=upload_id)
        except ClientError as error:
            if error.response["Error"].get("Code") not in ("NoSuchUpload", "404"):
                raise
