"""Counting: the fast path is plain Python, and pieces add up to the whole in any order."""

import json
import random
from collections import Counter
from collections.abc import Sequence

import plain_counts  # type: ignore[import-not-found]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.counting import line_hashes, token_counts
from etl.counting.line_block import LineBlock
from etl.counting.line_counts import FLAWS, LineCounts, class_of, count_lines
from etl.counting.profile import COUNTS, HASHES, KINDS, TOKENS, Profile
from etl.counting.token_counts import TokenCounter, count_tokens, in_order, merge

GOOD_WORDS = st.sampled_from(
    [
        *(b"a", b"the", b"caf\xc3\xa9", b"don", b"t", b"1", b"x" * 7, b"x" * 8, b"x" * 9),
        *(b"x" * 15 + b"a", b"x" * 15 + b"b", b"x" * 17, b"x" * 40),
    ]
)
PIECES = st.sampled_from(
    [
        *(b" ", b" ", b"\n", b"\n", b"\t", b"\r\n", b"\x0b", b"\0", b"\x01", b"\x7f", b"'", b"-"),
        *(b"a\0", b"longer than\0 eight", b"x" * 8, b"x" * 16, b"x" * 17),
        *(
            b"x" * 100,
            b"x" * 101,
            b"{",
            b"[",
            b"}",
            b'"',
            b"\xc2\xa0",
            "\ufeff\u3000\u200b".encode(),
        ),
        *(b"__label__", b"A", b"\xc3\x89", b"\xef\xbf\xbd", b"\xff", b"\xc3", b"\xe2\x80\x99"),
        *(b"a", b"the", b"caf\xc3\xa9", b"1", b"a " * 1001, "ﬁ".encode(), "𝔸".encode()),
        *(b"\xc2\x85", "\u0301".encode(), "ि".encode(), "\ufe0f".encode()),
    ]
)
BAD_TEXT = st.lists(PIECES, max_size=30).map(b"".join)
GOOD_TEXT = st.lists(st.lists(GOOD_WORDS, min_size=1, max_size=6), max_size=12).map(
    lambda lines: b"".join(b" ".join(line) + b"\n" for line in lines)
)
TEXT = st.one_of(BAD_TEXT, GOOD_TEXT)


def table_of(table: object) -> dict[bytes, tuple[int, int]]:
    rows = table.to_pylist()  # type: ignore[attr-defined]
    assert len({row["token"] for row in rows}) == len(rows)
    return {row["token"]: (row["count"], row["first"]) for row in rows}


def profile_of(pieces: Sequence[bytes]) -> Profile:
    profile = Profile()
    for piece in pieces:
        profile.add_lines(piece)
    return profile


@given(TEXT)
def test_lines_are_counted_as_plain_python_counts_them(data: bytes) -> None:
    counts = count_lines(LineBlock.of(data))
    lines = plain_counts.lines_of(data)
    assert counts.flaws == plain_counts.plain_flaws(data)
    assert counts.lengths == Counter(len(line.split()) for line in lines)
    assert counts.longest_bytes == max(map(len, lines), default=0)
    assert (counts.bytes, counts.lines, counts.tokens) == (len(data), len(lines), len(data.split()))
    assert counts.unterminated == (bool(data) and not data.endswith(b"\n"))


