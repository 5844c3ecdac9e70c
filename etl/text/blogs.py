"""Bytes of one blog file → its posts, repaired.

The files look like XML and are not: bare ampersands, undefined entities, NUL bytes, two encodings
in one file. So nothing parses XML: `markup` looks for tags as bytes, and each post is repaired
here by itself, so that a broken one never costs its neighbours.
"""

import codecs
import datetime as dt
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from etl.text.markup import Cut, cut_file, is_blog, text_of
from etl.text.months import MONTHS
from etl.text.repairs import CONTROL_BYTES, REPAIRS, WITHOUT_CONTROLS, repair

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
        repairs: names of the repairs that changed it, see `repairs.REPAIRS`; "unclosed" for
            a post without its `</post>`, "closed_twice" for one with more of them inside.
    """

    ordinal: int
    date: dt.date | None
    text: str
    encoding: str
    repairs: tuple[str, ...]


def read_blogger(file_name: str) -> Blogger | None:
    """The blogger that a base name in the distributed layout tells of, else None.

    >>> read_blogger("1136785.male.17.Student.Pisces.xml")
    Blogger(blogger_id=1136785, gender='male', age=17, industry='Student', sign='Pisces')
    """
    parts = FILE_NAME.fullmatch(file_name)
    if parts is None:
        return None
    return Blogger(int(parts[1]), parts[2], int(parts[3]), parts[4], parts[5])


def age_group(age: int) -> str:
    """The decade of an age, which are the groups of the corpus (13-17, 23-27, 33-48).

    >>> age_group(17)
    '10s'
    """
    return f"{age // 10 * 10}s"


def open_blog(name: str, data: bytes) -> Blogger | str:
    """The blogger of a file, or why the file is no blog: the reason of its rejection."""
    blogger = read_blogger(name)
    if blogger is None:
        return "file_name"
    if not data.strip():
        return "empty"
    return blogger if is_blog(data) else "not_a_blog"


def read_posts(data: bytes, cut: Cut | None = None) -> Iterator[Post]:
    """Every `<post>` of one file, in order, already repaired.

    One file → one item per post, blank ones included; see `markup.cut_file` for where one ends.
    Never raises, whatever the bytes.

    Args:
        data: the file.
        cut: of the file, from whoever has it already.
    """
    no_controls = len(data.translate(None, CONTROL_BYTES)) == len(data)
    for ordinal, raw in enumerate((cut or cut_file(data)).posts):
        text, encoding = _decode(text_of(data, raw))
        is_plain = no_controls and encoding == "ascii" and "&" not in text
        text, repairs = repair(text, WITHOUT_CONTROLS if is_plain else REPAIRS)
        if raw.repair:
            repairs += (raw.repair,)
        yield Post(ordinal, _read_date(raw.date), text.strip(), encoding, repairs)


def read_strays(data: bytes, cut: Cut) -> Iterator[str]:
    """The strays of a file, repaired as posts are."""
    for _, start, end in cut.strays:
        yield repair(_decode(data[start:end])[0])[0].strip()


def raw_texts(data: bytes) -> Iterator[str]:
    """Every post of one file as it was before its repairs: decoded, and nothing else."""
    return (_decode(text_of(data, raw))[0] for raw in cut_file(data).posts)


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
    """`dd,Month,yyyy` with the month in any language of `etl.text.months`, else None."""
    parts = DATE_PARTS.fullmatch(_decode(raw)[0])
    month = MONTHS.get(parts[2].lower()) if parts else None
    if parts is None or month is None:
        return None
    try:
        return dt.date(int(parts[3]), month, int(parts[1]))
    except ValueError:  # such as 31,June,2004
        return None
