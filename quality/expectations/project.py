"""The project's context: in memory, but for results and pages in a folder where one is given."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import great_expectations as gx
from great_expectations.checkpoint.actions import (
    EmailAction,
    SlackNotificationAction,
    UpdateDataDocsAction,
    ValidationAction,
)
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)

from quality.expectations.checkpoint import TablesCheckpoint

SITE = "corpus"
RESULTS = "results"
"""Folder within that of the pages, of the results that they are made from."""

VIEWS = "quality.expectations.pages"
SLACK, EMAIL = "GX_SLACK_WEBHOOK", "GX_EMAIL_RECEIVERS"
"""Environment variables that turn notifications on; GX reads them itself, when it notifies."""

SMTP = {"smtp_address": "GX_SMTP_ADDRESS", "smtp_port": "GX_SMTP_PORT"}
LOGIN = {"sender_login": "GX_SMTP_LOGIN", "sender_password": "GX_SMTP_PASSWORD"}
"""Arguments of GX's action → variables, likewise."""


class Project:
    """A context, and how suites, checkpoint and pages are put into it.

    Args:
        docs: folder of Data Docs, and of the results of all runs; None to keep none.
        keeps_results: whether runs before this one are shown, and later ones will show this one.
    """

    def __init__(self, docs: Path | None = None, *, keeps_results: bool = True) -> None:
        # Else GX makes a folder for pages under /tmp.
        stores = InMemoryStoreBackendDefaults(init_temp_docs_sites=False)
        if docs and keeps_results:
            results = _folder(docs / RESULTS) | {"filepath_suffix": ".json"}
            store = {"class_name": "ValidationResultsStore", "store_backend": results}
            stores.stores[stores.validation_results_store_name] = store
        config = DataContextConfig(
            store_backend_defaults=stores,
            progress_bars=ProgressBarsConfig(globally=False, metric_calculations=False),
            analytics_enabled=False,
        )
        self.context = gx.get_context(mode="ephemeral", project_config=config)
        if docs:
            self.context.add_data_docs_site(SITE, _site(docs))

    def define(
        self, suite: gx.ExpectationSuite, *, is_pandas: bool = True
    ) -> gx.ValidationDefinition:
        """A suite, on a table of pandas or Spark that is given when it runs."""
        sources = self.context.data_sources
        add = sources.add_or_update_pandas if is_pandas else sources.add_or_update_spark
        asset = add(suite.name).add_dataframe_asset("table")
        return self.context.validation_definitions.add(
            gx.ValidationDefinition(
                name=suite.name,
                data=asset.add_batch_definition_whole_dataframe("all"),
                suite=self.context.suites.add(suite),
            )
        )

    def checkpoint(
        self,
        definitions: Sequence[gx.ValidationDefinition],
        keys: Mapping[str, list[str]] | None = None,
    ) -> TablesCheckpoint:
        """Runs definitions, updates the pages if there are any, and notifies who wants it."""
        return TablesCheckpoint(
            name="corpus",
            validation_definitions=list(definitions),
            actions=[*self._pages(), *notifications()],
            keys=dict(keys or {}),
        )

    def _pages(self) -> list[ValidationAction]:
        sites = self.context.variables.data_docs_sites
        return [UpdateDataDocsAction(name="pages", site_names=[SITE])] if sites else []


def notifications() -> list[ValidationAction]:
    """Slack and e-mail, each where the environment says where to; only of what fails."""
    actions: list[ValidationAction] = []
    if os.environ.get(SLACK):
        webhook = f"${{{SLACK}}}"
        actions.append(
            SlackNotificationAction(
                name="slack",
                slack_webhook=webhook,
                notify_on="failure",
                show_failed_expectations=True,
            )
        )
    if os.environ.get(EMAIL):
        sender = os.environ.get(LOGIN["sender_login"])
        variables = SMTP if sender is None else SMTP | LOGIN
        given: dict[str, Any] = {name: f"${{{variable}}}" for name, variable in variables.items()}
        actions.append(
            EmailAction(
                name="email",
                receiver_emails=f"${{{EMAIL}}}",
                sender_alias="blazing-corpus" if sender is None else sender,
                use_tls=sender is not None,
                notify_on="failure",
                **given,
            )
        )
    return actions


def _folder(folder: Path) -> dict[str, Any]:
    place = str(folder.absolute())
    return {"class_name": "TupleFilesystemStoreBackend", "base_directory": place}


def _site(docs: Path) -> Any:
    """Pages that need no network, by views of ours."""
    page = {"module_name": VIEWS, "class_name": "PageView"}
    index = {"module_name": VIEWS, "class_name": "IndexView"}
    return {
        "module_name": VIEWS,
        "class_name": "Site",
        "show_how_to_buttons": False,
        "store_backend": _folder(docs),
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder", "view": index},
        "site_section_builders": {
            "expectations": "None",  # a page of results shows its suite too
            "profiling": "None",
            "validations": {
                "class_name": "DefaultSiteSectionBuilder",
                "source_store_name": "validation_results_store",
                "renderer": {"module_name": VIEWS, "class_name": "ResultsRenderer"},
                "view": page,
            },
        },
    }
