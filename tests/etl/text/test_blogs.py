"""Bytes of one file → posts: encodings, repairs, unclosed posts, dates, names."""

import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.text.blogs import Blogger, Post, read_blogger, read_post, read_posts
from etl.text.markup import is_blog
from etl.text.repairs import CONTROL_BYTES, repair


def only(body: bytes) -> Post:
    """The one post with this body."""
    [post] = read_posts(b"<Blog><post>" + body + b"</post></Blog>")
    return post


def posts_of(data: bytes) -> list[Post]:
    return list(read_posts(data))


# Encodings


@pytest.mark.parametrize(
    ("body", "text", "encoding"),
    [
        pytest.param(b"plain", "plain", "ascii", id="ASCII"),
        pytest.param("naïve ♥ Ж".encode(), "naïve ♥ Ж", "utf-8", id="UTF-8"),
        pytest.param(b"\x93it\x92s\x94 \x85", "“it’s” …", "windows-1252", id="Windows-1252"),
        pytest.param(b"caf\xe9", "café", "windows-1252", id="Latin-1 letters"),
        pytest.param(b"\x80 \x9f", "€ Ÿ", "windows-1252", id="Euro sign and Ÿ"),
        pytest.param(
            b"\xe9 a\x81b\x8dc\x8fd\x90e\x9df",
            "é a b c d e f",
            "windows-1252",
            id="undefined bytes",
        ),
        pytest.param(
            b"caf\xc3\xa9 and \x93quotes\x94 na\xc3\xafve",
            "café and “quotes” naïve",
            "mixed",
            id="mostly UTF-8: the rest is Windows-1252",
        ),
        pytest.param(b"\xc3\xa9 \x93x\x94", "Ã© “x”", "windows-1252", id="not mostly UTF-8"),
        pytest.param("é ♥".encode() + b"\x81", "é ♥", "mixed", id="an undefined byte in UTF-8"),
        pytest.param("é’".encode()[:-1] + b"\r\n", "éâ€", "mixed", id="cut inside a character"),
        pytest.param(b"ab\xe2\x82", "abâ‚", "windows-1252", id="nothing but a character cut off"),
        pytest.param("很好".encode("gbk"), "ºÜºÃ", "windows-1252", id="GBK"),
        pytest.param(
            "毛泽东".encode("gbk"), "Ã«Ôó¶«", "windows-1252", id="GBK, half valid by chance"
        ),
        pytest.param(b"x \xed\xa0\x80", "x í\xa0€", "windows-1252", id="surrogate is no UTF-8"),
        pytest.param(b"\xc0\xaf", "À¯", "windows-1252", id="overlong is no UTF-8"),
        pytest.param(b"caf&eacute;", "café", "ascii", id="the bytes count, not the references"),
    ],
)
def test_encoding_of_a_post(body: bytes, text: str, encoding: str) -> None:
    post = only(body)
    assert (post.text, post.encoding) == (text, encoding)


def test_each_post_of_a_file_has_its_own_encoding() -> None:
    data = b"<Blog><post>so</post><post>\xc3\xa9</post><post>\xe9</post><post>so</post></Blog>"
    assert [(post.text, post.encoding) for post in read_posts(data)] == [
        ("so", "ascii"),
        ("é", "utf-8"),
        ("é", "windows-1252"),
        ("so", "ascii"),
    ]


def test_a_broken_date_does_not_change_the_encoding_of_its_post() -> None:
    [post] = read_posts(b"<date>01,M\xe4rz,2004</date><post>so</post>")
    assert (post.encoding, post.date) == ("ascii", dt.date(2004, 3, 1))


# Repairs


