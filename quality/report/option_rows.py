"""Nested options as rows, and which of them are what a build does unless it is told otherwise."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from etl.options import BuildOptions

HIDDEN = ("listing",)
"""What is left out of a part of the manifest: the files of the input."""

STANDARD = {"is_enforced": True, "thresholds": None, "baseline": None}
"""Of the gate, where the command line says nothing of it."""


Row = tuple[str, Any]


def flat(part: Mapping[str, Any], above: str = "") -> Iterator[Row]:
    """Names and values, those of nested objects with dots in their names."""
    for name, value in part.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{above}{name}.")
        elif name not in HIDDEN:
            yield f"{above}{name}", value


def split_options(options: Mapping[str, Any]) -> tuple[list[Row], list[Row]]:
    """Flat names and values of what a build was told, and of what it does by itself."""
    usual: tuple[list[Row], list[Row]] = ([], [])
    for name, value in flat(options):
        usual[name in _defaults() and _defaults()[name] == value].append((name, value))
    return usual


@cache
def _defaults() -> dict[str, Any]:
    """The options of a build with no more than an input and an output."""
    return dict(flat(BuildOptions("", "", standard=STANDARD).outcome()))
