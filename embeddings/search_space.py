"""The ranges of `search_ranges` as optuna's distributions."""

from collections.abc import Iterable

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from embeddings.hyperparameters import TYPES, Hyperparameters
from embeddings.search_ranges import LOGARITHMIC, REFERENCE_RANGES, Choice, Range, make_ranges

Space = dict[str, BaseDistribution]


def make_space(changes: Iterable[str], base: Hyperparameters) -> tuple[Space, Hyperparameters]:
    """The reference's ranges with changes, and what all jobs have in common.

    Args:
        changes: see `make_ranges`.
        base: values of what is not searched.

    Raises:
        HyperparameterError: see `make_ranges`.
    """
    ranges, common = make_ranges(changes, base)
    return {name: _distribution(name, one) for name, one in ranges.items()}, common


def _distribution(name: str, found: Range | Choice) -> BaseDistribution:
    if isinstance(found, Choice):
        return CategoricalDistribution(found.values)
    is_log = found.scaling == LOGARITHMIC
    if TYPES[name] is int:
        return IntDistribution(int(found.low), int(found.high), log=is_log)
    return FloatDistribution(found.low, found.high, log=is_log)


REFERENCE_SPACE = {name: _distribution(name, one) for name, one in REFERENCE_RANGES.items()}
"""The reference's."""