@given(TEXT)
def test_characters_are_those_of_the_decoded_text(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    counts = count_lines(LineBlock.of(data)).characters
    assert counts["total"] == len(text)
    assert counts["non_ascii"] == sum(not character.isascii() for character in text)


@given(TEXT)
def test_tokens_are_counted_with_their_first_place(data: bytes) -> None:
    assert table_of(count_tokens(LineBlock.of(data))) == plain_counts.plain_tokens(data)


@given(st.lists(GOOD_TEXT, max_size=6))
def test_token_tables_of_pieces_add_up_to_that_of_the_whole(pieces: list[bytes]) -> None:
    parts = [(len(piece.split()), count_tokens(LineBlock.of(piece))) for piece in pieces]
    assert table_of(merge(in_order(parts))) == plain_counts.plain_tokens(b"".join(pieces))


@given(st.lists(GOOD_TEXT, min_size=1, max_size=5), st.randoms())
def test_tables_merge_in_any_order_and_grouping(pieces: list[bytes], chance: random.Random) -> None:
    parts = [(len(piece.split()), count_tokens(LineBlock.of(piece))) for piece in pieces]
    shifted = list(in_order(parts))
    chance.shuffle(shifted)
    cut = chance.randrange(len(shifted) + 1)
    merged = merge([merge(shifted[:cut]), merge(shifted[cut:])])
    assert table_of(merged) == plain_counts.plain_tokens(b"".join(pieces))


def test_merging_now_and_then_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = [b"a b\n", b"b c\n", b"c a d\n", b"e\n"]
    monkeypatch.setattr(token_counts, "MERGED_ROWS", 2)
    parts = [(len(piece.split()), count_tokens(LineBlock.of(piece))) for piece in pieces]
    assert table_of(merge(in_order(parts))) == plain_counts.plain_tokens(b"".join(pieces))
    monkeypatch.setattr(token_counts, "WAITING_ROWS", 2)
    counter = TokenCounter()
    for piece in pieces:
        counter.add(LineBlock.of(piece))
    assert table_of(counter.table()) == plain_counts.plain_tokens(b"".join(pieces))


@given(st.lists(TEXT, max_size=4), st.randoms())
def test_line_counts_add_up_in_any_order(pieces: list[bytes], chance: random.Random) -> None:
    pieces = [piece + b"\n" * (not piece.endswith(b"\n")) for piece in pieces if piece]
    whole = count_lines(LineBlock.of(b"".join(pieces)))
    chance.shuffle(pieces)
    total = LineCounts()
    for piece in pieces:
        total.update(count_lines(LineBlock.of(piece)))
    assert total == whole


@given(TEXT)
def test_counts_pass_through_json(data: bytes) -> None:
    counts = count_lines(LineBlock.of(data))
    assert LineCounts.from_json(json.loads(json.dumps(counts.to_json()))) == counts


@given(st.lists(GOOD_TEXT, max_size=6), st.integers(1, 40))
def test_a_profile_does_not_depend_on_how_the_lines_come(
    pieces: list[bytes], block_bytes: int
) -> None:
    whole, parts = profile_of([b"".join(pieces)]), Profile()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("etl.counting.profile.BLOCK_BYTES", block_bytes)
        for piece in pieces:
            parts.add_lines(piece)
        assert table_of(parts.tokens()) == table_of(whole.tokens())
    assert parts.lines == whole.lines
    assert parts.hashes().tolist() == whole.hashes().tolist()


@given(GOOD_TEXT)
def test_rows_of_a_profile_are_lines_of_ascii_and_give_it_back(data: bytes) -> None:
    profile = profile_of([data])
    rows = dict(profile.rows())
    assert tuple(rows) == KINDS
    assert all(row.isascii() and b"\n" not in row for row in rows.values())
    [read] = Profile.read_counts([rows[COUNTS]])
    assert (read.lines, read.posts) == (profile.lines, profile.posts)
    assert table_of(token_counts.from_text(rows[TOKENS])) == table_of(profile.tokens())
    assert line_hashes.from_text(rows[HASHES]).tolist() == profile.hashes().tolist()


@given(TEXT)
def test_lines_have_the_hashes_that_are_written_down(data: bytes) -> None:
    lines = plain_counts.lines_of(data)
    found = line_hashes.hash_lines(LineBlock.of(data)).tolist()
    assert found == sorted(map(plain_counts.plain_hash, lines))
    assert len(set(found)) == len(set(lines))


def test_a_hash_is_the_same_in_every_process() -> None:
    line = b"hello there, antidisestablishmentarian\n"
    assert line_hashes.hash_lines(LineBlock.of(line)).tolist() == [HELLO_THERE]


HELLO_THERE = 4359652339987219189
"""From another process."""


@pytest.mark.parametrize(
    ("character", "name"),
    [
        *[("É", "upper_case"), ("é", ""), ("-", "other_character"), ("\x85", "control")],
        *[("\t", "tab"), ("\0", "nul"), ("\ufffd", "replacement"), ("’", "other_character")],
        *[("½", ""), ("\ufeff", "bom"), ("\u200d", "other_character"), ("\x0c", "control")],
        *[(space, "unicode_space") for space in "\xa0\u2009\u2028\u202f\u3000\u200b\u2800"],
        *[("\u0301", ""), ("\xad", "other_character"), ("\ufe0f", "other_character")],
    ],
)
def test_a_character_is_in_one_class(character: str, name: str) -> None:
    assert class_of(character) == name
    assert name in ("", *FLAWS)
