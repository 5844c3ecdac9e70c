"""Types of arguments that several jobs take."""

import argparse
import os
import re
from datetime import timedelta
from pathlib import Path

from storage.errors import UsageError
from storage.files import local_path
from storage.locations import is_s3

MOST_SEED = 2**32 - 1
"""numpy takes no larger one."""

REMOTE = re.compile(r"(?!file:)[a-z][a-z0-9+.-]*://", re.IGNORECASE)
SPAN = re.compile(r"(\d+)([mhd])")
SUFFIXES = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}
UNITS = {"m": "minutes", "h": "hours", "d": "days"}
SHORTEST, LONGEST = timedelta(minutes=15), timedelta(days=7)
"""Of an endpoint's life; starting one takes some five minutes."""


def share(value: str) -> float:
    """0 to 1, or 0% to 100%."""
    match = re.fullmatch(r"(\d+(?:\.\d*)?|\.\d+)(%?)", value.strip())
    number = float(match[1]) / (100 if match[2] else 1) if match else -1.0
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{value} is neither a share from 0 to 1 nor a percentage")
    return number


def size(value: str) -> int:
    """A number of bytes, perhaps in k, m, g or t of 1,024."""
    match = re.fullmatch(r"(\d+)([kmgt]?)b?", value.strip().lower())
    if not match:
        raise argparse.ArgumentTypeError(f"{value} is not a number of bytes, such as 64m")
    return int(match[1]) * SUFFIXES[match[2]]


def count(value: str) -> int:
    """A whole number from 0."""
    if not value.isdecimal():
        raise argparse.ArgumentTypeError(f"{value} is not a number from 0")
    return int(value)


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


def s3_uri(value: str) -> str:
    """`s3://bucket/key`, or what Hadoop calls it."""
    if not is_s3(value):
        raise argparse.ArgumentTypeError(f"{value} is not an S3 URI")
    return value


def path(value: str) -> Path:
    """A path of this machine, or its `file:` URI; else a folder called `s3:` would be made."""
    if REMOTE.match(value):
        raise argparse.ArgumentTypeError(f"{value} is no path of this machine")
    try:
        return local_path(value)
    except UsageError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def pair(value: str) -> tuple[str, str]:
    """KEY=VALUE, of which only the value may be empty."""
    key, equals, rest = value.partition("=")
    if not key or not equals:
        raise argparse.ArgumentTypeError(f"{value} is not KEY=VALUE")
    return key, rest


def dollars(value: str) -> float:
    """An amount in US$."""
    try:
        amount = float(value)
    except ValueError:
        amount = -1.0
    if not 0 <= amount < float("inf"):
        raise argparse.ArgumentTypeError(f"{value} is not an amount in US$")
    return amount


def span(value: str) -> timedelta:
    """How long an endpoint lives, such as `45m`, `2h` or `1d`."""
    match = SPAN.fullmatch(value)
    given = timedelta(**{UNITS[match[2]]: int(match[1])}) if match else None
    if given is None or not SHORTEST <= given <= LONGEST:
        raise argparse.ArgumentTypeError(
            f"{value} is not a span from 15m to 7d, such as 45m, 2h or 1d"
        )
    return given


def cpus() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def add_trust_pickle(parser: argparse.ArgumentParser) -> None:
    """The option of every job that reads vectors."""
    parser.add_argument(
        "--trust-pickle",
        action="store_true",
        help="load a local save of gensim (.kv, .model) too: a pickle, which runs the code in it; "
        "never from an archive, a run's folder or S3, nor a file called vectors.*",
    )
