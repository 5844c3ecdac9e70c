"""When and on what a run was made, as run.json has it; nothing that names the machine."""

import os
import platform
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

PACKAGES = ("blazing-corpus", "gensim", "numpy", "scipy")
"""Those that a run's vectors and scores depend on."""


def now() -> str:
    """ISO 8601 in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def describe_versions() -> dict[str, Any]:
    """Versions that a run's vectors depend on; None for what is not installed."""
    found: dict[str, Any] = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = None
    return found


def describe_host() -> dict[str, Any]:
    """The kind of machine, and nothing that names it."""
    return {
        "system": platform.system(),
        "machine": platform.machine(),
        "cpus": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
    }
