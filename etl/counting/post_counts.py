"""Kept posts → how many there are by month and by what is known of their bloggers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from etl.blogs import Blogger

if TYPE_CHECKING:
    from etl.counting.tally import FilePost

Integers = npt.NDArray[np.int64]

SEPARATOR = "."
"""Between gender, age and industry in a key of JSON; no part of a file's name holds it."""


class KeptPosts(NamedTuple):
    """Posts that have words, in file order.

    Attributes:
        items: the posts, with their bloggers.
        sentences: lines that each became.
        tokens: words in those lines.
    """

    items: "Sequence[FilePost]"
    sentences: Integers
    tokens: Integers


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
        if not posts.items:
            return
        self.sentences.update(posts.sentences.tolist())
        dates = (item.post.date for item in posts.items)
        months = Counter((date.year, date.month) if date else None for date in dates)
        for month, count in months.items():
            self.months[f"{month[0]}-{month[1]:02}" if month else ""] += count
        ids = np.array([item.blogger.blogger_id for item in posts.items])
        firsts = np.flatnonzero(np.diff(ids, prepend=-1))
        sums = zip(
            np.diff(firsts, append=ids.size).tolist(),
            np.add.reduceat(posts.sentences, firsts).tolist(),
            np.add.reduceat(posts.tokens, firsts).tolist(),
            strict=True,
        )
        for first, counts in zip(firsts.tolist(), sums, strict=True):
            self._add_blogger(posts.items[first].blogger, *counts)

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
