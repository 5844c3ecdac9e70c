"""Tables as inputs: what is a row, whatever is broken and wherever the file is cut."""

import bz2
import csv
import gzip
import io
import json
import lzma
import re
import tarfile
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import made_up
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.chain import Chain
from etl.counting.batches import BatchResult
from etl.ledger import Ledger
from etl.options import BuildOptions, ChainOptions
from etl.reading import csv_records, recognition, tables
from etl.reading.chunks import cut, open_file, read_chunk
from etl.reading.csv_records import find_lines, find_records
from etl.reading.json_records import find_objects
from etl.reading.layouts import Wanted, match_columns
from etl.reading.recognition import with_layout
from etl.reading.rows import Rows
from etl.reading.sources import Entry, Listing, list_local
from etl.spark.assemble import check_listing
from etl.text.blogs import OpenFile, open_blog, read_blogger
from storage.errors import BadArchiveError, JobError, NothingReadableError, UsageError

HEADER = ["id", "gender", "age", "topic", "sign", "date", "text"]


def corpus_rows() -> list[list[str]]:
    """The made-up corpus as rows of blogtext.csv."""
    rows = []
    for name, data in sorted(made_up.FILES.items()):
        file = open_blog(name, data)
        assert isinstance(file, OpenFile)
        dates = re.findall("<date>(.*?)</date>", data.decode("latin-1"))
        for day, text in zip(dates, file.raw_texts(), strict=True):
            rows.append([*map(str, read_blogger(name) or ()), day, text])
    return rows


def as_csv(rows: list[list[str]], header: list[str] = HEADER, **how: Any) -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, **{"lineterminator": "\n"} | how).writerows([header, *rows])
    return file.getvalue().encode()


def as_jsonl(rows: list[list[str]]) -> bytes:
    return "".join(json.dumps(dict(zip(HEADER, row, strict=True))) + "\n" for row in rows).encode()


def as_json(rows: list[list[str]], indent: int | None = None) -> bytes:
    return json.dumps([dict(zip(HEADER, row, strict=True)) for row in rows], indent=indent).encode()


def as_parquet(rows: list[list[str]], group: int = 2) -> bytes:
    columns = zip(*rows, strict=True)
    sink = io.BytesIO()
    table = pa.table({key: list(values) for key, values in zip(HEADER, columns, strict=True)})
    pq.write_table(table, sink, row_group_size=group)
    return sink.getvalue()


