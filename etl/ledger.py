"""What came in, what went out, and what was dropped on the way, and why.

A ledger is a multiset of events under flat dotted keys. Each task counts into its own; theirs are
added on the driver, in any order. The keys:

| key | counts |
| --- | --- |
| `files.found`, `files.read`, `files.rejected.<reason>` | files |
| `rows.read` | rows of tables, each of which is a post |
| `posts.found`, `posts.kept`, `posts.rejected.<reason>` | posts |
| `sentences.found`, `sentences.written`, `sentences.rejected.<reason>` | sentences |
| `tokens.written` | tokens: what white space separates in the lines written |
| `strays.rejected.<reason>` | pieces of text that belong to no post |
| `bytes.read` | bytes of the files read, those without a post included |
| `bytes.markup`, `bytes.posts`, `bytes.stray` | what they are: see `etl.text.markup` |
| `bytes.written` | bytes of the lines with their LF |
| `encodings.<ascii, utf-8, windows-1252 or mixed>` | posts found, by what they were decoded as |
| `repairs.<name>` | posts that a repair changed |
| `dates.read`, `dates.unreadable` | posts found, by whether their date could be read |
| `masks.<email, url or phone>` | items that `--mask pii` masked, in all posts found |
| `languages.<code, zxx or unsure>` | posts with any text, by language, with `--language` |
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

EQUATIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("files.found", ("files.read", "files.rejected")),
    ("posts.found", ("posts.kept", "posts.rejected")),
    ("sentences.found", ("sentences.written", "sentences.rejected")),
    ("posts.found", ("encodings",)),
    ("posts.found", ("dates.read", "dates.unreadable")),
    ("bytes.read", ("bytes.markup", "bytes.posts", "bytes.stray")),
)
"""Each total, and the parts that have to add up to it. A part without a leaf is a whole branch."""

ALWAYS_SHOWN = (
    *("files.found", "files.read", "posts.found", "posts.kept"),
    *("sentences.found", "sentences.written", "tokens.written", "bytes.read", "bytes.written"),
    *("bytes.markup", "bytes.posts", "bytes.stray"),
    *("dates.read", "dates.unreadable"),
)
"""Keys that `nested` holds even where nothing was counted."""

BRANCHES = (
    *("files.rejected", "posts.rejected", "sentences.rejected", "strays.rejected"),
    *("encodings", "repairs"),
)
"""Keys with a leaf for each reason, encoding or repair; `nested` holds them even when empty."""


class Ledger(Counter[str]):
    """Counts under the keys of this module; adds up with `update`, `+=` or `Ledger.sum`.

    JSON-able as it is: one flat object, and `Ledger(json.loads(text))` is its inverse.
    """

    @classmethod
    def sum(cls, ledgers: Iterable["Ledger"]) -> "Ledger":
        """The one ledger of many, in any order."""
        total = cls()
        for ledger in ledgers:
            total.update(ledger)
        return total

    @classmethod
    def of_nested(cls, tree: Mapping[str, Any]) -> "Ledger":
        """The inverse of `nested`, as a manifest has it.

        >>> Ledger.of_nested({"posts": {"found": 2, "rejected": {"blank": 1}}})
        Ledger({'posts.found': 2, 'posts.rejected.blank': 1})
        """
        ledger = cls()
        for name, value in tree.items():
            leaves = cls.of_nested(value) if isinstance(value, Mapping) else {"": value}
            ledger.update({f"{name}.{leaf}".rstrip("."): n for leaf, n in leaves.items()})
        return ledger

    def branch(self, name: str) -> dict[str, int]:
        """The leaves below `name`, such as `posts.rejected`, largest first: leaf → count."""
        start = f"{name}."
        leaves = {key[len(start) :]: n for key, n in self.items() if key.startswith(start) and n}
        return dict(sorted(leaves.items(), key=lambda leaf: (-leaf[1], leaf[0])))

    def count(self, name: str) -> int:
        """The count of a key, or of everything below it."""
        return self[name] + sum(self.branch(name).values())

    def discrepancies(self) -> list[str]:
        """Every equation that does not hold, with both of its sides; empty when all do.

        >>> Ledger({"files.found": 3, "files.read": 2}).discrepancies()
        ['files.found = files.read + files.rejected: 3 is not 2 + 0']
        """
        return [
            f"{total} = {' + '.join(parts)}: "
            f"{self[total]} is not {' + '.join(str(self.count(part)) for part in parts)}"
            for total, parts in EQUATIONS
            if self[total] != sum(self.count(part) for part in parts)
        ]

    def nested(self) -> dict[str, Any]:
        """The counts as nested objects, for people and for the manifest; keys sorted.

        >>> Ledger({"posts.rejected.blank": 2}).nested()["posts"]
        {'found': 0, 'kept': 0, 'rejected': {'blank': 2}}
        """
        tree: dict[str, Any] = {}
        for name in BRANCHES:
            _descend(tree, name.split("."))
        for key in sorted({*self, *ALWAYS_SHOWN}):
            *rooms, leaf = key.split(".")
            _descend(tree, rooms)[leaf] = self[key]
        return {name: dict(sorted(tree[name].items())) for name in sorted(tree)}


def _descend(tree: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """The object under the names, made where it is missing."""
    for name in names:
        tree = tree.setdefault(name, {})
    return tree
