"""What a corpus is like, counted while it is made: one profile a task, which then add up.

A task hands its profile on as rows beside its lines, so through Spark's commit, as the ledger: a
task that is retried or run twice counts once. The same profile is made of a file that is there.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import numpy as np
import pyarrow as pa

from etl.counting import line_hashes, token_counts
from etl.counting.line_block import LineBlock
from etl.counting.line_counts import LineCounts, count_lines
from etl.counting.line_hashes import Hashes, hash_lines
from etl.counting.post_counts import PostCounts
from etl.counting.token_counter import TokenCounter

if TYPE_CHECKING:
    from etl.counting.tally import Built

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
        posts: see `etl.counting.post_counts`; empty where only the lines are known.
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

    def add_built(self, built: "Built") -> None:
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
        self._hashes = [np.sort(np.concatenate([np.empty(0, np.uint64), *self._hashes]))]
        return self._hashes[0]

    def rows(self) -> Iterator[tuple[str, bytes]]:
        """(kind, one line of text) for each of `KINDS`."""
        tokens, hashes = self.tokens(), self.hashes()
        counts = {"lines": self.lines.to_json(), "posts": self.posts.to_json()}
        yield COUNTS, json.dumps(counts).encode()
        yield TOKENS, token_counts.to_text(tokens)
        yield HASHES, line_hashes.to_text(hashes)

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
