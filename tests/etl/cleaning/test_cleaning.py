"""Cleaning options in the chain: the fast path is the specification, and the ledger adds up."""

import re

import pytest
from composition import (
    CLEANINGS,
    FILES,
    NAME,
    OPTIONS,
    REPEATING_FILES,
    built,
    composed,
    files_of,
    find_twins_plainly,
    join,
)
from hypothesis import given, settings
from hypothesis import strategies as st

import etl.cleaning.screen as screen
from etl.chain import Chain
from etl.cleaning.options import Cleaning
from etl.cleaning.twins import Twin, pack_twins, unpack_twins
from etl.counting.batches import Reject
from etl.ledger import Ledger
from etl.options import ChainOptions
from etl.spark.tables import post_rows, sentence_rows

ID = 1136785


def with_cleaning(options: ChainOptions, cleaning: Cleaning) -> ChainOptions:
    return ChainOptions(**vars(options) | {"cleaning": cleaning})


@given(st.one_of(FILES, REPEATING_FILES), OPTIONS, CLEANINGS, st.booleans(), st.booleans())
def test_build_is_the_composition(
    files: list[tuple[str, bytes]],
    options: ChainOptions,
    cleaning: Cleaning,
    dedup: bool,
    keep_text: bool,
) -> None:
    options = with_cleaning(options, cleaning)
    twins = find_twins_plainly(files, options) if dedup else None
    whole = built(files, options, keep_text, twins)
    assert whole == composed(files, options, keep_text, twins)
    assert Ledger(whole.counts).discrepancies() == []
    duplicates = whole.counts.get("posts.rejected.duplicate", 0)
    assert duplicates == len(twins or {})


@settings(max_examples=100, deadline=None)
@given(REPEATING_FILES, OPTIONS, CLEANINGS)
def test_rows_of_the_tables_agree_with_the_ledger(
    files: list[tuple[str, bytes]], options: ChainOptions, cleaning: Cleaning
) -> None:
    options = with_cleaning(options, cleaning)
    twins = find_twins_plainly(files, options)
    whole, chain = built(files, options, twins=twins), Chain(options)
    posts, sentences = post_rows(files, chain, twins), sentence_rows(files, chain, twins)
    assert len(list(posts)) == whole.counts.get("posts.kept", 0)
    lines = "".join(f"{row[4]}\n" for row in sentences)
    assert lines.encode() == whole.lines


def test_masks_filters_and_duplicates_in_that_order() -> None:
    cleaning = Cleaning(mask="pii", filters={"min_doc_words": 3})
    texts = [
        "Mail me@a.com now.",
        "Mail you@b.org now!",
        "me@a.com",
        "",
        "?? ?? ??",
        "Call 555-0123 now",
    ]
    files = files_of(*texts)
    twins = find_twins_plainly(files, ChainOptions(cleaning=cleaning))
    whole = built(files, ChainOptions(cleaning=cleaning), keep_text=True, twins=twins)
    assert whole.lines.decode() == "mail xxemail now\ncall xxphone now\n"
    assert whole.rejects == [
        Reject(NAME, ID, 1, None, "post", "duplicate", "Mail xxemail now!", ID, 0),
        Reject(NAME, ID, 2, None, "post", "min_doc_words", "xxemail"),
        Reject(NAME, ID, 3, None, "post", "blank", ""),
        Reject(NAME, ID, 4, None, "post", "no_word", "?? ?? ??"),
    ]
    assert {key: n for key, n in whole.counts.items() if key.startswith("masks.")} == {
        "masks.email": 3,
        "masks.phone": 1,
    }


LANGUAGES = {"Hallo.": "de", "Hello.": "en", "ok": "unsure", "1 2 3": "zxx"}


@pytest.mark.parametrize(
    ("action", "lines"),
    [
        pytest.param("drop", "hello\nok\n1 2 3\n", id="drop"),
        pytest.param("flag", "hallo\nhello\nok\n1 2 3\n", id="flag"),
    ],
)
def test_only_posts_surely_in_another_language_are_dropped(
    monkeypatch: pytest.MonkeyPatch, action: str, lines: str
) -> None:
    monkeypatch.setattr(screen, "detect_language", LANGUAGES.__getitem__)
    options = ChainOptions(cleaning=Cleaning(language="en", language_action=action))
    files = files_of(*LANGUAGES, "")
    whole = built(files, options)
    assert whole.lines.decode() == lines
    dropped = [reject[2] for reject in whole.rejects if reject[5] == "other_language"]
    assert dropped == ([0] if action == "drop" else [])
    languages = {key: n for key, n in whole.counts.items() if key.startswith("languages.")}
    assert languages == {f"languages.{code}": 1 for code in LANGUAGES.values()}
    rows = [row[7] for row in post_rows(files, Chain(options), {})]
    assert rows == [*LANGUAGES.values()][action == "drop" :]


def test_without_options_no_post_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(screen.Screen, "look")
    assert built(files_of("Hello.", ""), ChainOptions()).lines == b"hello\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(
            {"dedup": "fuzzy"}, "dedup is 'fuzzy', expected one of (None, 'exact', 'near')"
        ),
        pytest.param({"mask": "all"}, "mask is 'all', expected one of (None, 'pii')"),
        pytest.param(
            {"language_action": "keep"},
            "language_action is 'keep', expected one of ('drop', 'flag')",
        ),
        pytest.param({"dedup_threshold": 0}, "dedup_threshold is 0, expected above 0, to 1"),
        pytest.param({"trace": -1}, "trace is -1, expected 0 or more"),
    ],
    ids=["dedup", "mask", "action", "threshold", "trace"],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        Cleaning(**options)  # type: ignore[arg-type]


def test_a_list_of_twins_is_packed_and_unpacked() -> None:
    twins = {(1, 2): Twin("duplicate", 3, 4), (1, 5): Twin("near_duplicate", 6, 0)}
    assert unpack_twins(pack_twins(twins)) == twins
    assert unpack_twins(None) == {}


def test_a_twin_of_another_blogger_with_the_same_ordinal_stays() -> None:
    files = [("1.male.20.A.B.xml", b"<Blog><post>One.</post></Blog>")]
    twins = {(2, 0): Twin("duplicate", 1, 0)}
    assert join(Chain(ChainOptions()).build(files, twins=twins)).lines == b"one\n"
