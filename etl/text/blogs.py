"""Bytes of one blog file → its posts, repaired.

The files look like XML and are not: bare ampersands, undefined entities, NUL bytes, two encodings
in one file. So nothing parses XML: `markup` looks for tags as bytes, and each post is repaired
here by itself, so that a broken one never costs its neighbours.
"""

import codecs
import datetime as dt
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from etl.text.markup import Cut, cut_file, is_blog, text_of
from etl.text.months import MONTHS
from etl.text.normalize import fold, lower_case
from etl.text.repairs import CONTROL_BYTES, LINK, REPAIRS, WITHOUT_CONTROLS, repair

FILE_NAME = re.compile(r"(\d{1,18})\.(male|female)\.(\d{1,3})\.([^./]+)\.([^./]+)\.xml", re.ASCII)
"""`<id>.<gender>.<age>.<industry>.<sign>.xml`, the distributed layout; the id fits 64 bits."""

DATE_PARTS = re.compile(r"\s*(\d{1,2})\s*,([^,]+),\s*(\d{4})\s*")
"""`dd,Month,yyyy`."""

LINK_BYTES = LINK.encode()
ASCII = bytes(range(0x80))
WINDOWS_1252 = "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(256))
"""Windows-1252 as browsers read it: its five undefined bytes are control characters (WHATWG)."""


class Blogger(NamedTuple):
    """What the name of a file tells, or the row of a table; None for what it does not tell."""

    blogger_id: int
    gender: str | None
    age: int | None
    industry: str | None
    sign: str | None


class Post(NamedTuple):
    """One `<post>` of a file.

    Attributes:
        ordinal: its place in the file, from 0.
        date: from the `<date>` before it; None where that can't be read or is missing.
        text: the repaired text, stripped; "" for a blank post.
        encoding: what its bytes were: "ascii", "utf-8", "windows-1252" or "mixed" of both.
        repairs: names of the repairs that changed it, see `repairs.REPAIRS`; "unclosed" for
            a post without its `</post>`, "closed_twice" for one with more of them inside.
    """

    ordinal: int
    date: dt.date | None
    text: str
    encoding: str
    repairs: tuple[str, ...]


class FilePost(NamedTuple):
    """A post with the file it comes from.

    Attributes:
        file: base name.
        blogger: who wrote it.
        post: repaired.
        reason: why it is dropped before anybody looks at it, as a row that can't be parsed is;
            None for any other post.
    """

    file: str
    blogger: Blogger
    post: Post
    reason: str | None = None

    @property
    def key(self) -> tuple[int, int]:
        """(blogger_id, post_ordinal), which no other post of a corpus has."""
        return self.blogger.blogger_id, self.post.ordinal


class StrayText(NamedTuple):
    """Text of a file that belongs to no post.

    Attributes:
        post_ordinal: of the post before it; None for none.
        bytes: in the file.
        text: repaired.
    """

    post_ordinal: int | None
    bytes: int
    text: str


class OpenFile(NamedTuple):
    """A file, or the next rows of one.

    Attributes:
        name: base name.
        blogger_id: of all its posts; None for a table.
        is_first: whether nothing of the file came before.
        has_posts: whether there is one in the file.
        sizes: bytes read, and those of mark-up, posts and strays, which add up to them.
        strays: in file order.
        rows: that there are here of a table; None for a blog.
        posts: gives them in file order, blank ones too.
        raw_texts: gives the texts of the same posts before their repairs.
    """

    name: str
    blogger_id: int | None
    is_first: bool
    has_posts: bool
    sizes: dict[str, int]
    strays: list[StrayText]
    rows: int | None
    posts: Callable[[], Iterator[FilePost]]
    raw_texts: Callable[[], Iterator[str]]


def read_blogger(file_name: str) -> Blogger | None:
    """The blogger that a base name in the distributed layout tells of, else None.

    >>> read_blogger("1136785.male.17.Student.Pisces.xml")
    Blogger(blogger_id=1136785, gender='male', age=17, industry='Student', sign='Pisces')
    """
    parts = FILE_NAME.fullmatch(file_name)
    if parts is None:
        return None
    return Blogger(int(parts[1]), parts[2], int(parts[3]), parts[4], parts[5])


def age_group(age: int | None) -> str | None:
    """The decade of an age, which are the groups of the corpus (13-17, 23-27, 33-48).

    >>> age_group(17)
    '10s'
    """
    return None if age is None else f"{age // 10 * 10}s"


