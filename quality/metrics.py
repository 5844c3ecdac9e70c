"""Profile and ledger → the metrics of a corpus: one JSON-able object for gate, report and card.

docs/quality.md has every key. Nothing in it is text of a post, but for a hundred function words.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

from etl.counting.line_counts import FLAWS, LineCounts
from etl.counting.profile import Group, PostCounts, Sums
from etl.ledger import Ledger
from etl.spark.tables import age_group
from quality.distributions import SENTENCE_BINS, TOKEN_BINS, describe
from quality.repeated_lines import RepeatedLines
from quality.vocabulary import LEFTOVERS, Pairs, counts_of, describe_vocabulary

FORMAT = 1

GROUPINGS: dict[str, Callable[[Group], str]] = {
    "by_gender": lambda group: group.gender,
    "by_age_group": lambda group: age_group(group.age),
    "by_age": lambda group: str(group.age),
    "by_industry": lambda group: group.industry,
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
        tokens: one row a token, columns of `etl.counting.token_counts.SCHEMA`.
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
    for group, found in groups.items():
        sums[key(group)] = sums.get(key(group), Sums()) + found
    return {name: sums[name]._asdict() for name in sorted(sums)}
