"""What a corpus is like, counted while it is made: one profile a task, which then add up.

A task hands its profile on as rows beside its lines, so through Spark's commit, as the ledger: a
task that is retried or run twice counts once. The same profile is made of a file that is there.
"""

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
import pyarrow as pa

from etl.counting import line_hashes, token_counts
from etl.counting.batches import KeptPosts
from etl.counting.line_block import LineBlock
from etl.counting.line_counts import LineCounts, count_lines
from etl.counting.line_hashes import Hashes, hash_lines
from etl.counting.token_counts import TokenCounter
from etl.text.blogs import Blogger


class Group(NamedTuple):
    """What bloggers are counted by."""

    gender: str | None
    age: int | None
    industry: str | None


class Sums(NamedTuple):
    """What bloggers of a group wrote."""

    bloggers: int = 0
    posts: int = 0
    sentences: int = 0
    tokens: int = 0

    def __add__(self, other: object) -> "Sums":
        """Number by number."""
        if not isinstance(other, Sums):
            return NotImplemented
        return Sums(*(ours + theirs for ours, theirs in zip(self, other, strict=True)))


@lru_cache(maxsize=10_000)
def month_of(date: dt.date | None) -> str:
    """The key of a date in `PostCounts.months`.

    >>> month_of(dt.date(2004, 5, 1)), month_of(None)
    ('2004-05', '')
    """
    return f"{date.year}-{date.month:02}" if date else ""


@dataclass
class PostCounts:
    """Counts of kept posts; adds up over runs of whole files in any order.

    Attributes:
        sentences: lines that a post became → posts.
        months: "2004-05" → posts; "" for those whose date can't be read.
        groups: by gender, age and industry.
    """

    sentences: Counter[int] = field(default_factory=Counter)
    months: Counter[str] = field(default_factory=Counter)
    groups: dict[Group, Sums] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._last: int | None = None

    def add(self, posts: KeptPosts) -> None:
        """Counts posts; those of one blogger have to come one after the other."""
        self.sentences.update(posts.sentences.tolist())
        self.months.update(map(month_of, [item.post.date for item in posts.items]))
        start = 0
        for blogger, items in groupby(item.blogger for item in posts.items):
            end = start + sum(1 for _ in items)
            run = slice(start, end)
            sums = int(posts.sentences[run].sum()), int(posts.tokens[run].sum())
            self._add_blogger(blogger, end - start, *sums)
            start = end

    def update(self, other: Self) -> None:
        """Adds the counts of other files."""
        self.sentences.update(other.sentences)
        self.months.update(other.months)
        for group, sums in other.groups.items():
            self.groups[group] = self.groups.get(group, Sums()) + sums

    def to_json(self) -> dict[str, Any]:
        """JSON-able; `from_json` is its inverse."""
        groups = [[*group, *sums] for group, sums in self.groups.items()]
        return {"sentences": self.sentences, "months": self.months, "groups": groups}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """What `to_json` gave, perhaps through JSON, whose keys are text."""
        groups = {Group(*row[:3]): Sums(*row[3:]) for row in data["groups"]}
        sentences = Counter({int(number): posts for number, posts in data["sentences"].items()})
        return cls(sentences, Counter(data["months"]), groups)

    def _add_blogger(self, blogger: Blogger, posts: int, sentences: int, tokens: int) -> None:
        group = Group(blogger.gender, blogger.age, blogger.industry)
        is_new = int(blogger.blogger_id != self._last)
        self._last = blogger.blogger_id
        sums = Sums(is_new, posts, sentences, tokens)
        self.groups[group] = self.groups.get(group, Sums()) + sums


if TYPE_CHECKING:
    from etl.counting.batches import BatchResult

BLOCK_BYTES = 2**19
"""Lines that are counted at once: their arrays stay in the processor's cache."""

COUNTS, TOKENS, HASHES = "counts", "tokens", "hashes"
KINDS = (COUNTS, TOKENS, HASHES)
"""What a profile consists of, each a row of its own."""


@dataclass
class Profile:
    """The counts of consecutive lines, and of the posts that they come from.

    Attributes:
        lines: see `etl.counting.line_counts`.
        posts: see `etl.counting.profile`; empty where only the lines are known.
    """

    lines: LineCounts = field(default_factory=LineCounts)
    posts: PostCounts = field(default_factory=PostCounts)

    def __post_init__(self) -> None:
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._tokens = TokenCounter()
        self._hashes: list[Hashes] = []

    def add_lines(self, lines: bytes) -> None:
        """Whole lines, in file order; only the last of all may lack its LF."""
        self._waiting.append(lines)
        self._waiting_bytes += len(lines)
        if self._waiting_bytes >= BLOCK_BYTES:
            self._count()

    def add_built(self, built: "BatchResult") -> None:
        """What some files became, in file order."""
        for posts in built.kept:
            self.posts.add(posts)
        if built.lines:
            self.add_lines(built.lines)

    def tokens(self) -> pa.Table:
        """The tokens of all lines so far, with offsets from the first of them."""
        self._count()
        return self._tokens.table()

    def hashes(self) -> Hashes:
        """The hashes of all lines so far, sorted."""
        self._count()
        hashes = np.concatenate([np.empty(0, np.uint64), *self._hashes])
        self._hashes = [hashes]
        hashes.sort()
        return hashes

    def rows(self) -> Iterator[tuple[str, bytes]]:
        """(kind, one line of text) for each of `KINDS`."""
        self._count()
        counts = {"lines": self.lines.to_json(), "posts": self.posts.to_json()}
        yield COUNTS, json.dumps(counts).encode()
        yield TOKENS, token_counts.to_text(self.tokens())
        yield HASHES, line_hashes.to_text(self.hashes())

    @classmethod
    def read_counts(cls, texts: Iterable[bytes]) -> Iterator[Self]:
        """Profiles without tokens and hashes, of rows of the kind `COUNTS`, one at a time."""
        for part in map(json.loads, texts):
            yield cls(LineCounts.from_json(part["lines"]), PostCounts.from_json(part["posts"]))

    def _count(self) -> None:
        if not self._waiting:
            return
        block = LineBlock.of(b"".join(self._waiting))
        self._waiting, self._waiting_bytes = [], 0
        self._tokens.add(block)
        self._hashes.append(hash_lines(block))
        self.lines.update(count_lines(block))
