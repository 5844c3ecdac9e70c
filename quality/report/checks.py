"""The checks of the report: verdicts and comparisons, what failed first."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from quality.report.tables import Table, figure_text

OFF = "Not checked: the gate was off"
GATES = {
    ("passed", True): "The gate passed",
    ("failed", True): "The gate failed, and was told to let this through",
    ("passed", False): "The checks passed",
    ("failed", False): "The checks failed",
}
"""Outcome, and whether a gate asked; else somebody checked a file that is there anyway."""

JUDGED = {True: "within", False: "outside", None: "not judged"}


@dataclass(frozen=True)
class Check:
    """One verdict, as text.

    Attributes:
        outcome: "failed", "warning" or "passed".
        name: of the dataset and the expectation.
        says: what is expected, in a sentence.
        found: what was there.
        expected: what should be there.
        look: where to look for the cause.
    """

    outcome: str
    name: str
    says: str
    found: str
    expected: str
    look: str


ORDER = ("failed", "warning", "passed")


def checks(quality: Mapping[str, Any]) -> list[Check]:
    """The verdicts, failed ones first, then warnings; inside these as the gate has them."""
    found = [_check(verdict) for verdict in quality.get("verdicts", ())]
    return sorted(found, key=lambda check: ORDER.index(check.outcome))


def outcome(quality: Mapping[str, Any]) -> str:
    """What the checks came to: "passed", "failed", or "off" where there were none."""
    if "gate" in quality:
        return str(quality["gate"])
    return "off" if "passed" not in quality else "passed" if quality["passed"] else "failed"


def gate_text(quality: Mapping[str, Any]) -> str:
    """The same in words, with the number of failed checks."""
    if (told := outcome(quality)) == "off":
        return OFF
    failed = (("error", quality.get("errors", 0)), ("warning", quality.get("warnings", 0)))
    counts = ", ".join(f"{n} {kind}{'' if n == 1 else 's'}" for kind, n in failed)
    said = GATES[(told, "gate" in quality)]
    return f"{said}: {counts} in {len(quality.get('verdicts', ()))} checks"


def comparisons(quality: Mapping[str, Any]) -> list[Table]:
    """A table for each corpus that this one was compared with."""
    return [_comparison(one) for one in quality.get("comparisons", ())]


def _check(verdict: Mapping[str, Any]) -> Check:
    failed = "failed" if verdict["severity"] == "error" else "warning"
    return Check(
        outcome="passed" if verdict["passed"] else failed,
        name=f"{verdict['dataset']}.{verdict['expectation']}",
        says=verdict["says"],
        found=figure_text(verdict["found"]),
        expected=str(verdict["expected"]),
        look=str(verdict["look"]),
    )


def _comparison(one: Mapping[str, Any]) -> Table:
    header = ("", "here", "there", "ratio", "tolerance", "judged", "note")
    rows = [
        (
            row["says"],
            figure_text(row["found"]),
            figure_text(row["expected"]),
            figure_text(row["ratio"]) if row["ratio"] is not None else "–",
            str(row.get("tolerance") or "–"),
            JUDGED[row["passed"]],
            str(row.get("note") or ""),
        )
        for row in one["rows"]
    ]
    names = {"reference": "the reference run", "baseline": "the baseline"}
    label = f"Compared with {names.get(one['with'], one['with'])}: {one['source']}"
    return Table(label, header, tuple(rows), is_numeric=False)
