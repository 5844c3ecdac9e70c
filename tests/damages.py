"""Ways to damage an output, each with the check that has to catch it, as docs/quality.md has."""

import gzip
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd  # type: ignore[import-untyped]
import pyarrow as pa
import pyarrow.dataset as ds
from pyspark.sql.pandas.types import to_arrow_schema

from quality.pandas_tables import TYPES
from quality.tables import SCHEMAS, Output, open_dataset

Damage = Callable[[Path], None]
Edit = Callable[[pd.DataFrame], Any]


def in_file(edit: Callable[[bytes], bytes]) -> Damage:
    """Of the corpus file."""

    def damage(folder: Path) -> None:
        path = folder / "corpus" / "cleaned_sentences.csv"
        path.write_bytes(edit(path.read_bytes()))

    return damage


def in_table(name: str, edit: Edit, *, is_typed: bool = True) -> Damage:
    """Of the rows of a table; the edit changes the frame, or gives another one."""

    def damage(folder: Path) -> None:
        output = Output(folder, {})
        rows = open_dataset(output, name).to_table().to_pandas(types_mapper=TYPES.get)
        edited = edit(rows)
        rows = rows if edited is None else edited
        schema = to_arrow_schema(SCHEMAS[name]) if is_typed else None
        if schema is not None:  # nulls where there may be none: that is the damage
            schema = pa.schema([field.with_nullable(True) for field in schema])
        table = pa.Table.from_pandas(rows, schema=schema, preserve_index=False)
        shutil.rmtree(folder / name)
        columns = [column for column in ("gender", "age_group") if column in table.column_names]
        columns = columns if name != "rejects" else []
        partitions = pa.schema([table.schema.field(column) for column in columns])
        parting = ds.partitioning(partitions, flavor="hive") if columns else None
        ds.write_dataset(table, folder / name, format="parquet", partitioning=parting)

    return damage


def in_column(name: str, column: str, edit: Callable[[Any], Any]) -> Damage:
    """Of all values of a column: a series → a series or one value."""
    return in_table(name, lambda rows: rows.__setitem__(column, edit(rows[column])))


def in_row(name: str, column: str, value: Any, row: int = 0) -> Damage:
    """Of one value."""
    return in_table(name, lambda rows: rows.__setitem__(column, _with(rows[column], row, value)))


def _with(values: pd.Series, row: int, value: Any) -> pd.Series:
    values = values.copy()
    values.iloc[row] = value
    return values


def in_line(change: str) -> Damage:
    """Of one line of the table of sentences: what it ends in."""
    return in_table("sentences", lambda rows: rows.__setitem__(
        "line", _with(rows["line"], 0, f"{rows['line'].iloc[0]}{change}")))  # fmt: skip


def in_ledger(key: str, count: int) -> Damage:
    """Of the manifest: a count of the ledger and something."""

    def damage(folder: Path) -> None:
        path = folder / "manifest.json"
        manifest = json.loads(path.read_bytes())
        *rooms, leaf = key.split(".")
        tree = manifest["ledger"]
        for room in rooms:
            tree = tree.setdefault(room, {})
        tree[leaf] = tree.get(leaf, 0) + count
        path.write_text(json.dumps(manifest))

    return damage


