"""`Chain.build`: the fast path in batches equals the specification; what it counts and drops."""

import hashlib
import pickle
import re
import subprocess
import sys

import pytest
from composition import FILES, NAME, OPTIONS, blog_of, built, composed, files_of, join, names
from hypothesis import given, settings

import etl.chain as module
from etl.chain import Chain
from etl.cleaning.options import Cleaning
from etl.counting.batches import Reject, reject_file
from etl.ledger import Ledger
from etl.options import ChainOptions
from etl.text.blogs import Blogger, OpenFile, open_blog, read_blogger

DEFAULTS = ChainOptions()


@given(FILES, OPTIONS)
def test_build_is_the_composition(files: list[tuple[str, bytes]], options: ChainOptions) -> None:
    whole = built(files, options)
    assert whole == composed(files, options)
    assert Ledger(whole.counts).discrepancies() == []


@settings(max_examples=100, deadline=None)
@given(FILES, OPTIONS)
def test_build_with_rejected_texts_is_the_composition(
    files: list[tuple[str, bytes]], options: ChainOptions
) -> None:
    assert built(files, options, keep_text=True) == composed(files, options, keep_text=True)


@pytest.mark.parametrize("characters", [1, 7, 60])
@settings(max_examples=50, deadline=None)
@given(files=FILES, options=OPTIONS)
def test_batches_of_any_size_build_the_same(
    characters: int, files: list[tuple[str, bytes]], options: ChainOptions
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BATCH_CHARACTERS", characters)
        parts = list(Chain(options).build(files, keep_text=True))
    assert join(parts) == composed(files, options, keep_text=True)


def test_a_batch_ends_at_the_first_post_that_fills_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH_CHARACTERS", 10)
    posts = ["1234567.", "second one", "a", "b", "c"]
    parts = list(Chain(DEFAULTS).build(files_of(*posts)))
    found = [part.ledger["posts.found"] for part in parts if part.ledger["posts.found"]]
    assert found == [2, 3]


def test_a_file_is_counted_before_its_posts() -> None:
    first, *rest = Chain(DEFAULTS).build(files_of("Hello."))
    counts = {"files.found": 1, "files.read": 1, "bytes.read": 62}
    assert first == (b"", [], counts | {"bytes.markup": 56, "bytes.posts": 6, "bytes.stray": 0}, [])
    assert [part.lines for part in rest] == [b"hello\n"]


def test_lines_rejects_and_ledger_of_two_files() -> None:
    first, second = f"1{NAME}", f"2{NAME}"
    files = [
        (first, blog_of([b"Hello there. ?! Yes.", b" ", b"***", b"Caf\xe9 :) It&#151;is."])),
        (second, b"<Blog><post>I \xe2\x99\xa5 R&B too. - . Fine urlLink"),
    ]
    whole = built(files, ChainOptions(min_tokens=2), keep_text=True)
    assert whole.lines.decode() == "hello there\nit is\ni r b too\n"
    one, two = 11136785, 21136785
    assert whole.rejects == [
        Reject(first, one, 0, 1, "sentence", "too_short", "Yes."),
        Reject(first, one, 1, None, "post", "blank", ""),
        Reject(first, one, 2, None, "post", "no_word", "***"),
        Reject(first, one, 3, 0, "sentence", "too_short", "Café :)"),
        Reject(second, two, 0, 1, "sentence", "no_word", "- ."),
        Reject(second, two, 0, 2, "sentence", "too_short", "Fine"),
    ]
    assert whole.counts == {
        "bytes.markup": len(files[0][1]) + len(files[1][1]) - 74,
        "bytes.posts": 74,
        "bytes.read": len(files[0][1]) + len(files[1][1]),
        "bytes.written": 28,
        "dates.read": 4,
        "dates.unreadable": 1,
        "encodings.ascii": 3,
        "encodings.utf-8": 1,
        "encodings.windows-1252": 1,
        "files.found": 2,
        "files.read": 2,
        "posts.found": 5,
        "posts.kept": 3,
        "posts.rejected.blank": 1,
        "posts.rejected.no_word": 1,
        "repairs.link": 1,
        "repairs.references": 1,
        "repairs.unclosed": 1,
        "sentences.found": 7,
        "sentences.rejected.no_word": 1,
        "sentences.rejected.too_short": 3,
        "sentences.written": 3,
        "tokens.written": 8,
    }


def test_text_of_rejects_is_kept_only_when_asked_for() -> None:
    files = files_of("Hello. -", "?!", "", "I ♥ it. - .", "漢 . . x - . - . y")
    kept, plain = built(files, DEFAULTS, keep_text=True), built(files, DEFAULTS)
    assert [reject[:6] for reject in kept.rejects] == [reject[:6] for reject in plain.rejects]
    assert {reject[6] for reject in plain.rejects} == {None}
    assert None not in {reject[6] for reject in kept.rejects}


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        pytest.param({}, ["don t go", "café 7", "i", "naïve i s"], id="defaults"),
        pytest.param(
            {"fold_diacritics": True}, ["don t go", "cafe 7", "i", "naive i s"], id="fold"
        ),
        pytest.param(
            {"keep_apostrophes": True}, ["don't go", "café 7", "i", "naïve i's"], id="keep"
        ),
        pytest.param({"min_tokens": 2}, ["don t go", "café 7", "naïve i s"], id="min_tokens=2"),
        pytest.param({"min_tokens": 3}, ["don t go", "naïve i s"], id="min_tokens=3"),
        pytest.param({"min_tokens": 4}, [], id="min_tokens=4"),
        pytest.param({"lines": "post"}, ["don t go café 7 i naïve i s"], id="lines=post"),
        pytest.param(
            {"fold_diacritics": True, "keep_apostrophes": True, "min_tokens": 2},
            ["don't go", "cafe 7", "naive i's"],
            id="all",
        ),
    ],
)
@pytest.mark.parametrize("heart", ["", " ♥"], ids=["fast path", "specification"])
def test_options_change_the_lines(options: dict[str, object], lines: list[str], heart: str) -> None:
    files = files_of(f"Don’t go! Café 7. I. Naïve 'I's'.{heart}")
    whole = built(files, ChainOptions(**options))  # type: ignore[arg-type]
    assert whole.lines.decode().splitlines() == lines


