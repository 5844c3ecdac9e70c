"""Bytes of a file → posts, mark-up and strays: which tags there are, and that no byte is lost."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.text import markup as module
from etl.text.blogs import OpenFile, open_blog, read_posts
from etl.text.markup import Cut, cut_file, find_tags, is_blog, text_of

MAY = b"<date>14,May,2004</date>"


def strays(data: bytes) -> list[bytes]:
    return [data[start:end] for _, start, end in cut_file(data).strays]


def texts(data: bytes) -> list[str]:
    return [post.text for post in read_posts(data)]


@pytest.mark.parametrize(
    ("data", "posts", "left"),
    [
        # tags
        pytest.param(b'<post id="1">a</post>', ["a"], [], id="an attribute"),
        pytest.param(b"<post\r\n id='1'\r\n>a</post\t>", ["a"], [], id="over several lines"),
        pytest.param(b"<POST>a</Post><pOST>b</POST>", ["a", "b"], [], id="any case"),
        pytest.param(b"<post >a</post >", ["a"], [], id="white space"),
        pytest.param(b'<post title="a > b">c</post>', ["c"], [], id="> in quotes"),
        pytest.param(b'<post title="1 <3 b">c</post>', ["c"], [], id="< in quotes"),
        pytest.param(b'<post title="a>b</post>', ["b"], [], id="a quote never closed"),
        pytest.param(b"<post it's>a</post>", ["a"], [], id="an apostrophe"),
        pytest.param(b"<post/><post />b", ["", ""], [b"b"], id="closes itself"),
        pytest.param(b"<post/>a</post><post x='/'/>", ["a", ""], [], id="closes itself, and later"),
        pytest.param(b"<post url=a/>b</post>", ["b"], [], id="a slash of a value"),
        pytest.param(b"<posts>a</posts>", [], [b"<posts>a</posts>"], id="another name"),
        pytest.param(b"<post-it>a", [], [b"<post-it>a"], id="another name with a hyphen"),
        pytest.param(b"<post>a</posts>b</post>", ["a</posts>b"], [], id="another end"),
        pytest.param(b"<post x <post>a", ["a"], [b"<post x"], id="a tag never closed"),
        # ends
        pytest.param(
            b"<post>I wrote </post> in a post.</post>",
            ["I wrote   in a post."],
            [],
            id="quoted end",
        ),
        pytest.param(b"<post>a</POST>b</post>c", ["a b"], [b"c"], id="text behind the last end"),
        pytest.param(b"<post>a</post>b</post></post>", ["a b"], [], id="blank before a third end"),
        pytest.param(b"<post>a</post></post>b</post>", ["a  b"], [], id="blank before a second"),
        pytest.param(
            b"<post>a</post>b" + MAY + b"c</post>", ["a"], [b"b", b"c"], id="a date between ends"
        ),
        pytest.param(
            b"<post>a</post></Blog>b</post>", ["a"], [b"b"], id="the end of the blog between ends"
        ),
        pytest.param(b"<post><post>x</post></post>", ["", "x"], [], id="nested"),
        pytest.param(b"a</post>b<post>c", ["c"], [b"a", b"b"], id="an end without a post"),
        # outside
        pytest.param(
            b"<Blog><post>a</post>\nb c\n<post>d</post>\ne\n</Blog>f",
            ["a", "d"],
            [b"b c", b"e", b"f"],
            id="between, behind the last post, behind the blog",
        ),
        pytest.param(b"a b <Blog> c <post>d</post>", ["d"], [b"a b", b"c"], id="before the blog"),
        pytest.param(b"<Blog>a</Blog>", [], [b"a"], id="no post"),
        pytest.param(
            b"<Blog><post>a</post></Blog><Blog>b<post>c</post></Blog>",
            ["a", "c"],
            [b"b"],
            id="two blogs",
        ),
        pytest.param(
            b"<post>a</Blog>b<post>c</post>", ["a", "c"], [b"b"], id="unclosed, blog ends"
        ),
        pytest.param(b"<post>a</post>\x00<post>b", ["a", "b"], [b"\x00"], id="NUL bytes"),
        pytest.param(
            b"<post>a</post><!-- b --><i>c</i>", ["a"], [b"<!-- b --><i>c</i>"], id="other mark-up"
        ),
        pytest.param(
            b'\xef\xbb\xbf <?xml version="1.0"?>\n<Blog>', [], [], id="mark, XML declaration"
        ),
        pytest.param(b" \r\n\t\x0b\x0c ", [], [], id="white space"),
        # dates
        pytest.param(MAY + b"a b<post>c", ["c"], [b"a b"], id="text behind a date"),
        pytest.param(b"<date>a b<post>c", ["c"], [b"a b"], id="text behind a date never closed"),
        pytest.param(b"<date>a b</date>" + MAY + b"<post>c", ["c"], [b"a b"], id="no date in it"),
        pytest.param(
            b"<date>a b</date>" + (MAY + b"<post>c</post>") * 2 + MAY,
            ["c", "c"],
            [b"a b"],
            id="no date before usual posts",
        ),
        pytest.param(b"<post>a</post><date>b</date>", ["a"], [b"b"], id="no date behind the last"),
        pytest.param(b"<date>soon</date><post>c", ["c"], [], id="a date that can't be read"),
        pytest.param(b"</date>a<date/><post>b", ["b"], [b"a"], id="ends and empty ones"),
        pytest.param(
            b"<post>a" + MAY + b"b</post>", ["a<date>14,May,2004</date>b"], [], id="in a post"
        ),
        pytest.param(
            b"<post>a\n<date>14,May,2004\n<post>b", ["a", "b"], [], id="unclosed date and post"
        ),
    ],
)
def test_what_is_text_and_what_is_left(data: bytes, posts: list[str], left: list[bytes]) -> None:
    assert (texts(data), strays(data)) == (posts, left)


@pytest.mark.parametrize(
    "tag",
    [b"<DATE>%b</Date>", b'<date\n x="1">%b</date >', b"<date>%b\n", b"</post><date>%b</date>"],
)
def test_dates_of_all_tags(tag: bytes) -> None:
    [post] = read_posts(b"<Blog>" + tag % b"14,May,2004" + b"<post>a</post>")
    assert str(post.date) == "2004-05-14"


def test_a_post_closed_twice_says_so_in_its_repairs() -> None:
    data = b"<post>a&amp;</post>b</post><post>c</post> \n</post>"
    assert [post.repairs for post in read_posts(data)] == [("references", "closed_twice"), ()]
    file = open_blog("1.male.20.Law.Leo.xml", b"<Blog>" + data)
    assert isinstance(file, OpenFile)
    assert list(file.raw_texts()) == ["a&amp; b", "c"]


def test_a_stray_knows_how_many_posts_are_before_it() -> None:
    data = b"x<post>a</post>y<post>b</post>" + MAY + b"z"
    assert [stray.posts for stray in cut_file(data).strays] == [0, 1, 2]
    usual = b"<date>x</date>" + MAY + b"<post>a</post></Blog><post>b</post>"
    assert [stray.posts for stray in cut_file(usual).strays] == [0]
    assert [post.date for post in cut_file(usual).posts] == [b"14,May,2004", b""]


PIECES = st.lists(
    st.sampled_from(
        [
            *(
                b"<post>",
                b"<POST x='>'>",
                b"<post\n/>",
                b"</post>",
                b"</Post >",
                b"<date>",
                b"</date>",
            ),
            *(
                b"<date/>",
                b"<Blog>",
                b"</BLOG>",
                b"14,May,2004",
                b" ",
                b"\n",
                b"<b>",
                b"<3",
                b"\x00",
            ),
            *(b"one", b"two", b"three", b"&amp;", b"<posts>", b"<post", b'"', b">", b"\xe9"),
            *[b"\n" + MAY + b"\n<post>four</post>\n"] * 3,
        ]
    ),
    max_size=25,
).map(b"".join)
WORDS = (b"one", b"two", b"three", b"four")


def without_tags(data: bytes, *names: bytes) -> bytes:
    """What is left of some bytes without the tags of these names, or without any."""
    for tag in reversed(list(find_tags(data))):
        if tag.name in names or not names:
            data = data[: tag.start] + b"\0" * (not names) + data[tag.end :]
    return data


def sizes(data: bytes, cut: Cut) -> tuple[int, int]:
    """Bytes of text and of strays, counted from their spans."""
    text = 0
    for _, start, end, repair in cut.posts:
        raw = data[start:end]
        text += len(without_tags(raw, b"/post") if repair == "closed_twice" else raw)
    return text, sum(map(len, strays(data)))


@given(st.one_of(PIECES, st.binary(max_size=60)))
def test_every_byte_is_markup_text_or_stray(data: bytes) -> None:
    cut = cut_file(data)
    assert cut.markup + cut.text + cut.stray == len(data)
    assert sizes(data, cut) == (cut.text, cut.stray)
    spans = sorted([post[1:3] for post in cut.posts] + [stray[1:3] for stray in cut.strays])
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    assert all(piece == piece.strip() != b"" for piece in strays(data))


@given(PIECES)
def test_every_word_is_in_a_post_a_date_or_a_stray(data: bytes) -> None:
    cut = cut_file(data)
    kept = b"\n".join(
        [*(b"%b\n%b" % (post.date, text_of(data, post)) for post in cut.posts), *strays(data)]
    )
    written = without_tags(data)  # attributes are no text
    assert {word: kept.count(word) for word in WORDS} == {
        word: written.count(word) for word in WORDS
    }


@given(PIECES)
def test_the_short_way_for_usual_posts_is_the_long_one(data: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "HEAD", re.compile(rb"(?!)"))
        plain = cut_file(data)
    assert cut_file(data) == plain


@pytest.mark.timeout(30)  # quadratic, one of these takes minutes
@pytest.mark.parametrize(
    "unit",
    [
        *(
            b"<post ",
            b'<post x="',
            b"<post x='<post y=\"",
            b"<post x=''",
            b"<post x",
            b" =''",
            b"'",
        ),
        *(
            b"<post>a</post>",
            b"</post>",
            b"a</post>",
            b"</post>a",
            b"<date>",
            b"<date>a",
            b"</date>",
        ),
        *(
            b"<date>a</date>",
            b"<post/>",
            b"<Blog>",
            b"</Blog>",
            b"a ",
            b" ",
            b"<",
            b"<date",
            b"<!--",
        ),
        *(b"<post>" + MAY, MAY + b"<post>a</post>", MAY, b"<post></Blog>", b'"<3', b"<post ='"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("start", [b"<Blog>", b"<post>", b"<date>", b"<post x='", b""])
def test_a_megabyte_of_one_thing_is_not_quadratic(start: bytes, unit: bytes) -> None:
    data = start + unit * (1_000_000 // len(unit))
    cut = cut_file(data)
    assert cut.markup + cut.text + cut.stray == len(data)
    is_blog(data)
