"""Many objects → one, by the server: nothing but what is smaller than a part passes through here.

    prepare ─► all parts are there, no object yet ─► complete ─► the object, whole and checked

S3 compares a CRC-32 over the whole object, which the caller knows from elsewhere, with what it put
together from the parts, and refuses to make the object where they differ.
"""

import base64
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from storage.aws_errors import aws_errors
from storage.copy_plan import Part, Source, fit_copy_bytes, plan_groups, plan_parts
from storage.errors import ChangedError
from storage.locations import join_uri
from storage.objects import abort_upload
from storage.ranges import read_range

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

THREADS = 16
"""Parts on their way at the same time: a copy waits for the server, not for this machine."""

CHECKSUM: dict[str, Any] = {"ChecksumAlgorithm": "CRC32", "ChecksumType": "FULL_OBJECT"}
UNSUPPORTED = ("NotImplemented", "InvalidArgument", "InvalidRequest")
"""What servers answer that do not know checksums of whole objects; AWS does since 2024."""


@dataclass(frozen=True)
class Upload:
    """An object that wants nothing but its completion. JSON-able by `asdict`, so by any process.

    Attributes:
        key: of the object to be.
        upload_id: of the multipart upload; None for an object without bytes.
        parts: as CompleteMultipartUpload takes them.
        size: bytes.
        arguments: for writing an object that has no parts.
    """

    key: str
    upload_id: str | None
    parts: list[dict[str, Any]]
    size: int
    arguments: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Keyword arguments that make the same upload again."""
        return asdict(self)


def prepare(
    client: "S3Client",
    bucket: str,
    key: str,
    sources: Sequence[Source],
    scratch: str,
    arguments: dict[str, Any],
) -> Upload:
    """Copies all parts of an object; it does not appear yet.

    Args:
        client: of S3.
        bucket: of the sources and the object.
        key: of the object.
        sources: what it is made of, in order.
        scratch: prefix for the objects in between, which take more than 10,000 parts.
        arguments: of CreateMultipartUpload: encryption, tags, storage class, metadata.

    Raises:
        AwsError: nothing is left of the upload then.
    """
    groups = plan_groups([source for source in sources if source.size])
    if len(groups) > 1:
        # Each group becomes an object of its own first.
        joined = []
        for number, group in enumerate(groups):
            between = f"{scratch}{number:06d}"
            complete(client, bucket, prepare(client, bucket, between, group, "", {}), None)
            joined.append(Source(between, sum(source.size for source in group)))
        return prepare(client, bucket, key, joined, f"{scratch}next-", arguments)
    size = sum(source.size for source in sources)
    if not size:
        return Upload(key, None, [], 0, arguments)
    parts = plan_parts(groups[0], fit_copy_bytes(groups[0]))
    upload_id, has_checksum = _create(client, bucket, key, arguments)
    try:
        done = _send_parts(client, bucket, key, upload_id, parts, has_checksum)
    except BaseException:
        abort_upload(client, bucket, key, upload_id)
        raise
    return Upload(key, upload_id, done, size, arguments)


def complete(client: "S3Client", bucket: str, upload: Upload, crc32: int | None) -> None:
    """Makes the object out of its parts, in one step.

    Args:
        client: of S3.
        bucket: of the object.
        upload: as prepared.
        crc32: what the object's bytes must have; None for not known.

    Raises:
        ChangedError: the parts are not what they should be; there is no object then.
        AwsError: S3 said no for another reason.
    """
    uri = join_uri(bucket, upload.key)
    if upload.upload_id is None:
        with aws_errors(uri):
            client.put_object(Bucket=bucket, Key=upload.key, Body=b"", **upload.arguments)
        return
    checks: dict[str, Any] = {"MpuObjectSize": upload.size}
    if crc32 is not None and all("ChecksumCRC32" in part for part in upload.parts):
        checks |= {"ChecksumType": "FULL_OBJECT", "ChecksumCRC32": encode_crc32(crc32)}
    with aws_errors(uri):
        client.complete_multipart_upload(
            Bucket=bucket,
            Key=upload.key,
            UploadId=upload.upload_id,
            MultipartUpload={"Parts": upload.parts},  # type: ignore[typeddict-item]
            **checks,
        )
        size = client.head_object(Bucket=bucket, Key=upload.key)["ContentLength"]
    if size != upload.size:
        raise ChangedError(f"{uri} has {size} bytes, its parts have {upload.size}")


def encode_crc32(value: int) -> str:
    """A CRC-32 as S3 writes it: big-endian, base64.

    >>> encode_crc32(0)
    'AAAAAA=='
    """
    return base64.b64encode(value.to_bytes(4, "big")).decode()


def _create(
    client: "S3Client", bucket: str, key: str, arguments: dict[str, Any]
) -> tuple[str, bool]:
    """The id of a new upload, and whether it has a checksum."""
    from botocore.exceptions import ClientError

    with aws_errors(join_uri(bucket, key)):
        try:
            made = client.create_multipart_upload(Bucket=bucket, Key=key, **arguments, **CHECKSUM)
            return made["UploadId"], True
        except ClientError as error:
            if error.response["Error"].get("Code") not in UNSUPPORTED:
                raise
        return client.create_multipart_upload(Bucket=bucket, Key=key, **arguments)[
            "UploadId"
        ], False


def _send_parts(
    client: "S3Client",
    bucket: str,
    key: str,
    upload_id: str,
    parts: Sequence[Part],
    has_checksum: bool,
) -> list[dict[str, Any]]:
    """All parts, several at a time; what CompleteMultipartUpload wants to know of them."""

    def send(number: int, part: Part) -> dict[str, Any]:
        place: dict[str, Any] = {
            **{"Bucket": bucket, "Key": key, "UploadId": upload_id, "PartNumber": number}
        }
        with aws_errors(join_uri(bucket, key)):
            if part.is_copied:
                answer = client.upload_part_copy(**place, **_copy_source(bucket, part))
                result: Any = answer["CopyPartResult"]
            else:
                blocks = (read_range(client, bucket, *span[:3]) for span in part.ranges)
                if has_checksum:
                    place["ChecksumAlgorithm"] = "CRC32"
                result = client.upload_part(**place, Body=b"".join(blocks))
        sums = {"ChecksumCRC32": result["ChecksumCRC32"]} if "ChecksumCRC32" in result else {}
        return {"PartNumber": number, "ETag": result["ETag"]} | (sums if has_checksum else {})

    with ThreadPoolExecutor(THREADS) as pool:
        waiting = [pool.submit(send, number, part) for number, part in enumerate(parts, 1)]
        try:
            return [future.result() for future in waiting]
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _copy_source(bucket: str, part: Part) -> dict[str, Any]:
    (only,) = part.ranges
    source: dict[str, Any] = {"CopySource": {"Bucket": bucket, "Key": only.key}}
    if not only.is_whole:
        source["CopySourceRange"] = f"bytes={only.start}-{only.end - 1}"
    return source
