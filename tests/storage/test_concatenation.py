"""Joining objects on a real server: bytes, checks, and nothing left over."""

import zlib
from dataclasses import asdict
from typing import Any

import pytest
from s3_server import NAME, S3Server

from storage import concatenation
from storage.concatenation import Upload, complete, prepare
from storage.copy_plan import LEAST_PART, Source, plan_groups
from storage.errors import AwsError, ChangedError, ObjectNotFoundError
from storage.objects import abort_uploads
from storage.s3_client import S3Options, make_client

needs_checks = pytest.mark.skipif(NAME != "versitygw", reason="moto does not check uploads")


def put(server: S3Server, bucket: str, *contents: bytes) -> list[Source]:
    """Objects in order, and their sizes."""
    for number, content in enumerate(contents):
        # No checksum of their own, as what Hadoop's S3A writes.
        server.client.put_object(Bucket=bucket, Key=f"in/{number}", Body=content)
    return [Source(f"in/{number}", len(content)) for number, content in enumerate(contents)]


def pattern(size: int, seed: int) -> bytes:
    return bytes((seed + i) % 251 for i in range(1000)) * (size // 1000 + 1)


CONTENTS = {
    "nothing": [b""],
    "one small": [b"a b\n"],
    "many small": [b"line %d\n" % number for number in range(50)],
    "large": [pattern(LEAST_PART, 1)[: LEAST_PART + 7], pattern(LEAST_PART, 2)[:LEAST_PART]],
    "empty ones between": [b"", pattern(LEAST_PART, 3), b"", b"end\n", b""],
}


@pytest.mark.parametrize("contents", CONTENTS.values(), ids=CONTENTS)
def test_the_object_is_the_parts_in_order(
    server: S3Server, bucket: str, s3: S3Options, contents: list[bytes]
) -> None:
    whole = b"".join(contents)
    sources = put(server, bucket, *contents)
    client = make_client(s3)
    upload = prepare(client, bucket, "out/file.csv", sources, "tmp/", {"Metadata": {"run": "1"}})
    assert server.keys(bucket, "out/") == []
    again = Upload(**asdict(upload))  # as another process reads it from a marker
    complete(client, bucket, again, zlib.crc32(whole))
    assert server.read(bucket, "out/file.csv") == whole
    head = server.client.head_object(Bucket=bucket, Key="out/file.csv")
    assert head["Metadata"] == {"run": "1"}
    assert server.keys(bucket, "tmp/") == []
    assert server.uploads(bucket) == []


def test_more_parts_than_an_upload_takes_are_joined_in_two_steps(
    server: S3Server, bucket: str, s3: S3Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(concatenation, "plan_groups", lambda sources: plan_groups(sources, 2))
    contents = [pattern(LEAST_PART, seed)[:LEAST_PART] for seed in range(4)]
    sources, client = put(server, bucket, *contents), make_client(s3)
    upload = prepare(client, bucket, "out", sources, "tmp/", {})
    complete(client, bucket, upload, zlib.crc32(b"".join(contents)))
    assert server.read(bucket, "out") == b"".join(contents)
    assert server.keys(bucket, "tmp/") == ["tmp/000000", "tmp/000001"]


@needs_checks
def test_an_object_of_other_bytes_than_expected_never_appears(
    server: S3Server, bucket: str, s3: S3Options
) -> None:
    client = make_client(s3)
    upload = prepare(client, bucket, "out", put(server, bucket, pattern(LEAST_PART, 1)), "t/", {})
    with pytest.raises(ChangedError) as error:
        complete(client, bucket, upload, 1)
    assert str(error.value).startswith(f"s3://{bucket}/out: is not what it was: ")
    assert "CompleteMultipartUpload: BadDigest" in str(error.value)
    assert server.keys(bucket, "out") == []


@needs_checks
def test_an_object_of_another_size_never_appears(
    server: S3Server, bucket: str, s3: S3Options
) -> None:
    client = make_client(s3)
    upload = prepare(client, bucket, "out", put(server, bucket, b"abc"), "t/", {})
    with pytest.raises(AwsError):
        complete(client, bucket, Upload(**asdict(upload) | {"size": 4}), zlib.crc32(b"abc"))
    assert server.keys(bucket, "out") == []


def test_a_source_that_is_gone_leaves_no_upload(
    server: S3Server, bucket: str, s3: S3Options
) -> None:
    sources = [*put(server, bucket, pattern(LEAST_PART, 1)), Source("gone", LEAST_PART)]
    with pytest.raises(ObjectNotFoundError):
        prepare(make_client(s3), bucket, "out", sources, "t/", {})
    assert server.uploads(bucket) == []


def test_an_interrupt_leaves_no_upload(
    server: S3Server, bucket: str, s3: S3Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: Any) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(concatenation, "read_range", interrupt)
    with pytest.raises(KeyboardInterrupt):
        prepare(make_client(s3), bucket, "out", put(server, bucket, b"abc"), "t/", {})
    assert server.uploads(bucket) == []


def test_uploads_of_a_dead_process_are_aborted_and_others_stay(
    server: S3Server, bucket: str, s3: S3Options
) -> None:
    client, sources = make_client(s3), put(server, bucket, b"abc")
    prepare(client, bucket, "a/out", sources, "t/", {})
    prepare(client, bucket, "b/out", sources, "t/", {})
    abort_uploads(client, bucket, "a/")
    assert server.uploads(bucket) == ["b/out"]


def test_servers_without_checksums_of_whole_objects(
    server: S3Server, bucket: str, s3: S3Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, sources = make_client(s3), put(server, bucket, b"abc", b"def")
    real = client.create_multipart_upload
    from botocore.exceptions import ClientError

    def old_server(**arguments: Any) -> Any:
        if "ChecksumAlgorithm" in arguments:
            said = {"Error": {"Code": "NotImplemented", "Message": "no"}}
            raise ClientError(said, "CreateMultipartUpload")  # type: ignore[arg-type]
        return real(**arguments)

    monkeypatch.setattr(client, "create_multipart_upload", old_server)
    complete(client, bucket, prepare(client, bucket, "out", sources, "t/", {}), 1)
    assert server.read(bucket, "out") == b"abcdef"
    monkeypatch.setattr(
        client, "create_multipart_upload", lambda **_: real(Bucket="no-such-bucket", Key="k")
    )
    with pytest.raises((AwsError, AwsError)):
        prepare(client, bucket, "out", sources, "t/", {})
