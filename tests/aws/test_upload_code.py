"""`submit.py upload`: what it leaves for workflows that start jobs later."""

import json
import signal

import boto3
import pytest
from moto import mock_aws

from aws.build_job import read_pointer
from jobs import submit

FILES = {
    "job": ("build_corpus.py", b"print()"),
    "py_files": ("blazing_corpus-0.1.0-pyfiles.zip", b"PK"),
    "environment": ("blazing_corpus-0.1.0-environment-cp311-x86_64.tar.gz", b"tar"),
}
UPLOAD = ["upload", "--code", "s3://bucket/code/"]


@pytest.fixture(autouse=True)
def account(monkeypatch):
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket="bucket")
        yield


@pytest.fixture
def dist(tmp_path):
    for name, data in FILES.values():
        (tmp_path / name).write_bytes(data)
    return tmp_path


def read(key: str) -> bytes:
    return boto3.client("s3").get_object(Bucket="bucket", Key=key)["Body"].read()


def test_the_pointer_names_what_was_uploaded(dist, capsys):
    assert submit.main([*UPLOAD, "--dist", str(dist), "--training-image", "an/image:1"]) == 0
    code, image = read_pointer(read("code/latest.json"), "it")
    assert image == "an/image:1"
    for part, (name, data) in FILES.items():
        uri = getattr(code, part)
        assert uri.endswith(f"/{name}")
        assert read(uri.removeprefix("s3://bucket/")) == data
    assert capsys.readouterr().out.splitlines() == [
        f"job             {code.job}",
        f"py_files        {code.py_files}",
        f"environment     {code.environment}",
        "training_image  an/image:1",
        "pointer         s3://bucket/code/latest.json",
    ]


def test_another_upload_moves_the_pointer_and_leaves_the_older_code(dist):
    arguments = [*UPLOAD, "--dist", str(dist), "--training-image", "i"]
    assert submit.main(arguments) == 0
    older, _ = read_pointer(read("code/latest.json"), "it")
    (dist / "build_corpus.py").write_bytes(b"print(1)")
    assert submit.main(arguments) == 0
    newer, _ = read_pointer(read("code/latest.json"), "it")
    assert (older.py_files, older.environment) == (newer.py_files, newer.environment)
    assert read(older.job.removeprefix("s3://bucket/")) == b"print()"
    assert read(newer.job.removeprefix("s3://bucket/")) == b"print(1)"


def test_without_a_region_no_image_is_noted_and_said_so(dist, monkeypatch, capsys):
    from storage.errors import BucketError

    def refuse() -> str:
        raise BucketError("no region is set")

    monkeypatch.setattr(submit, "region", refuse)
    assert submit.main([*UPLOAD, "--dist", str(dist)]) == 0
    assert json.loads(read("code/latest.json"))["training_image"] is None
    assert "submit: no training image is noted: no region is set\n" in capsys.readouterr().err


def test_without_a_package_nothing_is_uploaded(tmp_path, capsys):
    arguments = [*UPLOAD, "--dist", str(tmp_path), "--training-image", "i"]
    assert submit.main(arguments) == 2
    assert "run make package" in capsys.readouterr().err
    assert "Contents" not in boto3.client("s3").list_objects_v2(Bucket="bucket")
