"""The sample that the project ships: complete, every quirk in its place, and what becomes of it."""

import re
from collections import Counter
from functools import lru_cache
from pathlib import Path

import pytest
from composition import Whole, built, composed

from etl.options import ChainOptions
from etl.text.blogs import Post, open_blog, read_blogger, read_posts

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "sample"
FILES = sorted(SAMPLE.glob("*.xml"), key=lambda path: path.name)


@lru_cache
def whole() -> Whole:
    return built([(path.name, path.read_bytes()) for path in FILES], ChainOptions())


def path_of(blogger_id: int) -> Path:
    [path] = SAMPLE.glob(f"{blogger_id}.*.xml")
    return path


def posts_of(blogger_id: int) -> list[Post]:
    return list(read_posts(path_of(blogger_id).read_bytes()))


def lines_of(blogger_id: int) -> list[str]:
    path = path_of(blogger_id)
    return built([(path.name, path.read_bytes())], ChainOptions()).lines.decode().splitlines()


def test_43_files_and_269_posts_none_rejected() -> None:
    assert len(FILES) == 43
    opened = [open_blog(path.name, path.read_bytes()) for path in FILES]
    assert [reason for reason in opened if isinstance(reason, str)] == []
    assert sum(path.read_bytes().count(b"<post>") for path in FILES) == 269
    assert len({read_blogger(path.name) for path in FILES}) == 43


def test_ledger_to_the_last_figure() -> None:
    assert whole().counts == {
        "bytes.markup": 13199,
        "bytes.posts": 88602,
        "bytes.read": 101801,
        "bytes.written": 72823,
        "dates.read": 266,
        "dates.unreadable": 3,
        "encodings.ascii": 233,
        "encodings.utf-8": 21,
        "encodings.windows-1252": 15,
        "files.found": 43,
        "files.read": 43,
        "posts.found": 269,
        "posts.kept": 261,
        "posts.rejected.blank": 4,
        "posts.rejected.no_word": 4,
        "repairs.controls": 6,
        "repairs.escaped_twice": 2,
        "repairs.link": 10,
        "repairs.references": 18,
        "repairs.unclosed": 3,
        "sentences.found": 1288,
        "sentences.written": 1288,
        "tokens.written": 15159,
    }


@pytest.mark.parametrize("least", [1, 3])
def test_fast_path_is_the_composition(least: int) -> None:
    files = [(path.name, path.read_bytes()) for path in FILES]
    options = ChainOptions(min_tokens=least, keep_apostrophes=least > 1)
    assert built(files, options, keep_text=True) == composed(files, options, keep_text=True)


QUIRKS = [
    pytest.param(1047733, rb"R&B|\w & \w", id="bare ampersand"),
    pytest.param(1064587, rb"&smirk;", id="undefined entity"),
    pytest.param(3077656, rb"&nbsp;", id="&nbsp;"),
    pytest.param(968531, rb"&nbsp;\s*&nbsp;", id="&nbsp; run"),
    pytest.param(1386250, rb"&quot;[\s\S]*&hellip;|&hellip;[\s\S]*&quot;", id="named references"),
    pytest.param(3650091, rb"&#151;", id="numeric reference to a Windows-1252 dash"),
    pytest.param(3996710, rb"&#x2019;", id="hexadecimal reference"),
    pytest.param(2904156, rb"&nbsp[^;]", id="reference without semicolon"),
    pytest.param(3996710, rb"&amp;nbsp;", id="escaped twice"),
    pytest.param(1278844, rb"\x93[^\x94]+\x94", id="Windows-1252 quotes"),
    pytest.param(2011765, rb"\xe9", id="Windows-1252 letter"),
    pytest.param(927360, rb"\x81[\s\S]*\x9d", id="undefined Windows-1252 bytes"),
    pytest.param(3729904, rb"\xe2\x99\xa5[\s\S]*\x92", id="UTF-8 and Windows-1252 in one file"),
    pytest.param(3215577, rb"[\xce\xcf][\x80-\xbf]", id="Greek"),
    pytest.param(1500326, rb"\x00{20,}", id="NUL run"),
    pytest.param(2555091, rb"\x0b[\s\S]*\x7f|\x7f[\s\S]*\x0b", id="control bytes"),
    pytest.param(3140398, rb"\xc2[\x92-\x94]", id="C1 controls as UTF-8"),
    pytest.param(4288123, rb"urlLink", id="urlLink"),
    pytest.param(3077656, rb"urlLink[a-z]", id="urlLink glued to a word"),
    pytest.param(3077656, rb"<post>\s*urlLink\s*</post>", id="nothing but urlLink"),
    pytest.param(2756004, rb"www\.|http://|@\w", id="address"),
    pytest.param(2904156, rb"<date>\d+,,\d+</date>", id="empty month"),
    pytest.param(2904156, rb"<date>soon</date>", id="unreadable date"),
    pytest.param(1064587, rb"<post>\s*</post>", id="blank post"),
    pytest.param(968531, rb"<post>[\s.!?*~-]*[.!?*~-]+\s*(?:&nbsp;\s*)*</post>", id="no word"),
    pytest.param(4199050, rb"<post>(?:(?!</post>)[\s\S])*<date>", id="post never closed"),
    pytest.param(4199050, rb"<post>(?:(?!</post>)[\s\S])*\Z", id="last post cut off"),
    pytest.param(1500326, rb"<grin>", id="tag-like text"),
    pytest.param(3140398, rb"\w[^\r\n<>]*\r\n\s*\r\n\s*\w[\s\S]*</post>", id="paragraphs"),
    pytest.param(1451279, rb"\A[^\r]+\Z", id="LF line ends only"),
    pytest.param(927360, rb"</Blog>\Z", id="no line end at the end"),
]


