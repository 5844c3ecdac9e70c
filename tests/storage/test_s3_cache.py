"""Copies of objects: fetched once for each content, never half."""

from pathlib import Path

import pytest
from s3_server import S3Server

from storage import ranges, s3_cache
from storage.errors import ChangedError, ObjectNotFoundError, OutputNotWritableError
from storage.ranges import read_range
from storage.s3_cache import default_cache, fetch
from storage.s3_client import S3Options


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_an_object_is_fetched_once_for_each_content(
    server: S3Server, bucket: str, s3: S3Options, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.client.put_object(Bucket=bucket, Key="c/x.csv", Body=b"one two\n")
    monkeypatch.setattr(ranges, "BLOCK_BYTES", 3)
    first = fetch(f"s3://{bucket}/c/x.csv", tmp_path, s3=s3)
    monkeypatch.setattr(s3_cache, "read_blocks", None)  # nothing is read again
    assert fetch(f"s3a://{bucket}/c/x.csv", tmp_path, s3=s3) == first
    monkeypatch.undo()
    server.client.put_object(Bucket=bucket, Key="c/x.csv", Body=b"new\n")
    second = fetch(f"s3://{bucket}/c/x.csv", tmp_path, s3=s3)
    assert first is not None and second is not None
    assert (first.name, first.read_bytes(), second.read_bytes()) == (
        "x.csv",
        b"one two\n",
        b"new\n",
    )


def test_one_that_changes_on_its_way_leaves_nothing(
    server: S3Server, bucket: str, s3: S3Options, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.client.put_object(Bucket=bucket, Key="x", Body=b"abcdef")

    def change(*arguments: object) -> bytes:
        data = read_range(*arguments)  # type: ignore[arg-type]
        server.client.put_object(Bucket=bucket, Key="x", Body=b"other!")
        return data

    monkeypatch.setattr(ranges, "read_range", change)
    monkeypatch.setattr(ranges, "BLOCK_BYTES", 3)
    with pytest.raises(ChangedError, match=f"^s3://{bucket}/x: is not what it was"):
        fetch(f"s3://{bucket}/x", tmp_path, s3=s3)
    monkeypatch.setattr(ranges, "read_range", lambda *_: b"a")
    with pytest.raises(ChangedError, match=r"^x: 2 bytes came, 6 were announced"):
        fetch(f"s3://{bucket}/x", tmp_path, s3=s3)
    assert files(tmp_path) == []


def test_what_is_not_there_and_a_cache_that_can_not_be_written(
    server: S3Server, bucket: str, s3: S3Options, tmp_path: Path
) -> None:
    with pytest.raises(ObjectNotFoundError, match=f"^s3://{bucket}/gone: does not exist"):
        fetch(f"s3://{bucket}/gone", tmp_path, s3=s3)
    assert fetch(f"s3://{bucket}/gone", tmp_path, required=False, s3=s3) is None
    server.client.put_object(Bucket=bucket, Key="x", Body=b"a")
    (tmp_path / "file").touch()
    with pytest.raises(
        OutputNotWritableError, match=r"can't write the cache .*file: Not a directory"
    ) as error:
        fetch(f"s3://{bucket}/x", tmp_path / "file", s3=s3)
    assert error.value.exit_code == 8


def test_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/c")
    assert str(default_cache()) == "/c/blazing-corpus"
