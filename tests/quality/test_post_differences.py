"""Two outputs post by post: who has how many, and which posts only one has."""

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from s3_server import S3Server

from jobs import compare_corpora

MAY = dt.date(2004, 5, 14)
JUNE = dt.date(2004, 6, 1)
POSTS = [
    *(
        (1, 0, MAY, "Hello there."),
        (1, 1, MAY, "Again."),
        (1, 2, JUNE, "Again."),
        (2, 0, None, "x"),
    ),
    *((3, 0, MAY, "café"), (3, 1, MAY, "Twice."), (3, 2, JUNE, "Twice.")),
]
REJECTS = [(1, 3, "post", "blank"), (2, 1, "sentence", "no_word"), (4, 0, "post", "blank")]


def write_output(folder: Path, posts: list[tuple], rejects: list[tuple]) -> Path:
    """What the job reads of a build's output; the posts in two files, out of order."""
    columns = ("blogger_id", "post_ordinal", "date", "text")
    types = (pa.int64(), pa.int32(), pa.date32(), pa.string())
    for number, part in enumerate((posts[2:], posts[:2])):
        arrays = [
            pa.array(values, kind)
            for values, kind in zip(zip(*part, strict=True), types, strict=True)
        ]
        write(folder / f"posts/gender=male/part-{number}.parquet", pa.table(arrays, columns))
    names = ("blogger_id", "post_ordinal", "stage", "reason")
    table = pa.table([list(values) for values in zip(*rejects, strict=True)], names)
    write(folder / "rejects/rejects.parquet", table)
    return folder


def write(path: Path, table: pa.Table) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)


def test_the_same_posts_from_a_table_whose_ordinals_are_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    others = [(blogger, ordinal + 40, *rest) for blogger, ordinal, *rest in POSTS]
    a = write_output(tmp_path / "a", POSTS, REJECTS)
    b = write_output(tmp_path / "b", others, REJECTS)
    assert compare_corpora.main([str(a), str(b)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"A 9 posts by 4 bloggers = 7 kept + 2 rejected: {a}",
        f"B 9 posts by 4 bloggers = 7 kept + 2 rejected: {b}",
        "4 bloggers have as many in both, 0 do not",
    ]


def test_what_differs_is_named_and_never_quoted(
    tmp_path: Path,
    server: S3Server,
    bucket: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fewer = [POSTS[0], *POSTS[2:4], (3, 0, MAY, "cafe"), POSTS[5]]
    a = write_output(tmp_path / "a", POSTS, REJECTS)
    b = write_output(tmp_path / "b", fewer, [(1, 3, "post", "blank"), (5, 0, "post", "no_word")])
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    for path in b.rglob("*.parquet"):
        server.client.upload_file(str(path), bucket, f"out/{path.relative_to(b)}")
    assert compare_corpora.main([str(a), f"s3://{bucket}/out"]) == 19
    said = capsys.readouterr()
    assert said.out.splitlines()[2:] == [
        "1 bloggers have as many in both, 4 do not",
        "blogger 1: A 3 kept + 1 blank, B 2 kept + 1 blank",
        "blogger 3: A 3 kept, B 2 kept",
        "blogger 4: A 0 kept + 1 blank, B 0 kept",
        "blogger 5: A 0 kept, B 0 kept + 1 no_word",
        "only in A: blogger 1, 2004-05-14, post_ordinal 1",
        "only in A: blogger 3, 2004-06-01, post_ordinal 2",
    ]
    assert "4 of 5 bloggers have other posts" in said.err
    assert compare_corpora.main([f"s3://{bucket}/out", str(a), "--limit", "1"]) == 19
    assert capsys.readouterr().out.splitlines()[3:] == [
        "blogger 1: A 2 kept + 1 blank, B 3 kept + 1 blank",
        "and 3 more; --limit shows them",
        "only in B: blogger 1, 2004-05-14, post_ordinal 1",
        "and 1 more; --limit shows them",
    ]


def test_without_tables_it_says_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a = write_output(tmp_path / "a", POSTS, REJECTS)
    (tmp_path / "b" / "posts").mkdir(parents=True)
    assert compare_corpora.main([str(a), str(tmp_path / "b")]) == 3
    assert "--tables" in capsys.readouterr().err
    (a / "rejects/rejects.parquet").write_bytes(b"PAR1")
    assert compare_corpora.main([str(a), str(a)]) == 5
