"""What the columns of a table are to a build: which is the text of a post, which its blogger's age.

Columns are known by the names under which the corpus is passed on: `blogtext.csv` (id, gender, age,
topic, sign, date, text), the Parquet files of barilan/blog_authorship_corpus (text, date, gender,
age, horoscope, job), Blog-1K (id, text, split), and by those of `schemas.posts`. Any other table
takes `--text-column`, `--id-column` and `--column`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from storage.errors import UsageError
from storage.printable import printable

KNOWN = {
    "text": ("text",),
    "blogger_id": ("blogger_id", "id"),
    "date": ("date",),
    "gender": ("gender",),
    "age": ("age",),
    "industry": ("industry", "topic", "job"),
    "sign": ("sign", "horoscope"),
}
"""What a build can use → the names that its column may have, in any case."""

READ_AS_LATIN_1 = {"text", "date", "gender", "age", "horoscope", "job"}
"""Columns of the one known table whose texts are bytes of the files, each shown as a character."""

FORMATS = ("auto", "blogs", "csv", "jsonl", "json", "parquet", "text", "lines")


@dataclass(frozen=True)
class Wanted:
    """What the user said about the form of the input.

    Attributes:
        format: one of `FORMATS`; "auto" looks at the files.
        columns: what a build can use → its column.
    """

    format: str = "auto"
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Layout:
    """How the files of an input become posts.

    Attributes:
        format: one of `FORMATS`, but not "auto".
        columns: what a build can use → its column; empty where there are none.
        names: all columns, in order.
        delimiter: between the fields of a CSV.
        is_latin1: each character of a text is a byte of what it was.
        is_stream: files can't be cut, as they are compressed; no part of what a layout is.
    """

    format: str
    columns: Mapping[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    delimiter: str = ","
    is_latin1: bool = False
    is_stream: bool = field(default=False, compare=False)

    def describe(self) -> str:
        """One line for people, such as `csv; text = body, age = years`."""
        renamed = [f"{key} = {name}" for key, name in self.columns.items() if key != name]
        parts = [self.format, ", ".join(renamed), "each file one stream" * self.is_stream]
        return "; ".join(filter(None, parts))


BLOGS = Layout("blogs")


def match_columns(names: Sequence[str], wanted: Wanted) -> dict[str, str]:
    """What a build can use → its column, for a table with these columns.

    Raises:
        UsageError: no column for the text, or none of a name that was asked for.
    """
    lower: dict[str, str] = {}
    for name in names:
        lower.setdefault(name.strip().lower(), name)
    matched = {
        key: lower[alias]
        for key, aliases in KNOWN.items()
        for alias in aliases[:1] + tuple(a for a in aliases[1:] if aliases[0] not in lower)
        if alias in lower
    }
    for key, name in wanted.columns.items():
        if name not in names:
            raise UsageError(f"no column {name!r}{_hint(name, names)}")
        matched[key] = name
    if "text" not in matched:
        raise UsageError(f"no column for the text among {_shown(names)}: name it by --text-column")
    doubled = {name for name in matched.values() if list(names).count(name) > 1}
    if doubled:
        raise UsageError(f"several columns are called {_shown(sorted(doubled))}")
    return {key: matched[key] for key in KNOWN if key in matched}


def make_layout(
    format_name: str, names: Sequence[str], wanted: Wanted, delimiter: str = ","
) -> Layout:
    """The layout of a table with these columns; see `match_columns` for what it raises."""
    is_latin1 = format_name != "csv" and set(names) == READ_AS_LATIN_1
    columns = match_columns(names, wanted)
    return Layout(format_name, columns, tuple(names), delimiter, is_latin1)


def parse_columns(pairs: Iterable[str]) -> dict[str, str]:
    """`NAME=COLUMN` of the command line.

    Raises:
        UsageError: no such name.
    """
    columns = {}
    for pair in pairs:
        key, equals, name = pair.partition("=")
        if not equals or not name or key not in KNOWN:
            raise UsageError(
                f"--column {pair}: expected NAME=COLUMN, NAME one of {', '.join(KNOWN)}"
            )
        columns[key] = name
    return columns


def _hint(name: str, names: Sequence[str]) -> str:
    close = get_close_matches(name, names, 1)
    return f", did you mean {close[0]!r}?" if close else f" among {_shown(names)}"


def _shown(names: Sequence[str]) -> str:
    """At most some names, fit for one line."""
    return ", ".join(printable(name[:40]) for name in names[:12]) + (
        " …" if len(names) > 12 else ""
    )