def zipped(name: str, data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("__MACOSX/._x", b"x")
        archive.writestr(f"archive/{name}", data)
    return file.getvalue()


def tarred(name: str, data: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        info = tarfile.TarInfo(f"archive/{name}")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


UTF_16 = as_csv(corpus_rows()).decode().encode("utf-16")


FORMS: dict[str, Callable[[], bytes]] = {
    "blogtext.csv": lambda: as_csv(corpus_rows()),
    "quoted.csv": lambda: as_csv(corpus_rows(), quoting=csv.QUOTE_ALL, lineterminator="\r\n"),
    "bom.csv": lambda: b"\xef\xbb\xbf" + as_csv(corpus_rows()),
    "nuls.csv": lambda: as_csv(corpus_rows()).replace(b"Hello", bytes(2000) + b"Hello"),
    "blogs.tsv": lambda: as_csv(corpus_rows(), delimiter="\t"),
    "semicolons": lambda: as_csv(corpus_rows(), delimiter=";"),
    "blogs.jsonl": lambda: as_jsonl(corpus_rows()),
    "array.json": lambda: as_json(corpus_rows()),
    "indented": lambda: b"\xef\xbb\xbf" + as_json(corpus_rows(), indent=2),
    "indented.json.bz2": lambda: bz2.compress(as_json(corpus_rows(), indent=2)),
    "blogs.parquet": lambda: as_parquet(corpus_rows()),
    "blogtext.csv.gz": lambda: gzip.compress(as_csv(corpus_rows())),
    "twice.csv.gz": lambda: (
        b"".join(map(gzip.compress, [as_csv(corpus_rows()[:2]), b""]))
        + gzip.compress(as_csv(corpus_rows()[2:]).split(b"\n", 1)[1])
    ),
    "blogs.jsonl.xz": lambda: lzma.compress(as_jsonl(corpus_rows())),
    "blogtext.csv.zst": lambda: made_up.compress_zstd(as_csv(corpus_rows())),
    "archive.zip": lambda: zipped("blogtext.csv", as_csv(corpus_rows())),
    "archive.tar": lambda: tarred("blogtext.csv", as_csv(corpus_rows())),
    "archive.tar.gz": lambda: gzip.compress(tarred("blogtext.csv", as_csv(corpus_rows()))),
    "parquet.tgz": lambda: gzip.compress(tarred("blogs.parquet", as_parquet(corpus_rows()))),
    "parquet.tar": lambda: tarred("blogs.parquet", as_parquet(corpus_rows())),
    "parquet.zip": lambda: zipped("blogs.parquet", as_parquet(corpus_rows())),
}


def build(path: Path, wanted: Wanted = Wanted(), parts: int = 3) -> BatchResult:  # noqa: B008
    """What all chunks of an input became together, without Spark."""
    listing = with_layout(list_local(str(path), 2**30, 2**30), wanted, None)
    check_listing(listing, BuildOptions(str(path), "out", max_rejected_files=0.5))
    chunks = cut(listing, 2, parts)
    built = [
        batch
        for chunk in chunks
        for batch in Chain(ChainOptions()).build(read_chunk(chunk), keep_text=True)
    ]
    ledger = Ledger.sum(batch.ledger for batch in built)
    assert ledger.discrepancies() == []
    assert ledger["rows.read"] == sum(piece.rows for chunk in chunks for piece in chunk.pieces)
    rejects = [reject for batch in built for reject in batch.rejects]
    kept = [posts for batch in built for posts in batch.kept]
    return BatchResult(b"".join(batch.lines for batch in built), rejects, ledger, kept)


@pytest.mark.parametrize("name", FORMS)
def test_one_corpus_through_every_door(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(FORMS[name]())
    built = build(path)
    assert built.lines == made_up.CORPUS
    ledger = built.ledger
    assert (ledger["files.found"], ledger["files.read"], ledger["rows.read"]) == (1, 1, 6)
    reasons = [(reject.blogger_id, reject.post_ordinal, reject.reason) for reject in built.rejects]
    posts = [reject for reject in reasons if reject[1] is not None]
    assert (1000001, 1, "blank") in posts and (1000001, 2, "no_word") in posts
    items = [item for posts in built.kept for item in posts.items]
    assert [item.key for item in items] == [(1000001, 0), (1000002, 3), (1000002, 4), (999999, 5)]
    assert items[1].blogger == read_blogger(made_up.SECOND)
    dates = [item.post.date for item in items]
    assert dates == [date(2004, 5, 14), date(2004, 6, 1), None, date(2004, 7, 31)]


def test_rows_go_on_over_files_and_a_file_of_another_form_is_rejected(tmp_path: Path) -> None:
    rows = corpus_rows()
    (tmp_path / "a.csv").write_bytes(as_csv(rows[:2]))
    (tmp_path / "b.csv").write_bytes(as_csv(rows[2:]))
    (tmp_path / "empty.csv").write_bytes(as_csv([]))
    (tmp_path / "other.csv").write_bytes(b"a,b,text\n1,2,no\n")
    (tmp_path / "0.json").write_bytes(b'{\n "splits": {}}\n')
    (tmp_path / "readme.md").write_bytes(b"# What this is\n\nSome text.\n")
    listing = with_layout(list_local(str(tmp_path), 2**30, 2**30), Wanted(), None)
    assert {entry.name: entry.reject for entry in listing.rejected} == {
        **{"0.json": "other_columns", "other.csv": "other_columns"},
        "readme.md": "other_form",
    }
    built = build(tmp_path)
    assert built.lines == made_up.CORPUS
    assert built.kept[-1].items[-1].key == (999999, 5)
    assert [(one.file, one.reason) for one in built.rejects if one.stage == "file"] == [
        ("empty.csv", "no_post")
    ]


BROKEN = (
    b"id,text\n"
    b"1,first one\n"
    b'2,"never closed\n'
    b'3,"a ""quoted"" one\nof two lines"\n'
    b"4,too,many\n"
    b"5\n"
    b'6,"closed" too early\n'
    b"\r\n"
    b'7,5" is inches\n'
    b"7,carriage\rreturn\n"
    b"8,na\xefve \x93quotes\x94\n"
    b'9,"open at the end'
)
BROKEN_LINES = b"first one\na quoted one\nof two lines\n5 is inches\nna\xc3\xafve quotes\n"


@pytest.mark.parametrize("parts", range(1, 9))
def test_a_broken_row_costs_no_neighbour_wherever_the_file_is_cut(
    parts: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "BLOCK_BYTES", 5)
    path = tmp_path / "broken.csv"
    path.write_bytes(BROKEN)
    built = build(path, parts=parts)
    assert built.lines.replace(b"a quoted one of two", b"a quoted one\nof two") == BROKEN_LINES
    assert [(one.post_ordinal, one.reason, one.text) for one in built.rejects] == [
        (1, "broken_quotes", '2,"never closed'),
        (3, "wrong_field_count", "4,too,many"),
        (4, "wrong_field_count", "5"),
        (5, "broken_quotes", '6,"closed" too early'),
        (7, "wrong_field_count", "7,carriage\rreturn"),
        (9, "broken_quotes", '9,"open at the end'),
    ]


def test_a_row_that_is_no_object_or_has_no_text_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "broken.jsonl"
    lines = [b'{"text": "one"}', b'{"text": ', b"[1]", b'{"text": ["a"]}', b'{"id": 3}']
    path.write_bytes(b"\n".join([*lines, b'{"text": "caf\xe9 \\ud83d two"}']))
    built = build(path)
    assert built.lines.decode() == "one\ncafé two\n"
    assert [(one.post_ordinal, one.reason) for one in built.rejects] == [
        *((1, "not_json"), (2, "not_json"), (3, "no_text"), (4, "blank")),
    ]


def test_many_texts_in_a_zip_of_which_some_are_none(tmp_path: Path) -> None:
    files = {"a.txt": b"One.", "b.png": b"\x89PNG\r\n\x1a\n", "c.txt": UTF_16, "d\0.txt": b"Two."}
    (tmp_path / "a.zip").write_bytes(made_up.write_zip(tmp_path / "b", files).read_bytes())
    built = build(tmp_path / "a.zip", Wanted("text"))
    assert built.lines == b"one\ntwo\n"
    assert [(one.file, one.reason, one.text) for one in built.rejects] == [
        ("b.png", "other_form", ""),
        ("c.txt", "other_form", ""),
    ]


def test_columns_of_any_table(tmp_path: Path) -> None:
    path = tmp_path / "any.csv"
    path.write_bytes(b"key,body,years,when\nx-1,Hello there.,31,2004-05-14T10:00:00Z\n,More.,x,\n")
    columns = {"text": "body", "blogger_id": "key", "age": "years", "date": "when"}
    built = build(path, Wanted("csv", columns))
    assert built.lines == b"hello there\nmore\n"
    first, second = (item for posts in built.kept for item in posts.items)
    assert (first.blogger.age, first.post.date) == (31, date(2004, 5, 14))
    assert first.blogger.blogger_id > 2**32
    assert second.blogger == (0, None, None, None, None)
    assert second.post.date is None


def test_lines_and_texts(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b'One post. Two sentences.\n\nAnother, "quoted.\n')
    (tmp_path / "b.txt").write_bytes(b"The last")
    lines = build(tmp_path, Wanted("lines"))
    assert lines.lines == b"one post\ntwo sentences\nanother quoted\nthe last\n"
    assert [item.key for posts in lines.kept for item in posts.items] == [(0, 0), (0, 1), (1, 2)]
    texts = build(tmp_path, Wanted("text"))
    assert texts.lines == lines.lines
    assert [item.key for posts in texts.kept for item in posts.items] == [(0, 0), (1, 1)]


def test_texts_that_were_read_as_latin_1_are_decoded_as_blogs_are(tmp_path: Path) -> None:
    text = "caf\xc3\xa9".encode().decode("latin-1")
    names = ["text", "date", "gender", "age", "horoscope", "job"]
    values = [["It\x92s a " + "caf\xe9", "na\xc3\xafve", text], *[["x"] * 3] * 5]
    table = pa.table(dict(zip(names, values, strict=True)))
    pq.write_table(table, tmp_path / "train.parquet")
    built = build(tmp_path / "train.parquet")
    assert built.lines.decode().splitlines()[:2] == ["it s a café", "naïve"]


def nested_parquet() -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({"text": [["a"], ["b"]]}), sink)
    return sink.getvalue()


@pytest.mark.parametrize(
    ("data", "wanted", "error", "says"),
    [
        (
            b"a,b,c\n1,2,3\n",
            {},
            UsageError,
            "CSV with no column for the text among a, b, c: ",
        ),
        (b"a,text,text\n1,2,3\n", {}, UsageError, "CSV with several columns are called text"),
        (b"a,body,c\n1,2,3\n", {"text": "bodi"}, UsageError, "CSV with .*'bodi'.*'body'"),
        (b"id:text\n1:a b\n", "csv", UsageError, "id:text.* comma, tab, semicolon"),
        (b"id:text\n1:a b\n", {}, NothingReadableError, r"\(plain text\).* or a table"),
        (b"", {}, NothingReadableError, r"\(empty\)"),
        (b"", "csv", NothingReadableError, r"no csv .*\(empty\): get it again"),
        (UTF_16, {}, NothingReadableError, r"\(UTF-16 text\).*iconv -f UTF-16"),
        (UTF_16, "csv", NothingReadableError, r"no csv .*\(UTF-16 text\).*iconv -f UTF-16"),
        (as_json(corpus_rows()), "parquet", NothingReadableError, r"no parquet .*\(JSON\)"),
        (b"[1, 2]", {}, UsageError, "JSON with an array of something else"),
        (b'[{"text": "a"}, 2]', {}, UsageError, "something else than objects"),
        (b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b", "csv", BadArchiveError, "whole"),
        (gzip.compress(UTF_16)[:-9], {}, BadArchiveError, "whole"),
        (as_parquet(corpus_rows())[:-9], {}, BadArchiveError, "whole"),
        (nested_parquet(), {}, UsageError, "Parquet with column text for text is list"),
    ],
)
def test_a_table_that_can_not_be_read(
    data: bytes, wanted: str | dict[str, str], error: type[JobError], says: str, tmp_path: Path
) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(data)
    form = Wanted(wanted) if isinstance(wanted, str) else Wanted("auto", wanted)
    with pytest.raises(error, match=says) as caught:
        build(path, form)
    assert "table.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_held_of_a_file_has_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "BLOCK_BYTES", 10)
    monkeypatch.setattr(tables, "MOST_HELD_BYTES", 100)
    monkeypatch.setattr(tables, "MAX_RATIO", 2)
    monkeypatch.setattr(tables, "RATIO_FREE_BYTES", 1000)
    path = tmp_path / "table.csv"
    path.write_bytes(b"id,text\n1," + b"x" * 10**5)
    with pytest.raises(UsageError, match="a row of more than"):
        build(path)
    path.write_bytes(gzip.compress(as_csv(corpus_rows() * 10) + bytes(5000)))
    for form in ("text", "csv"):
        with pytest.raises(BadArchiveError, match="expands to more than"):
            build(path, Wanted(form))


def test_a_field_of_fifty_megabytes(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b'id,text\n1,a\n2,"' + b"long\n" * 10**7 + b'"\n3,c\n')
    chunks = cut(with_layout(list_local(str(path), 2**30, 2**30), Wanted(), None), 2, 1)
    rows = [content for chunk in chunks for _, content in read_chunk(chunk)]
    sizes = [len(text or "") for part in rows for text in part.columns["text"]]  # type: ignore[union-attr]
    assert sizes == [1, 5 * 10**7, 1]


def test_bytes_that_are_no_utf_8_and_values_that_are_no_text(tmp_path: Path) -> None:
    texts = pa.array([b"na\xefve", "caf\xe9".encode(), None]).cast(pa.binary())
    broken = pa.StringArray.from_buffers(3, texts.buffers()[1], texts.buffers()[2])
    for name, column in {"a": texts, "b": broken, "c": texts.dictionary_encode()}.items():
        pq.write_table(pa.table({"text": column, "age": [31, 32, 33]}), tmp_path / name)
        built = build(tmp_path / name)
        assert built.lines.decode() == "naïve\ncafé\n"
        assert [item.blogger.age for posts in built.kept for item in posts.items] == [31, 32]


def test_large_texts_are_rejected_as_large_blogs_are_and_small_ones_share_a_task(
    tmp_path: Path,
) -> None:
    made_up.write_files(tmp_path, {f"{n}.txt": b"x" * n for n in range(1, 50)})
    listing = with_layout(list_local(str(tmp_path), 2**30, 2**30), Wanted("text"), None, 40)
    assert [entry.reject for entry in listing.entries].count("too_large") == 9
    assert len(cut(listing, 2, 4)) == 5  # as a run holds no more than its share


def test_a_stream_says_so_and_holds_few_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forms = {}
    for name in ("blogs.tar", "blogs.tar.gz"):
        made_up.write_tar(tmp_path / name)
        forms[name] = list_local(str(tmp_path / name), 2**30, 2**30).form
    for name in ("blogtext.csv", "blogtext.csv.gz", "archive.tar.gz"):
        (tmp_path / name).write_bytes(FORMS[name]())
        listing = list_local(str(tmp_path / name), 2**30, 2**30)
        forms[name] = with_layout(listing, Wanted(), None).form
    assert forms == {
        "blogs.tar": "blogs",
        "blogs.tar.gz": "blogs; one stream",
        "blogtext.csv": "csv; blogger_id = id, industry = topic",
        "blogtext.csv.gz": "csv; blogger_id = id, industry = topic; each file one stream",
        "archive.tar.gz": "csv; blogger_id = id, industry = topic; one stream",
    }
    monkeypatch.setattr(recognition, "MOST_IN_STREAM", 0)
    with pytest.raises(BadArchiveError, match="1 other files, compressed as one stream"):
        build(tmp_path / "archive.tar.gz")


def test_tables_are_out_of_reach_for_hadoop() -> None:
    entry = Entry("blogtext.csv", "hdfs:///in/blogtext.csv", 10, "", "file_name")
    listing = Listing("hdfs:///in", "folder", (entry,), None, is_remote=True)
    for wanted in (Wanted(), Wanted("csv")):
        with pytest.raises(NothingReadableError, match="hdfs:///in: tables are read from this"):
            with_layout(listing, wanted, None)


@pytest.mark.parametrize(
    ("names", "columns"),
    [
        (["ID", "Text"], {"text": "Text", "blogger_id": "ID"}),
        (["text", "id", "blogger_id"], {"text": "text", "blogger_id": "blogger_id"}),
        (["text", "job", "horoscope"], {"text": "text", "industry": "job", "sign": "horoscope"}),
    ],
)
def test_known_columns(names: list[str], columns: dict[str, str]) -> None:
    assert match_columns(names, Wanted()) == columns


VALUE = st.text('{}[]",\\\n x', max_size=6)


@given(
    rows=st.lists(st.dictionaries(VALUE, VALUE | st.lists(VALUE, max_size=1), max_size=2)),
    indent=st.none() | st.just(1),
    at=st.integers(0, 60),
)
def test_objects_of_an_array_are_those_of_the_json_module(
    rows: list[dict[str, Any]], indent: int | None, at: int
) -> None:
    data = json.dumps(rows, indent=indent).encode()
    first = find_objects(data[:at], is_last=False)
    second = find_objects(data[first.end :], is_last=True)
    spans = [
        data[base + start : base + end]
        for base, records in ((0, first), (first.end, second))
        for start, end in zip(records.starts, records.ends, strict=True)
    ]
    assert [json.loads(span) for span in spans] == rows
    cut_off = find_objects(data.rstrip(b"}] \n"), is_last=True)
    assert cut_off.is_bad.sum() == bool(rows)


FIELD = st.text('ab,"\n\r x', max_size=6)


@given(
    rows=st.lists(st.lists(FIELD, min_size=2, max_size=3), max_size=6),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    end=st.sampled_from(["\n", "\r\n"]),
    at=st.integers(0, 60),
)
def test_records_are_those_of_the_csv_module(
    rows: list[list[str]], quoting: Any, end: str, at: int
) -> None:
    data = as_csv(rows, ["a", "b"], quoting=quoting, lineterminator=end)
    records = find_records(data, ",", is_last=True)
    assert not records.is_bad.any()
    assert records.ends.size == len(rows) + 1
    assert records.end == len(data)
    start = find_records(data[:at], ",", is_last=False)
    rest = find_records(data[start.end :], ",", is_last=True)
    assert [*start.ends, *(rest.ends + start.end)] == records.ends.tolist()


@given(
    data=st.binary(max_size=40).map(lambda raw: bytes(b'a,"\n\r x'[byte % 7] for byte in raw)),
    at=st.integers(0, 40),
)
def test_records_do_not_depend_on_where_any_bytes_are_cut(data: bytes, at: int) -> None:
    whole = find_records(data, ",", is_last=True)
    start = find_records(data[:at], ",", is_last=False)
    rest = find_records(data[start.end :], ",", is_last=True)
    for name in ("starts", "ends"):
        joined = [*getattr(start, name), *(getattr(rest, name) + start.end)]
        assert joined == getattr(whole, name).tolist()
    assert [*start.is_bad, *rest.is_bad] == whole.is_bad.tolist()
    assert find_lines(data, is_last=True).ends.size == sum(
        line not in (b"", b"\r") for line in data.split(b"\n")
    )


def test_a_quote_that_is_never_closed_ends_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_records, "MAX_RECORD_BYTES", 30)
    data = b'1,"open\n' + b"2,good\n" * 10
    for is_last in (False, True):
        records = find_records(data, ",", is_last)
        assert (records.ends.size, records.is_bad.sum(), records.end) == (11, 1, len(data))
    assert find_records(data[:20], ",", is_last=False).end == 0


def test_a_block_of_rows_opens_as_a_file_does() -> None:
    rows = Rows(3, 10, 2, False, 20, {"text": [b"R&amp;B"]}, {0: ("not_json", b"{")})
    file = open_file("a.jsonl", rows)
    assert not isinstance(file, str)
    assert (file.is_first, file.rows, file.blogger_id) == (False, 2, None)
    assert [(item.key, item.post.text, item.reason) for item in file.posts()] == [
        ((3, 10), "{", "not_json"),
        ((3, 11), "R&B", None),
    ]
    assert list(file.raw_texts()) == ["{", "R&amp;B"]
    assert file.sizes == {"read": 20, "markup": 12, "posts": 8, "stray": 0}
