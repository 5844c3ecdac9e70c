"""`--trace N`: a few before-and-after examples of each step, for the report; never for a log.

A step is "repair.<name>", "mask", "split", "normalize", or "dropped.<stage>.<reason>". Each chunk
keeps the first N of its own; the first N of all, in file order, are what the driver writes.
"""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol

from etl.text.blogs import Post
from etl.text.repairs import REPAIRS

MAX_CHARACTERS = 500
"""Of a text in an example; longer ones are cut, and end in `CUT`."""

MAX_ITEMS = 20
"""Of a list in an example."""

CONTEXT = 100
"""Characters that are shown before the first change, where a step changes a part of a text."""

CUT = " […]"

Example = dict[str, Any]
"""blogger_id, post_ordinal, before, after: text, list of sentences, or null."""


class KeyedPost(Protocol):
    """A post that knows its file, as `etl.counting.batches.FilePost` does."""

    @property
    def key(self) -> tuple[int, int]:
        """(blogger_id, post_ordinal)."""

    @property
    def post(self) -> Post:
        """The post."""


class Trace:
    """The first examples of each step.

    Args:
        limit: how many to keep of a step.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.steps: dict[str, list[Example]] = {}

    def wants(self, step: str) -> bool:
        """Whether a step has fewer examples than it may have."""
        return len(self.steps.get(step, ())) < self.limit

    def add(self, step: str, key: tuple[int, int | None], before: object, after: object) -> None:
        """Keeps an example, if its step still wants one.

        Args:
            step: see the module.
            key: (blogger_id, post_ordinal); no ordinal for what stands before the first post.
            before: text, or None.
            after: text, list of texts, or None where it was dropped.
        """
        if self.wants(step):
            example = {"blogger_id": key[0], "post_ordinal": key[1]}
            self.steps.setdefault(step, []).append(
                example | {"before": _cut(before), "after": _cut(after)}
            )

    def add_change(self, step: str, key: tuple[int, int], before: str, after: str) -> None:
        """The same for a step that changes some places of a text: from shortly before the first."""
        pairs = enumerate(zip(before, after, strict=False))
        change = next((place for place, (old, new) in pairs if old != new), 0)
        start = max(0, change - CONTEXT)
        self.add(step, key, before[start:], after[start:])

    def add_repairs(self, posts: Iterable[tuple[KeyedPost, str]]) -> None:
        """What the repairs did to posts, given with their raw texts, one repair after the other."""
        for item, raw in posts:
            repairs = [name for name in item.post.repairs if name in REPAIRS]
            if not any(self.wants(f"repair.{name}") for name in repairs):
                continue
            for name, function in REPAIRS.items():
                repaired = function(raw)
                if repaired != raw:
                    self.add_change(f"repair.{name}", item.key, raw, repaired)
                raw = repaired

    def add_sentences(
        self,
        items: Iterable[KeyedPost],
        split: Callable[[str], list[str]],
        normalize: Callable[[str], str],
    ) -> None:
        """What splitting made of posts, and normalization of their first sentences."""
        for item in items:
            if not self.wants("split"):
                return
            sentences = split(item.post.text)
            self.add("split", item.key, item.post.text, sentences)
            self.add("normalize", item.key, sentences[0], normalize(sentences[0]))

    def dump(self) -> str:
        """All examples as one line of JSON."""
        return json.dumps(self.steps, ensure_ascii=False)


def merge_traces(dumps: Iterable[str], limit: int) -> dict[str, list[Example]]:
    """What `Trace.dump` gave for the chunks, in file order → the first examples of each step."""
    merged: dict[str, list[Example]] = {}
    for dump in dumps:
        for step, examples in json.loads(dump).items():
            kept = merged.setdefault(step, [])
            kept.extend(examples[: limit - len(kept)])
    return dict(sorted(merged.items()))


def write_trace(dumps: Iterable[str], limit: int, target: Path) -> None:
    """Writes `report/trace.json`, the merged traces, indented."""
    text = json.dumps(merge_traces(dumps, limit), ensure_ascii=False, indent=2)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text + "\n", "utf-8")


def _cut(value: object) -> object:
    if isinstance(value, list):
        return [_cut(item) for item in value[:MAX_ITEMS]]
    if isinstance(value, str) and len(value) > MAX_CHARACTERS:
        return value[:MAX_CHARACTERS] + CUT
    return value
