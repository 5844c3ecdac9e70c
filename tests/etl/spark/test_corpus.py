"""The Spark layer: order, bytes and counts, whatever the tasks do."""

import doctest
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import made_up
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from etl.chain import Chain
from etl.failures import spark_failures
from etl.ledger import Ledger
from etl.options import BuildOptions, ChainOptions
from etl.publishing.local_output import LocalPlace
from etl.publishing.output import RAW
from etl.reading.chunks import cut
from etl.reading.sources import Listing, list_local
from etl.spark import assemble, corpus
from etl.spark.corpus import build_files, chunk_rows, cut_blobs, write_corpus
from etl.spark.source import ChunkFiles, Source, list_remote
from schemas.output import CORPUS_FILE
from storage.errors import SparkFailedError

GIB = 2**30
LINES = st.lists(st.binary(max_size=12).map(lambda line: line.replace(b"\n", b"") + b"\n"))
LEDGER = {
    "files.found": 3,
    "files.read": 3,
    "posts.found": 6,
    "posts.kept": 4,
    "posts.rejected.blank": 1,
    "posts.rejected.no_word": 1,
    "dates.read": 5,
    "dates.unreadable": 1,
    "sentences.written": 9,
}


def build(
    spark: SparkSession, listing: Listing, to: Path, count: int | None = None, **options: Any
) -> tuple[bytes, Ledger, str]:
    """Corpus, ledger and rejects of one Spark pass over a listing."""
    settings = BuildOptions(listing.uri, to, **options)
    place = LocalPlace(to, "1")
    source = Source(spark, listing, cut(listing, 2, count), settings)
    write_corpus(source, place.for_spark(spark, RAW))
    ledger = assemble.sum_ledgers(place)
    rejects = b"".join(part.read() for part in place.parts("rejects")).decode()
    place.join(spark)
    return (place.final / CORPUS_FILE).read_bytes(), ledger, rejects


@given(st.lists(LINES.map(b"".join)), st.integers(1, 20))
def test_blobs_hold_the_same_lines(pieces: list[bytes], size: int) -> None:
    blobs = list(cut_blobs(pieces, size))
    whole = b"".join(pieces)
    assert b"".join(blob + b"\n" for blob in blobs) == whole
    assert all(len(blob) + 1 >= size for blob in blobs[:-1])
    longest = max(map(len, whole.split(b"\n"))) + 1
    assert all(len(blob) < size + max(size, longest) for blob in blobs)


def test_doctests() -> None:
    assert doctest.testmod(corpus).failed == 0


def test_a_bug_in_the_chain_names_the_place_and_file_and_quotes_no_text() -> None:
    class Broken(Chain):
        def build(self, files: Any, *_: Any) -> Iterator[Any]:
            for _, data in files:
                raise ValueError(data)
            yield

    with pytest.raises(RuntimeError) as error:
        list(
            build_files(
                ChunkFiles(0, [("1.xml", b"my secret diary")], {}), Broken(ChainOptions()), False
            )
        )
    assert str(error.value).startswith("ValueError at test_corpus.py:")
    assert str(error.value).endswith(" in file 1.xml or shortly before it")
    assert error.value.__cause__ is None


def test_rows_of_a_chunk_are_lines_then_rejects_then_the_ledger() -> None:
    rows = chunk_rows(
        ChunkFiles(7, made_up.FILES.items(), {}), Chain(ChainOptions()), keep_text=False
    )
    kinds = [(row.column(0)[0].as_py(), row.column(1)[0].as_py()) for row in rows]
    assert kinds == [("lines", 7), ("rejects", 7), ("ledger", 7)]


FORMS = ("blogs", "bl*s/*.xml", "blogs.zip", "remote", "br[1]{a}*")


@pytest.mark.spark
@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("form", [*FORMS, "blogs.tar.zst"])
def test_the_same_bytes_from_any_form_and_number_of_tasks(
    spark: SparkSession, blogs: Path, blogs_zip: Path, tmp_path: Path, form: str, count: int
) -> None:
    if form == "remote":
        listing = list_remote(spark, f"file://{blogs}", GIB)
    elif form.startswith("br"):
        made_up.write_files(tmp_path / "br1a", made_up.many(2))
        listing = list_remote(spark, f"file://{blogs.rename(tmp_path / form)}", GIB)
    else:
        made_up.write_tar(tmp_path / "blogs.tar.zst")
        listing = list_local(f"{tmp_path}/{form}", GIB, GIB)
    text, ledger, _ = build(spark, listing, tmp_path / "out", count)
    assert text == made_up.CORPUS
    assert {key: ledger[key] for key in LEDGER} == LEDGER
    assert ledger.discrepancies() == []