@pytest.mark.parametrize(
    ("body", "text", "repairs"),
    [
        pytest.param(b"nothing to do", "nothing to do", (), id="none"),
        pytest.param(
            b"cut off\x00\x00\x00\x00 here", "cut off     here", ("controls",), id="NUL run"
        ),
        pytest.param(b"the end\x00\x00\x00", "the end", ("controls",), id="NUL run at the end"),
        pytest.param(b"a\x0bb\x0cc\x1fd\x7fe", "a b c d e", ("controls",), id="control bytes"),
        pytest.param(b"a\tb\r\nc\nd", "a\tb\r\nc\nd", (), id="tab and line ends stay"),
        pytest.param("a\x92b\x85c".encode(), "a b c", ("controls",), id="C1 controls as UTF-8"),
        pytest.param("\ufeffa\ufeffb".encode(), "ab", ("controls",), id="byte order marks"),
        pytest.param(b"R&B, AT&T & co", "R&B, AT&T & co", (), id="bare ampersands stay"),
        pytest.param(b"ok &smirk; &;", "ok &smirk; &;", (), id="undefined entities stay"),
        pytest.param(b"a&nbsp;b", "a\xa0b", ("references",), id="&nbsp;"),
        pytest.param(b"&quot;x&quot; &lt;3", '"x" <3', ("references",), id="named"),
        pytest.param(b"a&nbsp b &eacute", "a\xa0 b é", ("references",), id="no semicolon"),
        pytest.param(b"so &#151; yes", "so — yes", ("references",), id="&#151; is a dash"),
        pytest.param(b"&#8217; &#x2019; &#X2019;", "’ ’ ’", ("references",), id="numeric"),
        pytest.param(b"a&#0;b", "a\ufffdb", ("references",), id="&#0; is U+FFFD, as HTML has it"),
        pytest.param(b"a&#10;b", "a\nb", ("references",), id="&#10; is a line end"),
        pytest.param(b"&#xD800; &#x110000;", "\ufffd \ufffd", ("references",), id="no character"),
        pytest.param(b"a&#127;b", "ab", ("references",), id="&#127; goes, as HTML has it"),
        pytest.param(b"a&#129;b", "a b", ("references", "controls"), id="a C1 control by number"),
        pytest.param(
            b"a&amp;nbsp;b", "a\xa0b", ("escaped_twice", "references"), id="&amp;nbsp; is &nbsp;"
        ),
        pytest.param(
            b"a &amp;#8217; b", "a ’ b", ("escaped_twice", "references"), id="&amp;#8217; is ’"
        ),
        pytest.param(b"&amp;lt;3", "<3", ("escaped_twice", "references"), id="&amp;lt; is <"),
        pytest.param(
            b"a&amp;amp;nbsp;&NBSP;&#38;nbsp;&amp;nbsp b",
            "a\xa0\xa0\xa0\xa0 b",
            ("escaped_twice", "references"),
            id="spaces however often escaped",
        ),
        pytest.param(b"Tom &amp; Jerry", "Tom & Jerry", ("references",), id="&amp; once"),
        pytest.param(b"AT&amp;T", "AT&T", ("references",), id="&amp; before a word"),
        pytest.param(b"urlLink here", "here", ("link",), id="urlLink goes"),
        pytest.param(
            b"is urlLinkhere now", "is  here now", ("link",), id="urlLink glued to a word"
        ),
        pytest.param(b"urlLink", "", ("link",), id="nothing but urlLink"),
        pytest.param(b"urllink UrlLink", "urllink UrlLink", (), id="other spellings are text"),
        pytest.param(b"a <grin> b < c", "a <grin> b < c", (), id="tag-like text stays"),
        pytest.param(
            b"x\x01 &amp;amp; urlLink",
            "x  &",
            ("escaped_twice", "references", "link", "controls"),
            id="all in their order",
        ),
        pytest.param(
            b"a\x00 urlLink \xff", "a    ÿ", ("link", "controls"), id="controls in Windows-1252"
        ),
    ],
)
def test_repairs_of_a_post(body: bytes, text: str, repairs: tuple[str, ...]) -> None:
    post = only(body)
    assert (post.text, post.repairs) == (text, repairs)


def test_a_control_in_one_post_is_no_repair_of_its_neighbour() -> None:
    first, second = read_posts(b"<post>a\x00b</post><post>c</post>")
    assert (first.repairs, second.repairs) == (("controls",), ())