def doubled(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([rows, rows.iloc[: len(rows) // 2]])


def without_first_blogger(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["blogger_id"] != rows["blogger_id"].iloc[0]]


def swap(one: str, other: str) -> Edit:
    def edit(rows: pd.DataFrame) -> None:
        rows[one], rows[other] = rows[other].copy(), rows[one].copy()

    return edit


def moved_sentences(rows: pd.DataFrame) -> None:
    """From one post to another, so that their sum stays."""
    most = int(rows["sentences"].argmax())
    rows["sentences"] = _with(rows["sentences"], most, rows["sentences"].iloc[most] - 1)
    least = int(rows["sentences"].argmin())
    rows["sentences"] = _with(rows["sentences"], least, rows["sentences"].iloc[least] + 1)


def kept_after_all(folder: Path) -> None:
    """A post that was kept is among those that were dropped."""
    posts = open_dataset(Output(folder, {}), "posts").to_table().to_pylist()

    def edit(rows: pd.DataFrame) -> None:
        row = rows.index[(rows["stage"] == "post").fillna(False)][0]
        rows.loc[row, ["blogger_id", "post_ordinal"]] = [
            posts[0]["blogger_id"],
            posts[0]["post_ordinal"],
        ]

    in_table("rejects", edit)(folder)


def of_stage(stage: str, column: str, value: Any) -> Damage:
    """Of the rows of rejects of a stage."""

    def edit(rows: pd.DataFrame) -> None:
        rows[column] = rows[column].mask((rows["stage"] == stage).fillna(False), value)

    return in_table("rejects", edit)


def garbage(folder: Path) -> None:
    path = next((folder / "posts").rglob("*.parquet"))
    path.write_bytes(b"no Parquet")


FRENCH = "nous sommes tres contents de vous voir ici demain matin"
SPAM = "click here now to win a new phone"

DAMAGES: list[tuple[str, Damage, str]] = [
    ("the file is cut off", in_file(lambda data: data[:-500]), "preflight.manifest_differs"),
    ("lines of the file are missing", in_file(lambda data: data.split(b"\n", 9)[-1]),
     "ledger.lines_unaccounted"),
    ("half of the file is there twice", in_file(lambda data: data + data[: data.index(b"\n") + 1]),
     "ledger.tokens_unaccounted"),
    ("lines of the file begin in upper case", in_file(bytes.title), "corpus.upper_case"),
    ("lines of the file end in CRLF", in_file(lambda data: data.replace(b"\n", b"\r\n")),
     "corpus.carriage_return"),
    ("the file is partly Latin-1", in_file(lambda data: data + b"caf\xe9\n"), "corpus.not_utf8"),
    ("the file has a byte order mark", in_file(lambda data: b"\xef\xbb\xbf" + data), "corpus.bom"),
    ("punctuation is left in the file", in_file(lambda data: data + b"well, no\n"),
     "corpus.other_character"),
    ("the file has an empty line", in_file(lambda data: data + b"\n"), "corpus.empty"),
    ("marks of links are left in the file", in_file(lambda data: data + b"urllink here\n"),
     "corpus.leftover_urllink"),
    ("the file is for supervised mode", in_file(lambda data: b"__label__1 " + data),
     "corpus.label"),
    ("the file has a NUL", in_file(lambda data: b"a\0b\n" + data), "corpus.nul"),
    ("the file's last line has no end", in_file(lambda data: data[:-1]), "corpus.unterminated"),
    ("the file is packed", in_file(lambda data: gzip.compress(data, mtime=0)), "preflight.form"),
    ("the file has two spaces in a row", in_file(lambda data: data.replace(b" ", b"  ", 1)),
     "corpus.double_space"),
    ("the file has no-break spaces", in_file(lambda data: data.replace(b" ", b"\xc2\xa0", 1)),
     "corpus.unicode_space"),
    ("the file has a tab", in_file(lambda data: data.replace(b" ", b"\t", 1)), "corpus.tab"),
    ("the posts of a file are gone", in_table("posts", without_first_blogger), "posts.rows"),
    ("a part of posts is there twice", in_table("posts", doubled), "posts.unique"),
    ("a column of posts is null", in_column("posts", "encoding", lambda it: pd.NA),
     "posts.encoding_null"),
    ("dates of posts are lost", in_column("posts", "date", lambda it: pd.NA), "posts.dated"),
    ("two columns of posts are swapped", in_table("posts", swap("industry", "sign")),
     "posts.sign"),
    ("a blogger is a child", in_row("posts", "age", 7), "posts.age"),
    ("ages are months", in_column("posts", "age", lambda it: it * 12), "posts.age_group"),
    ("genders are abbreviated", in_column("posts", "gender", lambda it: it.str[:1]),
     "posts.gender"),
    ("dates are of a wrong century",
     in_column("posts", "date", lambda it: pd.Timestamp("1904-05-14").date()), "posts.year"),
    ("an encoding has another name", in_row("posts", "encoding", "latin-1"), "posts.encoding"),
    ("an industry is misspelt", in_row("posts", "industry", "Studnet"), "posts.industry"),
    ("a post is blank", in_row("posts", "text", " \n "), "posts.text_blank"),
    ("a post has a control character", in_row("posts", "text", "ding \x07 dong"),
     "posts.text_control"),
    ("a post has a NUL", in_row("posts", "text", "a\0b"), "posts.text_nul"),
    ("a mark of a link is left", in_row("posts", "text", "see urlLink there"), "posts.text_link"),
    ("character references are left", in_column("posts", "text", lambda it: it + "&nbsp;"),
     "posts.text_reference"),
    ("posts were decoded twice", in_column("posts", "text", lambda it: it + " donâ€™t"),
     "posts.text_mojibake"),
    ("posts were decoded with losses", in_column("posts", "text", lambda it: it + " \ufffd"),
     "posts.text_replacement"),
    ("a post has swallowed the next", in_row("posts", "text", "a </post> <post> b"),
     "posts.text_tag"),
    ("posts are one template", in_column("posts", "text", lambda it: SPAM),
     "posts.text_repeated"),
    ("a post has no sentences", in_row("posts", "sentences", 0), "posts.sentences"),
    ("sentences of a post are not counted", in_row("posts", "sentences", 1, -1),
     "posts.sentences_sum"),
    ("a sentence is counted for another post", in_table("posts", moved_sentences),
     "posts.sentences_written"),
    ("a post has a number below 0", in_row("posts", "post_ordinal", -1), "posts.post_ordinal"),
    ("a column of posts is missing",
     in_table("posts", lambda rows: rows.drop(columns="sign"), is_typed=False), "posts.columns"),
    ("a column of posts has another type",
     in_table("posts", lambda rows: rows.astype({"age": "string"}), is_typed=False),
     "posts.columns"),
    ("a file of posts is garbage", garbage, "posts.columns"),
    ("a table is missing", lambda folder: shutil.rmtree(folder / "posts"), "posts.columns"),
    ("rows of sentences are missing", in_table("sentences", lambda rows: rows.iloc[3:]),
     "sentences.rows"),
    ("a part of sentences is there twice", in_table("sentences", doubled), "sentences.unique"),
    ("bloggers are shifted", in_column("sentences", "blogger_id", lambda it: it + 1),
     "sentences.post"),
    ("posts are shifted", in_column("sentences", "post_ordinal", lambda it: it + 1),
     "sentences.post"),
    ("sentences are shifted", in_column("sentences", "sentence_ordinal", lambda it: it + 99),
     "sentences.sentence_within"),
    ("a sentence has a number below 0", in_row("sentences", "sentence_ordinal", -1),
     "sentences.sentence_ordinal"),
    ("lines are in upper case", in_column("sentences", "line", lambda it: it.str.upper()),
     "sentences.line_upper_case"),
    ("lines and sentences are swapped", in_table("sentences", swap("sentence", "line")),
     "sentences.line_normalized"),
    ("lines are cut off", in_column("sentences", "line", lambda it: it.str[:12].str.strip()),
     "sentences.bytes_sum"),
    ("lines are in another order", in_column("sentences", "line", lambda it: it.array[::-1]),
     "sentences.line_normalized"),
    ("words are in another order",
     in_column("sentences", "line", lambda it: it.str.split(" ").str[::-1].str.join(" ")),
     "sentences.line_normalized"),
    ("tokens are wrong by one", in_column("sentences", "tokens", lambda it: it + 1),
     "sentences.tokens_counted"),
    ("a line has no tokens", in_row("sentences", "tokens", 0), "sentences.tokens"),
    ("tokens are lost", in_row("sentences", "tokens", 1, -1), "sentences.tokens_sum"),
    ("the language is another", in_column("sentences", "line", lambda it: FRENCH),
     "sentences.english"),
    ("sentences have e-mail addresses",
     in_column("sentences", "sentence", lambda it: it + " me@example.com"), "sentences.email"),
    ("sentences have telephone numbers",
     in_column("sentences", "sentence", lambda it: it + " 555-123-4567"), "sentences.phone"),
    ("sentences have links",
     in_column("sentences", "sentence", lambda it: it + " http://example.com"), "sentences.url"),
    ("lines are one template", in_column("sentences", "line", lambda it: SPAM),
     "sentences.line_repeated"),
    ("a line is empty", in_row("sentences", "line", ""), "sentences.line_empty"),
    ("a line is null", in_row("sentences", "line", None), "sentences.line_null"),
    ("a sentence is blank", in_row("sentences", "sentence", " "), "sentences.sentence_blank"),
    ("a line has a tab", in_line("\tx"), "sentences.line_tab"),
    ("a line has two spaces in a row", in_line("  x"), "sentences.line_double_space"),
    ("a line ends in a space", in_line(" "), "sentences.line_outer_space"),
    ("a line has punctuation", in_line(", x"), "sentences.line_other_character"),
    ("a line has a dash", in_line(" – x"), "sentences.line_other_character"),
    ("a line has a no-break space", in_line("\xa0x"), "sentences.line_unicode_space"),
    ("a line has a control character", in_line("\x1bx"), "sentences.line_control"),
    ("a line has U+FFFD", in_line("\ufffd"), "sentences.line_replacement"),
    ("a line has a byte order mark", in_line("\ufeff"), "sentences.line_bom"),
    ("a line has a carriage return", in_line("\r"), "sentences.line_carriage_return"),
    ("a line has a NUL", in_line("\0"), "sentences.line_nul"),
    ("genders of sentences are swapped", in_column(
        "sentences", "gender", lambda it: it.map({"male": "female", "female": "male"})),
     "sentences.gender"),
    ("age groups of sentences are others", in_column("sentences", "age_group", lambda it: "70s"),
     "sentences.age_group"),
    ("a column of sentences has another type",
     in_table("sentences", lambda rows: rows.astype({"tokens": "Int64"}), is_typed=False),
     "sentences.columns"),
    ("a reject is missing", in_table("rejects", lambda rows: rows.iloc[1:]), "rejects.rows"),
    ("rejects have another reason", of_stage("post", "reason", "no_word"), "rejects.reason_rows"),
    ("rejects have an unknown stage", of_stage("post", "stage", "paragraph"), "rejects.stage"),
    ("rejects have another stage", of_stage("post", "stage", "sentence"), "rejects.post_rows"),
    ("rejects do not say of which post", of_stage("post", "post_ordinal", pd.NA),
     "rejects.post_known"),
    ("rejects do not say which sentence", of_stage("sentence", "sentence_ordinal", pd.NA),
     "rejects.sentence_known"),
    ("rejected files have posts", of_stage("file", "post_ordinal", 3), "rejects.file_whole"),
    ("duplicates do not say of what", of_stage("post", "twin_blogger_id", pd.NA),
     "rejects.twin"),
    ("rejects have no file", of_stage("post", "file", None), "rejects.file_null"),
    ("a reject is kept all the same", kept_after_all, "rejects.kept"),
    ("a stray has no bytes", in_row("rejects", "bytes", 0), "rejects.bytes"),
    ("posts were lost on the way", in_ledger("posts.found", 1), "ledger.equations_broken"),
    ("the ledger has fewer bytes", in_ledger("bytes.written", -9), "ledger.bytes_unaccounted"),
    ("a count is below 0", in_ledger("repairs.link", -10_000), "ledger.count"),
    ("the ledger has an unknown key", in_ledger("paragraphs.found", 1), "ledger.key"),
    ("no file was read", in_ledger("files.read", -10_000), "ledger.files_read"),
]  # fmt: skip
"""What is done to a good output, and the check that catches it, among others perhaps."""


def damage_table() -> Iterator[str]:
    """Lines of Markdown, a row for each damage."""
    yield "| damage | caught by |"
    yield "| --- | --- |"
    for says, _, check in DAMAGES:
        yield f"| {says} | `{check}` |"


if __name__ == "__main__":
    print(*damage_table(), sep="\n")