@pytest.mark.parametrize(("blogger_id", "pattern"), QUIRKS)
def test_quirk_is_in_its_file(blogger_id: int, pattern: bytes) -> None:
    assert re.search(pattern, path_of(blogger_id).read_bytes()) is not None


@pytest.mark.parametrize(
    ("blogger_id", "month", "number"),
    [
        (1855621, "Maio", 5),
        (2133947, "juillet", 7),
        (2398460, "toukokuu", 5),
        (4011338, "agosto", 8),
        (3561128, "Dezember", 12),
        (1908835, "maart", 3),
        (2842203, "luglio", 7),
        (3996710, "czerwiec", 6),
        (2555091, "oktober", 10),
    ],
)
def test_month_in_another_language_is_read(blogger_id: int, month: str, number: int) -> None:
    data = path_of(blogger_id).read_bytes()
    dates = re.findall(rb"<date>([^<]*)</date>", data)
    places = [place for place, date in enumerate(dates) if month.encode() in date]
    assert places
    found = [post.date.month if post.date else None for post in read_posts(data)]
    assert {found[place] for place in places} == {number}


def test_encodings_inside_one_file() -> None:
    assert [post.encoding for post in posts_of(3729904)] == [
        *("utf-8", "windows-1252", "utf-8", "windows-1252")
    ]


def test_repairs_are_in_the_files_that_need_them() -> None:
    unclosed = Counter[int]()
    for path in FILES:
        blogger = read_blogger(path.name)
        assert blogger is not None
        unclosed[blogger.blogger_id] += sum(
            "unclosed" in post.repairs for post in read_posts(path.read_bytes())
        )
    assert +unclosed == {1064587: 1, 4199050: 2}


def test_a_file_becomes_these_lines() -> None:
    assert lines_of(3729904) == [
        "café night at school was actually fun",
        "the jazz band played a naïve little tune that our teacher wrote and then it got weird "
        "in a good way",
        "zoë did a poem about her broken skateboard",
        "i that girl",
        "there i ve said it and it s on the internet",
        "i typed this one at my dad s office and it s a mess isn t it",
        "his computer makes the quotes go all curly",
        "anyway zoë read the last post",
        "she said okay",
        "okay as in okay or okay as in okay",
        "it was okay as in okay",
        "we went to the diner",
        "she put hot sauce on a pancake and dared me to do it too",
        "my mouth s still on fire and i d do it again",
        "her dad picked us up in a van with a ladder on top and he asked me what my intentions "
        "were",
        "i said pancakes sir",
        "everybody s talking about the war on tv and in the halls",
        "our history teacher turned off the set and asked us to write one page about what we re "
        "scared of no names",
        "then he read them out loud",
        "they were all the same page nearly word for word",
    ]


@pytest.mark.parametrize(
    ("blogger_id", "line"),
    [
        pytest.param(
            2904156,
            "his name is dr pickles and he can fit a whole cracker in his face",
            id="title in lower case",
        ),
        pytest.param(
            927360,
            "we pushed it the last block to the junkyard and j t played taps on the trumpet badly",
            id="initials and a Windows-1252 ellipsis",
        ),
        pytest.param(
            1500326, "total run time is down from 41 minutes to 6 5 minutes", id="decimal"
        ),
        pytest.param(3077656, "mirror is here in case the first one dies", id="glued urlLink"),
        pytest.param(
            1500326,
            "the rule is simple if a b and b c then sort should just work",
            id="less-than signs",
        ),
    ],
)
def test_line_is_in_its_file(blogger_id: int, line: str) -> None:
    assert line in lines_of(blogger_id)


def test_no_trace_of_what_was_repaired_is_left() -> None:
    words = Counter(whole().lines.decode().split())
    marks = ["urllink", "nbsp", "quot", "amp", "mdash", "hellip", "ldquo", "151", "8217", "x2019"]
    assert {word: words[word] for word in marks if words[word]} == {}
    assert words["smirk"] == 1
