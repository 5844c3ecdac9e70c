"""Tables as inputs: what is a row, whatever is broken and wherever the file is cut."""

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

from etl.chain import Chain, ChainOptions
from etl.counting.batches import BatchResult
from etl.ledger import Ledger
from etl.reading import csv_records, tables
from etl.reading.chunks import cut, open_file, read_chunk
from etl.reading.csv_records import find_lines, find_records
from etl.reading.layouts import Wanted, match_columns
from etl.reading.recognition import with_layout
from etl.reading.rows import Rows
from etl.reading.sources import list_local
from etl.text.blogs import OpenFile, open_blog, read_blogger
from storage.errors import BadArchiveError, UsageError

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


def zstd(data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as file:
        file.write(data)
    return bytes(sink.getvalue())


FORMS: dict[str, Callable[[], bytes]] = {
    "blogtext.csv": lambda: as_csv(corpus_rows()),
    "quoted.csv": lambda: as_csv(corpus_rows(), quoting=csv.QUOTE_ALL, lineterminator="\r\n"),
    "bom.csv": lambda: b"\xef\xbb\xbf" + as_csv(corpus_rows()),
    "blogs.tsv": lambda: as_csv(corpus_rows(), delimiter="\t"),
    "semicolons": lambda: as_csv(corpus_rows(), delimiter=";"),
    "blogs.jsonl": lambda: as_jsonl(corpus_rows()),
    "blogs.parquet": lambda: as_parquet(corpus_rows()),
    "blogtext.csv.gz": lambda: gzip.compress(as_csv(corpus_rows())),
    "twice.csv.gz": lambda: (
        b"".join(map(gzip.compress, [as_csv(corpus_rows()[:2]), b""]))
        + gzip.compress(as_csv(corpus_rows()[2:]).split(b"\n", 1)[1])
    ),
    "blogs.jsonl.xz": lambda: lzma.compress(as_jsonl(corpus_rows())),
    "blogtext.csv.zst": lambda: zstd(as_csv(corpus_rows())),
    "archive.zip": lambda: zipped("blogtext.csv", as_csv(corpus_rows())),
    "archive.tar": lambda: tarred("blogtext.csv", as_csv(corpus_rows())),
    "parquet.tar": lambda: tarred("blogs.parquet", as_parquet(corpus_rows())),
    "parquet.zip": lambda: zipped("blogs.parquet", as_parquet(corpus_rows())),
}


def build(path: Path, wanted: Wanted = Wanted(), parts: int = 3) -> BatchResult:  # noqa: B008
    """What all chunks of an input became together, without Spark."""
    listing = with_layout(list_local(str(path), 2**30, 2**30), wanted, None)
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
    (tmp_path / "readme.md").write_bytes(b"# What this is\n\nSome text.\n")
    listing = with_layout(list_local(str(tmp_path), 2**30, 2**30), Wanted(), None)
    assert {entry.name: entry.reject for entry in listing.rejected} == {
        "other.csv": "other_columns",
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


@pytest.mark.parametrize(
    ("data", "wanted", "error", "says"),
    [
        (b"a,b,c\n1,2,3\n", Wanted(), UsageError, "a, b, c"),
        (b"a,text,text\n1,2,3\n", Wanted(), UsageError, "text"),
        (b"a,body,c\n1,2,3\n", Wanted("auto", {"text": "bodi"}), UsageError, "'body'"),
        (b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b", Wanted("csv"), BadArchiveError, "whole"),
        (as_parquet(corpus_rows())[:-9], Wanted(), BadArchiveError, "whole"),
    ],
)
def test_a_table_that_can_not_be_read(
    data: bytes, wanted: Wanted, error: type[Exception], says: str, tmp_path: Path
) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(data)
    with pytest.raises(error, match=says) as caught:
        build(path, wanted)
    assert "table.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_nested_columns_are_no_text(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": [["a"], ["b"]]}), tmp_path / "a.parquet")
    with pytest.raises(UsageError, match="text"):
        build(tmp_path / "a.parquet")


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
