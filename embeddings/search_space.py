"""What tuning may choose from: the reference run's ranges, and the user's changes to them."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from embeddings.errors import HyperparameterError
from embeddings.hyperparameter_rules import MAX_INT
from embeddings.hyperparameters import TYPES, Hyperparameters

Space = dict[str, BaseDistribution]

REFERENCE_SPACE: Mapping[str, BaseDistribution] = {
    "mode": CategoricalDistribution(("batch_skipgram", "cbow")),
    "learning_rate": FloatDistribution(0.005, 0.05, log=True),
    "window_size": IntDistribution(5, 30),
    "vector_dim": IntDistribution(50, 100),
    "min_count": IntDistribution(20, 50),
    "negative_samples": IntDistribution(5, 25),
}
"""Source: "Automatic word2vec model tuning using SageMaker" (2020), the reference's tuning job."""

LOG = ("learning_rate", "sampling_threshold")
LENIENT = {"mode": "cbow", "min_char": 1, "max_char": MAX_INT}
"""Beside these any value is checked by itself only; together they are checked later."""

RANGE = re.compile(r"([a-z_]+)=([^:,]+):([^:,]+)")
CHOICE = re.compile(r"([a-z_]+)=([^:]+)")


def make_space(changes: Iterable[str], base: Hyperparameters) -> tuple[Space, Hyperparameters]:
    """The reference's ranges with changes, and what all jobs have in common.

    Args:
        changes: `name=low:high` for a range, `name=a,b` for a choice, `name=value` for one value.
        base: values of what is not searched.

    Raises:
        HyperparameterError: a change is none of these, or BlazingText would refuse its values.
    """
    space, fixed = dict(REFERENCE_SPACE), {}
    for change in changes:
        name, values = _parse(change)
        if len(values) == 1:
            space.pop(name, None)
            fixed[name] = values[0]
        else:
            space[name] = _distribution(name, values, is_range=RANGE.fullmatch(change) is not None)
    common = Hyperparameters.of(base.to_dict() | fixed)
    if not common.evaluation or "evaluation" in space:
        raise HyperparameterError("evaluation must be True: mean_rho is what tuning looks at")
    for corner in _corners(space):
        Hyperparameters.of(common.to_dict() | corner)
    return space, common


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
    return match[1], values


def _distribution(name: str, values: list[Any], is_range: bool) -> BaseDistribution:
    if not is_range:
        return CategoricalDistribution(tuple(values))
    if TYPES[name] is int:
        return IntDistribution(values[0], values[1])
    return FloatDistribution(values[0], values[1], log=name in LOG)


def _corners(space: Space) -> Iterable[dict[str, Any]]:
    """Each end and choice by itself: some rule may forbid it beside what is fixed."""
    for name, distribution in space.items():
        if isinstance(distribution, CategoricalDistribution):
            yield from ({name: choice} for choice in distribution.choices)
        elif isinstance(distribution, IntDistribution | FloatDistribution):
            yield from ({name: end} for end in (distribution.low, distribution.high))
