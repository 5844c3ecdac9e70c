"""Against botocore's Stubber, which checks each request field by field and reaches no network."""

import io
from contextlib import contextmanager

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from embeddings import runs, s3_cache
from embeddings.corpus_file import find_corpus
from embeddings.errors import InputNotFoundError, RemoteError
from embeddings.runs import RunRecord, read_runs
from embeddings.s3 import is_s3, split_uri, without_credentials
from embeddings.s3_cache import default_cache, fetch


@contextmanager
def stubbed(monkeypatch):
    client = boto3.client(
        "s3", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    monkeypatch.setattr(s3_cache, "make_client", lambda: client)
    monkeypatch.setattr(runs, "make_client", lambda: client)
    with Stubber(client) as stub:
        yield stub
        stub.assert_no_pending_responses()


def body(data):
    return StreamingBody(io.BytesIO(data), len(data))


def add_head(stub, key, etag='"e1"', size=8):
    stub.add_response(
        "head_object", {"ETag": etag, "ContentLength": size}, {"Bucket": "b", "Key": key}
    )


def add_get(stub, key, data, etag='"e1"'):
    stub.add_response(
        "get_object", {"Body": body(data)}, {"Bucket": "b", "Key": key, "IfMatch": etag}
    )


def test_an_object_is_fetched_once_for_each_content(monkeypatch, tmp_path):
    with stubbed(monkeypatch) as stub:
        add_head(stub, "c/x.csv")
        add_get(stub, "c/x.csv", b"one two\n")
        first = fetch("s3://b/c/x.csv", tmp_path)
        add_head(stub, "c/x.csv")
        assert fetch("s3://b/c/x.csv", tmp_path) == first
        add_head(stub, "c/x.csv", etag='"e2"', size=4)
        add_get(stub, "c/x.csv", b"new\n", etag='"e2"')
        second = fetch("s3a://b/c/x.csv", tmp_path)
    assert first is not None and second is not None
    assert (first.name, first.read_bytes()) == ("x.csv", b"one two\n")
    assert second.read_bytes() == b"new\n"


def test_a_download_that_breaks_off_leaves_nothing(monkeypatch, tmp_path):
    with stubbed(monkeypatch) as stub:
        add_head(stub, "x.csv", size=9)
        add_get(stub, "x.csv", b"one two\n")
        with pytest.raises(RemoteError, match=r"^s3://b/x.csv: the download broke off; try again$"):
            fetch("s3://b/x.csv", tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("code", "status", "error", "text"),
    [
        ("404", 404, InputNotFoundError, r"^s3://b/x does not exist \(404\)$"),
        ("403", 403, RemoteError, "^s3://b/x: 403 Forbidden$"),
        ("ExpiredToken", 400, RemoteError, "^s3://b/x: ExpiredToken Forbidden$"),
    ],
)
def test_what_s3_says_comes_in_one_line(monkeypatch, tmp_path, code, status, error, text):
    with stubbed(monkeypatch) as stub:
        stub.add_client_error("head_object", code, "Forbidden", http_status_code=status)
        with pytest.raises(error, match=text):
            fetch("s3://b/x", tmp_path)


def test_a_builds_output_on_s3_brings_its_manifest(monkeypatch, tmp_path):
    with stubbed(monkeypatch) as stub:
        add_head(stub, "out/manifest.json", size=2)
        add_get(stub, "out/manifest.json", b"{}")
        add_head(stub, "out/corpus/cleaned_sentences.csv")
        add_get(stub, "out/corpus/cleaned_sentences.csv", b"one two\n")
        corpus = find_corpus("s3://user:secret@b/out/", tmp_path)
    assert corpus.uri == "s3://b/out/"
    assert corpus.path.read_bytes() == b"one two\n"
    assert corpus.manifest_sha256.startswith("44136fa355b3678a")  # of "{}"


def test_runs_are_read_from_every_page_of_a_prefix(monkeypatch):
    record = RunRecord("r1", "sagemaker", "Completed", "", "", {"epochs": 5}, {"uri": "s3://b/c"})
    page = {"Bucket": "b", "Prefix": "runs/"}
    with stubbed(monkeypatch) as stub:
        stub.add_response(
            "list_objects_v2",
            {
                "Contents": [{"Key": "runs/r2/run.json"}, {"Key": "runs/r2/model.tar.gz"}],
                "IsTruncated": True,
                "NextContinuationToken": "t",
            },
            page,
        )
        stub.add_response(
            "list_objects_v2",
            {"Contents": [{"Key": "runs/r1/run.json"}, {"Key": "runs/r1/old-run.json"}]},
            page | {"ContinuationToken": "t"},
        )
        for name in ("r1", "r2"):
            stub.add_response(
                "get_object",
                {"Body": body(record.to_json().encode())},
                {"Bucket": "b", "Key": f"runs/{name}/run.json"},
            )
        found = list(read_runs("s3://b/runs"))
    assert [place for place, _ in found] == ["s3://b/runs/r1/run.json", "s3://b/runs/r2/run.json"]
    assert found[0][1] == record


def test_uris(monkeypatch):
    assert [is_s3(uri) for uri in ("s3://b/k", "s3n://b", "gs://b/k", "s3", "./s3:/b")] == [
        True, True, False, False, False,
    ]  # fmt: skip
    assert split_uri("s3a://key:pass@bucket/a/b.csv") == ("bucket", "a/b.csv")
    assert without_credentials("s3a://key:pass@bucket/a") == "s3a://bucket/a"
    monkeypatch.setenv("XDG_CACHE_HOME", "/c")
    assert str(default_cache()) == "/c/blazing-corpus"