FRAGMENTS = st.lists(
    st.sampled_from(
        [
            *(
                b"<post>",
                b"</post>",
                b"<date>",
                b"</date>",
                b"</Blog>",
                b"<Blog>",
                b"<pos",
                b"post>",
            ),
            *(
                b"01,May,2004",
                b"31,June,2004",
                b"1,Mai,04",
                b",,",
                b"&amp;",
                b"&nbsp;",
                b"&#",
                b"&",
            ),
            *(b"#151;", b"x41;", b"9999999999;", b"amp;", b"lt", b";", b"urlLink", b"url", b"Link"),
            *(b"\x00", b"\x00\x00", b"\x1f", b"\x7f", b"\x81", b"\x93", b"\xe9", b"\xff", b"\xfe"),
            *(b"\xc3", b"\xa9", b"\xe2\x80\x99", b"\xe2", b"\x80", b"\xef\xbb\xbf", b"\xc2\x85"),
            *(
                b"\xe2\x80\xa8",
                b"\xf0\x9f\x98\x80",
                b"\xed\xa0\x80",
                b"a",
                b"B.",
                b" ",
                b"\r\n",
                b"\t",
            ),
        ]
    ),
    max_size=30,
).map(b"".join)
NOT_IN_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff]")


@given(st.one_of(st.binary(max_size=60), FRAGMENTS, FRAGMENTS.map(lambda b: b"<post>" + b)))
def test_any_bytes_are_read_without_an_error(data: bytes) -> None:
    posts = posts_of(data)
    assert len(posts) == data.count(b"<post>")
    assert [post.ordinal for post in posts] == list(range(len(posts)))
    for post in posts:
        assert NOT_IN_TEXT.search(post.text) is None
        assert post.text == post.text.strip()
        assert post.encoding in {"ascii", "utf-8", "windows-1252", "mixed"}
        post.text.encode("utf-8")


@given(FRAGMENTS)
def test_a_closed_post_never_costs_its_neighbours(junk: bytes) -> None:
    junk = junk.replace(b"<post>", b"").replace(b"</post>", b"")
    first, middle, last = read_posts(
        b"<post>One.</post><post>%s</post><date>01,May,2004</date><post>Two.</post>" % junk
    )
    assert (first.text, first.repairs) == ("One.", ())
    assert (last.text, last.repairs, last.date) == ("Two.", (), dt.date(2004, 5, 1))
    assert middle.text == middle.text.strip()


@given(FRAGMENTS)
def test_the_short_way_for_plain_posts_repairs_as_the_long_one(body: bytes) -> None:
    body = bytes(byte for byte in body if byte < 0x80)
    for tag in (b"<post>", b"</post>", b"</Blog>"):
        body = body.replace(tag, b"")
    post = only(body)
    text, repairs = repair(body.decode())
    assert (post.text, post.repairs) == (text.strip(), repairs)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param(b"a &#" + b"1" * 5000 + b"; b", "a \ufffd b", id="5,000 digits"),
        pytest.param(b"a &#" + b"0" * 5000 + b"65; b", "a A b", id="5,000 zeros before 65"),
        pytest.param(b"a &#" + b"0" * 5000 + b"; b", "a \ufffd b", id="5,000 zeros"),
        pytest.param(b"a &#x" + b"1" * 5000 + b"; b", "a \ufffd b", id="5,000 hexadecimal digits"),
        pytest.param(
            b"a &amp;#" + b"1" * 5000 + b"; b &eacute;",
            "a &#" + "1" * 5000 + "; b é",
            id="escaped twice and too long for it",
        ),
    ],
)
def test_numbers_longer_than_python_reads_are_references_too(body: bytes, text: str) -> None:
    # Python refuses to turn more than 4,300 digits into a number
    assert only(body).text == text


# Posts


def test_posts_in_the_layout_of_the_corpus() -> None:
    data = (
        b"<Blog>\r\n\r\n<date>14,May,2004</date>\r\n<post>\r\n\r\n\t \r\n      First one.\r\n"
        b"    \r\n</post>\r\n\r\n<date>31,July,2003</date>\r\n<post>\r\nSecond.\r\n</post>"
        b"\r\n</Blog>"
    )
    assert posts_of(data) == [
        Post(0, dt.date(2004, 5, 14), "First one.", "ascii", ()),
        Post(1, dt.date(2003, 7, 31), "Second.", "ascii", ()),
    ]
    assert posts_of(data.replace(b"\r\n", b"\n")) == posts_of(data)


