"""What a build tells at its end: an aligned table of the ledger, for people."""

from collections.abc import Iterable, Iterator
from typing import Any

from etl.ledger import Ledger
from schemas.output import CARD, CORPUS_FILE, PAGE
from storage.pasted import job_command

UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
LABEL_WIDTH = 22

SEVERITIES = ("error", "warning")
"""Of checks; the gate has its own names for them in `quality.checks.check`."""

CLEANED = {"masked": "masks", "languages": "languages"}
"""Branches of the ledger that only cleaning options fill, by their label."""


def summarize_build(output: str, manifest: dict[str, Any], ledger: Ledger, seconds: float) -> str:
    """Several lines: the corpus, its figures, what was dropped for which reason, what comes next.

    Args:
        output: where it has been published.
        manifest: of the build.
        ledger: of the build.
        seconds: that the user has waited.
    """
    corpus, entries = manifest["corpus"], manifest["entries"]
    rows = [
        ("corpus", f"{output}/{CORPUS_FILE}"),
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
        *(("checks", text) for text in _checks(manifest.get("quality", {}))),
        *([("report", f"{output}/{PAGE}")] if CARD in entries else []),
        *([("card", f"{output}/{CARD}")] if CARD in entries else []),
        ("seconds", f"{seconds:,.1f}"),
        ("next", job_command("train_embeddings.py", "--corpus", output, "--output", "build/run")),
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


def _checks(quality: dict[str, Any]) -> Iterator[str]:
    """How many checks passed, and which did not; nothing of a build without a gate."""
    if not (verdicts := quality.get("verdicts")):
        return
    failed = [verdict for verdict in verdicts if not verdict["passed"]]
    text = f"{len(verdicts) - len(failed)} of {len(verdicts)} passed"
    for severity in SEVERITIES:
        said = [_verdict(verdict) for verdict in failed if verdict["severity"] == severity]
        if said:
            plural = "s" if len(said) > 1 else ""
            text += f", {len(said)} {severity}{plural}: {'; '.join(said)}"
    yield text


def _verdict(verdict: dict[str, Any]) -> str:
    name = f"{verdict['dataset']}.{verdict['expectation']}"
    return f"{name} {verdict['found']:,}, expected {verdict['expected']}"


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
