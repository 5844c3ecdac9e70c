"""Bytes of one blog file → where its posts are, what is mark-up, and what is left over.

The files look like XML and are not, so nothing here parses XML: the tags of posts, dates and the
blog are looked for, in any case and with attributes, and every byte of the file gets one of three
names. Mark-up are those tags, what a date holds, and white space outside posts; text is what posts
hold; and whatever else there is, other tags and comments included, is stray.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

TAG_NAME = re.compile(rb"<(/?(?:post|date|blog))(?=[\s/>])", re.IGNORECASE)
"""How a tag begins: `<posts>` is none."""

ATTRIBUTE = re.compile(
    rb"""[^<>"'=]+|=\s*(?:"[^"<]*(?:<(?![a-z/!?])[^"<]*)*"|'[^'<]*(?:<(?![a-z/!?])[^'<]*)*')?|["']""",
    re.IGNORECASE,
)
"""A piece of what stands behind the name. In a quoted value `>` is text; a quote never closed
ends at the next tag, so no bytes are looked through for two tags. Pieces are taken one by one, and
never given back: possessive quantifiers would say that in one expression, but match wrongly before
Python 3.11.5."""

EMPTY = re.compile(rb"""(?:\A|[\s"'])/\Z""")
"""What stands behind the name in `<post/>` and `<post x="1"/>`, and not in `<post x=a/>`."""

PROLOGUE = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>)?")
"""What may stand before `<Blog>`: a byte order mark and an XML declaration."""

CONTROLS = bytes([*range(1, 9), *range(14, 32), 127])
"""What no text before `<Blog>` holds."""

WRITTEN = rb"\s*\d{1,2}\s*,[^,<>]{0,40},\s*\d{4}\s*"
DATE = re.compile(WRITTEN)
"""What looks like a date, in whatever language: enough to believe a `<date>` without its end."""

HEAD = re.compile(rb"\s*<date>([^<]*)</date>\s*<post>")
GAP = re.compile(rb"(</post>\s*)(?:<date>([^<]*)</date>\s*<post>|(?=<date>|</Blog>))")
"""What stands before a post and behind it as nearly everywhere, with what the next date holds. Only
for speed: the tags one by one say the same."""


class Tag(NamedTuple):
    """A tag of a post, a date or the blog.

    Attributes:
        name: in lower case, with a slash before it for an end: `post`, `/post`.
        start: where it begins in its file.
        end: where it ends.
        is_empty: whether it closes itself, as `<post/>` does.
    """

    name: bytes
    start: int
    end: int
    is_empty: bool


class RawPost(NamedTuple):
    """Where a post is in its file.

    Attributes:
        date: what the `<date>` before it holds; b"" where there is none.
        start: where its text begins.
        end: where it ends.
        repair: "unclosed" where it has no `</post>`; "closed_twice" where its text holds some,
            which are mark-up; else "".
    """

    date: bytes
    start: int
    end: int
    repair: str


class Stray(NamedTuple):
    """Text that belongs to no post, between two tags and without the white space around it.

    Attributes:
        posts: how many posts stand before it.
        start: where it begins in the file.
        end: where it ends.
    """

    posts: int
    start: int
    end: int


class Cut(NamedTuple):
    """A file in pieces.

    Attributes:
        posts: in file order.
        strays: in file order; none in a good file.
        markup: bytes of mark-up; with those of posts and strays, the size of the file.
        text: bytes of posts.
    """

    posts: list[RawPost]
    strays: list[Stray]
    markup: int
    text: int

    @property
    def stray(self) -> int:
        """Bytes of strays."""
        return sum(end - start for _, start, end in self.strays)


def find_tags(data: bytes, position: int = 0) -> Iterator[Tag]:
    """The tags of a file from a position on, in any case and with attributes."""
    for name in TAG_NAME.finditer(data, position):
        end = name.end()
        if data[end : end + 1].isspace():
            while piece := ATTRIBUTE.match(data, end):
                end = piece.end()
        elif data[end : end + 1] == b"/":
            end += 1
        if data[end : end + 1] == b">":
            is_empty = EMPTY.search(data[name.end() : end]) is not None
            yield Tag(name[1].lower(), name.start(), end + 1, is_empty)


def is_blog(data: bytes) -> bool:
    """Whether a file begins as a blog does, perhaps with text before it, whatever comes after."""
    start = next((tag.start for tag in find_tags(data) if tag.name == b"blog"), None)
    return start is not None and len(data[:start].translate(None, CONTROLS)) == start


def text_of(data: bytes, post: RawPost) -> bytes:
    """The bytes of a post's text; a space stands for each `</post>` inside."""
    text = data[post.start : post.end]
    if post.repair != "closed_twice":
        return text
    pieces, position = [], 0
    for tag in find_tags(text):
        if tag.name == b"/post":
            pieces.append(text[position : tag.start])
            position = tag.end
    return b" ".join([*pieces, text[position:]])


def cut_file(data: bytes) -> Cut:
    """Every byte of a file → post, mark-up or stray. Never raises, whatever the bytes.

    A post ends at its `</post>`. One that is never closed ends at the next post (or at the date
    that belongs to it), at `</Blog>` or at the end of the file. Where more `</post>` follow before
    any other tag, text in front of them is the post's too: it has quoted the tag.
    """
    cutter = _Cutter(data)
    cutter.run()
    return Cut(cutter.posts, cutter.strays, cutter.markup, cutter.text)