def test_blank_posts_are_posts() -> None:
    data = b"<post></post><post> \r\n </post><post>&nbsp;\x00</post><post>x</post>"
    assert [(post.ordinal, post.text) for post in read_posts(data)] == [
        (0, ""),
        (1, ""),
        (2, ""),
        (3, "x"),
    ]


@pytest.mark.parametrize("data", [b"", b"<Blog></Blog>", b"<posts>x</posts>", b"<date/>a</post>"])
def test_no_post_tag_no_posts(data: bytes) -> None:
    assert posts_of(data) == []


MAY_1, MAY_2 = dt.date(2004, 5, 1), dt.date(2004, 5, 2)
FIRST, SECOND = b"<date>01,May,2004</date>", b"<date>02,May,2004</date>"


@pytest.mark.parametrize(
    ("data", "posts"),
    [
        pytest.param(
            FIRST + b"<post>One<post>Two</post>",
            [("One", MAY_1, True), ("Two", None, False)],
            id="ends at the next post",
        ),
        pytest.param(
            FIRST + b"<post>One\r\n" + SECOND + b"\r\n<post>Two</post>",
            [("One", MAY_1, True), ("Two", MAY_2, False)],
            id="ends at the next date, which is the next post's",
        ),
        pytest.param(
            b"<post>One <date>x</date> more " + SECOND + b" <post>Two</post>",
            [("One <date>x</date> more", None, True), ("Two", MAY_2, False)],
            id="only the last date is the next post's",
        ),
        pytest.param(
            b"<post>One " + SECOND + b" and more <post>Two</post>",
            [("One <date>02,May,2004</date> and more", None, True), ("Two", None, False)],
            id="a date that text follows is text",
        ),
        pytest.param(
            FIRST + b"<post>One\r\n</Blog>\r\n",
            [("One", MAY_1, True)],
            id="ends at </Blog>",
        ),
        pytest.param(
            b"<post>One</Blog> " + SECOND + b"<post>Two",
            [("One", None, True), ("Two", MAY_2, True)],
            id="ends at </Blog> before a further post",
        ),
        pytest.param(
            b"<post>One cut o",
            [("One cut o", None, True)],
            id="ends at the end of the file",
        ),
        pytest.param(
            b"<post>One " + SECOND,
            [("One <date>02,May,2004</date>", None, True)],
            id="a date that no post follows is text",
        ),
        pytest.param(b"<post>", [("", None, True)], id="nothing but a tag"),
        pytest.param(
            b"<post><post><post>x</post>",
            [("", None, True), ("", None, True), ("x", None, False)],
            id="one after the other",
        ),
        pytest.param(
            b"<post>a</Blog>b</post>",
            [("a</Blog>b", None, False)],
            id="</Blog> inside a closed post is text",
        ),
        pytest.param(
            b"<post>a</post>lost</post><post>b</post>",
            [("a lost", None, False), ("b", None, False)],
            id="at the last of several ends",
        ),
    ],
)
def test_where_a_post_ends(data: bytes, posts: list[tuple[str, dt.date | None, bool]]) -> None:
    found = [(post.text, post.date, "unclosed" in post.repairs) for post in read_posts(data)]
    assert found == posts


def test_unclosed_comes_last_among_the_repairs() -> None:
    [post] = read_posts(b"<post>a&nbsp;urlLink b")
    assert post.repairs == ("references", "link", "unclosed")


# Dates


def date_of(date: bytes) -> dt.date | None:
    [post] = read_posts(b"<Blog><date>" + date + b"</date>\r\n<post>Text.</post>")
    assert post.text == "Text."
    return post.date


