"""What every benchmark prints: where and with what it ran, and a table in Markdown."""

import os
import platform
import statistics
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

MEGABYTE = 1_000_000
"""Bytes; every speed here is in these, memory in MiB."""


def setting(packages: Iterable[str]) -> str:
    """One line on the machine and the versions that a run used."""
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    load = os.getloadavg()[0]
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {cpu_model()}, {os.cpu_count()} cores, load {load:.1f} at "
        f"the start; Python {platform.python_version()}, {versions}."
    )


def cpu_model() -> str:
    """The processor, as the kernel or else Python names it."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown; columns but the first are figures, so aligned right."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def spread(values: Sequence[float], digits: int = 1) -> str:
    """Median, and the range that the rounds gave: `4.6 (4.4-4.9)`."""
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


def verdict(value: float, goal: float, *, at_most: bool = False) -> str:
    """Whether a goal is met, in a word."""
    return "met" if (value <= goal if at_most else value >= goal) else "missed"
