"""What is found in place of blogs: its kind by its bytes, and what the line of the failure says."""

import bz2
import doctest
import gzip
import io
import json
import lzma
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import made_up
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import SparkSession
from s3_server import S3Server

from etl.build import run
from etl.options import BuildOptions
from etl.reading import file_kinds
from etl.reading.file_kinds import HEAD_BYTES, Kind, kind_of
from etl.reading.sources import list_local
from storage import names
from storage.errors import BadArchiveError, NothingReadableError, TooManyRejectedError
from storage.printable import printable
from storage.s3_client import S3Options

TABLE = pa.table({"text": ["hello"]})
BLOG = made_up.FILES[made_up.FIRST]
PATTERN = "names must look like 1000331.female.37.indUnk.Leo.xml"
KAGGLE = b'id,gender,age,topic,sign,date,text\n1,male,15,Arts,Leo,"14,May,2004","So, I\nsaid: no"\n'
OBJECT = b'{"id": 1, "text": "So, I"}\n'


def made_by(write: Callable[[io.BytesIO], Any]) -> bytes:
    file = io.BytesIO()
    write(file)
    return file.getvalue()


def tar(form: Any) -> bytes:
    return tarfile.TarInfo("blogs/1.xml").tobuf(form)


CASES = {
    Kind.EMPTY: [b"", b" \r\n\0"],
    Kind.BLOG: [BLOG, b"\xef\xbb\xbf<?xml version='1.0'?><Blog>\r\n<post>a, b</post>"],
    Kind.XML: [b"<?xml version='1.0'?>\n<feed></feed>", b"<rss></rss>", b'<doc id="1">\na\n'],
    Kind.HTML: [b"\n<!DOCTYPE html><p>404", b"<?xml version='1.0'?>\n<html>"],
    Kind.JSON_LINES: [OBJECT * 2, OBJECT * 9999, b'["a", 1]\n\n["b", 2]\n'],
    Kind.JSON: [OBJECT, json.dumps([{"a": [1]}] * 9, indent=1).encode(), b'[{"a": 1}, {"b": 2}]'],
    Kind.CSV: [
        *(KAGGLE, KAGGLE[:34], KAGGLE.replace(b",", b";"), b"\xef\xbb\xbf" + KAGGLE * 999),
        b'7,male,"14,May,2004","well, no"\n' * 3,
    ],
    Kind.TSV: [KAGGLE.replace(b",", b"\t"), b"the\t12\n" * 10],
    Kind.PARQUET: [made_by(lambda file: pq.write_table(TABLE, file))],
    Kind.ARROW: [made_by(lambda file: pyarrow.feather.write_feather(TABLE, file))],
    Kind.GZIP: [gzip.compress(BLOG)],
    Kind.BZIP2: [bz2.compress(BLOG), bz2.compress(b"")],
    Kind.XZ: [lzma.compress(BLOG)],
    Kind.ZSTD: [pa.compress(BLOG, "zstd", asbytes=True)],
    Kind.LZ4: [pa.compress(BLOG, "lz4", asbytes=True)],
    Kind.TAR: [tar(tarfile.USTAR_FORMAT), tar(tarfile.GNU_FORMAT) + b"x" * 99],
    Kind.SEVEN_ZIP: [b"7z\xbc\xaf\x27\x1c\0\4"],
    Kind.RAR: [b"Rar!\x1a\x07\x01\0", b"Rar!\x1a\x07\0"],
    Kind.PDF: [b"%PDF-1.4\n%\xe2\xe3\xcf\xd3"],
    Kind.PICTURE: [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0\0\x10JFIF"],
    Kind.UTF_16: ["<Blog>".encode(form) for form in ("utf-16", "utf-16-le", "utf-16-be")],
    Kind.UTF_32: ["<Blog>".encode("utf-32")],
    Kind.TEXT: [
        *(b"hello there\nhow are you\n", b"So, I\nsaid, no\nnot, now\n", b"[1] is a note\n"),
        *(b"a\0b and a lot of other text\n", b"BZh is a word\n", b"PAR1\n", b"caf\xe9 au lait\n"),
        *(b"<s> the cat </s>\n<s> ok </s>\n", b"<unk> dog\n", b"[[File:a]]\n", b'["I", he\n'),
        *(b"a,b\n", b'"I, too", he said, "am"\n"and, no", "what", x\n"so" he, went\n'),
    ],
    Kind.BINARY: [bytes(range(256)), b"\x7fELF\x02\x01\x01\0\0\0\0\0"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "data"), [(kind, data) for kind, cases in CASES.items() for data in cases]
)
def test_kinds(kind: Kind, data: bytes) -> None:
    assert kind_of(data) is kind
    assert kind_of(data[:HEAD_BYTES]) is kind


@given(st.binary() | st.text('a,;"{[]}<!\t\n\0 ').map(str.encode))
def test_any_bytes_have_a_kind(data: bytes) -> None:
    assert kind_of(data) in Kind


def no_session() -> SparkSession:
    raise AssertionError("Spark was started")


def failure(source: object, **options: Any) -> str:
    with pytest.raises((NothingReadableError, TooManyRejectedError)) as error:
        run(BuildOptions(str(source), "/nowhere/out", **options), no_session)
    return str(error.value)


@pytest.mark.parametrize(
    ("name", "data", "kind", "advice"),
    [
        ("blogs.avro", b"Obj\x01" + KAGGLE * 9999, "Avro", ", or a table instead"),
        ("blogs.tar.gz", gzip.compress(BLOG), "gzip", "unpack it first"),
        ("notes.txt", "a b".encode("utf-16"), "UTF-16 text", "iconv -f UTF-16 -t UTF-8"),
        ("1000331.female.37.indUnk.Leo.XML", BLOG, "a blog", PATTERN),
        ("x\x1b[2J.pdf", b"%PDF-1.4", "PDF", "; give one XML file per blogger, or a table instead"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["file", "folder", "zip"])
def test_what_is_no_blog_is_named_before_spark_starts(
    tmp_path: Path, form: str, name: str, data: bytes, kind: str, advice: str
) -> None:
    source = made_up.write_files(tmp_path / "in", {name: data})
    source = source / name if form == "file" else source
    if form == "zip":
        source = made_up.write_zip(tmp_path / "blogs.zip", {name: data})
    shown = f"{printable(name)} ({kind}): {PATTERN}"
    text = failure(source)
    assert f"1 of 1 files rejected (file_name 1), such as {shown}" in text
    assert text.endswith(advice)


def test_zips_that_lie_in_a_zip_or_a_folder(tmp_path: Path, blogs_zip: Path) -> None:
    inner = {"a.zip": blogs_zip.read_bytes(), "b.zip": blogs_zip.read_bytes(), "c.txt": b"hello\n"}
    outer = made_up.write_zip(tmp_path / "outer.zip", inner)
    for source, kind in (
        (outer, "zip in a zip"),
        (made_up.write_files(tmp_path / "in", inner), "zip"),
    ):
        shown = f"such as a.zip ({kind}), b.zip ({kind}), c.txt (plain text): {PATTERN}; "
        assert failure(source).endswith(f"{shown}unpack it first")


def test_a_zip_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "blogs.zip"
    for data, text in (
        (b"<html>404", "HTML: give one XML file"),
        (gzip.compress(b""), "gzip: unp"),
    ):
        path.write_bytes(data)
        with pytest.raises(BadArchiveError) as error:
            list_local(str(path), 2**30, 2**30)
        assert str(error.value).startswith(f"{path} is no zip but {text}")


def test_a_few_files_of_other_names_among_blogs(tmp_path: Path) -> None:
    folder = made_up.write_files(tmp_path, made_up.FILES | {"a.csv": KAGGLE, "b.md": b"# Read me"})
    assert failure(folder).startswith(
        f"2 of 5 files rejected (file_name 2), such as a.csv (CSV), b.md (plain text): {PATTERN}; "
    )
    assert failure(folder).endswith("; --max-rejected-files is 1.000%")


def test_an_object_on_s3(server: S3Server, bucket: str, s3: S3Options) -> None:
    server.client.put_object(Bucket=bucket, Key="blogs/b.pdf", Body=b"%PDF-1.4")
    assert f"b.pdf (PDF): {PATTERN}; give one" in failure(f"s3://{bucket}/blogs", s3=s3)


def test_doctests() -> None:
    assert doctest.testmod(file_kinds).failed == doctest.testmod(names).failed == 0
