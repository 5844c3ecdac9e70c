"""Profile and ledger → the metrics of a corpus: one JSON-able object for gate, report and card.

docs/quality.md has every key. Nothing in it is text of a post, but for a hundred function words.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from typing import Any

import pyarrow as pa

from etl.counting.line_counts import FLAWS, LineCounts
from etl.counting.profile import Group, PostCounts, Sums
from etl.ledger import Ledger
from etl.text.blogs import age_group
from quality.repeated_lines import RepeatedLines
from quality.vocabulary import LEFTOVERS, Pairs, counts_of, describe_vocabulary

FORMAT = 1

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)

TOKEN_BINS = (1, 2, 3, 4, 5, 6, 8, 11, 16, 21, 26, 31, 41, 51, 76, 101, 151, 201, 501, 1001)
"""Least number of tokens of a line in each bin of the histogram; the last one is open."""

SENTENCE_BINS = (1, 2, 3, 4, 5, 6, 8, 11, 16, 21, 31, 51, 101, 201, 501, 1001)
"""The same for sentences of a post."""

UNKNOWN = "unknown"
"""Group of the bloggers of whom a table does not tell."""

GROUPINGS: dict[str, Callable[[Group], str]] = {
    "by_gender": lambda group: group.gender or UNKNOWN,
    "by_age_group": lambda group: age_group(group.age) or UNKNOWN,
    "by_age": lambda group: UNKNOWN if group.age is None else str(group.age),
    "by_industry": lambda group: group.industry or UNKNOWN,
}


def describe_corpus(
    lines: LineCounts,
    tokens: pa.Table,
    repeated: RepeatedLines,
    pairs: Pairs,
    *,
    posts: PostCounts | None = None,
    ledger: Ledger | None = None,
) -> dict[str, Any]:
    """The metrics.

    Args:
        lines: counts of all lines.
        tokens: one row per token, columns of `etl.counting.token_counts.SCHEMA`.
        repeated: holds the hashes of all lines.
        pairs: WS-353, or other pairs of words.
        posts: counts of the kept posts; None for a file of which only the lines are known.
        ledger: of the build; None likewise.
    """
    return {
        "format": FORMAT,
        "source": "file" if ledger is None else "build",
        "corpus": {"bytes": lines.bytes, "lines": lines.lines, "tokens": lines.tokens},
        "ledger": None if ledger is None else ledger.nested(),
        "sentences_per_post": None if posts is None else describe(posts.sentences, SENTENCE_BINS),
        "tokens_per_sentence": describe(lines.lengths, TOKEN_BINS),
        "lines": describe_lines(lines),
        "characters": {name: lines.characters[name] for name in ("total", "non_ascii")},
        "leftovers": counts_of(tokens, LEFTOVERS),
        "repeated_lines": repeated.describe(),
        "posts": None if posts is None else describe_posts(posts),
        "vocabulary": describe_vocabulary(tokens, pairs),
    }


def describe_lines(lines: LineCounts) -> dict[str, int]:
    """Number of lines with each flaw, those that nothing has included."""
    flaws = {name: lines.flaws[name] for name in FLAWS}
    return flaws | {"longest_bytes": lines.longest_bytes, "unterminated": lines.unterminated}


def describe_posts(posts: PostCounts) -> dict[str, Any]:
    """Kept posts by month, and what the groups of bloggers wrote."""
    months = {month: count for month, count in sorted(posts.months.items()) if month}
    groups = {name: _by(posts.groups, key) for name, key in GROUPINGS.items()}
    undated = posts.months[""]
    return {"dated": sum(months.values()), "undated": undated, "by_month": months, **groups}


def _by(groups: Mapping[Group, Sums], key: Callable[[Group], str]) -> dict[str, dict[str, int]]:
    sums: dict[str, Sums] = {}
    for group, written in groups.items():
        sums[key(group)] = sums.get(key(group), Sums()) + written
    return {name: sums[name]._asdict() for name in sorted(sums)}


def describe(counts: Counter[int], bins: Sequence[int]) -> dict[str, Any]:
    """The distribution of whole numbers from 0.

    Args:
        counts: value → how often it occurs.
        bins: least value of each bin, ascending; one for 0 is added where 0 occurs.

    >>> describe(Counter({1: 3, 4: 1}), (1, 3))["histogram"]
    [{'from': 1, 'to': 2, 'count': 3}, {'from': 3, 'to': None, 'count': 1}]
    """
    counts = +counts
    number, total = counts.total(), sum(value * count for value, count in counts.items())
    return {
        "count": number,
        "total": total,
        "mean": round(total / number, 4) if number else None,
        "shortest": min(counts, default=None),
        "longest": max(counts, default=None),
        "quantiles": quantiles(counts),
        "histogram": histogram(counts, (0, *bins) if counts[0] else bins),
    }


def quantiles(counts: Counter[int]) -> dict[str, int | None]:
    """The value at rank ⌈q·n⌉ of the sorted values, for each of `QUANTILES`."""
    values = sorted(counts)
    ranks = list(accumulate(counts[value] for value in values))
    return {str(q): _at_rank(values, ranks, q) for q in QUANTILES}


def histogram(counts: Counter[int], bins: Sequence[int]) -> list[dict[str, int | None]]:
    """How many values lie in each bin, which are inclusive at both ends."""
    lasts = [following - 1 for following in bins[1:]]
    counted = [
        sum(count for value, count in counts.items() if first <= value <= last)
        for first, last in zip(bins, [*lasts, math.inf], strict=True)
    ]
    return [
        {"from": first, "to": last, "count": count}
        for first, last, count in zip(bins, [*lasts, None], counted, strict=True)
    ]


def _at_rank(values: Sequence[int], ranks: Sequence[int], q: float) -> int | None:
    if not ranks:
        return None
    least = math.ceil(q * ranks[-1])
    return next(value for value, rank in zip(values, ranks, strict=True) if rank >= least)
