"""What a build tells at its end: an aligned table of the ledger, for people."""

from collections.abc import Iterable, Iterator
from typing import Any

from etl.ledger import Ledger

UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
LABEL_WIDTH = 22

CLEANED = {"masked": "masks", "languages": "languages"}
"""Branches of the ledger that only cleaning options fill, by their label."""


def summarize_build(corpus_file: str, manifest: dict[str, Any], ledger: Ledger) -> str:
    """Several lines: where the corpus is, its figures, and what was dropped for which reason."""
    corpus = manifest["corpus"]
    rows = [
        ("corpus", corpus_file),
        ("lines", f"{corpus['lines']:,}"),
        ("tokens", f"{corpus['tokens']:,}"),
        ("size", f"{human_bytes(corpus['bytes'])} of {human_bytes(ledger['bytes.read'])} read"),
        ("sha256", corpus["sha256"]),
        ("form", manifest["input"]["form"]),
        *_grain(ledger, "files", "read"),
        *_grain(ledger, "posts", "kept"),
        *_grain(ledger, "sentences", "written"),
        *_strays(ledger),
        ("encodings", _list(ledger, "encodings")),
        ("posts repaired", _list(ledger, "repairs")),
        *((label, _list(ledger, key)) for label, key in CLEANED.items() if ledger.branch(key)),
        ("unreadable dates", f"{ledger['dates.unreadable']:,}"),
        ("seconds", f"{manifest['seconds']:,}"),
    ]
    return "\n".join(align(rows))


def align(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Label and value of each row in two columns."""
    return (f"{label:<{LABEL_WIDTH}}{value}" for label, value in rows)


def human_bytes(count: int) -> str:
    """A number of bytes to three or four figures.

    >>> human_bytes(708_533_153)
    '675.7 MiB'
    >>> human_bytes(12)
    '12 B'
    """
    size, unit = float(count), 0
    while size >= 1024 and unit < len(UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{size:.1f} {UNITS[unit]}" if unit else f"{count} B"


def _grain(ledger: Ledger, grain: str, kept: str) -> Iterator[tuple[str, str]]:
    count, rejected = ledger[f"{grain}.found"], ledger.count(f"{grain}.rejected")
    counts = f"{count:,} found = {ledger[f'{grain}.{kept}']:,} {kept} + {rejected:,} rejected"
    yield grain, counts
    if rejected:
        yield "  rejected", _list(ledger, f"{grain}.rejected")


def _strays(ledger: Ledger) -> Iterator[tuple[str, str]]:
    """Only where there is text outside posts: no good corpus has any."""
    if pieces := ledger.count("strays.rejected"):
        size = human_bytes(ledger["bytes.stray"])
        yield "text outside posts", f"{size} in {pieces:,} pieces, rejected"


def _list(ledger: Ledger, branch: str) -> str:
    leaves = ledger.branch(branch)
    return ", ".join(f"{name} {count:,}" for name, count in leaves.items()) or "none"