@pytest.mark.parametrize(
    ("written", "date"),
    [
        pytest.param(b"14,May,2004", dt.date(2004, 5, 14), id="English"),
        pytest.param(b"1,january,1999", dt.date(1999, 1, 1), id="one digit and lower case"),
        pytest.param(b" 29 , February , 2004 ", dt.date(2004, 2, 29), id="spaces"),
        pytest.param("31,décembre,2003".encode(), dt.date(2003, 12, 31), id="French, UTF-8"),
        pytest.param(b"31,d\xe9cembre,2003", dt.date(2003, 12, 31), id="French, Windows-1252"),
        pytest.param(b"24,Maio,2004", dt.date(2004, 5, 24), id="Portuguese"),
        pytest.param(b"02,juillet,2004", dt.date(2004, 7, 2), id="French"),
        pytest.param(b"05,toukokuu,2004", dt.date(2004, 5, 5), id="Finnish"),
        pytest.param(b"09,agosto,2004", dt.date(2004, 8, 9), id="Spanish, Italian"),
        pytest.param(b"17,Dezember,2003", dt.date(2003, 12, 17), id="German"),
        pytest.param(b"30,maart,2004", dt.date(2004, 3, 30), id="Dutch"),
        pytest.param(b"13,luglio,2004", dt.date(2004, 7, 13), id="Italian"),
        pytest.param(b"13,czerwiec,2004", dt.date(2004, 6, 13), id="Polish"),
        pytest.param(b"13,oktober,2003", dt.date(2003, 10, 13), id="Scandinavian"),
        pytest.param("13,Июнь,2004".encode(), dt.date(2004, 6, 13), id="Russian"),
        pytest.param("13,EKİM,2004".encode(), dt.date(2004, 10, 13), id="Turkish, dotted capital"),
        pytest.param(b"13,KASIM,2004", dt.date(2004, 11, 13), id="Turkish, dotless"),
        pytest.param("13,ΙΟΥΛΙΟΣ,2004".encode(), dt.date(2004, 7, 13), id="Greek without accents"),
        pytest.param("3,fe\u0301vrier,2004".encode(), dt.date(2004, 2, 3), id="decomposed"),
        pytest.param(b"3,May!,2004", None, id="something behind the month"),
        pytest.param(b"15,,2004", None, id="empty month"),
        pytest.param(b"31,June,2004", None, id="31 June"),
        pytest.param(b"29,February,2003", None, id="29 February of another year"),
        pytest.param(b"00,May,2004", None, id="day zero"),
        pytest.param(b"01,May,0000", None, id="year zero"),
        pytest.param(b"05,listopad,2003", None, id="October or November: listopad is ambiguous"),
        pytest.param(b"05,Mayember,2003", None, id="no month"),
        pytest.param(b"05,13,2003", None, id="month as a number"),
        pytest.param(b"05,May,04", None, id="two digits of the year"),
        pytest.param(b"May,05,2004", None, id="another order"),
        pytest.param(b"05,May,2004,x", None, id="something behind it"),
        pytest.param(b"soon", None, id="words"),
        pytest.param(b"", None, id="nothing"),
        pytest.param(b"\xff\x00", None, id="broken bytes"),
    ],
)
def test_dates(written: bytes, date: dt.date | None) -> None:
    assert date_of(written) == date


@pytest.mark.parametrize(
    ("data", "dates"),
    [
        pytest.param(b"<post>a</post>", [None], id="no date"),
        pytest.param(FIRST + b"<post>a</post><post>b</post>", [MAY_1, None], id="one for two"),
        pytest.param(FIRST + SECOND + b"<post>a</post>", [MAY_2], id="the last one counts"),
        pytest.param(b"<date>02,May,2004<post>a</post>", [MAY_2], id="date never closed"),
        pytest.param(b"<post>a</post>" + FIRST, [None], id="a date behind the last post"),
        pytest.param(
            b"<post>" + FIRST + b"</post><post>b</post>", [None, None], id="a date inside a post"
        ),
    ],
)
def test_which_date_a_post_gets(data: bytes, dates: list[dt.date | None]) -> None:
    assert [post.date for post in read_posts(data)] == dates


# Files


