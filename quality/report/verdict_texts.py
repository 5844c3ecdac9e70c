"""Verdicts and comparisons as text of the report."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from quality.report.figures import Table, figure_text, place_text, share_text

OFF = "Not checked: the gate was off"
GATES = {
    ("passed", True): "The gate passed",
    ("failed", True): "The gate failed, and was told to let this through",
    ("refused", True): "The gate refused this build, so there is no corpus of it",
    ("passed", False): "The checks passed",
    ("failed", False): "The checks failed",
}
"""Outcome, and whether a gate asked; else somebody checked a file that is there anyway."""

COMPARED = {"reference": "the reference run", "baseline": "the baseline"}
"""Datasets whose checks are of ratios, in words."""

JUDGED = {True: "within", False: "outside", None: "not judged"}

NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?(?:e-?\d+)?")
"""In the bounds of a check."""


class VerdictText(NamedTuple):
    """A verdict in words: what was checked, found and expected, where to look, the check's name."""

    says: str
    found: str
    expected: str
    look: str
    name: str


def verdict_texts(quality: Mapping[str, Any]) -> dict[str, list[VerdictText]]:
    """The verdicts that failed, those that failed as warnings, and those that passed."""
    texts: dict[str, list[VerdictText]] = {"failed": [], "warning": [], "passed": []}
    failed = {"error": "failed", "warning": "warning"}
    for verdict in quality.get("verdicts", ()):
        group = "passed" if verdict["passed"] else failed[verdict["severity"]]
        texts[group].append(_text(verdict))
    return texts


def _text(verdict: Mapping[str, Any]) -> VerdictText:
    name = f"{verdict['dataset']}.{verdict['expectation']}"
    found, expected = figure_text(verdict["found"]), verdict["expected"]
    if _is_share(verdict):
        found = share_text(verdict["found"])
        expected = NUMBER.sub(lambda number: _per_cent(number[0]), expected)
    return VerdictText(verdict["says"], found, expected, verdict["look"], name)


def _is_share(verdict: Mapping[str, Any]) -> bool:
    """Whether a check is of a share: of `rejects` all but counts, elsewhere the name says it."""
    if not isinstance(verdict["found"], float) or verdict["dataset"] in COMPARED:
        return False
    return verdict["dataset"] == "rejects" or "share" in verdict["expectation"].split("_")


def _per_cent(number: str) -> str:
    """A bound as a percentage.

    >>> _per_cent("0.25"), _per_cent("0.0001")
    ('25 %', '0.01 %')
    """
    return f"{float(number.replace(',', '')) * 100:.6g} %"


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
            _compared(row, "found"),
            _compared(row, "expected"),
            figure_text(row["ratio"]) if row["ratio"] is not None else "–",
            str(row.get("tolerance") or "–"),
            JUDGED[row["passed"]],
            str(row.get("note") or ""),
        )
        for row in other["rows"]
    ]
    name = COMPARED.get(other["with"], other["with"])
    source = place_text(other["source"]) if other["with"] == "baseline" else other["source"]
    label = f"Compared with {name}: {source}"
    return Table(label, header, tuple(rows), is_numeric=False)


def _compared(row: Mapping[str, Any], side: str) -> str:
    is_share = row["figure"].endswith("_share") and row[side] is not None
    return share_text(row[side]) if is_share else figure_text(row[side])
