"""Files by path, `file://` or `s3://`: the same calls, the same bytes, the right error."""

from importlib import import_module
from pathlib import Path

import pytest
from s3_server import S3Server

from storage.errors import InputNotFoundError, ObjectNotFoundError
from storage.files import find_files, join_location, local_copy, read_bytes, read_if_there
from storage.s3_client import S3Options

CONTENT = {"a b.txt": b"one", "x/run.json": b"{}", "x-2/run.json": b"[]"}


@pytest.fixture(params=["path", "file", "s3"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, server: S3Server, bucket: str) -> str:
    """A folder or prefix that holds `CONTENT`, beside one of a longer name."""
    for name, data in {**CONTENT, "../top-2/run.json": b"another's"}.items():
        server.client.put_object(Bucket=bucket, Key=f"top/{name}".replace("top/../", ""), Body=data)
        path = tmp_path / "top" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return {
        "path": f"{tmp_path}/top",
        "file": f"file://{tmp_path}/top",
        "s3": f"s3://{bucket}/top",
    }[request.param]


def test_reading(folder: str, s3: S3Options, tmp_path: Path) -> None:
    location = join_location(folder, "a b.txt")
    assert (read_bytes(location, s3), read_if_there(location, s3)) == (b"one", b"one")
    assert local_copy(location, tmp_path / "cache", s3).read_bytes() == b"one"


@pytest.mark.parametrize("job", ["train_embeddings", "tune_embeddings", "map_embeddings"])
def test_what_is_written_here_is_not_given_a_folder_called_s3(
    job: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = import_module(f"jobs.{job}").make_parser()
    more = [str(tmp_path)] if job == "map_embeddings" else []
    for value in ("s3://bucket/run", "hdfs:///run", "file://host/run"):
        with pytest.raises(SystemExit, match="2"):
            parser.parse_args([*more, "--output", value])
        assert f"--output: {value} is no path of this machine" in capsys.readouterr().err
    uri = f"file://{tmp_path}/my%20run"
    assert parser.parse_args([*more, "--output", uri]).output == tmp_path / "my run"


def test_what_is_missing(folder: str, s3: S3Options, tmp_path: Path) -> None:
    location = join_location(folder, "none")
    assert read_if_there(location, s3) is None
    for call in (read_bytes, lambda *given: local_copy(location, tmp_path / "cache", s3)):
        with pytest.raises((InputNotFoundError, ObjectNotFoundError), match="top/none") as error:
            call(location, s3)
        assert error.value.exit_code == 3


def test_finding_by_name_leaves_neighbours_out(folder: str, s3: S3Options) -> None:
    found = list(find_files(folder, "run.json", s3))
    assert [file.location.rpartition("top/")[2] for file in found] == [
        "x-2/run.json",
        "x/run.json",
    ]
    assert [file.read() for file in found] == [b"[]", b"{}"]


def test_a_path_that_can_not_be_read_is_no_missing_one(tmp_path: Path) -> None:
    with pytest.raises(InputNotFoundError, match="Is a directory"):
        read_if_there(str(tmp_path))
    with pytest.raises(InputNotFoundError, match="no folder"):
        list(find_files(tmp_path / "none", "run.json"))
