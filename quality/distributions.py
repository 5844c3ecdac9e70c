"""How counts spread: mean, quantiles, histogram; exact, of value → how often."""

import math
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)

TOKEN_BINS = (1, 2, 3, 4, 5, 6, 8, 11, 16, 21, 26, 31, 41, 51, 76, 101, 151, 201, 501, 1001)
"""Least number of tokens of a line in each bin of the histogram; the last one is open."""

SENTENCE_BINS = (1, 2, 3, 4, 5, 6, 8, 11, 16, 21, 31, 51, 101, 201, 501, 1001)
"""The same for sentences of a post."""


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
    found = [
        sum(count for value, count in counts.items() if first <= value <= last)
        for first, last in zip(bins, [*lasts, math.inf], strict=True)
    ]
    return [
        {"from": first, "to": last, "count": count}
        for first, last, count in zip(bins, [*lasts, None], found, strict=True)
    ]


def _at_rank(values: Sequence[int], ranks: Sequence[int], q: float) -> int | None:
    if not ranks:
        return None
    wanted = math.ceil(q * ranks[-1])
    return next(value for value, rank in zip(values, ranks, strict=True) if rank >= wanted)
