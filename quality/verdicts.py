"""What was found, what was expected, and whether that is good enough."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from quality.thresholds import ERROR, WARNING


@dataclass(frozen=True)
class Verdict:
    """One judged expectation.

    Attributes:
        dataset: of `schemas/`, or a comparison.
        expectation: its name within the dataset.
        says: what a good corpus has, for people.
        severity: "error" or "warning".
        passed: whether it has.
        found: the figure.
        expected: the bounds, for people.
        look: where to look if it fails.
    """

    dataset: str
    expectation: str
    says: str
    severity: str
    passed: bool
    found: float | int
    expected: str
    look: str

    def __str__(self) -> str:
        """One line: which expectation failed, what was found and expected, where to look."""
        name = f"{self.dataset}.{self.expectation}"
        return f"{name}: found {self.found:,}, expected {self.expected} (see {self.look})"

    def to_json(self) -> dict[str, Any]:
        """As the manifest and the report have it."""
        return asdict(self)


def failed(verdicts: Sequence[Verdict], severity: str) -> list[Verdict]:
    """The verdicts of a severity that did not pass."""
    return [one for one in verdicts if not one.passed and one.severity == severity]


def summarize(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """How many failed, and all of them."""
    errors, warnings = failed(verdicts, ERROR), failed(verdicts, WARNING)
    return {
        "passed": not errors,
        "errors": len(errors),
        "warnings": len(warnings),
        "verdicts": [one.to_json() for one in verdicts],
    }
