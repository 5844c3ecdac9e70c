"""Figures → verdicts, plainly: `quality.expectations` gives the same ones, and pages of them.

Importing Great Expectations takes seconds, so what needs no pages is judged without it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from quality.checks.check import ERROR, WARNING, Check, Metrics

ROWS = "rows"
"""What a figure counts: rows of a table that fail."""


@dataclass(frozen=True)
class Verdict:
    """One judged check.

    Attributes:
        dataset: of `schemas/`, or a comparison.
        expectation: the name of the check within the dataset.
        says: what a good corpus has, for people.
        severity: "error" or "warning".
        passed: whether it has.
        found: the figure.
        expected: the bounds, for people.
        look: where to look if it fails.
        unit: of the figure: `ROWS`, or nothing.
    """

    dataset: str
    expectation: str
    says: str
    severity: str
    passed: bool
    found: float | int
    expected: str
    look: str
    unit: str = ""

    @classmethod
    def of(
        cls, dataset: str, check: Check, figure: float | int, unit: str = "", *, is_passed: bool
    ) -> Self:
        """What became of a check."""
        row = (dataset, check.name, check.says, check.severity, is_passed, figure)
        return cls(*row, check.expected, check.look, unit)

    def at(self, place: str) -> Self:
        """The same, which says more of where to look."""
        return replace(self, look=f"{self.look}; {place}") if place else self

    def __str__(self) -> str:
        """One line: which check failed, what was found and expected, where to look.

        >>> print(Verdict("posts", "age", "", "error", False, 2, "13 to 48", "posts.age", ROWS))
        posts.age: 2 rows fail, expected 13 to 48 (see posts.age)
        """
        figure = f"found {self.found:,}"
        if self.unit == ROWS:
            figure = f"{self.found:,} rows fail" if self.found != 1 else "1 row fails"
        name = f"{self.dataset}.{self.expectation}"
        return f"{name}: {figure}, expected {self.expected} (see {self.look})"


def told(checks: Sequence[Check], metrics: Metrics) -> dict[str, tuple[Check, float | int]]:
    """Checks with their figures, by name, without what can't be told or is not judged."""
    tokens = metrics["corpus"]["tokens"]
    return {
        check.name: (check, figure)
        for check in checks
        if check.is_judged(tokens) and (figure := check.figure(metrics)) is not None
    }


def judge_plainly(dataset: str, checks: Sequence[Check], metrics: Metrics) -> list[Verdict]:
    """The verdicts of a dataset."""
    rows = told(checks, metrics).values()
    return [
        Verdict.of(dataset, check, figure, is_passed=check.allows(figure)) for check, figure in rows
    ]


def failures(quality: Mapping[str, Any], severity: str) -> list[Verdict]:
    """The same of what `summarize` gave."""
    return failed([Verdict(**verdict) for verdict in quality["verdicts"]], severity)


def failed(verdicts: Sequence[Verdict], severity: str) -> list[Verdict]:
    """The verdicts of a severity that did not pass."""
    return [verdict for verdict in verdicts if not verdict.passed and verdict.severity == severity]


def summarize(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """How many failed, and all of them, as the manifest has it."""
    errors, warnings = failed(verdicts, ERROR), failed(verdicts, WARNING)
    return {
        "passed": not errors,
        "errors": len(errors),
        "warnings": len(warnings),
        "verdicts": [asdict(verdict) for verdict in verdicts],
    }