@pytest.mark.parametrize(
    ("name", "blogger"),
    [
        pytest.param(
            "1136785.male.17.Student.Pisces.xml",
            Blogger(1136785, "male", 17, "Student", "Pisces"),
            id="as distributed",
        ),
        pytest.param(
            "5114.male.25.indUnk.Scorpio.xml",
            Blogger(5114, "male", 25, "indUnk", "Scorpio"),
            id="unknown industry, short id",
        ),
        pytest.param(
            "3650091.female.26.Communications-Media.Aries.xml",
            Blogger(3650091, "female", 26, "Communications-Media", "Aries"),
            id="dash in the industry",
        ),
        pytest.param("readme.txt", None, id="another file"),
        pytest.param("1.male.17.Student.xml", None, id="a part missing"),
        pytest.param("1.male.17.Student.Pisces.Leo.xml", None, id="a part too many"),
        pytest.param("1.other.17.Student.Pisces.xml", None, id="another gender"),
        pytest.param("x.male.17.Student.Pisces.xml", None, id="id without digits"),
        pytest.param("1.male.old.Student.Pisces.xml", None, id="age without digits"),
        pytest.param("1.male.17.Student.Pisces.xml.bak", None, id="another ending"),
        pytest.param("blogs/1.male.17.Student.Pisces.xml", None, id="a path is no base name"),
        pytest.param(f"{'1' * 19}.male.17.Student.Pisces.xml", None, id="id beyond 64 bits"),
        pytest.param(f"{'1' * 5000}.male.17.Student.Pisces.xml", None, id="id of 5,000 digits"),
        pytest.param(f"1.male.{'1' * 5000}.Student.Pisces.xml", None, id="age of 5,000 digits"),
        pytest.param("١٢٣.male.17.Student.Pisces.xml", None, id="Arabic digits"),
    ],
)
def test_blogger_of_a_file_name(name: str, blogger: Blogger | None) -> None:
    assert read_blogger(name) == blogger


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"<Blog>\r\n<date>", True, id="blog"),
        pytest.param(b"<Blog>", True, id="blog without a post"),
        pytest.param(b"\xef\xbb\xbf<Blog>", True, id="byte order mark"),
        pytest.param(b"\r\n  <Blog >", True, id="white space"),
        pytest.param(b'<?xml version="1.0"?>\n<Blog>', True, id="XML declaration"),
        pytest.param(b'\xef\xbb\xbf <?xml version="1.0"?><Blog>', True, id="both"),
        pytest.param(b"<Blog>\x00\xff", True, id="broken behind the root"),
        pytest.param(b'<?xml version="1.0"?><rss>', False, id="another XML"),
        pytest.param(b"<Blogs>", False, id="another root"),
        pytest.param(b"<blog>", True, id="lower case"),
        pytest.param(b'<BLOG\n id="a > b">', True, id="upper case, attributes"),
        pytest.param(b"<Blog/>", True, id="closes itself"),
        pytest.param(b"</Blog>", False, id="an end alone"),
        pytest.param(b"<post>x</post>", False, id="no root"),
        pytest.param(b"PK\x03\x04<Blog>", False, id="binary"),
        pytest.param(b"", False, id="empty"),
        pytest.param(b"Some text <Blog>", True, id="text before the root"),
        pytest.param(b"Some text.", False, id="text alone"),
    ],
)
def test_is_blog(data: bytes, expected: bool) -> None:
    assert is_blog(data) is expected


# Hostile files


@pytest.mark.timeout(30)  # quadratic, one of these takes minutes
@pytest.mark.parametrize(
    "unit",
    [
        b"<date>",
        b"<post>",
        b"</Blo",
        b"&amp;",
        b"&amp;amp",
        b"&#1",
        b"&",
        b"\x00",
        b"urlLink",
        b" ",
    ],
    ids=repr,
)
def test_a_megabyte_of_one_thing_is_not_quadratic(unit: bytes) -> None:
    data = b"<Blog><post>x " + unit * (1_000_000 // len(unit))
    posts = posts_of(data)
    assert len(posts) == data.count(b"<post>")
    assert posts[0].repairs[-1] == "unclosed"
    assert is_blog(data)
    assert not is_blog(unit * (1_000_000 // len(unit)))


PIECES_OF_POSTS = st.sampled_from(
    [
        *(b"a", b" ", b"\n", b"&", b"#", b"1;", b"#1;", b"#129;", b"#xfeff;", b"amp;", b"num;"),
        *(
            b"nbsp",
            b"urlLink",
            b"url&#76;ink",
            b"\x01",
            b"\x0b",
            b"\x81",
            b"\xc2\x85",
            b"\xef\xbb\xbf",
        ),
    ]
)


@given(st.lists(PIECES_OF_POSTS, max_size=8).map(b"".join))
def test_what_is_known_of_a_file_leaves_no_repair_out(raw: bytes) -> None:
    no_controls = raw.translate(None, CONTROL_BYTES) == raw
    assert read_post(0, raw, None, no_controls) == read_post(0, raw)
