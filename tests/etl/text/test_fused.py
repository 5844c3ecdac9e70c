"""The fast path against the composition of `split_sentences` and `normalize`."""

from collections.abc import Callable
from functools import lru_cache
from itertools import product

import pytest
from composition import ONE_BYTE_TOKENS, texts
from hypothesis import given
from hypothesis import strategies as st

import etl.text.characters as module
from etl.text.blogs import WINDOWS_1252
from etl.text.characters import SEPARATOR, encode_post
from etl.text.english import english
from etl.text.fused import FusedChain, FusedLines
from etl.text.normalize import normalize
from etl.text.sentences import SentenceSplitter

CORE_OPTIONS = [
    pytest.param(fold, keep, least, id=f"fold={fold:d}-apostrophes={keep:d}-min_tokens={least}")
    for fold, keep, least in product([False, True], [False, True], [1, 2, 3, 4])
]


CUTS = ("any", "upper", "post")
"""Values of break_before, and lines="post"."""


@lru_cache
def splitter(cut: str) -> SentenceSplitter:
    return SentenceSplitter(english(), "any" if cut == "post" else cut)


@lru_cache
def fused(fold: bool, keep: bool, least: int, cut: str) -> FusedChain:
    return FusedChain(
        splitter(cut),
        whole_posts=cut == "post",
        fold_diacritics=fold,
        keep_apostrophes=keep,
        min_tokens=least,
    )


def composed(posts: list[str], fold: bool, keep: bool, least: int, cut: str) -> dict[str, object]:
    """What `FusedLines` has to hold, by the specification."""
    lines: list[str] = []
    rejects: list[tuple[int, int, int]] = []
    wordless: list[int] = []
    kept: list[list[str]] = [[] for _ in posts]
    sentences = 0
    for index, text in enumerate(posts):
        normal = [
            normalize(sentence, fold_diacritics=fold, keep_apostrophes=keep)
            for sentence in ([text] if cut == "post" else splitter(cut).split(text))
        ]
        if not any(normal):
            wordless.append(index)
            continue
        sentences += len(normal)
        for ordinal, line in enumerate(normal):
            tokens = len(line.split())
            if tokens >= least:
                lines.append(line + "\n")
                kept[index].append(line)
            else:
                rejects.append((index, ordinal, tokens))
    return {
        "lines": "".join(lines).encode(),
        "sentences": sentences,
        "tokens": len("".join(lines).split()),
        "wordless": wordless,
        "rejects": rejects,
        "post_lines": [len(own) for own in kept],
        "post_tokens": [len(" ".join(own).split()) for own in kept],
    }


def run(posts: list[str], chain: FusedChain) -> dict[str, object]:
    """The fast path, its result as plain Python objects."""
    encoded = [encode_post(text) for text in posts]
    result: FusedLines = chain.run(posts, [data for data in encoded if data is not None])
    counts = {"post_lines": result.post_lines, "post_tokens": result.post_tokens}
    return result._asdict() | {name: found.tolist() for name, found in counts.items()}


def assert_equal(
    posts: list[str], fold: bool = False, keep: bool = False, least: int = 1, cut: str = "any"
) -> None:
    options = (fold, keep, least, cut)
    assert run(posts, fused(*options)) == composed(posts, *options)


REPAIRED = texts(tuple(t for t in ONE_BYTE_TOKENS if not {"\x00", "\x1e", "\x7f"} & set(t)), 16)
POSTS = st.lists(REPAIRED.map(str.strip).filter(bool), min_size=1, max_size=6)


@given(POSTS, st.booleans(), st.booleans(), st.integers(1, 4), st.sampled_from(CUTS))
def test_fast_path_is_the_composition(
    posts: list[str], fold: bool, keep: bool, least: int, cut: str
) -> None:
    assert_equal(posts, fold, keep, least, cut)


BYTE_TEXTS = st.text(
    st.sampled_from([c for c in WINDOWS_1252 if c >= " " and not "\x7f" <= c < "\xa0"]), max_size=40
)


@given(st.lists(BYTE_TEXTS.map(str.strip).filter(bool), min_size=1, max_size=4), st.booleans())
def test_fast_path_is_the_composition_on_any_characters(posts: list[str], flag: bool) -> None:
    assert_equal(posts, flag, flag)


EVERY_RULE = [
    'Mr. J. Smith left at 7 p.m. today... sad. "Why?" he asked :) So he did! ok. Fine',
    "I don’t know… ‘really’ don't.\n\nCafé ½ ª. rock 'n' roll's plan B. The end.Then was e.g. so",
    "no capitals here. none! at all? ok",
    "Lt. Ünder met Hmm. So. Éa.Ab A.B a.Bc. . . . X",
    "...",
]


@pytest.mark.parametrize(("fold", "keep", "least"), CORE_OPTIONS)
def test_every_option_keeps_the_two_equal(fold: bool, keep: bool, least: int) -> None:
    assert_equal(EVERY_RULE, fold, keep, least)


