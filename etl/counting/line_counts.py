"""Lines of a training file → how many of them are what a line must not be. Exact, in numpy."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from etl.counting.line_block import LineBlock
from etl.counting.line_characters import CLASSES, count_odd
from etl.counting.pieces import Offsets

LONGEST_SENTENCE = 1000
"""Tokens of a line that word2vec takes: MAX_SENTENCE_LENGTH of word2vec.c, which cuts longer ones.
"""

LABEL = b"__label__"
"""Marks a class in the input of BlazingText's supervised mode."""

FLAWS = (
    *("empty", "double_space", "outer_space", "label", "too_long", "not_utf8", "non_ascii"),
    *CLASSES,
)
"""What lines are counted for; docs/quality.md says what each is."""


@dataclass
class LineCounts:
    """Counts of lines; adds up over blocks in any order.

    Attributes:
        bytes: their size, LF included.
        characters: "total" (LF included; what is no UTF-8 counts as U+FFFD) and "non_ascii".
        flaws: lines by `FLAWS`; a line may have several.
        lengths: tokens of a line → lines.
        longest_bytes: bytes of the longest line, without its LF.
        unterminated: 1 where the last line has no LF.
    """

    bytes: int = 0
    characters: Counter[str] = field(default_factory=Counter)
    flaws: Counter[str] = field(default_factory=Counter)
    lengths: Counter[int] = field(default_factory=Counter)
    longest_bytes: int = 0
    unterminated: int = 0

    @property
    def lines(self) -> int:
        """All lines."""
        return self.lengths.total()

    @property
    def tokens(self) -> int:
        """All tokens."""
        return sum(length * lines for length, lines in self.lengths.items())

    def update(self, other: Self) -> None:
        """Adds the counts of other lines."""
        self.bytes += other.bytes
        self.characters.update(other.characters)
        self.flaws.update(other.flaws)
        self.lengths.update(other.lengths)
        self.longest_bytes = max(self.longest_bytes, other.longest_bytes)
        self.unterminated += other.unterminated

    def to_json(self) -> dict[str, Any]:
        """JSON-able; `from_json` is its inverse."""
        return dict(vars(self))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """What `to_json` gave, perhaps through JSON, whose keys are text."""
        counts = {name: Counter(data[name]) for name in ("characters", "flaws")}
        lengths = Counter({int(length): lines for length, lines in data["lengths"].items()})
        return cls(**{**data, **counts, "lengths": lengths})


def count_lines(block: LineBlock) -> LineCounts:
    """Whole lines → their counts."""
    if not block.text:
        return LineCounts()
    lengths = block.tokens_of_lines
    flaws, characters = count_odd(block)
    characters["total"] -= block.unterminated
    flaws["too_long"] = int((lengths > LONGEST_SENTENCE).sum())
    if not block.is_tidy:
        flaws.update(_count_spaces(block))
    if b"_" in block.odd and LABEL in block.text:
        flaws["label"] = sum(LABEL in line for line in block.text.split(b"\n"))
    return LineCounts(
        bytes=len(block.text) - block.unterminated,
        characters=characters,
        flaws=+flaws,
        lengths=_histogram(lengths),
        longest_bytes=int(np.diff(block.ends, prepend=-1).max()) - 1,
        unterminated=int(block.unterminated),
    )


def _count_spaces(block: LineBlock) -> Counter[str]:
    """Lines with white space next to each other or at an edge, and lines without anything."""
    ends = block.ends
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1] + 1])
    is_blank = block.is_space.copy()
    is_blank[ends] = False
    is_outer = is_blank[starts] | (is_blank[ends - 1] & (ends > starts))
    return Counter(
        empty=int((starts == ends).sum()),
        outer_space=int(is_outer.sum()),
        double_space=block.lines_at(np.flatnonzero(is_blank[1:] & is_blank[:-1])).size,
    )


def _histogram(values: Offsets) -> Counter[int]:
    found, counts = np.unique(values, return_counts=True)
    return Counter(dict(zip(found.tolist(), counts.tolist(), strict=True)))
