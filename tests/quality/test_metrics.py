"""Metrics: distributions, vocabulary and the whole of a small corpus."""

import doctest
import math
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.counting.line_block import LineBlock
from etl.counting.profile import Group, PostCounts, Profile, Sums
from etl.counting.token_counts import count_tokens
from etl.ledger import Ledger
from quality import metrics, vocabulary
from quality.metrics import QUANTILES, describe, describe_corpus, describe_posts
from quality.repeated_lines import RepeatedLines

PAIRS = [("tiger", "cat"), ("cat", "the")]


def table(text: bytes) -> Any:
    return count_tokens(LineBlock.of(text))


def metrics_of(text: bytes, **known: Any) -> dict[str, Any]:
    profile, repeated = Profile(), RepeatedLines()
    profile.add_lines(text)
    tokens = profile.tokens()
    repeated.add(profile.hashes())
    return describe_corpus(profile.lines, tokens, repeated, PAIRS, **known)


def test_doctests():
    assert doctest.testmod(metrics).failed == 0


@given(st.lists(st.integers(0, 40), min_size=1, max_size=60))
def test_a_distribution_is_that_of_the_values(values):
    found = describe(Counter(values), (1, 2, 5, 30))
    assert (found["count"], found["total"]) == (len(values), sum(values))
    assert found["mean"] == round(sum(values) / len(values), 4)
    assert (found["shortest"], found["longest"]) == (min(values), max(values))
    for q in QUANTILES:
        assert found["quantiles"][str(q)] == sorted(values)[math.ceil(q * len(values)) - 1]
    for one in found["histogram"]:
        last = math.inf if one["to"] is None else one["to"]
        assert one["count"] == sum(one["from"] <= value <= last for value in values)
    assert sum(one["count"] for one in found["histogram"]) == len(values)


def test_a_distribution_of_nothing_has_no_figures():
    found = describe(Counter(), (1, 2))
    assert (found["count"], found["mean"], found["longest"]) == (0, None, None)
    assert set(found["quantiles"].values()) == {None}


def test_growth_counts_types_that_were_seen_so_far():
    words = b"a b a c a a d a a e".split()
    found = vocabulary.describe_vocabulary(table(b" ".join(words) + b"\n"), PAIRS)["growth"]
    assert found == [[n, len(set(words[:n]))] for n in range(1, 11)]


def test_growth_has_at_most_fifty_points_and_ends_with_all_types():
    text = b"".join(b"w%d of\n" % number for number in range(1000))
    found = vocabulary.describe_vocabulary(table(text), PAIRS)["growth"]
    assert (len(found), found[0], found[-1]) == (50, [40, 21], [2000, 1001])


def test_zipf_of_a_corpus_that_follows_it():
    counts = [[rank, round(1e9 / rank)] for rank in (1, 3, 10, 30, 100, 1000, 10_000, 30_000)]
    fit = vocabulary.fit_zipf(counts)
    assert (fit["slope"], fit["r2"], fit["points"]) == (-1.0, 1.0, 5)
    assert (fit["first_rank"], fit["last_rank"]) == (10, 10_000)


def test_too_few_ranks_have_no_slope():
    assert vocabulary.fit_zipf([[1, 5], [2, 3]])["slope"] is None


def test_rare_tokens_are_not_named_and_ties_come_in_byte_order():
    text = b"b a b a b a b a b a secret secret\n" + b"z " * 6 + b"\n"
    assert vocabulary.most_frequent(table(text)) == [["z", 6], ["a", 5], ["b", 5]]


def test_min_count_and_coverage_of_pairs():
    found = vocabulary.describe_vocabulary(table(b"cat cat the the the the the rare\n"), PAIRS)
    rows = {row["min_count"]: row for row in found["min_count"]}
    assert rows[1] | {"share": 0} == {"min_count": 1, "words": 3, "training_words": 8, "share": 0}
    assert (rows[2]["words"], rows[2]["training_words"], rows[2]["share"]) == (2, 7, 0.875)
    assert found["hapaxes"] == 1
    coverage = {row["min_count"]: row for row in found["ws353"]["by_min_count"]}
    assert found["ws353"]["words"] == 3
    assert (coverage[1]["missing"], coverage[1]["pairs_missing"]) == (["tiger"], 1)
    assert (coverage[5]["missing"], coverage[5]["pairs_missing"]) == (["cat", "tiger"], 2)


def test_the_metrics_of_a_small_file():
    found = metrics_of(b"the cat\nthe amp\nthe cat\n")
    assert (found["source"], found["ledger"], found["posts"]) == ("file", None, None)
    assert found["corpus"] == {"bytes": 24, "lines": 3, "tokens": 6}
    assert found["leftovers"]["amp"] == 1
    assert found["repeated_lines"]["repeats"] == 1
    assert found["tokens_per_sentence"]["mean"] == 2.0
    assert not any(found["lines"][name] for name in ("empty", "upper_case", "unterminated"))


def test_a_build_has_its_ledger():
    found = metrics_of(b"a\n", ledger=Ledger({"posts.found": 3}))
    assert (found["source"], found["ledger"]["posts"]["found"]) == ("build", 3)


@pytest.mark.parametrize("text", [b"", b"\n", b"a\n"])
def test_next_to_nothing_has_metrics(text):
    found = metrics_of(text)
    assert found["corpus"]["tokens"] == len(text.split())
    assert found["vocabulary"]["types"] == len(text.split())


def test_groups_are_described_each_by_itself_and_months_in_order():
    male, female = Sums(1, 3, 3, 6), Sums(1, 1, 5, 6)
    counts = PostCounts()
    counts.months.update({"2004-05": 2, "": 1, "2003-12": 1})
    counts.groups.update({Group("male", 17, "Law"): male, Group("female", 13, "Law"): female})
    described = describe_posts(counts)
    assert (described["dated"], described["undated"]) == (3, 1)
    assert list(described["by_month"].items()) == [("2003-12", 1), ("2004-05", 2)]
    assert described["by_gender"] == {"female": female._asdict(), "male": male._asdict()}
    assert described["by_age_group"] == {"10s": (male + female)._asdict()}
    assert described["by_age"] == {"13": female._asdict(), "17": male._asdict()}
    assert described["by_industry"] == {"Law": (male + female)._asdict()}
