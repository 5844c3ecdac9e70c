"""Great Expectations judges the figures: a suite a dataset, a table of one row for each.

A column of a table is a figure, an expectation bounds it. What is judged is the same whether or
not pages are written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd  # type: ignore[import-untyped]

from quality.figures import Check, Figures
from quality.light_import import import_gx
from quality.thresholds import ERROR, OFF, WARNING, Threshold
from quality.verdicts import Verdict

SEVERITIES = {ERROR: "critical", WARNING: "warning"}
"""Ours → GX's."""

SITE = "data_docs"


@dataclass(frozen=True)
class Subject:
    """A dataset to be judged.

    Attributes:
        dataset: its name.
        figures: its table of counts.
        checks: what each figure means.
        thresholds: what each may be; figures without one are not judged.
    """

    dataset: str
    figures: Figures
    checks: Mapping[str, Check]
    thresholds: Mapping[str, Threshold]


def judged(subject: Subject, tokens: int) -> Subject:
    """Without what is not judged in a corpus of so many tokens, or at all."""
    names = [
        name
        for name, threshold in subject.thresholds.items()
        if name in subject.figures and threshold.severity != OFF and tokens >= threshold.from_tokens
    ]
    return Subject(
        subject.dataset,
        {name: subject.figures[name] for name in names},
        {name: subject.checks[name] for name in names},
        {name: subject.thresholds[name] for name in names},
    )


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

    def judge(self, subjects: list[Subject]) -> list[Verdict]:
        """All verdicts, dataset by dataset."""
        return [verdict for subject in subjects for verdict in self._judge(subject)]

    def write_docs(self, folder: Path) -> None:
        """GX's pages on all that was judged."""
        place = str(folder.absolute())
        store = {"class_name": "TupleFilesystemStoreBackend", "base_directory": place}
        self._context.add_data_docs_site(
            SITE,
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

    def _judge(self, subject: Subject) -> list[Verdict]:
        if not subject.figures:
            return []
        suite = self._context.suites.add(self._suite(subject))
        validation = self._context.validation_definitions.add(
            self._gx.ValidationDefinition(name=subject.dataset, data=self._batch, suite=suite)
        )
        table = pd.DataFrame([subject.figures])
        result = validation.run(batch_parameters={"dataframe": table})
        return [_verdict(subject, one) for one in result.results]

    def _suite(self, subject: Subject) -> Any:
        expectations = [
            self._gx.expectations.ExpectColumnMaxToBeBetween(
                column=name,
                min_value=threshold.at_least,
                max_value=threshold.at_most,
                severity=SEVERITIES[threshold.severity],
                notes=f"{subject.checks[name].says}. See {subject.checks[name].look}.",
            )
            for name, threshold in subject.thresholds.items()
        ]
        return self._gx.ExpectationSuite(name=subject.dataset, expectations=expectations)


def _verdict(subject: Subject, result: Any) -> Verdict:
    name = result.expectation_config.kwargs["column"]
    check, threshold = subject.checks[name], subject.thresholds[name]
    return Verdict(
        dataset=subject.dataset,
        expectation=name,
        says=check.says,
        severity=threshold.severity,
        passed=bool(result.success),
        found=subject.figures[name],
        expected=str(threshold),
        look=check.look,
    )
