"""Reading objects by ranges, and many of them ahead."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from s3_server import S3Server

from storage import ranges
from storage.errors import ChangedError, ObjectNotFoundError
from storage.prefetch import prefetch
from storage.ranges import ObjectFile, open_object, read_blocks, read_object, read_range
from storage.s3_client import S3Options, make_client

CONTENT = bytes(range(256)) * 40


@pytest.fixture
def uri(server: S3Server, bucket: str) -> str:
    server.client.put_object(Bucket=bucket, Key="a/b c", Body=CONTENT)
    return f"s3://{bucket}/a/b c"


def test_a_whole_object_and_its_ranges(
    server: S3Server, bucket: str, uri: str, s3: S3Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = make_client(s3)
    assert read_object(client, bucket, "a/b c") == CONTENT
    assert read_range(client, bucket, "a/b c", 3, 7) == CONTENT[3:7]
    assert read_range(client, bucket, "a/b c", 7, 7) == b""
    monkeypatch.setattr(ranges, "BLOCK_BYTES", 1000)
    blocks = list(read_blocks(client, bucket, "a/b c", len(CONTENT)))
    assert b"".join(blocks) == CONTENT
    assert {len(block) for block in blocks} == {1000, 240}


def test_an_object_as_a_file_reads_as_one_of_this_machine(uri: str, s3: S3Options) -> None:
    here, there = io.BytesIO(CONTENT), open_object(uri, s3, ahead=100)
    for offset, whence, size in [
        *((5, 0, 10), (0, 1, 300), (-3, 2, 10), (20_000, 0, 5), (0, 0, -1), (-50, 1, 20)),
    ]:
        assert here.seek(offset, whence) == there.seek(offset, whence)
        assert here.read(size) == there.read(size)
        assert here.tell() == there.tell()
    with pytest.raises(ValueError, match="can't seek to -1"):
        ObjectFile(uri, s3).seek(-1)


def test_one_request_fetches_what_is_asked_for_ahead(
    uri: str, s3: S3Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, int]] = []
    real = ranges.read_range

    def watch(client: object, bucket: str, key: str, start: int, end: int) -> bytes:
        asked.append((start, end))
        return real(client, bucket, key, start, end)  # type: ignore[arg-type]

    monkeypatch.setattr(ranges, "read_range", watch)
    file = open_object(uri, s3, ahead=2000)
    file.seek(1000)
    assert [file.read(30) for _ in range(5)] == [
        CONTENT[start : start + 30] for start in range(1000, 1150, 30)
    ]
    assert asked == [(1000, 3000)]


def test_a_zip_on_s3_is_read_in_place(server: S3Server, bucket: str, s3: S3Options) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("one.xml", "1" * 1000)
        archive.writestr("two.xml", "2" * 1000)
    server.client.put_object(Bucket=bucket, Key="z.zip", Body=packed.getvalue())
    with zipfile.ZipFile(open_object(f"s3://{bucket}/z.zip", s3)) as archive:
        assert archive.read("two.xml") == b"2" * 1000


def test_what_is_missing_or_changed(server: S3Server, bucket: str, s3: S3Options) -> None:
    server.client.put_object(Bucket=bucket, Key="k", Body=b"new")
    with pytest.raises(ObjectNotFoundError) as missing:
        open_object(f"s3://{bucket}/gone", s3)
    assert str(missing.value).startswith(f"s3://{bucket}/gone: does not exist")
    with pytest.raises(ChangedError) as changed:
        read_object(make_client(s3), bucket, "k", etag="0" * 32)
    assert str(changed.value).startswith(f"s3://{bucket}/k: is not what it was")


@given(st.lists(st.integers(0, 200)), st.integers(1, 100))
def test_reading_ahead_keeps_the_order_and_the_bound(sizes: list[int], bound: int) -> None:
    from storage import prefetch as module

    most, module.MOST_BYTES = module.MOST_BYTES, bound
    try:
        got = list(prefetch(lambda item: -item, sizes, lambda item: item))
    finally:
        module.MOST_BYTES = most
    assert got == [(item, -item) for item in sizes]


def test_an_error_comes_when_its_turn_comes() -> None:
    def read(item: int) -> int:
        if item == 3:
            raise ValueError("three")
        return item

    seen = []
    with pytest.raises(ValueError, match="three"):
        for _, result in prefetch(read, range(10), lambda item: 1):
            seen.append(result)
    assert seen == [0, 1, 2]
