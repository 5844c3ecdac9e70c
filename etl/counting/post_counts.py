"""Kept posts → how many there are by month and by what is known of their bloggers."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple, Self

from etl.counting.file_posts import KeptPosts
from etl.text.blogs import Blogger

SEPARATOR = "."
"""Between gender, age and industry in a key of JSON; no part of a file's name holds it."""


class Group(NamedTuple):
    """What bloggers are counted by."""

    gender: str
    age: int
    industry: str


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
        return Sums(*(one + two for one, two in zip(self, other, strict=True)))


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
        groups = {SEPARATOR.join(map(str, group)): sums for group, sums in self.groups.items()}
        return {"sentences": self.sentences, "months": self.months, "groups": groups}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """What `to_json` gave, perhaps through JSON, whose keys are text."""
        groups = {}
        for key, sums in data["groups"].items():
            gender, age, industry = key.split(SEPARATOR)
            groups[Group(gender, int(age), industry)] = Sums(*sums)
        sentences = Counter({int(number): posts for number, posts in data["sentences"].items()})
        return cls(sentences, Counter(data["months"]), groups)

    def _add_blogger(self, blogger: Blogger, posts: int, sentences: int, tokens: int) -> None:
        group = Group(blogger.gender, blogger.age, blogger.industry)
        is_new = int(blogger.blogger_id != self._last)
        self._last = blogger.blogger_id
        sums = Sums(is_new, posts, sentences, tokens)
        self.groups[group] = self.groups.get(group, Sums()) + sums