def open_blog(name: str, data: bytes) -> OpenFile | str:
    """A blog file opened, or why it is none: the reason of its rejection. Never raises."""
    blogger = read_blogger(name)
    if blogger is None:
        return "file_name"
    if not data.strip():
        return "empty"
    if not is_blog(data):
        return "not_a_blog"
    cut = cut_file(data)
    strays = [
        StrayText(posts - 1 if posts else None, end - start, read_post(0, data[start:end]).text)
        for posts, start, end in cut.strays
    ]
    return OpenFile(
        *(name, blogger.blogger_id, True, bool(cut.posts)),
        {"read": len(data), "markup": cut.markup, "posts": cut.text, "stray": cut.stray},
        *(strays, None),
        lambda: (FilePost(name, blogger, post) for post in read_posts(data, cut)),
        lambda: (decode(text_of(data, raw))[0] for raw in cut.posts),
    )


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
        if raw.repair:
            post = read_post(ordinal, text_of(data, raw), read_date(raw.date), no_controls)
            yield post._replace(repairs=(*post.repairs, raw.repair))
        else:
            yield read_post(ordinal, data[raw.start : raw.end], read_date(raw.date), no_controls)


def read_post(
    ordinal: int, raw: bytes | str, date: dt.date | None = None, no_controls: bool = False
) -> Post:
    """One post, repaired.

    Args:
        ordinal: its place.
        raw: its text, as it is in the input.
        date: of the post.
        no_controls: it is known to hold no control character.
    """
    repairs = REPAIRS
    if isinstance(raw, bytes):
        if no_controls and raw.isascii():
            has_references = b"&" in raw
            if not has_references and LINK_BYTES not in raw:
                return Post(ordinal, date, raw.decode("ascii").strip(), "ascii", ())  # most posts
            # only a number can stand for a control character
            repairs = REPAIRS if has_references and b"#" in raw else WITHOUT_CONTROLS
        text, encoding = decode(raw)
    else:
        text, encoding = raw, "ascii" if raw.isascii() else "utf-8"
    text, changed = repair(text, repairs)
    return Post(ordinal, date, text.strip(), encoding, changed)


def decode(raw: bytes) -> tuple[str, str]:
    """Text and the name of its encoding; no byte is lost.

    Strict UTF-8, else Windows-1252; "mixed" where most of a post is valid UTF-8, and only the rest
    of its bytes are read as Windows-1252: docs/adr/0014 has how "most" was chosen.
    """
    if raw.isascii():
        return raw.decode("ascii"), "ascii"
    try:
        return raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        if _is_mostly_utf8(raw):
            return raw.decode("utf-8", REST_AS_1252), "mixed"
        return _decode_1252(raw), "windows-1252"


def _is_mostly_utf8(raw: bytes) -> bool:
    """Whether valid characters, ASCII aside, take more bytes than there are faults.

    A fault is a byte that begins no character, or a character that is cut off.
    """
    valid = raw.decode("utf-8", "ignore").encode().translate(None, ASCII)
    faults = raw.decode("utf-8", "replace").count("\ufffd") - raw.count("\ufffd".encode())
    return len(valid) > faults


def _decode_1252(raw: bytes) -> str:
    return codecs.charmap_decode(raw, "strict", WINDOWS_1252)[0]


def _read_fault(error: UnicodeError) -> tuple[str, int]:
    """Handler of `codecs.register_error`: what is no UTF-8 is Windows-1252."""
    assert isinstance(error, UnicodeDecodeError)
    return _decode_1252(error.object[error.start : error.end]), error.end


REST_AS_1252 = "rest-as-windows-1252"
codecs.register_error(REST_AS_1252, _read_fault)


def _month_key(name: str) -> str:
    """What is left of a month's name in any spelling: capitals lose dots and accents."""
    return fold(lower_case(name)).strip().replace("ı", "i")


MONTH_BY_KEY = {_month_key(name): month for name, month in MONTHS.items()}


@lru_cache(maxsize=8192)
def read_date(raw: bytes) -> dt.date | None:
    """`dd,Month,yyyy` with the month in any language of `etl.text.months`, else None."""
    parts = DATE_PARTS.fullmatch(decode(raw)[0])
    month = MONTH_BY_KEY.get(_month_key(parts[2])) if parts else None
    if parts is None or month is None:
        return None
    try:
        return dt.date(int(parts[3]), month, int(parts[1]))
    except ValueError:  # such as 31,June,2004
        return None
