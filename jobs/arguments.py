"""Types of arguments that several jobs take."""

import argparse
import os

MOST_SEED = 2**32 - 1
"""numpy takes no larger one."""


def positive(value: str) -> int:
    """A whole number from 1."""
    if not value.isdecimal() or int(value) < 1:
        raise argparse.ArgumentTypeError(f"{value} is not a number from 1")
    return int(value)


def seed(value: str) -> int:
    """A whole number from 0 to `MOST_SEED`."""
    if not value.isdecimal() or int(value) > MOST_SEED:
        raise argparse.ArgumentTypeError(f"{value} is not a number from 0 to {MOST_SEED}")
    return int(value)


def cpus() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
