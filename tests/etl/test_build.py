"""Whole builds in process: what is written, what is refused, what is left of a failure."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import made_up
import pyarrow.dataset
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from etl import build as module
from etl.build import Result, run
from etl.cleaning.options import Cleaning
from etl.ledger import Ledger
from etl.options import BuildOptions, ChainOptions
from etl.reading.layouts import Wanted
from etl.spark import assemble
from storage import errors

pytestmark = pytest.mark.spark
Build = Callable[..., Result]
SAMPLE = Path(__file__).parents[3] / "shared" / "data" / "blogs-sample.zip"
FIRST_LINES = "1136785.male.17.Student.Pisces.xml"


@pytest.fixture
def build(spark: SparkSession, tmp_path: Path) -> Build:
    """Builds in `tmp_path`/out, with a session that is there already."""

    def call(source: object, output: Path = tmp_path / "out", **options: Any) -> Result:
        return run(BuildOptions(str(source), output, **options), lambda: spark)

    return call


def no_session() -> SparkSession:
    raise AssertionError("Spark was started")


def failure(build: Build, source: object, **options: Any) -> tuple[int, str]:
    with pytest.raises(errors.JobError) as error:
        build(source, **options)
    return error.value.exit_code, str(error.value)


def rejects(output: Path) -> list[tuple[Any, ...]]:
    """All columns but those of twins, which `test_dedup` looks at, and the bytes of strays."""
    others = ["twin_blogger_id", "twin_post_ordinal", "bytes"]
    rows = pq.read_table(output / "rejects").drop_columns(others)
    return [tuple(row.values()) for row in rows.to_pylist()]


def tree(output: Path) -> set[str]:
    return {str(path.relative_to(output)) for path in output.rglob("*") if path.is_file()}


def test_an_output_holds_corpus_manifest_and_rejects_and_nothing_else(
    build: Build, blogs: Path, tmp_path: Path
) -> None:
    result, output = build(blogs), tmp_path / "out"
    assert tree(output) == {
        ".lock",
        "corpus/cleaned_sentences.csv",
        "manifest.json",
        "rejects/rejects.parquet",
    }
    assert (output / "corpus" / "cleaned_sentences.csv").read_bytes() == made_up.CORPUS
    assert rejects(output) == [
        (made_up.FIRST, 1000001, 1, None, "post", "blank", None),
        (made_up.FIRST, 1000001, 2, None, "post", "no_word", None),
    ]
    assert result.is_new
    assert "posts                 6 found = 4 kept + 2 rejected\n" in result.message


def test_the_manifest_says_what_was_built_from_what(
    build: Build, blogs: Path, tmp_path: Path
) -> None:
    import hashlib

    build(blogs)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["corpus"] == {
        "path": "corpus/cleaned_sentences.csv",
        "bytes": len(made_up.CORPUS),
        "lines": 9,
        "sha256": hashlib.sha256(made_up.CORPUS).hexdigest(),
        "tokens": len(made_up.CORPUS.split()),
    }
    source = manifest["input"]
    assert [source[key] for key in ("kind", "files", "ignored")] == ["folder", 3, 0]
    assert [line[:2] for line in source["listing"]] == [
        [name, len(data)] for name, data in made_up.FILES.items()
    ]
    assert manifest["entries"] == ["rejects", "manifest.json", "corpus"]
    assert manifest["ledger"]["posts"] == {
        "found": 6,
        "kept": 4,
        "rejected": {"blank": 1, "no_word": 1},
    }
    assert manifest["options"]["splitter"] == "rules"
    assert manifest["ledger"]["bytes"]["written"] == len(made_up.CORPUS)


def test_the_same_again_is_already_built_and_starts_no_spark(
    build: Build, blogs: Path, tmp_path: Path
) -> None:
    build(blogs)
    output = tmp_path / "out"
    before = (output / "manifest.json").stat()
    for overwrite in (False, True):
        again = BuildOptions(str(blogs), output, overwrite=overwrite, partitions=2)
        result = run(again, no_session)
        assert result.message.startswith(f"already built: {output}/corpus/cleaned_sentences.csv, ")
        assert not result.is_new
    assert (output / "manifest.json").stat().st_ino == before.st_ino


@pytest.mark.parametrize("change", ["input", "options", "code", "size", "entry"])
def test_anything_else_is_refused_without_overwrite(
    build: Build, blogs: Path, tmp_path: Path, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(blogs)
    output = tmp_path / "out"
    options = BuildOptions(str(blogs), output)
    if change == "input":
        os.utime(blogs / made_up.FIRST, ns=(0, 1))
    elif change == "options":
        options = BuildOptions(str(blogs), output, ChainOptions(min_tokens=2))
    elif change == "code":
        monkeypatch.setattr("etl.publishing.version.VERSION", "0.0.9")
    elif change == "size":
        (output / "corpus" / "cleaned_sentences.csv").write_text("short")
    else:
        shutil.rmtree(output / "rejects")
    with pytest.raises(errors.OutputExistsError, match="use --overwrite to replace an output"):
        run(options, no_session)


def test_overwrite_replaces_and_removes_what_the_new_build_does_not_make(
    build: Build, blogs: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out"
    build(blogs, tables=True)
    assert (output / "posts").is_dir()
    (output / "notes.txt").write_text("mine")
    build(blogs, overwrite=True, chain=ChainOptions(min_tokens=4, fold_diacritics=True))
    text = (output / "corpus" / "cleaned_sentences.csv").read_text()
    assert text == "le cafe etait ferme\na cafe in windows 1252\nr b all night\n"
    assert sorted(path.name for path in output.iterdir()) == [
        *(".lock", "corpus", "manifest.json", "notes.txt", "rejects"),
    ]
    short = [row for row in rejects(output) if row[5] == "too_short"]
    assert short[0] == (made_up.FIRST, 1000001, 0, 0, "sentence", "too_short", None)
    assert len(short) == 6


def test_tables_give_the_demographic_columns_back_to_each_sentence(
    build: Build, blogs: Path, tmp_path: Path, spark: SparkSession
) -> None:
    build(blogs, tables=True)
    output = tmp_path / "out"
    posts, sentences = (spark.read.parquet(f"file://{output}/{t}") for t in ("posts", "sentences"))
    joined = sentences.join(posts, ["blogger_id", "post_ordinal", "gender", "age_group"])
    rows = joined.orderBy("blogger_id", "post_ordinal", "sentence_ordinal").select(
        "line", "gender", "age", "industry", "sign", "date"
    )
    found = [tuple(row) for row in rows.collect()]
    lines = [*made_up.LINES[made_up.THIRD], *made_up.LINES[made_up.FIRST]]
    assert [row[0] for row in found] == [*lines, *made_up.LINES[made_up.SECOND]]
    assert found[0][1:] == ("female", 35, "Law", "Aries", date(2004, 7, 31))
    assert found[-1][1:] == ("female", 24, "indUnk", "Virgo", None)
    files = {path.rsplit(".", 1)[-1] for path in tree(output) - {".lock"}}
    assert files == {"csv", "json", "parquet"}


def test_rejects_hold_the_text_where_asked_for(build: Build, tmp_path: Path) -> None:
    files = {made_up.FIRST: made_up.blog(("01,May,2004", b'Words. "..." More.'), ("", b"?!?"))}
    build(made_up.write_files(tmp_path / "a", files), keep_rejected_text=True)
    texts = [row[2:] for row in rejects(tmp_path / "out")]
    assert texts[-1] == (1, None, "post", "no_word", "?!?")


def test_without_rejects_there_is_a_readable_table_with_the_schema(
    build: Build, tmp_path: Path
) -> None:
    build(made_up.write_files(tmp_path / "a", made_up.many(2)))
    table = pyarrow.dataset.dataset(tmp_path / "out" / "rejects")
    assert table.count_rows() == 0
    assert table.schema.names == [
        *("file", "blogger_id", "post_ordinal", "sentence_ordinal", "stage", "reason"),
        *("twin_blogger_id", "twin_post_ordinal", "text", "bytes"),
    ]


def test_bad_files_among_good_ones_are_rejected_with_their_reasons(
    build: Build, tmp_path: Path
) -> None:
    bad = {
        "1.male.17.Student.Leo.xml": b"",
        "2.male.17.Student.Leo.xml": b"\x7fELF\x00\x01",
        "3.male.17.Student.Leo.xml": b"<?xml version='1.0'?><feed><post>No</post></feed>",
        "README.md": b"<Blog></Blog>",
        "2000000.male.26.Arts.Gemini.xml": made_up.FILES[made_up.FIRST],
        "4.male.17.Student.Leo.xml": b"x" * 2000,
    }
    folder = made_up.write_files(tmp_path / "a", made_up.many(4) | bad)
    (folder / "5.male.17.Student.Leo.xml").symlink_to("gone")
    build(folder, max_rejected_files=0.7, max_file_bytes=1999)
    output = tmp_path / "out"
    assert sorted((row[0].split(".")[0], row[5]) for row in rejects(output)) == [
        ("1", "empty"),
        ("2", "not_a_blog"),
        ("2000000", "duplicate_blogger"),
        ("3", "not_a_blog"),
        ("4", "too_large"),
        ("5", "unreadable"),
        ("README", "file_name"),
    ]
    text = (output / "corpus" / "cleaned_sentences.csv").read_text()
    assert text == "".join(f"file {n} is here\n" for n in range(4))
    ledger = json.loads((output / "manifest.json").read_text())["ledger"]
    assert ledger["files"]["found"] == 11
    assert sum(ledger["files"]["rejected"].values()) == 7


def test_too_many_rejected_files(build: Build, tmp_path: Path) -> None:
    folder = made_up.write_files(tmp_path / "a", made_up.many(8) | {"a": b"", "b": b""})
    code, text = failure(build, folder)
    assert code == 6
    assert text == (
        "2 of 10 files rejected (file_name 2), such as a (empty), b (empty): names must look like "
        "1000331.female.37.indUnk.Leo.xml; get it again; --max-rejected-files is 1.000%"
    )
    assert not (tmp_path / "out").exists()
    assert build(folder, max_rejected_files=0.2).is_new


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (
            "<Blog></Blog>".encode("utf-16"),
            f"not_a_blog 1), such as {made_up.FIRST} (UTF-16 text): convert it to UTF-8 first: "
            "iconv -f UTF-16 -t UTF-8",
        ),
        (b"", f"empty 1), such as {made_up.FIRST}"),
    ],
)
def test_nothing_readable(build: Build, tmp_path: Path, data: bytes, reason: str) -> None:
    folder = made_up.write_files(tmp_path / "a", {made_up.FIRST: data})
    assert failure(build, folder, max_rejected_files=1.0) == (
        *(4, f"no blog file in {folder}: 1 of 1 files rejected ({reason}"),
    )


def test_every_file_rejected_by_the_listing(build: Build, tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / made_up.FIRST).symlink_to("gone")
    assert failure(build, folder)[0] == 4


def test_a_corrupt_member_among_good_ones(build: Build, tmp_path: Path) -> None:
    path = made_up.write_zip(tmp_path / "a.zip", made_up.many(3))
    data = bytearray(path.read_bytes())
    at = data.index(b"2000001.male")
    data[at + 40] ^= 0xFF
    path.write_bytes(bytes(data))
    build(path, max_rejected_files=0.5)
    row = ("2000001.male.25.Arts.Gemini.xml", 2000001, None, None, "file", "corrupt_member", None)
    assert rejects(tmp_path / "out") == [row]


@pytest.mark.parametrize(
    ("source", "output"),
    [
        ("{}/blogs", "{}/blogs/out"),
        ("{}/blogs", "{}/blogs"),
        ("{}/blogs/", "file://{}/blogs/out"),
        ("file://{}/blogs", "{}/blogs//out/"),
        ("FILE:{}/%62logs", "file://localhost{}/blogs/o%75t"),
        ("{}/link", "{}/blogs/out"),
        ("{}/blogs", "{}/link/out"),
        ("{}/blogs/../blogs/.", "blogs/x/../out"),
        ("blogs", "{}/blogs/out"),
    ],
)
def test_an_output_inside_the_input(
    blogs: Path, source: str, output: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(blogs.parent)
    Path("link").symlink_to(blogs)
    source, output = source.format(blogs.parent), output.format(blogs.parent)
    with pytest.raises(errors.UsageError) as error:
        run(BuildOptions(source, output), no_session)
    assert str(error.value) == f"the output {output} lies in the input {source}"


@pytest.mark.parametrize("source", ["{}/*", "{}/link/c*", "file://{}/x/../*", "{}/out/corpus"])
def test_an_input_that_takes_in_an_older_output(
    build: Build, blogs: Path, tmp_path: Path, source: str
) -> None:
    build(blogs)
    (tmp_path / "x").mkdir()
    (tmp_path / "link").symlink_to("out")
    source = source.format(tmp_path)
    code, text = failure(build, source)
    assert (code, text) == (2, f"the input {source} takes in the output {tmp_path}/out")


@pytest.mark.parametrize("odd", ["br[1]", "a*?{b,c}", "%41 b#c+d:e", "\\x [é]"])
def test_a_path_that_exists_is_that_path(
    build: Build, blogs: Path, tmp_path: Path, odd: str
) -> None:
    """What a glob or a URI would make of it lies beside it."""
    for name in ("br1", "ab", "A b", "x é"):
        made_up.write_files(tmp_path / name, {"9.male.20.Arts.Leo.xml": b"<Blog>"})
    here = blogs.rename(tmp_path / odd)
    uri = f"file://{quote(str(here))}"
    build(here, here.with_name(f"{odd}-1"), tables=True)
    build(uri, f"{uri}-2", tables=True)
    for number in (1, 2):
        output = here.with_name(f"{odd}-{number}")
        assert (output / "corpus" / "cleaned_sentences.csv").read_bytes() == made_up.CORPUS
        counts = [pq.read_table(output / table).num_rows for table in ("posts", "sentences")]
        assert counts == [4, 9]


def test_a_ledger_that_does_not_add_up(
    build: Build, blogs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = assemble.sum_ledgers
    lost = {"posts.kept": -1}
    monkeypatch.setattr(module, "sum_ledgers", lambda raw: Ledger.sum([real(raw), Ledger(lost)]))
    assert failure(build, blogs) == (
        9,
        "the ledger does not add up: posts.found = posts.kept + posts.rejected: 6 is not 3 + 2",
    )
    monkeypatch.undo()
    monkeypatch.setattr(module, "write_table", lambda *_: 3)
    assert failure(build, blogs, tables=True) == (
        9,
        "the ledger does not add up: posts.kept = rows of posts: 4 is not 3",
    )
    assert not (tmp_path / "out").exists()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], check=False
    )
    if mounted.returncode:
        pytest.skip("only root can mount the small file system that this test fills")
    yield folder
    # Spark may still hold a file that it failed to write.
    subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_full_disk(build: Build, small_disk: Path, tmp_path: Path) -> None:
    old = made_up.write_files(tmp_path / "old")
    build(old, small_disk / "out")
    words = b"Some words to fill a disk with. " * 200_000
    files = {made_up.FIRST: made_up.blog(("01,May,2004", words))}
    folder = made_up.write_files(tmp_path / "a", files)
    code, text = failure(build, folder, output=small_disk / "out", overwrite=True)
    assert code == 8
    assert text.startswith(f"no space left in {small_disk}/out (")
    assert text.endswith(" of 2.0 MiB free now): the build takes about 6.1 MiB")
    corpus = small_disk / "out" / "corpus" / "cleaned_sentences.csv"
    assert corpus.read_bytes() == made_up.CORPUS
    assert not list((small_disk / "out").glob(".staging-*"))


def test_a_read_only_disk(small_disk: Path, blogs: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(errors.OutputNotWritableError) as error:
        run(BuildOptions(str(blogs), small_disk / "out"), no_session)
    assert str(error.value) == f"can't write {small_disk}/out: Read-only file system"


@pytest.mark.real_sample
@pytest.mark.skipif(not SAMPLE.exists(), reason=f"{SAMPLE} is not there")
def test_the_real_sample_with_one_and_seven_partitions(build: Build, tmp_path: Path) -> None:
    made = []
    for count in (1, 7):
        output = tmp_path / str(count)
        build(SAMPLE, output, partitions=count)
        made.append(json.loads((output / "manifest.json").read_text()))
    assert made[0]["corpus"] == made[1]["corpus"]
    assert made[0]["ledger"]["files"] == {"found": 1933, "read": 1933, "rejected": {}}
    assert made[0]["ledger"]["posts"]["found"] == 65161
    assert abs(made[0]["corpus"]["tokens"] / 14_602_481 - 1) < 0.005
    assert made[0]["ledger"] == made[1]["ledger"]


def test_a_table_that_breaks_its_schema_is_not_published(
    build: Build, blogs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pyspark.sql.types import StringType, StructField, StructType

    from etl.spark.assemble import check_contract

    promised = StructType([StructField("blogger_id", StringType())])
    monkeypatch.setattr(
        "etl.spark.tables.check_contract",
        lambda name, found, _: check_contract(name, found, promised),
    )
    code, text = failure(build, blogs, tables=True)
    assert code == 9
    assert text.startswith("posts breaks its schema: blogger_id is bigint, expected string; ")
    assert "post_ordinal is int, not expected at all" in text
    assert not (tmp_path / "out").exists()


def test_a_table_of_any_columns_in_one_piece_or_seven(build: Build, tmp_path: Path) -> None:
    rows = [f'{n % 3},"Post number {n}, hello. Good bye!",{20 + n}' for n in range(40)]
    table = tmp_path / "any.csv"
    table.write_text("\n".join(["who,body,years", *rows, 'x,"broken" row,1', "3,,40"]))
    form = Wanted("auto", {"text": "body", "blogger_id": "who", "age": "years"})
    chain = ChainOptions(cleaning=Cleaning(dedup="exact", trace=2))
    corpora, outputs = [], [tmp_path / "one", tmp_path / "seven"]
    for output, parts in zip(outputs, (1, 7), strict=True):
        options: dict[str, Any] = {"tables": True, "form": form, "chain": chain}
        result = build(table, output, partitions=parts, **options)
        corpora.append((output / "corpus" / "cleaned_sentences.csv").read_bytes())
        assert "posts                 42 found = 40 kept + 2 rejected\n" in result.message
        assert rejects(output) == [
            ("any.csv", 0, 40, None, "post", "broken_quotes", None),
            ("any.csv", 3, 41, None, "post", "blank", None),
        ]
    lines = [f"post number {n} hello\ngood bye\n" for n in range(40)]
    assert corpora == ["".join(lines).encode()] * 2
    folders = pyarrow.dataset.partitioning(
        pyarrow.schema([("gender", pyarrow.string()), ("age_group", pyarrow.string())]),
        flavor="hive",
    )
    posts = pyarrow.dataset.dataset(outputs[1] / "posts", partitioning=folders).to_table()
    kept = sorted(posts.to_pylist(), key=lambda row: row["post_ordinal"])
    assert [row["blogger_id"] for row in kept] == [n % 3 for n in range(40)]
    assert {row["age_group"] for row in kept} == {"20s", "30s", "40s", "50s"}
    assert (kept[5]["age"], kept[5]["sign"], kept[5]["date"]) == (25, None, None)
    manifest = json.loads((outputs[1] / "manifest.json").read_text())
    assert manifest["input"]["form"] == "csv; text = body, blogger_id = who, age = years"
    assert manifest["ledger"]["rows"] == {"read": 42}
