"""A check: one figure of a corpus, its bounds, and what a user's file may change of them."""

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from storage.errors import UsageError

ERROR, WARNING, OFF = "error", "warning", "off"
SEVERITIES = (ERROR, WARNING, OFF)
SETTINGS = ("at_least", "at_most", "severity", "from_tokens", "mostly")
"""What a user's file may change; `mostly` of a check of rows only."""

Metrics = Mapping[str, Any]
"""Of a corpus, in the form of `quality.metrics`."""

Figure = Callable[[Metrics], float | int | None]
"""Takes a figure from the metrics; None where it can't be told, as the mean of nothing."""


@dataclass(frozen=True)
class Check:
    """One row of a table of checks.

    Attributes:
        name: unique within its dataset.
        says: what a good corpus has, in a sentence for people.
        figure: how it is taken from the metrics.
        look: where in the metrics, the output or the options to look if it fails.
        at_least: None for no lower bound.
        at_most: None for no upper bound.
        severity: one of `SEVERITIES`: "error" keeps the corpus from being published, "warning" is
            reported, "off" is not judged.
        from_tokens: size of the corpus from which on it is judged: what depends on size says
            nothing about a handful of posts.
        note: why the bounds are what they are, for people.
    """

    name: str
    says: str
    figure: Figure
    look: str
    at_least: float | None = None
    at_most: float | None = None
    severity: str = ERROR
    from_tokens: int = 0
    note: str = ""

    #: Whether each row of a table is judged, so that a share of them may do.
    of_rows = False

    @property
    def expected(self) -> str:
        """The bounds, for people.

        >>> Check("", "", len, "", 0, 1000).expected, Check("", "", len, "", at_most=0.25).expected
        ('0 to 1,000', 'at most 0.25')
        """
        if self.at_least is None:
            return "anything" if self.at_most is None else f"at most {self.at_most:,}"
        least = f"{self.at_least:,}"
        return f"at least {least}" if self.at_most is None else f"{least} to {self.at_most:,}"

    def allows(self, figure: float) -> bool:
        """Whether a figure is within the bounds."""
        is_enough = self.at_least is None or figure >= self.at_least
        return is_enough and (self.at_most is None or figure <= self.at_most)

    def is_judged(self, tokens: int) -> bool:
        """Whether it is, in a corpus of so many tokens."""
        return self.severity != OFF and tokens >= self.from_tokens


REPORTED: dict[str, Any] = {"severity": WARNING, "from_tokens": 10_000}
"""Settings of what is unusual, and says nothing of a handful of posts."""

Checks = Mapping[str, Sequence[Check]]
"""Dataset → its table of checks."""


def at(*keys: str) -> Figure:
    """The figure that stands in the metrics under some keys, each within the one before."""

    def figure(metrics: Metrics) -> float | int | None:
        value: Any = metrics
        for key in keys:
            value = value[key]
        return value  # type: ignore[no-any-return]

    return figure


def share(part: float, whole: float) -> float:
    """A share, 0 of nothing."""
    return round(part / whole, 8) if whole else 0.0


def share_of(part: Figure, whole: Figure) -> Figure:
    """The figure that is the share of two others."""
    return lambda metrics: share(part(metrics) or 0, whole(metrics) or 0)


def read_thresholds(path: Path, known: Checks) -> Checks:
    """Checks with what a TOML file says instead; it may say a bound or a severity alone.

    A reason of rejects without a row has one of its own from then on. What the file does not say
    of it, it takes from the row that judged it until then, as the file changes that.

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
    if problems := list(_problems(known, given)):
        raise UsageError(f"{path}: {'; '.join(problems)}")
    changed = dict(known)
    for dataset, settings in given.items():
        rows = {check.name: check for check in known[dataset]}
        for name in sorted(settings, key=lambda name: name not in rows):  # wherever they stand
            like = rows.get(name) or replace(rows[other_reason(name)], name=name)
            rows[name] = replace(like, **settings[name])
            if problem := _bound_problem(rows[name]):
                raise UsageError(f"{path}: {dataset}.{name} {problem}")
        changed[dataset] = tuple(rows.values())
    return changed


def other_reason(name: str) -> str:
    """The row of rejects that stands for a reason without one of its own.

    >>> other_reason("posts_blank")
    'posts_other'
    """
    return f"{name.partition('_')[0]}_other"


def _problems(known: Checks, given: Mapping[str, Any]) -> Iterator[str]:
    """What of a user's file nothing is known of, or has a wrong type."""
    for dataset, settings in given.items():
        if dataset not in known or not isinstance(settings, dict):
            yield f"no dataset {dataset}{_nearest(dataset, known)}, only {', '.join(known)}"
            continue
        names = {check.name for check in known[dataset]}
        for name, values in settings.items():
            if names.isdisjoint((name, other_reason(name))) or not isinstance(values, dict):
                yield f"no check {dataset}.{name}{_nearest(name, names)}"
                continue
            has_rows = any(check.name == name and check.of_rows for check in known[dataset])
            for key, value in values.items():
                if problem := _value_problem(key, value, has_rows):
                    yield f"{dataset}.{name}.{key} {problem}"


def _value_problem(key: str, value: object, has_rows: bool) -> str:
    if key == "mostly":
        is_share = isinstance(value, int | float) and 0 <= value <= 1
        known = "is for checks of rows" if not has_rows else f"is {value!r}, not a share"
        return "" if has_rows and is_share else known
    if key not in SETTINGS:
        settings = [*SETTINGS] if has_rows else [*SETTINGS[:-1]]
        return f"is not a setting{_nearest(key, settings) or ', only ' + ', '.join(settings)}"
    if key == "severity":
        return "" if value in SEVERITIES else f"is {value!r}, not one of {', '.join(SEVERITIES)}"
    kind = int if key == "from_tokens" else int | float
    is_number = isinstance(value, kind) and not isinstance(value, bool) and value == value
    return "" if is_number else f"is {value!r}, not a number"


def _nearest(name: str, known: Iterable[str]) -> str:
    nearest = get_close_matches(name, known, 1)
    return f" (perhaps {nearest[0]})" if nearest else ""


def _bound_problem(check: Check) -> str:
    low, high = check.at_least, check.at_most
    if low is not None and high is not None and low > high:
        return f"wants at least {low} and at most {high}"
    return ""
