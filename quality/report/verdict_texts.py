"""Verdicts and comparisons as text of the report, what failed first."""

from collections.abc import Mapping
from typing import Any

from quality.report.figures import Table, figure_text

OFF = "Not checked: the gate was off"
GATES = {
    ("passed", True): "The gate passed",
    ("failed", True): "The gate failed, and was told to let this through",
    ("refused", True): "The gate refused this build, so there is no corpus of it",
    ("passed", False): "The checks passed",
    ("failed", False): "The checks failed",
}
"""Outcome, and whether a gate asked; else somebody checked a file that is there anyway."""

JUDGED = {True: "within", False: "outside", None: "not judged"}


ORDER = ("failed", "warning", "passed")


def ranked_verdicts(quality: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Outcome and verdict, failed ones first, then warnings; inside these as the gate has them."""
    failed = {"error": "failed", "warning": "warning"}
    verdicts = quality.get("verdicts", ())
    ranked = [("passed" if it["passed"] else failed[it["severity"]], it) for it in verdicts]
    return sorted(ranked, key=lambda pair: ORDER.index(pair[0]))


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
    return [_comparison(other) for other in quality.get("comparisons", ())]


def _comparison(other: Mapping[str, Any]) -> Table:
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
        for row in other["rows"]
    ]
    names = {"reference": "the reference run", "baseline": "the baseline"}
    label = f"Compared with {names.get(other['with'], other['with'])}: {other['source']}"
    return Table(label, header, tuple(rows), is_numeric=False)
