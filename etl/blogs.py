"""Bytes of one blog file → its posts, repaired.

The files look like XML and are not: bare ampersands, undefined entities, NUL bytes, two encodings
in one file. So nothing here parses XML; `<post>` and `</post>` are looked for as bytes, and each
post is repaired by itself, so that a broken one never costs its neighbours.
"""

import codecs
import datetime as dt
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from etl.months import MONTHS
from etl.repairs import CONTROL_BYTES, REPAIRS, WITHOUT_CONTROLS, repair

POST, END_POST, END_BLOG = b"<post>", b"</post>", b"</Blog>"
DATE, END_DATE = b"<date>", b"</date>"

BLOG_START = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?<Blog\s*>")
"""What a blog file begins with: perhaps a byte order mark and an XML declaration, then `<Blog>`."""

FILE_NAME = re.compile(r"(\d{1,18})\.(male|female)\.(\d{1,3})\.([^./]+)\.([^./]+)\.xml", re.ASCII)
"""`<id>.<gender>.<age>.<industry>.<sign>.xml`, the distributed layout; the id fits 64 bits."""

DATE_PARTS = re.compile(r"\s*(\d{1,2})\s*,\s*([^\W\d_]+)\s*,\s*(\d{4})\s*")
"""`dd,Month,yyyy`."""

WINDOWS_1252 = "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(256))
"""Windows-1252 as browsers read it: its five undefined bytes are control characters (WHATWG)."""


class Blogger(NamedTuple):
    """What the name of a file tells. Grain: one blogger, so one file."""

    blogger_id: int
    gender: str
    age: int
    industry: str
    sign: str


class Post(NamedTuple):
    """One `<post>` of a file.

    Attributes:
        ordinal: its place in the file, from 0.
        date: from the `<date>` before it; None where that can't be read or is missing.
        text: the repaired text, stripped; "" for a blank post.
        encoding: what its bytes were: "ascii", "utf-8" or "windows-1252".
        repairs: names of the repairs that changed it, see `etl.repairs.REPAIRS`; "unclosed" for
            a post without its `</post>`.
    """

    ordinal: int
    date: dt.date | None
    text: str
    encoding: str
    repairs: tuple[str, ...]


def is_blog(data: bytes) -> bool:
    """Whether a file begins as a blog does, whatever comes after."""
    return BLOG_START.match(data) is not None


def read_blogger(file_name: str) -> Blogger | None:
    """The blogger that a base name in the distributed layout tells of, else None.

    >>> read_blogger("1136785.male.17.Student.Pisces.xml")
    Blogger(blogger_id=1136785, gender='male', age=17, industry='Student', sign='Pisces')
    """
    parts = FILE_NAME.fullmatch(file_name)
    if parts is None:
        return None
    return Blogger(int(parts[1]), parts[2], int(parts[3]), parts[4], parts[5])


def open_blog(name: str, data: bytes) -> Blogger | str:
    """The blogger of a file, or why the file is no blog: the reason of its rejection."""
    blogger = read_blogger(name)
    if blogger is None:
        return "file_name"
    if not data.strip():
        return "empty"
    return blogger if is_blog(data) else "not_a_blog"


def read_posts(data: bytes) -> Iterator[Post]:
    """Every `<post>` of one file, in order, already repaired.

    One file → one item a post, blank ones included. A post ends at its `</post>`; one that is
    never closed ends at the next post (or at the date that belongs to it), at `</Blog>` or at the
    end of the file, and says so in its repairs. Never raises, whatever the bytes.
    """
    no_controls = len(data.translate(None, CONTROL_BYTES)) == len(data)
    for ordinal, (raw_date, raw_text, is_closed) in enumerate(_cut_posts(data)):
        text, encoding = _decode(raw_text)
        is_plain = no_controls and encoding == "ascii" and "&" not in text
        text, repairs = repair(text, WITHOUT_CONTROLS if is_plain else REPAIRS)
        if not is_closed:
            repairs += ("unclosed",)
        yield Post(ordinal, _read_date(raw_date), text.strip(), encoding, repairs)


def raw_texts(data: bytes) -> Iterator[str]:
    """Every post of one file as it was before its repairs: decoded, and nothing else."""
    return (_decode(raw_text)[0] for _, raw_text, _ in _cut_posts(data))


def _cut_posts(data: bytes) -> Iterator[tuple[bytes, bytes, bool]]:
    """The pieces of a file: one (date, text, whether closed) a post, as bytes."""
    end_of_last = 0
    start = data.find(POST)
    while start != -1:
        body = start + len(POST)
        following = data.find(POST, body)
        limit = len(data) if following == -1 else following
        end = data.find(END_POST, body, limit)
        is_closed = end != -1
        if not is_closed:
            end = _end_of_unclosed(data, body, limit)
        yield _date_between(data, end_of_last, start), data[body:end], is_closed
        end_of_last, start = end, following


def _end_of_unclosed(data: bytes, body: int, limit: int) -> int:
    """Where a post without `</post>` ends: before `</Blog>`, or before the next post's date."""
    end = data.find(END_BLOG, body, limit)
    if end != -1:
        return end
    date = data.rfind(DATE, body, limit)
    is_next_date = limit < len(data) and date != -1 and data[date:limit].rstrip().endswith(END_DATE)
    return date if is_next_date else limit


def _date_between(data: bytes, start: int, end: int) -> bytes:
    """What the last `<date>` between two posts holds; b"" where there is none."""
    date = data.rfind(DATE, start, end)
    if date == -1:
        return b""
    date_end = data.find(END_DATE, date, end)
    return data[date + len(DATE) : end if date_end == -1 else date_end]


def _decode(raw: bytes) -> tuple[str, str]:
    """Text and the name of its encoding: strict UTF-8, else Windows-1252, where no byte is lost."""
    if raw.isascii():
        return raw.decode("ascii"), "ascii"
    try:
        return raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return codecs.charmap_decode(raw, "strict", WINDOWS_1252)[0], "windows-1252"


@lru_cache(maxsize=8192)
def _read_date(raw: bytes) -> dt.date | None:
    """`dd,Month,yyyy` with the month in any language of `etl.months`, else None."""
    parts = DATE_PARTS.fullmatch(_decode(raw)[0])
    month = MONTHS.get(parts[2].lower()) if parts else None
    if parts is None or month is None:
        return None
    try:
        return dt.date(int(parts[3]), month, int(parts[1]))
    except ValueError:  # such as 31,June,2004
        return None
