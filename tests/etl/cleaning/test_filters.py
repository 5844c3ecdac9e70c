"""Quality filters: each rule at its threshold, on both of its sides."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.cleaning import measures
from etl.cleaning.filters import FILTERS, GROUPS, make_check
from etl.cleaning.measures import Measures
from etl.text.blogs import Post
from etl.text.sentences import split_sentences


def reason(text: str, **filters: float) -> str | None:
    return make_check(filters, split_sentences)(Post(0, None, text, "ascii", ()))


WORDS = ["the", "cat", "and", "dog", "of", "my", "house", "have", "run", "to"]


@pytest.mark.parametrize(
    ("name", "kept", "dropped"),
    [
        pytest.param("min_doc_words", "word " * 50, "word " * 49, id="min_doc_words"),
        pytest.param("max_doc_words", "a " * 100_000, "a " * 100_001, id="max_doc_words"),
        pytest.param("min_avg_word_length", "abc abc", "abc ab", id="min_avg_word_length"),
        pytest.param("max_avg_word_length", "a" * 10, "a" * 11, id="max_avg_word_length"),
        pytest.param("max_hash_word_ratio", "# " + "a " * 9, "#a " + "a " * 8, id="hashes"),
        pytest.param(
            "max_ellipsis_word_ratio", "a... " + "a " * 9, "a… " + "a " * 8, id="ellipses"
        ),
        pytest.param(
            "max_bullet_lines_ratio", "* a\n" * 9 + "b", "- a\n" * 10 + "b", id="bullet lines"
        ),
        pytest.param(
            "max_ellipsis_lines_ratio", "a…\n" * 3 + "b\n" * 7, "a...\n" * 4 + "b\n" * 6, id="…"
        ),
        pytest.param("min_alpha_words_ratio", "a b c d 1", "a b c 1 2", id="words with a letter"),
        pytest.param("min_stop_words", "The end. Be", "The the the end", id="stop words differ"),
        pytest.param("dup_line_frac", "a\nb\nc\na", "a\nb\na", id="lines"),
        pytest.param("dup_line_char_frac", "abcd\ne\ne", "abc\nde\nde", id="characters of lines"),
        pytest.param("dup_para_frac", "a\n\nb\n\nc\n\na", "a\n\nb\n\na", id="paragraphs"),
        pytest.param(
            "dup_para_char_frac", "abcd\n\ne\n\ne", "abc\n\nde\n \nde", id="their characters"
        ),
        pytest.param("top_2_gram", f"a b {'c' * 16} a b", f"a b {'c' * 15} a b", id="2-grams"),
        pytest.param("top_3_gram", "a b c", "a b c a b c", id="3-grams"),
        pytest.param("top_4_gram", "a b c d", "a b c d a b c d", id="4-grams"),
        *(
            pytest.param(
                f"duplicated_{n}_grams",
                " ".join([*WORDS[:n], "x" * 600, *WORDS[:n]]),
                " ".join([*WORDS[:n], "x", *WORDS[:n]]),
                id=f"{n}-grams",
            )
            for n in range(5, 11)
        ),
        pytest.param("min_num_sentences", "One. Two. Three.", "One. Two.", id="sentences"),
    ],
)
def test_each_rule_at_its_own_threshold(name: str, kept: str, dropped: str) -> None:
    threshold = FILTERS[name].threshold
    assert reason(kept, **{name: threshold}) is None
    assert reason(dropped, **{name: threshold}) == name


def test_every_filter_is_tested_above() -> None:
    [mark] = test_each_rule_at_its_own_threshold.pytestmark  # type: ignore[attr-defined]
    assert {one.values[0] for one in mark.args[1]} == set(FILTERS)


def test_thresholds_are_those_of_the_papers() -> None:
    gopher = {name: rule.threshold for name, rule in GROUPS["gopher_repetition"].items()}
    assert [*gopher.values()] == [
        *(0.3, 0.3, 0.2, 0.2),
        *(0.20, 0.18, 0.16),
        *(0.15, 0.14, 0.13, 0.12, 0.11, 0.10),
    ]
    quality = [rule.threshold for rule in GROUPS["gopher_quality"].values()]
    assert quality == [50, 100_000, 3, 10, 0.1, 0.1, 0.9, 0.3, 0.8, 2]


def test_first_filter_of_the_table_gives_the_reason_whatever_the_order_asked() -> None:
    assert reason("x", min_stop_words=2, min_doc_words=50) == "min_doc_words"
    assert reason("x", min_stop_words=2) == "min_stop_words"


def test_names_of_reasons_split_at_no_dot() -> None:
    assert not [name for name in FILTERS if "." in name]


def test_unknown_filter_is_refused() -> None:
    with pytest.raises(ValueError, match="no such filter: maximal"):
        reason("x", maximal=1)


def test_repeated_grams_count_each_character_once() -> None:
    many = Measures("ab ab ab ab", split_sentences)
    assert many.repeated_gram_share(2) == 1
    assert many.top_gram_share(2) == 1.5  # three occurrences of four characters, of eight
    assert Measures("a b a b c", split_sentences).repeated_gram_share(2) == 0.8


@given(st.text("ab .\n…#*", min_size=1, max_size=60).map(str.strip).filter(bool))
def test_no_text_breaks_a_filter(text: str) -> None:
    for name, rule in FILTERS.items():
        found = rule.measure(Measures(text, split_sentences))
        assert (reason(text, **{name: rule.threshold}) == name) == (
            found < rule.threshold if name.startswith("min_") else found > rule.threshold
        )


def test_doctests() -> None:
    assert doctest.testmod(measures).failed == 0