@pytest.mark.parametrize("heart", ["", " ♥"], ids=["fast path", "specification"])
def test_a_kept_post_may_write_no_line(heart: str) -> None:
    whole = built(files_of(f"One. Two words{heart}."), ChainOptions(min_tokens=3))
    assert whole.lines == b""
    assert [reject[2:6] for reject in whole.rejects] == [
        (0, 0, "sentence", "too_short"),
        (0, 1, "sentence", "too_short"),
    ]
    assert (whole.counts["posts.kept"], whole.counts["sentences.found"]) == (1, 2)


@pytest.mark.parametrize("heart", ["", " ♥"], ids=["fast path", "specification"])
def test_break_before_upper_leaves_lower_case_and_ellipses_joined(heart: str) -> None:
    text = f'no capitals. none! Yes... Well. 7 "so." (a) b :) Mr. J. Smith.And{heart}\n\nso'
    whole = built(files_of(text), ChainOptions(break_before="upper"))
    assert whole.lines.decode().splitlines() == [
        "no capitals none",
        "yes well",
        "7 so a b",
        "mr j smith",
        "and",
        "so",
    ]


def test_a_filter_counts_sentences_whatever_a_line_is() -> None:
    cleaning = Cleaning(filters={"min_num_sentences": 3})
    whole = built(files_of("One. Two.", "One. Two. Three."), ChainOptions(lines="post"))
    assert whole.lines == b"one two\none two three\n"
    options = ChainOptions(lines="post", cleaning=cleaning)
    assert built(files_of("One. Two.", "One. Two. Three."), options).lines == b"one two three\n"


def test_spacy_splitter_takes_the_place_of_the_rules() -> None:
    text = "He met Mr. Smith today! well, yes. It rained... So what"
    whole = built(files_of(text, "I ♥ it! so"), ChainOptions(splitter="spacy"))
    assert whole.lines.decode().splitlines() == [
        "he met mr smith today",
        "well yes",
        "it rained so what",
        "i it",
        "so",
    ]


