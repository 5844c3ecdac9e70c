"""An accepted build → a file of thresholds: where a user starts with a corpus of their own."""

import math
from collections.abc import Iterator
from typing import Any

from quality.checks.check import Check
from quality.checks.row_check import RowCheck
from quality.judge import Verdict
from quality.output_check import Judged
from quality.tables import Output

MARGIN = 0.25
"""Of a figure, by which another build of the same kind may differ from it."""

ROWS_MARGIN = 2.0
"""Times the share of rows that fail, of which single ones say little."""

DIGITS = 4
FEWEST_ROWS = 0.001
"""Share of the rows that may fail where none did, of a check that lets some fail."""

HEADER = """\
# Suggested by jobs/check_corpus.py --suggest, from {source}:
# figures of {tokens:,} tokens, and {margin:.0%} around them. What is not here stays as it is.
"""


def suggest(output: Output, judged: Judged, tokens: int) -> str:
    """Thresholds as TOML, which the output passes; what has to hold of any corpus is left out.

    Args:
        output: of an accepted build.
        judged: what came of it.
        tokens: of its corpus.
    """
    known = {(name, check.name): check for name, rows in judged.checks.items() for check in rows}
    ranges = judged.ranges()
    parts = [HEADER.format(source=output.folder, tokens=tokens, margin=MARGIN)]
    for verdict in (Verdict(**row) for row in judged.quality["verdicts"]):
        if verdict.dataset == "preflight":
            continue
        check = known[verdict.dataset, verdict.expectation]
        name = f"{verdict.dataset}.{verdict.expectation}"
        if isinstance(check, RowCheck):
            number = output.counts.get(verdict.dataset, 0)
            values = dict(_of_rows(check, verdict, ranges.get(name), number))
        else:
            values = dict(_of_figure(check, verdict.found, tokens))
        if values:
            lines = [f"{key} = {_toml(value)}" for key, value in values.items()]
            parts.append("\n".join([f"[{name}]", *lines, ""]))
    return "\n".join(parts)


def _of_figure(check: Check, figure: float, tokens: int) -> Iterator[tuple[str, Any]]:
    """Bounds around a figure; none where the only figure that will do is the one it has."""
    is_exact = check.at_most == 0 or (check.at_least == 1 and check.at_most is None)
    if is_exact and check.allows(figure):
        return
    if check.at_least is not None:
        yield "at_least", _rounded(figure - abs(figure) * MARGIN, math.floor)
    if check.at_most is not None:
        least = min(check.at_most, FEWEST_ROWS) if figure == 0 else 0.0
        yield "at_most", _rounded(figure + abs(figure) * MARGIN + least, math.ceil)
    if check.from_tokens > tokens // 2:
        yield "from_tokens", tokens // 2


def _of_rows(
    check: RowCheck, verdict: Verdict, values: tuple[float, float] | None, rows: int
) -> Iterator[tuple[str, Any]]:
    """The range of a column, or the share of the rows that pass."""
    if values:
        yield from zip(("at_least", "at_most"), values, strict=True)
    elif check.at_least is not None and not check.wanted:  # a share
        yield "at_least", _rounded(verdict.found * (1 - MARGIN), math.floor)
    elif check.mostly < 1 and rows:
        failing = verdict.found / rows
        yield "mostly", _rounded(max(0.0, 1 - failing * ROWS_MARGIN - FEWEST_ROWS), math.floor)
    elif not verdict.passed:
        yield "severity", "off"


def _rounded(figure: float, towards: Any) -> float | int:
    """To some digits, outwards.

    >>> _rounded(0.123456, math.ceil), _rounded(-1.5, math.floor), _rounded(123456, math.floor)
    (0.1235, -1.5, 123400)
    """
    if not figure:
        return 0
    scale = 10.0 ** (DIGITS - 1 - math.floor(math.log10(abs(figure))))
    result = float(f"{towards(round(figure * scale, 6)) / scale:.12g}")
    return int(result) if result.is_integer() else result


def _toml(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)
