"""Bytes of one blog file → where its posts are, what is mark-up, and what is left over.

The files look like XML and are not, so nothing here parses XML: the tags of posts, dates and the
blog are looked for, in any case and with attributes, and every byte of the file gets one of three
names. Mark-up are those tags, what a date holds, and white space outside posts; text is what posts
hold; and whatever else there is, other tags and comments included, is stray.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

VALUE = rb"""(?:"(?:[^"<]|<(?![a-z/!?]))*+"|'(?:[^'<]|<(?![a-z/!?]))*+')"""
"""A quoted value of an attribute, in which `>` is text; one that is never closed ends no post."""

ATTRIBUTES = rb"""(?:\s(?>[^<>"'=]++|=\s*+%b?+|["'])*+)?+""" % VALUE
REST = rb"(%b/?)>" % ATTRIBUTES
TAG = re.compile(rb"<(/?)(post|date|blog)" + REST, re.IGNORECASE)
"""Groups: the `/` of an end, the name, and what stands behind it."""

END_POST = re.compile(rb"</post" + REST, re.IGNORECASE)

EMPTY = re.compile(rb"""(?:\A|[\s"'])/\Z""")
"""What stands behind the name in `<post/>` and `<post x="1"/>`, and not in `<post x=a/>`."""

PROLOGUE = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>)?")
"""What may stand before `<Blog>`: a byte order mark and an XML declaration."""

BLOG_START = re.compile(rb"[^\x01-\x08\x0e-\x1f\x7f]*?<blog" + REST, re.IGNORECASE)
"""What a blog file begins with: `<Blog>`, with nothing but text before it."""

WRITTEN = rb"\s*\d{1,2}\s*,[^,<>]{0,40},\s*\d{4}\s*"
DATE = re.compile(WRITTEN)
"""What looks like a date, in whatever language: enough to believe a `<date>` without its end."""

LAST_DATE = re.compile(rb"<date%b(?:[^<]*</date%b|%b)?\s*" % (REST, REST, WRITTEN), re.IGNORECASE)
"""A date with nothing behind it: the one of the post that follows."""

USUAL = re.compile(rb"\s*<date>([^<]*)</date>\s*<post>([^<]*)</post>\s*(?=<date>|</Blog>)")
"""A post as nearly all are, in one match. Only for speed: the tags one by one say the same."""


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


def is_blog(data: bytes) -> bool:
    """Whether a file begins as a blog does, perhaps with text before it, whatever comes after."""
    return BLOG_START.match(data) is not None


def text_of(data: bytes, post: RawPost) -> bytes:
    """The bytes of a post's text; a space stands for each `</post>` inside."""
    text = data[post.start : post.end]
    return END_POST.sub(b" ", text) if post.repair == "closed_twice" else text


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
            tag = TAG.search(data, self.position)
            self._outside(self.position, tag.start() if tag else len(data))
            if tag is None:
                break
            self._take(tag)
            name = tag[1] + tag[2].lower()
            if name == b"date":
                self._date(tag)
            elif name == b"post":
                self._post(tag)
        self._drop_date()

    def _usual_posts(self) -> None:
        """Posts, each with its date, for as long as they look as nearly all do."""
        match, add = USUAL.match, self.posts.append
        usual = match(self.data, self.position)
        if usual:
            self._drop_date()
        while usual:
            start, end = usual.span(2)
            begin, self.position = usual.span()
            self.markup += start - begin + self.position - end
            self.text += end - start
            add(RawPost(usual[1], start, end, ""))
            usual = match(self.data, self.position)

    def _take(self, tag: re.Match[bytes]) -> None:
        """Counts a tag as mark-up, and goes behind it."""
        self.markup += tag.end() - tag.start()
        self.position = tag.end()

    def _outside(self, start: int, end: int) -> None:
        """Counts what stands outside of posts and tags: white space and strays."""
        text = self.data[start:end]
        left, right = len(text) - len(text.lstrip()), len(text) - len(text.rstrip())
        if left == len(text):
            self.markup += left
        else:
            self.markup += left + right
            self.strays.append(Stray(len(self.posts), start + left, end - right))

    def _date(self, tag: re.Match[bytes]) -> None:
        """A `<date>`: holds what stands before its end; without that, only what looks like one."""
        self._drop_date()
        start = tag.end()
        if EMPTY.search(tag[3]):
            return
        end_tag = TAG.search(self.data, start)
        end = end_tag.start() if end_tag else len(self.data)
        if end_tag and end_tag[1] + end_tag[2].lower() == b"/date":
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

    def _post(self, tag: re.Match[bytes]) -> None:
        """A `<post>`, up to its end; what stands behind that is for the next step."""
        start, date = tag.end(), b""
        if self.date:
            date = self.data[slice(*self.date)]
            self.markup += len(date)
            self.date = None
        tags = TAG.finditer(self.data, start)
        if EMPTY.search(tag[3]):
            end, repair = self._closed(start, start, tags)
        else:
            end, repair = self._open(start, tags)
        self.posts.append(RawPost(date, start, end, repair))

    def _open(self, start: int, tags: Iterator[re.Match[bytes]]) -> tuple[int, str]:
        """Where a post ends, and its repair."""
        end_blog = date = limit = None
        for tag in tags:
            name = tag[1] + tag[2].lower()
            if name == b"/post":
                self._take(tag)
                return self._closed(start, tag.start(), tags)
            if name == b"post":
                is_next = date is not None and LAST_DATE.fullmatch(self.data, date, tag.start())
                limit = date if is_next else tag.start()
                break
            if name == b"date":
                date = tag.start()
            elif name == b"/blog" and end_blog is None:
                end_blog = tag.start()
        ends = (end_blog, limit, len(self.data))
        self.position = next(end for end in ends if end is not None)
        self.text += self.position - start
        return self.position, "unclosed"

    def _closed(self, start: int, end: int, tags: Iterator[re.Match[bytes]]) -> tuple[int, str]:
        """The same for one that is closed at `end`, with `position` behind the tag there."""
        last, text, markup, repair = self.position, 0, 0, ""
        self.text += end - start
        for tag in tags:
            if tag[1] + tag[2].lower() != b"/post":
                break
            piece = self.data[last : tag.start()]
            text, markup, last = text + len(piece), markup + tag.end() - tag.start(), tag.end()
            if piece.strip():
                self.text, self.markup, self.position = self.text + text, self.markup + markup, last
                end, repair, text, markup = tag.start(), "closed_twice", 0, 0
        return end, repair
