"""Input on S3: listings and bytes are those of the same files on this machine."""

import doctest
import gzip
import json
from pathlib import Path

import made_up
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from s3_server import S3Server, upload_folder

from etl.reading import s3_source, tables
from etl.reading.chunks import Unreadable, cut, read_chunk, span
from etl.reading.layouts import Wanted
from etl.reading.recognition import with_layout
from etl.reading.rows import Rows
from etl.reading.s3_source import glob_pattern, list_s3
from etl.reading.sources import Listing, list_local
from storage.errors import BadArchiveError, BucketError, InputNotFoundError, NothingReadableError
from storage.ranges import ObjectFile
from storage.s3_client import S3Options

LIMITS = (2**30, 2**34)


@pytest.fixture
def prefix(server: S3Server, bucket: str, blogs: Path) -> str:
    """The made-up corpus below a prefix, with neighbours that do not belong to it."""
    upload_folder(server, blogs, bucket, "in/blogs/")
    others = {f"in/blogs/{name}": data for name, data in made_up.LITTER.items()}
    for key, data in (others | {"in/blogs/": b"", "in/blogs2/other.xml": b""}).items():
        server.client.put_object(Bucket=bucket, Key=key, Body=data)
    return f"s3://{bucket}/in/blogs"


def contents(listing: Listing, s3: S3Options, count: int = 2) -> list[tuple[str, object]]:
    chunks = cut(listing, 1, count, s3)
    return [pair for chunk in chunks for pair in read_chunk(chunk)]


def test_backslashes_part_folders_in_keys_and_in_a_zip(
    server: S3Server, bucket: str, s3: S3Options, blogs_zip: Path
) -> None:
    files = made_up.FILES | made_up.LITTER
    made_up.write_zip(blogs_zip, files, "\\")
    server.client.upload_file(str(blogs_zip), bucket, "blogs.zip")
    for name, data in (files | {"empty/": b""}).items():
        key = "in/x/" + name.replace("/", "\\")
        server.client.put_object(Bucket=bucket, Key=key, Body=data)
    for uri in ("blogs.zip", "in", "in/x*"):
        listing = list_s3(f"s3://{bucket}/{uri}", s3, *LIMITS)
        assert dict(contents(listing, s3)) == made_up.FILES
        assert listing.ignored == len(made_up.LITTER)


@pytest.mark.parametrize("form", ["{}", "{}/", "s3a{}"], ids=["s3", "slash", "s3a"])
def test_a_prefix_is_a_folder(prefix: str, s3: S3Options, blogs: Path, form: str) -> None:
    uri = form.format(prefix) if "s3a" not in form else prefix.replace("s3:", "s3a:")
    listing, here = list_s3(uri, s3, *LIMITS), list_local(str(blogs), *LIMITS)
    assert [(one.name, one.size) for one in listing.entries] == [
        (one.name, one.size) for one in here.entries
    ]
    assert (listing.kind, listing.ignored) == ("folder", len(made_up.LITTER))
    assert contents(listing, s3) == contents(here, s3)


def test_the_stamp_is_the_etag_so_the_same_content_is_the_same_input(
    server: S3Server, bucket: str, prefix: str, s3: S3Options, blogs: Path
) -> None:
    before = list_s3(prefix, s3, *LIMITS).digest
    upload_folder(server, blogs, bucket, "in/blogs/")
    assert list_s3(prefix, s3, *LIMITS).digest == before
    server.client.put_object(Bucket=bucket, Key=f"in/blogs/{made_up.FIRST}", Body=b"other")
    assert list_s3(prefix, s3, *LIMITS).digest != before


