"""Rows of a table → posts, repaired as those of blog files are."""

import datetime as dt
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple

from etl.text.blogs import Blogger, FilePost, OpenFile, Post, decode, read_date, read_post

Field = bytes | str | None
"""A value as the table has it: bytes where its encoding is not known."""

WHOLE_NUMBER = re.compile(r"\s*(\d{1,18})(?:\.0*)?\s*", re.ASCII)


class Rows(NamedTuple):
    """Some rows of a file, in order. A row is a post.

    Attributes:
        place: of the file among all of the input, from 0.
        first: number of the first row, from 0, counted over all files of the input.
        total: number of rows, those that can't be parsed included.
        is_first: whether they are the first of their file.
        size: bytes that they take in the file; of Parquet, those of the values.
        columns: what a build can use → the values of the rows that could be parsed.
        bad: rows that can't be parsed: place among these rows → reason, and the row as it is.
        is_latin1: each character of a text is a byte of what it was.
    """

    place: int
    first: int
    total: int
    is_first: bool
    size: int
    columns: Mapping[str, Sequence[Field]]
    bad: Mapping[int, tuple[str, bytes]]
    is_latin1: bool = False

    @property
    def text_bytes(self) -> int:
        """Bytes of `size` that are text of posts."""
        size = sum(len(row) for _, row in self.bad.values())
        for text in self.columns["text"]:
            if isinstance(text, str) and not text.isascii():
                text = text.encode("utf-8", "replace")
            size += len(text or b"")
        return min(size, self.size)

    def open(self, name: str) -> OpenFile:
        """The rows as posts of the file of a base name."""
        text = self.text_bytes
        return OpenFile(
            *(name, None, self.is_first, self.total > 0),
            {"read": self.size, "markup": self.size - text, "posts": text, "stray": 0},
            *([], self.total),
            lambda: (FilePost(name, *row) for row in self.posts()),
            self.raw_texts,
        )

    def posts(self) -> Iterator[tuple[Blogger, Post, str | None]]:
        """Blogger, post, and why it is dropped, of each row."""
        columns = {key: values for key, values in self.columns.items() if key != "text"}
        texts, others = iter(self.columns["text"]), _zip(columns)
        for number in range(self.total):
            ordinal = self.first + number
            if number in self.bad:
                reason, row = self.bad[number]
                yield NOBODY._replace(blogger_id=self.place), read_post(ordinal, row), reason
                continue
            row_values = next(others, {})
            date = row_values.pop("date", None)
            post = read_post(ordinal, self._text(next(texts)), to_date(date))
            yield make_blogger(self.place, **row_values), post, None

    def raw_texts(self) -> Iterator[str]:
        """The texts of the same rows before their repairs."""
        texts = iter(self.columns["text"])
        for number in range(self.total):
            text = self.bad[number][1] if number in self.bad else self._text(next(texts))
            yield text if isinstance(text, str) else decode(text)[0]

    def _text(self, text: Field) -> bytes | str:
        if self.is_latin1 and text:
            with suppress(UnicodeError):
                return (text.decode() if isinstance(text, bytes) else text).encode("latin-1")
        return text or b""


NOBODY = Blogger(0, None, None, None, None)


def _zip(columns: Mapping[str, Sequence[Field]]) -> Iterator[dict[str, Field]]:
    for values in zip(*columns.values(), strict=True):
        yield dict(zip(columns, values, strict=True))


@lru_cache(maxsize=8192)
def make_blogger(
    place: int,
    blogger_id: Field = None,
    gender: Field = None,
    age: Field = None,
    industry: Field = None,
    sign: Field = None,
) -> Blogger:
    """The blogger that a row tells of; what it does not tell is None.

    Without an id the blogger is the place of the file. An id that is no whole number below 10^18
    is told by a digest of it.
    """
    years = WHOLE_NUMBER.fullmatch(_string(age) or "")
    return Blogger(
        place if _string(blogger_id) is None else to_id(_string(blogger_id) or ""),
        _string(gender),
        int(years[1]) if years and int(years[1]) < 1000 else None,
        _string(industry),
        _string(sign),
    )


def to_id(text: str) -> int:
    """A number for an identifier: itself where it is one, else 63 bits of its BLAKE2b.

    >>> to_id("4172416"), to_id("post-7") == to_id("post-8")
    (4172416, False)
    """
    number = WHOLE_NUMBER.fullmatch(text)
    if number:
        return int(number[1])
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) >> 1


@lru_cache(maxsize=8192)
def to_date(value: Field) -> dt.date | None:
    """A date as the corpus writes it, or in ISO 8601 with or without a time; else None.

    >>> to_date(b"14,May,2004") == to_date("2004-05-14T12:00:00Z") == dt.date(2004, 5, 14)
    True
    """
    text = _string(value)
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        return read_date(text.encode("utf-8", "replace"))


def _string(value: Field) -> str | None:
    """Decoded and stripped; None for nothing."""
    text = decode(value)[0] if isinstance(value, bytes) else value
    return (text or "").strip() or None
