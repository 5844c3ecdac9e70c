"""A checkpoint over several tables, which calls failing rows by their keys, never by their text."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import great_expectations as gx
from great_expectations.compatibility.pydantic import Field
from great_expectations.core.expectation_validation_result import (
    ExpectationSuiteValidationResult,
    ExpectationValidationResult,
)

COUNTS = {
    "result_format": "BASIC",
    "partial_unexpected_count": 0,
    "exclude_unexpected_values": True,
}
"""How many rows fail: Spark works out all of a table's in one pass, and reads no row for it."""

SHOWN_ROWS = 20


class TablesCheckpoint(gx.Checkpoint):
    """Runs each definition on the table of its name.

    `run` takes `batch_parameters={"dataframe": {name: table}}`. What fails is run once more, for
    the keys of its rows.

    Attributes:
        keys: name of a definition → columns that its rows are called by.
    """

    keys: dict[str, list[str]] = Field(default_factory=dict)

    def _run_validation_definitions(  # type: ignore[override]  # it is called by names
        self, batch_parameters: dict[str, Any], result_format: Any, **given: Any
    ) -> dict[Any, ExpectationSuiteValidationResult]:
        results = {}
        for definition in self.validation_definitions:
            table = {"dataframe": batch_parameters["dataframe"][definition.name]}
            run = {"checkpoint_id": self.id, "batch_parameters": table, **given}
            result = definition.run(result_format=COUNTS, **run)
            key = self._build_result_key(
                definition, run_id=given["run_id"], batch_identifier=result.batch_id
            )
            if names := self.keys.get(definition.name):
                self._identify(definition, result, table, given["expectation_parameters"], names)
                definition._validation_results_store.set(key, result)
            results[key] = result
        return results

    def _identify(
        self,
        definition: gx.ValidationDefinition,
        result: ExpectationSuiteValidationResult,
        table: Mapping[str, Any],
        parameters: Any,
        names: Sequence[str],
    ) -> None:
        """Adds keys of rows to what has failed."""
        outcomes: list[Any] = result.results
        failed = [
            outcome
            for outcome in outcomes
            if not outcome.success and outcome.result.get("element_count")
        ]
        if not failed:
            return
        batch = definition.batch_definition.get_batch(dict(table))
        how = {"result_format": "SUMMARY", "partial_unexpected_count": SHOWN_ROWS}
        how |= {"unexpected_index_column_names": list(names), "exclude_unexpected_values": True}
        expectations: list[Any] = definition.suite.expectations
        by_check = {expectation.meta["check"]: expectation for expectation in expectations}
        for outcome in failed:
            expectation = by_check[outcome.expectation_config.meta["check"]]
            again = batch.validate(
                expectation, result_format=how, expectation_parameters=parameters
            )
            rows = [*_rows(again)]
            outcome.result["unexpected_index_column_names"] = list(names)
            outcome.result["partial_unexpected_index_list"] = rows
            # What GX's pages show as sampled values.
            outcome.result["partial_unexpected_list"] = [*map(describe_row, rows)]


def _rows(outcome: ExpectationValidationResult) -> Iterator[dict[str, Any]]:
    """The keys of some rows: GX gives a list a column."""
    for columns in outcome.result.get("partial_unexpected_index_list") or ():
        values = zip(*columns.values(), strict=True)
        for row, _ in zip(values, range(SHOWN_ROWS), strict=False):
            yield dict(zip(columns, map(_plain, row), strict=True))


def _plain(value: Any) -> Any:
    is_null = value is None or value != value  # NaN; pandas' NA is neither
    if is_null is True or (not isinstance(value, (int, float, str)) and not hasattr(value, "item")):
        return None
    return value.item() if hasattr(value, "item") else value


def describe_row(row: Mapping[str, Any]) -> str:
    """The key of a row, for people.

    >>> describe_row({"blogger_id": 5, "post_ordinal": 0, "sentence_ordinal": None})
    'blogger_id 5, post_ordinal 0'
    """
    return ", ".join(f"{name} {value}" for name, value in row.items() if value is not None)
