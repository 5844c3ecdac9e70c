"""The options of `jobs/build_corpus.py` that clean more than the reference run did."""

import argparse
from importlib.util import find_spec
from typing import Any

from commandline.argument_types import count
from etl.cleaning import detection
from etl.cleaning.filters import FILTERS, GROUPS
from etl.cleaning.options import ACTIONS, DEDUP, MASKS, SIMILARITY, Cleaning

NAMES = tuple(Cleaning.__dataclass_fields__)


def add_cleaning_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options, in a group of their own; see docs/cleaning.md."""
    group = parser.add_argument_group(
        "cleaning beyond the reference run's", "what is dropped is counted, and is in the rejects"
    )
    add = group.add_argument
    add("--dedup", choices=DEDUP, help="drop posts that repeat another one, or nearly so")
    add(
        "--dedup-threshold",
        type=_similarity,
        default=SIMILARITY,
        metavar="SHARE",
        help=f"similarity that is near enough; default {SIMILARITY}",
    )
    add("--language", type=_language, metavar="CODE", help="drop posts surely in another, as en")
    add("--language-action", choices=ACTIONS, default="drop", help="default: drop; flag counts")
    add("--mask", choices=MASKS, help="tokens for e-mail addresses, phone numbers, URLs")
    add(
        "--filter",
        dest="filters",
        action="append",
        type=_filters,
        default=[],
        metavar="NAME[=VALUE]",
        help=f"drop posts that a rule of the field drops; may be repeated. {', '.join(GROUPS)}, "
        "or one of docs/cleaning.md",
    )
    add("--trace", type=count, default=0, metavar="N", help="N examples of each step, as JSON")


def take_cleaning(given: dict[str, Any]) -> Cleaning:
    """Takes these options out of all that were parsed."""
    chosen = {name: given.pop(name) for name in NAMES}
    filters: dict[str, float] = {}
    for thresholds in chosen["filters"]:
        filters |= thresholds
    return Cleaning(**chosen | {"filters": {n: filters[n] for n in FILTERS if n in filters}})


def _filters(value: str) -> dict[str, float]:
    """`NAME`, with the threshold of its paper, `NAME=VALUE`, or the name of a group."""
    name, has_value, number = value.partition("=")
    if name in GROUPS and not has_value:
        return {member: rule.threshold for member, rule in GROUPS[name].items()}
    if name not in FILTERS:
        known = ", ".join((*GROUPS, *FILTERS))
        raise argparse.ArgumentTypeError(f"no filter {name}; there are {known}")
    if not has_value:
        return {name: FILTERS[name].threshold}
    try:
        return {name: float(number)}
    except ValueError:
        raise argparse.ArgumentTypeError(f"{number!r} is no number for {name}") from None


def _language(value: str) -> str:
    if find_spec(detection.PACKAGE) is None:
        raise argparse.ArgumentTypeError(detection.MISSING)
    if value not in detection.known_languages():
        raise argparse.ArgumentTypeError(f"{value} is no code of a known language, such as en")
    return value


def _similarity(value: str) -> float:
    try:
        similarity = float(value)
    except ValueError:
        similarity = 0.0
    if not 0 < similarity <= 1:
        raise argparse.ArgumentTypeError(f"{value} is not above 0 and at most 1")
    return similarity
