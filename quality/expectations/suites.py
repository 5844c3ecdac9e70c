"""Checks → suites: one a table, and one on the figures of a corpus."""

import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from typing import Any

import great_expectations as gx
import great_expectations.expectations as gxe
from great_expectations.expectations.core.expect_column_max_to_be_between import (
    ExpectColumnMaxToBeBetween,
)
from great_expectations.expectations.core.expect_column_min_to_be_between import (
    ExpectColumnMinToBeBetween,
)
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.row_conditions import Column

from quality.checks.check import ERROR, OFF, WARNING, Check
from quality.checks.row_check import EVERY_ROW, RowCheck

SEVERITIES = {ERROR: "critical", WARNING: "warning"}
"""Ours → GX's."""

METRICS = "corpus_metrics"
"""Name of the suite on figures; the others are called as the folder of their table."""

PANDAS_TYPES = {
    "LongType": "Int64",
    "IntegerType": "Int32",
    "StringType": "string",
    "DateType": "date32[day][pyarrow]",
}
"""Spark's class of a type → what `quality.tables` gives pandas."""

DISTINCT = "ExpectColumnProportionOfUniqueValuesToBeBetween"

SECOND = "_usual"
"""Ends the name of a check that bounds the figure of another one more closely."""


def table_suite(
    dataset: str, checks: Sequence[Check], columns: Sequence[str], *, is_pandas: bool
) -> gx.ExpectationSuite:
    """The suite of a table.

    Args:
        dataset: its name.
        checks: of which those of rows are taken.
        columns: of the table, worked out ones included; a check of others is left out.
        is_pandas: else it is Spark's.
    """
    expectations = []
    for check in checks:
        if isinstance(check, RowCheck) and check.severity != OFF:
            of_columns = {check.arguments.get(key) for key in ("column", "column_A", "column_B")}
            if of_columns - {None} <= {*columns}:
                expectations.append(_of_rows(dataset, check, is_pandas=is_pandas))
    return gx.ExpectationSuite(dataset, expectations)


def _of_rows(dataset: str, check: RowCheck, *, is_pandas: bool) -> Expectation:
    arguments = dict(check.arguments)
    if given := arguments.pop("given", None):
        arguments["row_condition"] = reduce(operator.and_, _conditions(given))
    elif not is_pandas and check.expectation == DISTINCT:
        # The same rows, but a pass of their own: in one with all other counts Spark would group
        # those by the value too, and shuffle a row of counts for each.
        arguments["row_condition"] = Column(arguments["column"]).is_not_null()
    if is_pandas and "type_" in arguments:
        arguments["type_"] = PANDAS_TYPES[arguments["type_"]]
    bounds = {"min_value": check.at_least, "max_value": check.at_most}
    arguments |= {name: bound for name, bound in bounds.items() if bound is not None}
    arguments |= {"mostly": check.mostly} if check.mostly < 1 else {}
    expectation: type[Expectation] = getattr(gxe, check.expectation)
    return expectation(**arguments, **_for_people(dataset, check))


def _conditions(given: Mapping[str, Any]) -> Iterator[Any]:
    for column, value in given.items():
        is_one = isinstance(value, str)
        yield Column(column) == value if is_one else Column(column).is_in(list(value))


def metrics_suite(checks: Iterable[tuple[str, Check]]) -> gx.ExpectationSuite:
    """The suite on figures: a bound is an expectation, a column's least or largest value.

    Args:
        checks: (dataset, check).
    """
    expectations: list[Expectation] = []
    for dataset, check in checks:
        common = {"column": column_of(dataset, check)} | _for_people(dataset, check)
        if check.at_least is not None:
            expectations.append(ExpectColumnMinToBeBetween(min_value=check.at_least, **common))
        if check.at_most is not None:
            expectations.append(ExpectColumnMaxToBeBetween(max_value=check.at_most, **common))
    return gx.ExpectationSuite(METRICS, expectations)


def column_of(dataset: str, check: Check) -> str:
    """The column of a figure in the table of figures."""
    return f"{dataset}.{check.name.removesuffix(SECOND)}"


def _for_people(dataset: str, check: Check) -> dict[str, Any]:
    note = f" {check.note[:1].upper()}{check.note[1:]}." if check.note else ""
    is_plain = isinstance(check, RowCheck) and check.expected == f"{EVERY_ROW} to pass"
    description = check.says if is_plain else f"{check.says}: {check.expected}"
    description += " (warning)" if check.severity == WARNING else ""  # pages show no severity
    return {
        "severity": SEVERITIES[check.severity],
        "description": description.replace("$", "$$"),
        "notes": f"{dataset}.{check.name}. See {check.look}.{note}",
        "meta": {"check": f"{dataset}.{check.name}"},
    }