@pytest.mark.parametrize(
    "posts",
    [
        pytest.param(["Hello there. )"], id="closing bracket alone at the end of the last post"),
        pytest.param(["Hello there. )", "x"], id="closing bracket alone at the end of a post"),
        pytest.param(["Hi. :)"], id="emoticon at the end of the last post"),
        pytest.param(["Hi. :)", ":) So"], id="emoticons on both sides of a border"),
        pytest.param(["Hi. :)", "So"], id="emoticon at the end, capital in the next post"),
        pytest.param(["well :)", "So"], id="face at the end, capital in the next post"),
        pytest.param(["x", ":) So"], id="face at the very start of a post is none"),
        pytest.param(["hello work.A"], id="glued capital ends the last post"),
        pytest.param(["hello work.A", "b"], id="glued capital ends a post"),
        pytest.param(["hello work.", "Then"], id="terminator ends a post, capital begins the next"),
        pytest.param(["Mr.", "Smith"], id="abbreviation ends a post"),
        pytest.param(["J", ". Smith is. Here"], id="post begins with a full stop"),
        pytest.param(["a.", ". B. . C"], id="dots on both sides of a border"),
        pytest.param(["plan B. (", "The end"], id="opener ends a post"),
        pytest.param(["so. “", "a", "so. “"], id="openers end a post, lower case begins the next"),
        pytest.param(["a'", "'b", "c'd"], id="apostrophes at the border are not inside a word"),
        pytest.param(["...", "?", "-", "x", "!"], id="posts without a word beside one with one"),
        pytest.param(["?", "."], id="no post with a word"),
        pytest.param(["no. yes. ok", "No. Yes. Ok", "no. yes! ok"], id="each post its own case"),
        pytest.param(["one\n\ntwo", "three\n \n\n four"], id="blank lines"),
        pytest.param(["x. - . - . y"], id="sentences without a word"),
        pytest.param(["((((((Hi. ((((((( hi"], id="more openers than are looked behind"),
        pytest.param(["One. Two. No! (((((((so."], id="seventh opener hides a lower-case letter"),
        pytest.param(["One. Two. No! ((((((so."], id="six openers do not"),
        pytest.param(["abcdefgMr. Smith", "xMr. S", "xxLt. So"], id="abbreviation inside a word"),
        pytest.param(["it is Blvd. Sunset. Ok", "Hmm. Sunset"], id="clipped words"),
    ],
)
def test_border_of_a_post_is_no_text(posts: list[str]) -> None:
    assert_equal(posts)
    assert_equal(posts, least=2)
    assert_equal(posts, keep=True)
    assert_equal(posts, cut="upper")
    assert_equal(posts, keep=True, least=2, cut="post")


@pytest.mark.parametrize("length", [1, 2, 6, 7, 63, 64, 65, 66, 200])
@pytest.mark.parametrize("unit", ['"', ")", " ", "\n", ".", "…", "!", "(", "-", ":", "'", "A", "b"])
def test_runs_of_any_length(unit: str, length: int) -> None:
    filler = unit * length
    assert_equal(
        [
            f"Hello.{filler}There {filler}. So. {filler}x",
            f"Hello. {filler} There. x{filler}",
            f"{filler}Hi! hello.{filler} there".strip(),
        ]
    )


@pytest.mark.parametrize("character", [c for c in WINDOWS_1252 if c.isprintable()])
def test_each_character_of_windows_1252_in_every_position(character: str) -> None:
    patterns = ["Hi. {}a B", "hi.{} B. {}B", "a{}b{}c", "x{}. Y. {}", "Mr{}. B {}. {}Ab"]
    posts = [pattern.replace("{}", character).strip() for pattern in patterns]
    for fold, keep in product([False, True], [False, True]):
        assert_equal(posts, fold, keep)


@pytest.mark.parametrize(
    ("text", "encoded"),
    [
        pytest.param("plain", b"plain", id="ASCII"),
        pytest.param("café ½ \xa0", b"caf\xe9 \xbd \xa0", id="Latin-1"),
        pytest.param(
            "“so” — it’s… Ÿ €", b"\x93so\x94 \x97 it\x92s\x85 \x9f \x80", id="typographic"
        ),
        pytest.param("é “ é", b"\xe9 \x93 \xe9", id="both"),
        pytest.param("I ♥ it", None, id="heart"),
        pytest.param("Ж", None, id="Cyrillic"),
        pytest.param("e\u0301", None, id="combining accent"),
    ],
)
def test_encode_post_takes_one_byte_a_character_or_gives_up(
    text: str, encoded: bytes | None
) -> None:
    assert encode_post(text) == encoded


@pytest.mark.parametrize("character", [c for c in WINDOWS_1252 if not "\x7f" <= c < "\xa0"])
def test_encode_post_agrees_with_the_table_of_classes(character: str) -> None:
    encoded = encode_post(character)
    assert encoded is not None
    assert WINDOWS_1252[encoded[0]] == character


def test_no_repaired_text_holds_the_separator() -> None:
    from etl.text.repairs import repair

    assert repair(f"a{SEPARATOR}b{module.GUARD}c")[0] == "a b c"


@pytest.mark.parametrize(
    ("is_in_class", "table"),
    [
        pytest.param(lambda c: c in ".!?…", module.IS_TERMINATOR, id="terminators"),
        pytest.param(lambda c: c.isspace() and c != "\x1e", module.IS_SPACE, id="white space"),
        pytest.param(lambda c: "A" <= c <= "Z", module.IS_CAPITAL, id="capitals"),
    ],
)
def test_class_tables(is_in_class: Callable[[str], bool], table: module.Flags) -> None:
    found = {c for c, flag in zip(WINDOWS_1252, table.tolist(), strict=True) if flag}
    assert found == {c for c in WINDOWS_1252 if is_in_class(c)}
