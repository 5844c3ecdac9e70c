"""The client's options: what is sent, and what is refused."""

import doctest
import pickle

import pytest
from s3_server import S3Server

from storage import concatenation, locations
from storage.objects import abort_uploads, delete_folder, head_object, list_objects
from storage.s3_client import S3Options, make_client


def test_doctests() -> None:
    assert doctest.testmod(locations).failed == 0
    assert doctest.testmod(concatenation).failed == 0


@pytest.mark.parametrize("uri", ["s3://b/k", "s3a://b/k", "s3n://b/k", "s3://key:secret@b/k"])
def test_all_forms_of_a_location_are_one(uri: str) -> None:
    assert locations.split_uri(uri) == ("b", "k")
    assert locations.is_s3(uri)


@pytest.mark.parametrize("uri", ["/s3://b/k", "hdfs://b/k", "s3", "s3:/b"])
def test_other_locations(uri: str) -> None:
    assert not locations.is_s3(uri)
    with pytest.raises(ValueError, match="is not an S3 URI"):
        locations.split_uri(uri)


def test_options_that_do_not_go_together() -> None:
    with pytest.raises(ValueError, match="sse is 'rot13'"):
        S3Options(sse="rot13")
    with pytest.raises(ValueError, match="a KMS key goes with sse aws:kms only"):
        S3Options(sse="AES256", kms_key_id="k")


def test_what_is_sent_with_a_write() -> None:
    options = S3Options(
        sse="aws:kms", kms_key_id="key-1", tags=(("team", "nlp & co"),), storage_class="ONEZONE_IA"
    )
    assert options.encryption() == {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "key-1"}
    assert options.publishing() == options.encryption() | {
        "Tagging": "team=nlp+%26+co",
        "StorageClass": "ONEZONE_IA",
    }
    assert S3Options().publishing() == {}
    assert pickle.loads(pickle.dumps(options)) == options


def test_who_pays_is_said_with_every_request(bucket: str, server: S3Server) -> None:
    sent: list[str | None] = []
    client = make_client(S3Options(server.url, path_style=True, requester_pays=True))
    client.meta.events.register(
        "before-send.s3",
        lambda request, **_: sent.append(request.headers.get("x-amz-request-payer")),
    )
    list(list_objects(client, bucket, ""))
    client.put_object(Bucket=bucket, Key="k", Body=b"")
    assert [header.decode() if isinstance(header, bytes) else header for header in sent] == [
        "requester",
        "requester",
    ]


def test_a_folder_is_removed_and_its_neighbours_stay(
    bucket: str, server: S3Server, s3: S3Options
) -> None:
    for key in ("a/1", "a/2", "a/last", "ab/1"):
        server.client.put_object(Bucket=bucket, Key=key, Body=b"")
    client = make_client(s3)
    delete_folder(client, bucket, "a/", last="a/last")
    assert server.keys(bucket) == ["ab/1"]
    for place in ("", "a"):
        with pytest.raises(ValueError, match=f"^'{place}' is not a folder$"):
            delete_folder(client, bucket, place)
    assert server.keys(bucket) == ["ab/1"]
    assert head_object(client, bucket, "ab") is head_object(client, bucket, "ab/") is None
    head = head_object(client, bucket, "ab/1")
    assert head is not None and head["ContentLength"] == 0


def test_uploads_to_a_key_are_aborted_and_those_to_its_neighbours_go_on(
    bucket: str, server: S3Server, s3: S3Options
) -> None:
    for key in ("a.csv", "a.csv", "a.csv.bak", "b/1", "b/2/3", "b.csv", "bb/1"):
        server.client.create_multipart_upload(Bucket=bucket, Key=key)
    client = make_client(s3)
    abort_uploads(client, bucket, "a.csv")
    assert sorted(server.uploads(bucket)) == ["a.csv.bak", "b.csv", "b/1", "b/2/3", "bb/1"]
    abort_uploads(client, bucket, "b/")
    assert sorted(server.uploads(bucket)) == ["a.csv.bak", "b.csv", "bb/1"]
