"""A check of a table's rows: one expectation of Great Expectations, as data.

The bounds are the expectation's `min_value` and `max_value`, and `mostly` is its `mostly`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pyspark.sql.types import StructType

from quality.checks.check import Check, Metrics


def _not_in_metrics(metrics: Metrics) -> None:
    """Only the rows tell it, so that whoever judges metrics passes over it."""


EVERY_ROW = "every row"
PARAMETER = "$PARAMETER"
"""As suites of GX name what is given when they run."""


@dataclass(frozen=True)
class RowCheck(Check):
    """A check whose figure is the number of rows that fail, or what an aggregate has come to.

    Attributes:
        expectation: name of the class in `great_expectations.expectations`.
        arguments: of that class, without bounds, `mostly`, `severity`, `notes`, `description`. A
            value `ledger("posts.kept")` is what the ledger of the build has.
        mostly: least share of the rows that has to pass, for an expectation of rows.
        wanted: what passes, for people, where bounds do not say it.
    """

    expectation: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    mostly: float = 1.0
    wanted: str = EVERY_ROW

    of_rows = True

    @property
    def expected(self) -> str:
        """The bounds and the share, for people."""
        bounds = super().expected
        wanted = self.wanted if self.mostly == 1 else f"{self.mostly:.6g} of the rows"
        if bounds == "anything":
            return f"{wanted} to pass" if wanted.endswith(("rows", EVERY_ROW)) else wanted
        return f"{bounds} in {wanted}" if wanted else bounds


def ledger(key: str) -> dict[str, str]:
    """A parameter of GX's suites: a count of the build's ledger, or what is worked out of it."""
    return {PARAMETER: key.replace(".", "_")}


def row_check(name: str, says: str, expectation: str, look: str, **settings: Any) -> RowCheck:
    """A row; whatever is no attribute of `RowCheck` is an argument of the expectation."""
    own = {key: settings.pop(key) for key in [*settings] if key in RowCheck.__dataclass_fields__}
    return RowCheck(
        name, says, _not_in_metrics, look, expectation=expectation, arguments=settings, **own
    )


def of_schema(schema: StructType, module: str) -> Iterator[RowCheck]:
    """Columns, types and nulls, as a schema has them."""
    yield row_check(
        "columns", f"The columns are those of {module}", "ExpectTableColumnsToMatchSet", module,
        column_set=[*schema.names], exact_match=False, wanted="in every file",
    )  # fmt: skip
    for column in schema:
        kind = type(column.dataType).__name__
        yield row_check(
            f"{column.name}_type", f"{column.name} is {column.dataType.simpleString()}",
            "ExpectColumnTypeToBe", module, column=column.name, type_=kind, wanted=kind,
        )  # fmt: skip
        if not column.nullable:
            yield row_check(
                f"{column.name}_null", f"{column.name} is never null",
                "ExpectColumnValuesToNotBeNull", module, column=column.name,
            )  # fmt: skip


def unique(columns: tuple[str, ...], table: str) -> RowCheck:
    """The key of a table."""
    says = f"No two rows of {table} have the same {', '.join(columns)}"
    expectation = "ExpectCompoundColumnsToBeUnique"
    return row_check("unique", says, expectation, f"{table}/", column_list=list(columns))


def counted(name: str, says: str, key: str, **settings: Any) -> RowCheck:
    """As many rows as the ledger has counted."""
    expectation, wanted = "ExpectTableRowCountToEqual", f"the ledger's {key}"
    return row_check(
        name, says, expectation, f"ledger.{key}", value=ledger(key), wanted=wanted, **settings
    )


def summed(name: str, says: str, column: str, key: str) -> RowCheck:
    """A column whose sum is what the ledger has counted."""
    total = ledger(key)
    return row_check(
        name, says, "ExpectColumnSumToBeBetween", f"ledger.{key}", column=column,
        min_value=total, max_value=total, wanted=f"the ledger's {key}",
    )  # fmt: skip


def without(name: str, says: str, column: str, regex: str, look: str, **settings: Any) -> RowCheck:
    """No row, or hardly one, has what a regular expression finds: Java's, RE2's and Python's."""
    expectation = "ExpectColumnValuesToNotMatchRegex"
    return row_check(name, says, expectation, look, column=column, regex=regex, **settings)


def one_of(
    name: str, says: str, column: str, values: tuple[Any, ...], look: str, **settings: Any
) -> RowCheck:
    """Each value is one of some; nulls are passed over."""
    expectation = "ExpectColumnValuesToBeInSet"
    return row_check(
        name, says, expectation, look, column=column, value_set=list(values), **settings
    )


def equal(name: str, says: str, columns: tuple[str, str], look: str) -> RowCheck:
    """Two columns have the same value; rows where one is null are passed over."""
    return row_check(
        name, says, "ExpectColumnPairValuesToBeEqual", look, column_A=columns[0],
        column_B=columns[1], ignore_row_if="either_value_is_missing",
    )  # fmt: skip


def larger(name: str, says: str, columns: tuple[str, str], look: str, **settings: Any) -> RowCheck:
    """The first column has the larger value."""
    return row_check(
        name, says, "ExpectColumnPairValuesAToBeGreaterThanB", look, column_A=columns[0],
        column_B=columns[1], ignore_row_if="either_value_is_missing", **settings,
    )  # fmt: skip


def between(name: str, says: str, column: str, look: str, **settings: Any) -> RowCheck:
    """Each value is within the bounds; nulls are passed over."""
    return row_check(name, says, "ExpectColumnValuesToBeBetween", look, column=column, **settings)