class _Cutter:
    """Goes through a file once; `position` is how far it has got, outside of posts."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.posts: list[RawPost] = []
        self.strays: list[Stray] = []
        self.markup = self.text = self.position = 0
        self.date: tuple[int, int] | None = None

    def run(self) -> None:
        data = self.data
        prologue = PROLOGUE.match(data)
        self.markup = self.position = prologue.end() if prologue else 0
        while True:
            self._usual_posts()
            tag = next(find_tags(data, self.position), None)
            self._outside(self.position, tag.start if tag else len(data))
            if tag is None:
                break
            self._take(tag)
            if tag.name == b"date":
                self._date(tag)
            elif tag.name == b"post":
                self._post(tag)
        self._drop_date()

    def _usual_posts(self) -> None:
        """Posts, each with its date, for as long as they look as nearly all do."""
        data, add, find, match = self.data, self.posts.append, self.data.find, GAP.match
        head = HEAD.match(data, self.position)
        position, held = self.position, 0
        date, start = (head[1], head.end()) if head else (None, 0)
        while date is not None:
            end = find(b"<", start)
            gap = match(data, end) if end >= 0 else None
            if not gap:
                break
            if self.date:
                self._drop_date()
            add(RawPost(date, start, end, ""))
            held += end - start
            position = gap.end(1)
            date, start = gap[2], gap.end()
        self.markup += position - self.position - held
        self.text += held
        self.position = position

    def _take(self, tag: Tag) -> None:
        """Counts a tag as mark-up, and goes behind it."""
        self.markup += tag.end - tag.start
        self.position = tag.end

    def _outside(self, start: int, end: int) -> None:
        """Counts what stands outside of posts and tags: white space and strays."""
        text = self.data[start:end]
        left, right = len(text) - len(text.lstrip()), len(text) - len(text.rstrip())
        if left == len(text):
            self.markup += left
        else:
            self.markup += left + right
            self.strays.append(Stray(len(self.posts), start + left, end - right))

    def _date(self, tag: Tag) -> None:
        """A `<date>`: holds what stands before its end; without that, only what looks like one."""
        self._drop_date()
        start = tag.end
        if tag.is_empty:
            return
        end_tag = next(find_tags(self.data, start), None)
        end = end_tag.start if end_tag else len(self.data)
        if end_tag and end_tag.name == b"/date":
            self._take(end_tag)
        elif DATE.fullmatch(self.data, start, end):
            self.position = end
        else:
            return
        self.date = start, end

    def _drop_date(self) -> None:
        """Forgets a date that no post has followed; it is stray unless it looks like a date."""
        if self.date:
            start, end = self.date
            if DATE.fullmatch(self.data, start, end):
                self.markup += end - start
            else:
                self._outside(start, end)
            self.date = None

    def _post(self, tag: Tag) -> None:
        """A `<post>`, up to its end; what stands behind that is for the next step."""
        start, date = tag.end, b""
        if self.date:
            date = self.data[slice(*self.date)]
            self.markup += len(date)
            self.date = None
        tags = find_tags(self.data, start)
        if tag.is_empty:
            end, repair = self._closed(start, start, tags)
        else:
            end, repair = self._open(start, tags)
        self.posts.append(RawPost(date, start, end, repair))

    def _open(self, start: int, tags: Iterator[Tag]) -> tuple[int, str]:
        """Where a post ends, and its repair."""
        end_blog = limit = None
        date: Tag | None = None
        for tag in tags:
            if tag.name == b"/post":
                self._take(tag)
                return self._closed(start, tag.start, tags)
            if tag.name == b"post":
                is_next = date is not None and self._is_last(date, tag.start)
                limit = date.start if date is not None and is_next else tag.start
                break
            if tag.name == b"date":
                date = tag
            elif tag.name == b"/blog" and end_blog is None:
                end_blog = tag.start
        ends = (end_blog, limit, len(self.data))
        self.position = next(end for end in ends if end is not None)
        self.text += self.position - start
        return self.position, "unclosed"

    def _is_last(self, date: Tag, end: int) -> bool:
        """Whether there is nothing behind a date up to `end`, where a post begins."""
        held = self.data[date.end : end]
        if not held.strip() or DATE.fullmatch(held):
            return True
        end_tag = next(find_tags(held), None)
        has_end = (
            end_tag is not None and end_tag.name == b"/date" and b"<" not in held[: end_tag.start]
        )
        return end_tag is not None and has_end and not held[end_tag.end :].strip()

    def _closed(self, start: int, end: int, tags: Iterator[Tag]) -> tuple[int, str]:
        """The same for one that is closed at `end`, with `position` behind the tag there."""
        last, text, markup, repair = self.position, 0, 0, ""
        self.text += end - start
        for tag in tags:
            if tag.name != b"/post":
                break
            piece = self.data[last : tag.start]
            text, markup, last = text + len(piece), markup + tag.end - tag.start, tag.end
            if piece.strip():
                self.text, self.markup, self.position = self.text + text, self.markup + markup, last
                end, repair, text, markup = tag.start, "closed_twice", 0, 0
        return end, repair
