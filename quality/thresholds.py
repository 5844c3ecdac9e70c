"""Thresholds: bounds and severity of each check, from `thresholds.toml` and a user's own file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

from storage.errors import UsageError

ERROR, WARNING, OFF = "error", "warning", "off"
SEVERITIES = (ERROR, WARNING, OFF)


@dataclass(frozen=True)
class Threshold:
    """What a figure may be.

    Attributes:
        at_least: None for no lower bound.
        at_most: None for no upper bound.
        severity: one of `SEVERITIES`.
        from_tokens: size of the corpus from which on the figure is judged.
    """

    at_least: float | None = None
    at_most: float | None = None
    severity: str = OFF
    from_tokens: int = 0

    def __str__(self) -> str:
        """What was expected, for people.

        >>> str(Threshold(0, 1000)), str(Threshold(at_most=0.25))
        ('0 to 1,000', 'at most 0.25')
        """
        if self.at_least is None:
            return "anything" if self.at_most is None else f"at most {self.at_most:,}"
        least = f"{self.at_least:,}"
        return f"at least {least}" if self.at_most is None else f"{least} to {self.at_most:,}"


Thresholds = Mapping[str, Mapping[str, Threshold]]
"""Dataset → check → its threshold."""


def default_thresholds() -> Thresholds:
    """Those of `quality/thresholds.toml`."""
    text = (resources.files("quality") / "thresholds.toml").read_text(encoding="utf-8")
    return _override({}, tomllib.loads(text), "thresholds.toml")


def read_thresholds(path: Path) -> Thresholds:
    """The default ones, with what a file says instead; it may say a bound or a severity alone.

    Raises:
        UsageError: the file can't be read or is no TOML, or names what does not exist; every
            such name in one line.
    """
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise UsageError(f"can't read {path}: {reason}") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is no TOML: {error}") from None
    known = default_thresholds()
    if problems := _problems(known, given):
        raise UsageError(f"{path}: {'; '.join(problems)}")
    return _override(known, given, str(path))


def _override(known: Thresholds, given: Mapping[str, Any], source: str) -> Thresholds:
    result = {dataset: dict(checks) for dataset, checks in known.items()}
    for dataset, checks in given.items():
        of_dataset = result.setdefault(dataset, {})
        for check, values in checks.items():
            of_dataset[check] = replace(of_dataset.get(check, Threshold()), **values)
            if problem := _bound_problem(of_dataset[check]):
                raise UsageError(f"{source}: {dataset}.{check} {problem}")
    return result


def _problems(known: Thresholds, given: Mapping[str, Any]) -> list[str]:
    """What of a user's file nothing is known of, or has a wrong type."""
    problems = []
    for dataset, checks in given.items():
        if dataset not in known or not isinstance(checks, dict):
            problems.append(f"no dataset {dataset}, only {', '.join(known)}")
            continue
        for check, values in checks.items():
            name = f"{dataset}.{check}"
            if not _is_known(check, known[dataset]) or not isinstance(values, dict):
                problems.append(f"no check {name}")
                continue
            problems += [
                f"{name}.{key} {said}"
                for key, value in values.items()
                if (said := _value_problem(key, value))
            ]
    return problems


def _is_known(check: str, checks: Mapping[str, Threshold]) -> bool:
    """Whether there is such a check, or one for any reason of its stage."""
    return check in checks or f"{check.partition('_')[0]}_other" in checks


def _value_problem(key: str, value: object) -> str:
    if key == "severity":
        return "" if value in SEVERITIES else f"is {value!r}, not one of {', '.join(SEVERITIES)}"
    if key not in Threshold.__dataclass_fields__:
        return "is not a setting"
    wanted = int if key == "from_tokens" else int | float
    is_number = isinstance(value, wanted) and not isinstance(value, bool) and value == value
    return "" if is_number else f"is {value!r}, not a number"


def _bound_problem(threshold: Threshold) -> str:
    low, high = threshold.at_least, threshold.at_most
    if low is not None and high is not None and low > high:
        return f"wants at least {low} and at most {high}"
    return ""
