"""What tuning may choose from, for every backend: the reference's ranges and changes to them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from embeddings.training.hyperparameters import MAX_INT, TYPES, Hyperparameters
from storage.errors import HyperparameterError

LINEAR, LOGARITHMIC, AUTO = "Linear", "Logarithmic", "Auto"
SCALINGS = (LINEAR, LOGARITHMIC, AUTO)


@dataclass(frozen=True)
class Range:
    """From one number to another, both included; whole numbers if both ends are.

    Attributes:
        low: the lower end.
        high: the upper end.
        scaling: what is drawn evenly, the value (`Linear`) or its logarithm (`Logarithmic`).
    """

    low: int | float
    high: int | float
    scaling: str = LINEAR

    def ends(self) -> tuple[int | float, ...]:
        """Both ends."""
        return self.low, self.high


@dataclass(frozen=True)
class Choice:
    """One of some values.

    Attributes:
        values: all of one type.
    """

    values: tuple[Any, ...]

    def ends(self) -> tuple[Any, ...]:
        """All of them."""
        return self.values


Ranges = Mapping[str, Range | Choice]
"""Hyperparameter → what it may be."""

REFERENCE_RANGES: Ranges = {
    "mode": Choice(("batch_skipgram", "cbow")),
    "learning_rate": Range(0.005, 0.05, LOGARITHMIC),
    "window_size": Range(5, 30),
    "vector_dim": Range(50, 100),
    "min_count": Range(20, 50),
    "negative_samples": Range(5, 25),
}
"""Source: "Automatic word2vec model tuning using SageMaker" (2020), the reference's tuning job."""

LOG = ("learning_rate", "sampling_threshold")
CROSSED = ("mode", "subwords", "min_char", "max_char")
"""Those whose rules look at another one: they are checked in every combination of their ends."""

LENIENT = {"mode": "cbow", "min_char": 1, "max_char": MAX_INT}
"""Beside these any value is checked by itself only; together they are checked later."""

RANGE = re.compile(r"([a-z_]+)=([^:,]+):([^:,]+)")
CHOICE = re.compile(r"([a-z_]+)=([^:]+)")


def make_ranges(changes: Iterable[str], base: Hyperparameters) -> tuple[Ranges, Hyperparameters]:
    """The reference's ranges with changes, and what all jobs have in common.

    Args:
        changes: `name=low:high` for a range, `name=a,b` for a choice, `name=value` for one value.
        base: values of what is not searched.

    Returns:
        The ranges, and hyperparameters; those of them that are searched have their lowest or first
        value, and mean nothing.

    Raises:
        HyperparameterError: a change is none of these, or BlazingText would refuse its values.
    """
    ranges, fixed = dict(REFERENCE_RANGES), {}
    for change in changes:
        name, values = _parse(change)
        if len(values) == 1:
            ranges.pop(name, None)
            fixed[name] = values[0]
        else:
            fixed.pop(name, None)
            ranges[name] = _range(name, values, is_range=RANGE.fullmatch(change) is not None)
    first = {name: values.ends()[0] for name, values in ranges.items()}
    common = Hyperparameters.of(base.to_dict() | fixed | first)
    check_ranges(ranges, common)
    return ranges, common


def check_ranges(ranges: Ranges, common: Hyperparameters) -> None:
    """Nothing for ranges of which BlazingText takes every corner.

    Raises:
        HyperparameterError: of the first corner that it would refuse; or nothing is searched, or
            without the evaluation that tuning looks at.
    """
    if not common.evaluation or "evaluation" in ranges:
        raise HyperparameterError("evaluation must be True: mean_rho is what tuning looks at")
    if not ranges:
        raise HyperparameterError("nothing is searched: give at least one range or choice")
    for corner in corners(ranges):
        Hyperparameters.of(common.to_dict() | corner)


def corners(ranges: Ranges) -> Iterator[dict[str, Any]]:
    """What has to be allowed for all of the ranges to be.

    Each end and choice by itself, and all combinations of those that rules compare.
    """
    crossed = {name: ranges[name].ends() for name in CROSSED if name in ranges}
    first = {name: values.ends()[0] for name, values in ranges.items()}
    for name, values in ranges.items():
        yield from (first | {name: end} for end in values.ends())
    for ends in product(*crossed.values()):
        yield first | dict(zip(crossed, ends, strict=True))


def _parse(change: str) -> tuple[str, list[Any]]:
    """A hyperparameter's name and its ends, choices or value, checked one by one."""
    match = RANGE.fullmatch(change) or CHOICE.fullmatch(change)
    if not match or match[1] not in TYPES:
        raise HyperparameterError(
            f"{change!r} is not NAME=LOW:HIGH, NAME=A,B or NAME=VALUE of a hyperparameter"
        )
    texts = [*match.groups()[1:]] if match.re is RANGE else match[2].split(",")
    values = [getattr(Hyperparameters.of({**LENIENT, match[1]: it}), match[1]) for it in texts]
    if match.re is RANGE and TYPES[match[1]] not in (int, float):
        raise HyperparameterError(f"{change!r}: {match[1]} has no range")
    if match.re is RANGE and values[0] >= values[1]:
        raise HyperparameterError(f"{change!r}: the low end must be below the high end")
    if len(set(values)) < len(values):
        raise HyperparameterError(f"{change!r}: the same value twice")
    return match[1], values


def _range(name: str, values: list[Any], is_range: bool) -> Range | Choice:
    if not is_range:
        return Choice(tuple(values))
    return Range(values[0], values[1], LOGARITHMIC if name in LOG else LINEAR)
