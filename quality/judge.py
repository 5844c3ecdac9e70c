"""Figures → verdicts. Great Expectations judges a build, and writes pages of it.

A suite for each dataset, on a table of one row: a column is a figure, an expectation bounds it.
Importing it takes seconds, so a file without pages is judged by the same bounds without it.
"""

import importlib
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Any, Self

from quality.checks.check import ERROR, WARNING, Check, Metrics

SEVERITIES = {ERROR: "critical", WARNING: "warning"}
"""Ours → GX's."""


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
    """

    dataset: str
    expectation: str
    says: str
    severity: str
    passed: bool
    found: float | int
    expected: str
    look: str

    @classmethod
    def of(cls, dataset: str, check: Check, figure: float | int, is_passed: bool) -> Self:
        """What became of a check."""
        row = (dataset, check.name, check.says, check.severity, is_passed, figure)
        return cls(*row, check.expected, check.look)

    def __str__(self) -> str:
        """One line: which check failed, what was found and expected, where to look."""
        name = f"{self.dataset}.{self.expectation}"
        return f"{name}: found {self.found:,}, expected {self.expected} (see {self.look})"


def told(checks: Sequence[Check], metrics: Metrics) -> dict[str, tuple[Check, float | int]]:
    """Checks with their figures, by name, without what can't be told or is not judged."""
    tokens = metrics["corpus"]["tokens"]
    return {
        check.name: (check, figure)
        for check in checks
        if check.is_judged(tokens) and (figure := check.figure(metrics)) is not None
    }


def judge_plainly(dataset: str, checks: Sequence[Check], metrics: Metrics) -> list[Verdict]:
    """The verdicts of a dataset, as those of `Judge`."""
    rows = told(checks, metrics).values()
    return [Verdict.of(dataset, row, figure, row.allows(figure)) for row, figure in rows]


class Judge:
    """A GX context of its own, that lives in memory and tells nobody anything."""

    def __init__(self) -> None:
        self._gx = import_gx()
        types = self._gx.data_context.types.base
        config = types.DataContextConfig(
            # Else GX makes a folder for pages under /tmp.
            store_backend_defaults=types.InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
            progress_bars=types.ProgressBarsConfig(globally=False, metric_calculations=False),
            analytics_enabled=False,
        )
        self._context = self._gx.get_context(mode="ephemeral", project_config=config)
        # One for all datasets: GX writes its whole configuration anew for each that it is given.
        asset = self._context.data_sources.add_pandas("counts").add_dataframe_asset("figures")
        self._batch = asset.add_batch_definition_whole_dataframe("all")

    def judge(self, dataset: str, checks: Sequence[Check], metrics: Metrics) -> list[Verdict]:
        """The verdicts of a dataset; once for each."""
        import pandas as pd  # type: ignore[import-untyped]  # GX has it by then

        rows = told(checks, metrics)
        if not rows:
            return []
        suite = self._context.suites.add(
            self._gx.ExpectationSuite(dataset, [self._expect(row) for row, _ in rows.values()])
        )
        validation = self._context.validation_definitions.add(
            self._gx.ValidationDefinition(name=dataset, data=self._batch, suite=suite)
        )
        table = pd.DataFrame([{name: figure for name, (_, figure) in rows.items()}])
        result = validation.run(batch_parameters={"dataframe": table})
        passed = {it.expectation_config.kwargs["column"]: bool(it.success) for it in result.results}
        return [Verdict.of(dataset, *rows[name], is_passed) for name, is_passed in passed.items()]

    def write_docs(self, folder: Path) -> None:
        """GX's pages on all that was judged."""
        place = str(folder.absolute())
        store = {"class_name": "TupleFilesystemStoreBackend", "base_directory": place}
        self._context.add_data_docs_site(
            folder.name,
            {
                "class_name": "SiteBuilder",
                "show_how_to_buttons": False,
                "store_backend": store,
                "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
                # A page of results shows its suite too.
                "site_section_builders": {"expectations": "None", "profiling": "None"},
            },
        )
        self._context.build_data_docs()

    def _expect(self, check: Check) -> Any:
        return self._gx.expectations.ExpectColumnMaxToBeBetween(
            column=check.name,
            min_value=check.at_least,
            max_value=check.at_most,
            severity=SEVERITIES[check.severity],
            notes=f"{check.says}. See {check.look}.",
        )


def import_gx() -> ModuleType:
    """Great Expectations, that tells nobody that it is used."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    return importlib.import_module("great_expectations")


def begin_import() -> None:
    """Begins to import it in the background, which takes seconds; `import_gx` waits for the end."""

    def attempt() -> None:
        with suppress(Exception):  # whoever needs it meets the error again
            import_gx()

    Thread(target=attempt, name="import-great-expectations", daemon=True).start()


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
