"""Great Expectations' results → verdicts, on figures of a corpus and on tables of an output."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import great_expectations as gx
import pandas as pd  # type: ignore[import-untyped]
from great_expectations.core.run_identifier import RunIdentifier

from quality.checks.check import Check, Metrics
from quality.checks.row_check import PARAMETER, RowCheck
from quality.checks.table_checks import KEYS
from quality.expectations.project import Project
from quality.expectations.suites import METRICS, column_of, metrics_suite, table_suite
from quality.judge import ROWS, Verdict, told

NAMED_ROWS = 3
"""That a verdict calls by their keys; pages call more."""

RUN_DIGITS = 12
"""Of the SHA-256 of a corpus, by which pages call a run."""


class Figures:
    """The figures of a corpus as a table of one row: a column each, and the suite on them.

    Args:
        metrics: of the corpus.
        checks: what they are held to, by dataset.

    Attributes:
        run: name of the corpus, for pages.
    """

    def __init__(self, metrics: Metrics, checks: Mapping[str, Sequence[Check]]) -> None:
        self._judged = {
            f"{dataset}.{name}": (dataset, check, figure)
            for dataset, rows in checks.items()
            for name, (check, figure) in told(rows, metrics).items()
        }
        self.run = str(metrics["corpus"].get("sha256") or "corpus")[:RUN_DIGITS]
        self.suite = metrics_suite((dataset, check) for dataset, check, _ in self._judged.values())
        row = {
            column_of(dataset, check): figure for dataset, check, figure in self._judged.values()
        }
        self.table = pd.DataFrame([row])

    def verdicts(self, outcomes: Sequence[Any]) -> Iterator[Verdict]:
        """One a check: both bounds have to hold, and without any it passes."""
        failed = {_name_of(outcome) for outcome in outcomes if not outcome.success}
        for name, (dataset, check, figure) in self._judged.items():
            yield Verdict.of(dataset, check, figure, is_passed=name not in failed)


class Tables(NamedTuple):
    """Tables of an output, as one engine reads them.

    Attributes:
        tables: dataset → table.
        checks: dataset → its checks.
        parameters: what the ledger has for the suites.
        is_pandas: else they are Spark's.
    """

    tables: Mapping[str, Any]
    checks: Mapping[str, Sequence[Check]]
    parameters: Mapping[str, float]
    is_pandas: bool = True

    def define(self, project: Project) -> list[gx.ValidationDefinition]:
        """A suite a table."""
        how = {"is_pandas": self.is_pandas}
        suites = [
            table_suite(name, self.checks[name], table.columns, **how)
            for name, table in self.tables.items()
        ]
        return [project.define(suite, **how) for suite in suites if suite.expectations]

    def ranges(self) -> dict[str, tuple[float, float]]:
        """Least and largest value of each column that a check bounds on both sides."""
        ranges = {}
        for dataset, table in self.tables.items():
            for check in self.checks[dataset]:
                is_range = None not in (check.at_least, check.at_most)
                column = check.arguments.get("column") if isinstance(check, RowCheck) else None
                if is_range and column is not None and column in table.columns:
                    ranges[f"{dataset}.{check.name}"] = self._range(table, column)
        return {name: values for name, values in ranges.items() if values}

    def _range(self, table: Any, column: str) -> tuple[float, float] | None:
        if not self.is_pandas:
            low, high = table.selectExpr(f"min({column})", f"max({column})").first()
            return None if low is None else (low, high)
        values = table[column].dropna()
        return (int(values.min()), int(values.max())) if len(values) else None

    def _expected(self, check: Check) -> str:
        """As the check says, with the ledger's figure where it asks for one."""
        arguments = check.arguments.values() if isinstance(check, RowCheck) else ()
        names = [value.get(PARAMETER) for value in arguments if isinstance(value, Mapping)]
        counts = {f", {self.parameters[name]:,}" for name in names if name}
        return check.expected + "".join(counts)

    def verdicts(self, outcomes: Mapping[str, Sequence[Any]]) -> Iterator[Verdict]:
        """One a check, with the keys of some rows that fail."""
        for dataset in self.tables:
            checks = {f"{dataset}.{check.name}": check for check in self.checks[dataset]}
            for outcome in outcomes.get(dataset, ()):
                check, passed = checks[_name_of(outcome)], bool(outcome.success)
                verdict = Verdict.of(dataset, check, *_figure_of(outcome), is_passed=passed)
                verdict = replace(verdict, expected=self._expected(check))
                yield verdict if passed else verdict.at(_rows_of(outcome))


def judge(
    figures: Figures, tables: Tables | None = None, docs: Path | None = None
) -> list[Verdict]:
    """The verdicts on figures and tables, by one run of the checkpoint.

    Args:
        figures: of the corpus.
        tables: of its output; None without.
        docs: folder of pages. They show the runs before this one if there are tables.
    """
    project = Project(docs, keeps_results=tables is not None)
    frames: dict[str, Any] = dict(tables.tables) if tables else {}
    definitions = tables.define(project) if tables else []
    if figures.suite.expectations:
        frames[METRICS] = figures.table
        definitions.append(project.define(figures.suite))
    if not definitions:
        return []
    keys = {name: [*KEYS[name]] for name in frames if name != METRICS}
    ran = project.checkpoint(definitions, keys).run(
        batch_parameters={"dataframe": frames},
        expectation_parameters=dict(tables.parameters) if tables else None,
        run_id=RunIdentifier(run_name=figures.run, run_time=datetime.now(UTC)),
    )
    outcomes = {result.suite_name: result.results for result in ran.run_results.values()}
    verdicts = [*tables.verdicts(outcomes)] if tables else []
    return [*verdicts, *figures.verdicts(outcomes.get(METRICS, ()))]


def _name_of(outcome: Any) -> str:
    return str(outcome.expectation_config.meta["check"])


def _figure_of(outcome: Any) -> tuple[float | int, str]:
    """Rows that fail, or what an aggregate came to; for anything else, whether it fails."""
    rows = outcome.result.get("unexpected_count")
    figure = outcome.result.get("observed_value") if rows is None else rows
    figure = figure.item() if hasattr(figure, "item") else figure
    if not isinstance(figure, int | float) or isinstance(figure, bool):
        return int(not outcome.success), ""
    return figure, "" if rows is None else ROWS


def _rows_of(outcome: Any) -> str:
    rows = outcome.result.get("partial_unexpected_list") or ()
    shown = "; ".join(rows[:NAMED_ROWS])
    return f"rows {shown}{' …' if len(rows) > NAMED_ROWS else ''}" if rows else ""