def test_the_zip_is_read_in_place(
    server: S3Server, bucket: str, s3: S3Options, blogs_zip: Path
) -> None:
    server.client.upload_file(str(blogs_zip), bucket, "blogs.zip")
    server.client.upload_file(str(blogs_zip), bucket, "no-suffix")
    here = list_local(str(blogs_zip), *LIMITS)
    for key in ("blogs.zip", "no-suffix"):
        listing = list_s3(f"s3://{bucket}/{key}", s3, *LIMITS)
        assert (listing.kind, listing.archive) == ("zip", f"s3://{bucket}/{key}")
        assert listing.entries == here.entries
        assert contents(listing, s3) == contents(here, s3)
    tar = made_up.write_tar(blogs_zip.with_name("blogs.tar"))
    server.client.upload_file(str(tar), bucket, "alone/blogs.tar")
    listing = list_s3(f"s3://{bucket}/alone", s3, *LIMITS)
    assert (listing.kind, listing.archive) == ("tar", f"s3://{bucket}/alone/blogs.tar")
    assert contents(listing, s3) == contents(here, s3)


@pytest.mark.parametrize("form", ["a.csv", "a.jsonl", "a.parquet", "a.csv.gz", "a.tar.zst"])
def test_tables_and_streams_are_read_by_ranges(
    server: S3Server,
    bucket: str,
    s3: S3Options,
    tmp_path: Path,
    form: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    values = [{"id": n, "text": f"post {n} " * 200} for n in range(1000)]
    path = tmp_path / form
    table = pa.Table.from_pylist(values)
    lines = "".join(json.dumps(row) + "\n" for row in values).encode()
    text = "id,text\n" + "".join(f"{row['id']},{row['text']}\n" for row in values)
    if form.startswith("a.tar"):
        made_up.write_tar(path, made_up.many(30))
    elif form == "a.parquet":
        pq.write_table(table, path, row_group_size=100, use_dictionary=False, compression="none")
    else:
        data = lines if form == "a.jsonl" else text.encode()
        path.write_bytes(gzip.compress(data) if form.endswith("gz") else data)
    server.client.upload_file(str(path), bucket, form)
    here, uri = list_local(str(path), *LIMITS), f"s3://{bucket}/{form}"
    listing = list_s3(uri, s3, *LIMITS)
    monkeypatch.setattr(tables, "BLOCK_BYTES", 2**16)
    spans: list[int] = []
    fetch = ObjectFile.fetch
    note = lambda file, start, end: spans.append(end - start) or fetch(file, start, end)  # type: ignore[func-returns-value]  # noqa: E731
    monkeypatch.setattr(ObjectFile, "fetch", note)
    theirs = with_layout(listing, Wanted(), s3)
    for count in (1, 7):
        expected = contents(with_layout(here, Wanted(), None), S3Options(), count)
        assert contents(theirs, s3, count) == expected
    size = path.stat().st_size
    assert theirs.form == with_layout(here, Wanted(), None).form
    if form in ("a.csv", "a.jsonl", "a.parquet"):
        last = cut(theirs, 1, 7, s3)[-1]
        spans.clear()
        rows = [content for _, content in read_chunk(last) if isinstance(content, Rows)]
        assert 0 < sum(block.total for block in rows) <= 200
        assert 0 < sum(spans) < size / 2


def test_one_request_is_enough_for_members_side_by_side(blogs_zip: Path) -> None:
    entries = list_local(str(blogs_zip), *LIMITS).entries
    ahead = span(entries)
    members = [entry.member for entry in entries if entry.member]
    assert ahead >= sum(member.packed for member in members)
    assert ahead < blogs_zip.stat().st_size + 5000
    far = entries[1]._replace(member=entries[1].member._replace(offset=10**9))  # type: ignore[union-attr]
    assert span([entries[0], far]) == s3_source_ahead()


def s3_source_ahead() -> int:
    from storage.ranges import AHEAD_BYTES

    return AHEAD_BYTES


def test_a_single_object_and_a_glob(prefix: str, bucket: str, s3: S3Options) -> None:
    for name in (made_up.FIRST, "_SUCCESS"):  # what is named is read, hidden or not
        named = list_s3(f"{prefix}/{name}", s3, *LIMITS)
        assert [entry.name for entry in named.entries] == [name]
    females = list_s3(f"s3://{bucket}/in/*/*.female.*.xml", s3, *LIMITS)
    assert [entry.name for entry in females.entries] == [made_up.SECOND, made_up.THIRD]
    assert females.kind == "glob"


@pytest.mark.parametrize("odd", ["br[1]", "*", "a?b", "%41 b#c+d", "[", "a[!b"])
def test_a_key_that_exists_is_no_glob(
    server: S3Server, bucket: str, s3: S3Options, blogs: Path, blogs_zip: Path, odd: str
) -> None:
    upload_folder(server, blogs, bucket, f"in/{odd}/")
    upload_folder(server, blogs, bucket, "in/br1/")
    server.client.upload_file(str(blogs_zip), bucket, f"in/{odd}.zip")
    for end in ("", "/", ".zip", f"/{made_up.FIRST}", "/*.female.*"):
        listing = list_s3(f"s3://{bucket}/in/{odd}{end}", s3, *LIMITS)
        names = [*made_up.FILES]
        names = names[:1] if end.endswith("xml") else names[1:] if "*" in end else names
        assert [entry.name for entry in listing.entries] == names
        assert [data for _, data in contents(listing, s3)] == [made_up.FILES[n] for n in names]


def test_an_object_that_changes_or_goes_is_rejected_with_its_reason(
    server: S3Server, bucket: str, prefix: str, s3: S3Options
) -> None:
    listing = list_s3(prefix, s3, *LIMITS)
    server.client.put_object(Bucket=bucket, Key=f"in/blogs/{made_up.FIRST}", Body=b"new")
    server.client.delete_object(Bucket=bucket, Key=f"in/blogs/{made_up.SECOND}")
    assert contents(listing, s3) == [
        (made_up.FIRST, Unreadable("changed")),
        (made_up.SECOND, Unreadable("unreadable")),
        (made_up.THIRD, made_up.FILES[made_up.THIRD]),
    ]


def test_what_can_not_be_listed(
    server: S3Server, bucket: str, s3: S3Options, blogs_zip: Path
) -> None:
    with pytest.raises(InputNotFoundError) as missing:
        list_s3(f"s3://{bucket}/nothing", s3, *LIMITS)
    assert str(missing.value) == f"no object below s3://{bucket}/nothing"
    with pytest.raises(BucketError):
        list_s3("s3://no-such-bucket/in", s3, *LIMITS)
    server.client.put_object(Bucket=bucket, Key="hidden/_SUCCESS", Body=b"")
    with pytest.raises(NothingReadableError, match="but hidden ones"):
        list_s3(f"s3://{bucket}/hidden", s3, *LIMITS)
    half = blogs_zip.read_bytes()[: blogs_zip.stat().st_size // 2]
    server.client.put_object(Bucket=bucket, Key="half.zip", Body=half)
    with pytest.raises(BadArchiveError, match="is not a whole zip archive"):
        list_s3(f"s3://{bucket}/half.zip", s3, *LIMITS)


NAMES = st.text("ab.*?", max_size=4)


@given(st.lists(NAMES, min_size=1, max_size=3).map("/".join))
def test_a_glob_without_special_characters_matches_itself_and_what_lies_below(key: str) -> None:
    literal = key.replace("*", "a").replace("?", "b").rstrip("/")
    assert glob_pattern(literal).match(literal)
    assert glob_pattern(literal).match(f"{literal}/x")
    assert not glob_pattern(literal).match(f"{literal}x")


@pytest.mark.parametrize(
    ("glob", "key", "matches"),
    [
        ("a/*.xml", "a/1.xml", True),
        ("a/*.xml", "a/b/1.xml", False),
        ("a/**/*.xml", "a/b/c/1.xml", True),
        ("a/**/*.xml", "a/1.xml", True),
        ("a/?.xml", "a/1.xml", True),
        ("a/?.xml", "a//.xml", False),
        ("a/[0-3].xml", "a/2.xml", True),
        ("a/[!0-3].xml", "a/2.xml", False),
        ("a/[!0-3].xml", "a/7.xml", True),
        ("a.b", "axb", False),
        ("a/br[[]1]/*", "a/br[1]/x.xml", True),
    ],
)
def test_globs(glob: str, key: str, matches: bool) -> None:
    assert bool(glob_pattern(glob).match(key)) is matches


def test_doctests() -> None:
    assert doctest.testmod(s3_source).failed == 0
