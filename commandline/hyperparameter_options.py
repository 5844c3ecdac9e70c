"""The options of BlazingText's hyperparameters, spelled as BlazingText has them or with dashes."""

import argparse

from embeddings.training.hyperparameters import (
    PRESETS,
    RULES,
    SUPERVISED_ONLY,
    TYPES,
    Hyperparameters,
)


def add_hyperparameters(parser: argparse.ArgumentParser) -> None:
    """Adds a preset and all hyperparameters; none has a value unless it is given."""
    group = parser.add_argument_group("BlazingText's hyperparameters")
    group.add_argument(
        "--preset",
        default="default",
        metavar="NAME",
        help=f"values to start from: {' or '.join(PRESETS)}",
    )
    for name in TYPES:
        default = getattr(Hyperparameters, name)
        group.add_argument(
            *_spellings(name),
            dest=name,
            metavar="X",
            help=f"default {default}; locally: {RULES[name].local}".replace("%", "%%"),
        )
    for name in SUPERVISED_ONLY:
        group.add_argument(*_spellings(name), dest=name, help=argparse.SUPPRESS)


def take_hyperparameters(given: argparse.Namespace) -> Hyperparameters:
    """Those that were given, over those of the preset.

    Raises:
        HyperparameterError: all that is wrong, in one line.
    """
    names = [*TYPES, *SUPERVISED_ONLY]
    values = {name: getattr(given, name) for name in names if getattr(given, name) is not None}
    return Hyperparameters.of(values, given.preset)


def _spellings(name: str) -> list[str]:
    return list(dict.fromkeys([f"--{name}", f"--{name.replace('_', '-')}"]))