def test_spacy_splitter_takes_posts_beyond_its_own_limit() -> None:
    from etl.text.english import PIECE_CHARACTERS, SpacySplitter

    text = "One two three. " * (PIECE_CHARACTERS // 15 + 10)
    sentences = SpacySplitter().split(text)
    assert "".join("".join(sentences).split()) == "".join(text.split())
    assert SpacySplitter().split("x" * (PIECE_CHARACTERS + 5)) == ["x" * PIECE_CHARACTERS, "x" * 5]


# Files that are not read

BLOG = blog_of([b"Hello."])


@pytest.mark.parametrize(
    ("name", "data", "found"),
    [
        pytest.param(NAME, BLOG, read_blogger(NAME), id="a good one"),
        pytest.param(NAME, b"<Blog></Blog>", read_blogger(NAME), id="no posts is good"),
        pytest.param("readme.txt", BLOG, "file_name", id="file name in another layout"),
        pytest.param("readme.txt", b"", "file_name", id="the name comes first"),
        pytest.param(NAME, b"", "empty", id="empty"),
        pytest.param(NAME, b" \r\n\t ", "empty", id="white space only"),
        pytest.param(NAME, b"\x89PNG\r\n\x1a\n\x00\x00", "not_a_blog", id="binary"),
        pytest.param(NAME, b"<rss><post>x</post></rss>", "not_a_blog", id="another XML"),
        pytest.param(NAME, b"hello <Blog>", read_blogger(NAME), id="text before the root"),
        pytest.param(NAME, b"hello", "not_a_blog", id="text alone"),
    ],
)
def test_open_blog_gives_the_blogger_or_the_reason(
    name: str, data: bytes, found: Blogger | str
) -> None:
    file = open_blog(name, data)
    assert (read_blogger(file.name) if isinstance(file, OpenFile) else file) == found


def test_bad_files_among_good_ones_are_rejected_with_their_reason() -> None:
    files = [(NAME, b"\x00"), ("a.xml", BLOG), (NAME, BLOG), (NAME, b"")]
    whole = join(Chain(DEFAULTS).build(files))
    assert whole.lines == b"hello\n"
    assert sorted((reject[0], reject[5]) for reject in whole.rejects) == [
        (NAME, "empty"),
        (NAME, "not_a_blog"),
        ("a.xml", "file_name"),
    ]
    assert whole.counts["files.found"] == 4
    assert whole.counts["files.read"] == 1
    assert whole.counts["bytes.read"] == len(BLOG)
    assert Ledger(whole.counts).discrepancies() == []


def test_text_outside_posts_is_rejected_with_its_bytes() -> None:
    data = b"R&amp;B\x00 <Blog>\n<post>One.</post>\nMail me@a.com \n<post>Two.</post>\xe9</Blog>"
    bare = "2.male.17.Student.Leo.xml"
    files = [(NAME, data), (bare, b"<Blog> Nothing else. </Blog>")]
    masked = ChainOptions(cleaning=Cleaning(mask="pii"))
    whole = built(files, masked, keep_text=True)
    assert whole.lines == b"one\ntwo\n"
    stray = ("stray", "outside_post")
    assert whole.rejects == [
        Reject(NAME, 1136785, None, None, *stray, "R&B", bytes=8),
        Reject(NAME, 1136785, 0, None, *stray, "Mail xxemail", bytes=13),
        Reject(NAME, 1136785, 1, None, *stray, "é", bytes=1),
        Reject(bare, 2, None, None, "file", "no_post"),
        Reject(bare, 2, None, None, *stray, "Nothing else.", bytes=13),
    ]
    assert [reject[6] for reject in built(files, masked).rejects] == [None] * 5
    counts = {key: count for key, count in whole.counts.items() if key[0] in "bf" or "ray" in key}
    assert counts == {
        "bytes.markup": (1 + 6 + 1 + 13 + 1 + 2 + 13 + 7) + 15,
        "bytes.posts": 8,
        "bytes.read": len(data) + 28,
        "bytes.stray": 8 + 13 + 1 + 13,
        "bytes.written": 8,
        "files.found": 2,
        "files.read": 1,
        "files.rejected.no_post": 1,
        "strays.rejected.outside_post": 4,
    }
    assert Ledger(whole.counts).discrepancies() == []


@pytest.mark.parametrize(
    ("name", "blogger_id"),
    [pytest.param(NAME, 1136785, id="good name"), pytest.param("x", None, id="bad name")],
)
def test_reject_file_tells_the_blogger_where_the_name_does(
    name: str, blogger_id: int | None
) -> None:
    part = reject_file(name, "unreadable")
    assert part.lines == b""
    assert part.rejects == [Reject(name, blogger_id, None, None, "file", "unreadable", None)]
    assert part.ledger == {"files.found": 1, "files.rejected.unreadable": 1}


def test_no_files_build_nothing() -> None:
    assert list(Chain(DEFAULTS).build([])) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(
            {"splitter": "nltk"},
            "splitter is 'nltk', expected one of ('rules', 'spacy')",
            id="unknown splitter",
        ),
        pytest.param(
            {"break_before": "lower"},
            "break_before is 'lower', expected one of ('any', 'upper')",
            id="unknown break",
        ),
        pytest.param({"lines": "word"}, "lines is 'word', expected", id="unknown line"),
        pytest.param(
            {"splitter": "spacy", "break_before": "upper"}, "break_before is for", id="not spaCy"
        ),
        pytest.param({"min_tokens": 0}, "min_tokens is 0, expected 1 or more", id="no tokens"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        ChainOptions(**options)  # type: ignore[arg-type]


# Big and hostile posts

SENTENCES = 150_000


def test_a_post_of_5_mb_comes_out_whole() -> None:
    text = "".join(f"This is sentence number {n}, isn’t it? " for n in range(SENTENCES))
    assert len(text) > 5_000_000
    whole = built([(NAME, blog_of([b"Before.", text.encode(), b"After."]))], DEFAULTS)
    lines = (f"this is sentence number {n} isn t it\n" for n in range(SENTENCES))
    expected = "before\n" + "".join(lines) + "after\n"
    assert hashlib.sha256(whole.lines).digest() == hashlib.sha256(expected.encode()).digest()
    assert whole.counts["sentences.written"] == SENTENCES + 2
    assert whole.rejects == []


@pytest.mark.timeout(30)  # quadratic, one of these takes minutes
@pytest.mark.parametrize("end", ["x", " X"], ids=["then a word", "then a sentence"])
@pytest.mark.parametrize(
    "unit", [" ", ".", "…", '"', ")", "(", ". ", '."', ". )", ". - ", '! "', "\n \n", ":) ", "\xa0"]
)
def test_120_000_characters_of_no_word_are_not_quadratic(unit: str, end: str) -> None:
    filler = unit * (120_000 // len(unit))
    files = files_of(f"Hi.{filler}{end}")
    whole = built(files, ChainOptions(min_tokens=2), keep_text=True)
    other = composed(files, ChainOptions(min_tokens=2), keep_text=True)
    # digests, since a message with the difference would take minutes too
    assert (
        hashlib.sha256(repr(whole).encode()).digest()
        == hashlib.sha256(repr(other).encode()).digest()
    )
    assert whole.counts["posts.kept"] == 1


@pytest.mark.timeout(30)
def test_text_of_many_rejects_is_not_quadratic() -> None:
    files = files_of("Well. " * 5_000, "Ж. Well. " * 5_000)
    whole = built(files, ChainOptions(min_tokens=2), keep_text=True)
    assert whole.counts["sentences.rejected.too_short"] == 15_000
    assert [reject[6] for reject in whole.rejects[-3:]] == ["Well.", "Ж.", "Well."]


# Workers


def test_pickled_chain_builds_the_same_without_spacy() -> None:
    options = ChainOptions(fold_diacritics=True, min_tokens=2)
    files = files_of("Mr. Smith said no :) The café. So e.g. this...", "Ж it. Yes")
    copy = pickle.loads(pickle.dumps(Chain(options)))
    assert copy.options == options
    assert join(copy.build(files)) == built(files, options)
    code = (
        "import pickle, sys; chain = pickle.loads(sys.stdin.buffer.read());"
        f"parts = list(chain.build({files!r}));"
        "print(b''.join(p.lines for p in parts).decode(), 'spacy' in sys.modules,"
        " 'pyspark' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", code],
        input=pickle.dumps(Chain(options)),
        capture_output=True,
        check=True,
    )
    expected = built(files, options).lines.decode()
    assert ran.stdout.decode() == f"{expected} False False\n"


def test_names_made_for_these_tests_are_good() -> None:
    assert isinstance(open_blog(next(names()), BLOG), OpenFile)