@pytest.mark.spark
def test_fifty_files_by_the_remote_route_in_file_order(spark: SparkSession, tmp_path: Path) -> None:
    twin = {"2000000.male.99.Arts.Gemini.xml": made_up.FILES[made_up.FIRST]}
    moved = {f"b\\{name}": data for name, data in made_up.many(50).items()}
    folder = made_up.write_files(tmp_path / "a", moved | twin | made_up.LITTER)
    expected = "".join(f"file {n} is here\n" for n in range(50)).encode()
    for count in (1, 7, 50):
        listing = list_remote(spark, f"file://{folder}", GIB)
        text, ledger, _ = build(spark, listing, tmp_path / f"out{count}", count)
        assert text == expected
        assert ledger["files.found"] == 50  # the twin is counted by the listing


@pytest.mark.spark
def test_the_remote_route_reads_no_content_to_place_the_files(
    spark: SparkSession, blogs: Path, tmp_path: Path
) -> None:
    listing = list_remote(spark, f"file://{blogs}", GIB)
    source = Source(spark, listing, cut(listing, 2, 3), BuildOptions("x", tmp_path))
    rows = corpus.build_rows(source)
    plan = rows._jdf.queryExecution().executedPlan().toString()
    assert "hashpartitioning(chunk" in plan
    assert "rangepartitioning" not in plan


@pytest.mark.spark
def test_tasks_that_fail_once_change_neither_bytes_nor_ledger(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing = list_local(str(made_up.write_files(tmp_path / "a", made_up.many(60))), GIB, GIB)
    marks = tmp_path / "marks"
    marks.mkdir()
    chain = Chain(ChainOptions())

    def fail_once(chunk: ChunkFiles) -> Iterator[Any]:
        for row in chunk_rows(chunk, chain, keep_text=False):
            yield row
            mark = marks / str(chunk.number)
            if not mark.exists():  # after its lines and before its ledger
                mark.touch()
                raise OSError("made to fail")

    first = build(spark, listing, tmp_path / "first", 5)
    source = Source(spark, listing, cut(listing, 2, 5), BuildOptions("x", tmp_path))
    rows = source.map_chunks(fail_once, corpus.ROWS)
    monkeypatch.setattr(corpus, "build_rows", lambda *_: rows)
    assert build(spark, listing, tmp_path / "second", 5) == first
    assert len(list(marks.iterdir())) == 5
    assert first[0] == "".join(f"file {n} is here\n" for n in range(60)).encode()


@pytest.mark.spark
def test_a_bug_in_a_worker_is_one_line(
    spark: SparkSession, blogs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(chunk: ChunkFiles) -> Iterator[Any]:
        raise KeyError("nothing here")

    listing = list_local(str(blogs), GIB, GIB)
    source = Source(spark, listing, cut(listing, 2), BuildOptions("x", tmp_path))
    rows = source.map_chunks(fail, corpus.ROWS)
    monkeypatch.setattr(corpus, "build_rows", lambda *_: rows)
    with pytest.raises(SparkFailedError) as error, spark_failures():
        build(spark, listing, tmp_path)
    assert str(error.value) == "Spark failed: KeyError: 'nothing here'"


@pytest.mark.spark
@pytest.mark.parametrize(
    "text", [b"one line " * 5_500_000, b"A sentence of some words. " * 2_000_000]
)
def test_a_post_of_fifty_megabytes(spark: SparkSession, tmp_path: Path, text: bytes) -> None:
    files = {made_up.FIRST: made_up.blog(("01,May,2004", text)), made_up.THIRD: b"<Blog></Blog>"}
    listing = list_local(str(made_up.write_files(tmp_path / "a", files)), GIB, GIB)
    built, ledger, _ = build(spark, listing, tmp_path)
    normal = text.decode().lower().replace(". ", "\n")
    assert built == (normal if "\n" in normal else normal.strip() + "\n").encode()
    assert ledger["bytes.written"] == len(built)


@pytest.mark.spark
def test_settings_of_the_session_are_as_before(
    spark: SparkSession, blogs: Path, tmp_path: Path
) -> None:
    names = [*corpus.WRITE_SETTINGS, "spark.sql.files.openCostInBytes"]
    before = [spark.conf.get(name, None) for name in names]
    build(spark, list_local(str(blogs), GIB, GIB), tmp_path)
    assert [spark.conf.get(name, None) for name in names] == before
