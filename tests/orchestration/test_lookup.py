"""What a plan looks up, on this machine and on S3, by a plain client of boto3."""

import os
from pathlib import Path
from typing import Any

import pytest

from aws.build_job import Code, pointer_bytes
from aws.processing import spark_configuration
from orchestration import lookup
from orchestration.parameters import DEFAULTS
from storage.errors import InputNotFoundError, ObjectNotFoundError, RequestError


@pytest.fixture
def client(server, monkeypatch):
    """In place of the connection's."""
    monkeypatch.setattr(lookup, "s3_client", lambda *_: server.client)
    return server.client


def listing(client: Any, location: object) -> list[tuple[str, int]]:
    files = lookup.list_input(client, str(location))
    return sorted((Path(name).name, size) for name, size, _ in files)


@pytest.fixture
def folder(tmp_path):
    for name, text in (("a.xml", "1"), ("sub/b.xml", "22"), ("c.txt", "333")):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "in"


def test_folder_glob_and_file_here(client, folder):
    every = [("a.xml", 1), ("b.xml", 2), ("c.txt", 3)]
    assert listing(client, folder) == every
    assert listing(client, f"file://{folder}") == every
    assert listing(client, folder / "**" / "*.xml") == every[:2]
    assert listing(client, folder / "c.txt") == every[2:]
    assert listing(client, folder / "none") == []
    assert listing(client, folder / "s*b") == every[1:2]
    assert listing(client, folder.rename(folder.with_name("i[n]"))) == every
    assert listing(client, folder.with_name("i[n]") / "c.txt") == every[2:]


def test_a_file_that_changed_changes_the_listing(client, folder):
    before = list(lookup.list_input(client, str(folder)))
    os.utime(folder / "a.xml", ns=(1, 1))
    assert len(set(before) ^ set(lookup.list_input(client, str(folder)))) == 2


def test_prefix_glob_and_object_on_s3(client, bucket):
    for key, text in (("in/a.xml", "1"), ("in/b.xml", "22"), ("blogs.zip", "333")):
        client.put_object(Bucket=bucket, Key=key, Body=text.encode())
    assert listing(client, f"s3://{bucket}/in/") == [("a.xml", 1), ("b.xml", 2)]
    assert listing(client, f"s3a://{bucket}/in/a*.xml") == [("a.xml", 1)]
    assert listing(client, f"s3://{bucket}/blogs.zip") == [("blogs.zip", 3)]
    first = list(lookup.list_input(client, f"s3://{bucket}/in/"))
    client.put_object(Bucket=bucket, Key="in/a.xml", Body=b"2")
    assert len(set(first) ^ set(lookup.list_input(client, f"s3://{bucket}/in/"))) == 2


def test_neighbours_of_a_prefix_or_an_object_are_not_its_files(client, bucket):
    for key in ("in-2/a.xml", "inner/b.xml", "in.zip", "in.zip.bak"):
        client.put_object(Bucket=bucket, Key=key, Body=b"1")
    assert listing(client, f"s3://{bucket}/in") == listing(client, f"s3://{bucket}/in/") == []
    assert listing(client, f"s3://{bucket}/in.zip") == [("in.zip", 1)]
    client.put_object(Bucket=bucket, Key="in/c.xml", Body=b"1")
    assert listing(client, f"s3://{bucket}/in") == [("c.xml", 1)]
    assert len(listing(client, f"s3://{bucket}")) == 5


def test_the_size_is_that_of_the_one_object_and_others_of_its_prefix_are_refused(client, bucket):
    place = f"s3://{bucket}/corpus/c.csv"
    client.put_object(Bucket=bucket, Key="corpus/c.csv", Body=b"1234")
    assert lookup.size(client, place) == 4
    client.put_object(Bucket=bucket, Key="corpus/c.csv.old", Body=b"1")
    with pytest.raises(RequestError) as caught:
        lookup.size(client, place)
    assert str(caught.value) == f"2 objects have names that begin with {place}, not one"


def test_code_image_and_spark_settings_are_found(client, bucket):
    code = Code(f"s3://{bucket}/code/1/b.py", f"s3://{bucket}/code/2/p.zip")
    client.put_object(Bucket=bucket, Key="code/latest.json", Body=pointer_bytes(code, "an/image:1"))
    client.put_object(Bucket=bucket, Key="blogs.zip", Body=b"1")
    conf = {"spark.x": "1"}
    given = {"input": f"s3://{bucket}/blogs.zip", "code": f"s3://{bucket}/code", "spark_conf": conf}
    inputs = lookup.look_up(DEFAULTS | given | {"where": "processing"})
    assert (inputs.code, inputs.training_image) == (code, "an/image:1")
    assert [(name, size) for name, size, _ in inputs.listing] == [("blogs.zip", 1)]
    assert inputs.configuration is not None
    with pytest.raises(ObjectNotFoundError):  # the plan may still be refused
        lookup.read(client, inputs.configuration)
    lookup.upload_configuration(DEFAULTS | given | {"where": "processing"})
    assert lookup.read(client, inputs.configuration) == spark_configuration(conf)
    lookup.upload_configuration(DEFAULTS | given)
    assert len(listing(client, f"s3://{bucket}")) == 3
    assert lookup.look_up(DEFAULTS | given).configuration is None


def test_what_is_not_there_is_said_in_one_line(client, bucket, tmp_path):
    given = {"input": f"s3://{bucket}/none.zip", "code": f"s3://{bucket}/code/"}
    with pytest.raises(RequestError, match=rf"^nothing at s3://{bucket}/none\.zip$"):
        lookup.look_up(DEFAULTS | given)
    client.put_object(Bucket=bucket, Key="none.zip", Body=b"1")
    with pytest.raises(RequestError) as caught:
        lookup.look_up(DEFAULTS | given)
    assert str(caught.value) == (
        f"no s3://{bucket}/code/latest.json: python jobs/submit.py upload --code s3://{bucket}/code"
    )
    with pytest.raises(InputNotFoundError, match="No such file or directory"):
        lookup.read(client, str(tmp_path / "manifest.json"))
