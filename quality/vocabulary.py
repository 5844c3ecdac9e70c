"""Token counts → what the vocabulary of a corpus is like: growth, ranks, coverage."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Integers = npt.NDArray[np.int64]

MIN_COUNTS = (1, 2, 5, 10, 20, 40, 50, 100)
"""Values of the hyperparameter that the vocabulary is shown for; 40 is the reference run's."""

GROWTH_POINTS = 50
RANK_POINTS = 60
MOST_FREQUENT = 100
"""Tokens that are named: function words in any corpus worth the name, never one blogger's."""

LEAST_NAMED = 5
"""Occurrences below which a token is not named, however small the corpus is."""

FIRST_RANK, LAST_RANK = 10, 10_000
"""Ranks of the Zipf fit: the highest few and the long tail bend away in any language."""

FIT = f"least squares of ln(count) on ln(rank), at those of the ranks from {FIRST_RANK:,} to "
FIT += f"{LAST_RANK:,} that rank_frequency has"

LEFTOVERS = (
    *("urllink", "nbsp", "amp", "quot", "lt", "gt", "apos", "mdash", "ndash", "hellip"),
    *("lsquo", "rsquo", "ldquo", "rdquo", "eacute", "href", "http", "www", "div", "span", "img"),
)
"""Tokens that mark-up, references and removed links leave."""

Pairs = Sequence[tuple[str, str]]


def describe_vocabulary(table: pa.Table, pairs: Pairs) -> dict[str, Any]:
    """The vocabulary as the metrics have it.

    Args:
        table: one row per token, columns of `etl.counting.token_counts.SCHEMA`.
        pairs: pairs of words, as of WS-353, whose coverage is told.
    """
    counts = np.sort(table["count"].to_numpy())[::-1]
    tokens = int(counts.sum())
    ranks = rank_frequency(counts)
    return {
        "tokens": tokens,
        "types": int(counts.size),
        "hapaxes": int((counts == 1).sum()),
        "type_token_ratio": round(counts.size / tokens, 6) if tokens else 0.0,
        "growth": growth(table["first"].to_numpy(), tokens),
        "rank_frequency": ranks,
        "zipf": fit_zipf(ranks),
        "most_frequent": most_frequent(table),
        "min_count": [min_count_row(counts, tokens, at_least) for at_least in MIN_COUNTS],
        "ws353": coverage(table, pairs),
    }


def growth(first: Integers, tokens: int) -> list[list[int]]:
    """Types that the first tokens of the corpus hold, at evenly spaced numbers of tokens."""
    first = np.sort(first)
    points = sorted({tokens * i // GROWTH_POINTS for i in range(1, GROWTH_POINTS + 1)} - {0})
    return [[point, int(np.searchsorted(first, point))] for point in points]


def rank_frequency(counts: Integers) -> list[list[int]]:
    """[rank, count] at ranks on a logarithmic grid from the first to the last."""
    if not counts.size:
        return []
    ranks = np.unique(np.geomspace(1, counts.size, RANK_POINTS).round().astype(np.int64))
    return [[int(rank), int(counts[rank - 1])] for rank in ranks]


def fit_zipf(ranks: Sequence[Sequence[int]]) -> dict[str, Any]:
    """Slope of the rank-frequency line on log axes, about −1 in natural language."""
    fitted = [point for point in ranks if FIRST_RANK <= point[0] <= LAST_RANK]
    ends = {"first_rank": fitted[0][0], "last_rank": fitted[-1][0]} if fitted else {}
    result = {"slope": None, "r2": None, "points": len(fitted), "how": FIT, **ends}
    if len(fitted) < 3:
        return result
    x, y = np.log(np.array(fitted, float)).T
    slope, intercept = np.polyfit(x, y, 1)
    spread = y.var()
    r2 = 1 - (y - slope * x - intercept).var() / spread if spread else 0.0
    return result | {"slope": round(float(slope), 4), "r2": round(float(r2), 4)}


def most_frequent(table: pa.Table) -> list[list[Any]]:
    """[token, count] of the most frequent tokens, the rare ones never; ties in byte order."""
    kept = table.filter(pc.greater_equal(table["count"], LEAST_NAMED))
    order = [("count", "descending"), ("token", "ascending")]
    rows = kept.take(pc.select_k_unstable(kept, MOST_FREQUENT, order)) if kept.num_rows else kept
    words = (token.decode("utf-8", "replace") for token in rows["token"].to_pylist())
    return [list(pair) for pair in zip(words, rows["count"].to_pylist(), strict=True)]


def min_count_row(counts: Integers, tokens: int, least: int) -> dict[str, Any]:
    """What a min_count leaves of the vocabulary and of the words to train on."""
    kept = counts[counts >= least]
    share = round(int(kept.sum()) / tokens, 6) if tokens else 0.0
    return {
        "min_count": least,
        "words": int(kept.size),
        "training_words": int(kept.sum()),
        "share": share,
    }


def coverage(table: pa.Table, pairs: Pairs) -> dict[str, Any]:
    """The words of the pairs that are too rare to get a vector, by min_count."""
    words = sorted({word for pair in pairs for word in pair})
    counts = counts_of(table, words)
    rows = []
    for least in MIN_COUNTS:
        missing = [word for word in words if counts[word] < least]
        lost = sum(not set(missing).isdisjoint(pair) for pair in pairs)
        rows.append(
            {"min_count": least, "missing": missing, "pairs": len(pairs), "pairs_missing": lost}
        )
    return {"words": len(words), "by_min_count": rows}


def counts_of(table: pa.Table, words: Iterable[str]) -> dict[str, int]:
    """How often each of some words occurs, 0 for those that don't."""
    by_token = {word.encode(): word for word in words}
    rows = table.filter(pc.is_in(table["token"], pa.array(list(by_token), pa.binary())))
    counts = dict(zip(rows["token"].to_pylist(), rows["count"].to_pylist(), strict=True))
    return {word: counts.get(token, 0) for token, word in by_token.items()}
