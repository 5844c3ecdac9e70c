"""Airflow 3 and 2.11 by the same names: the provider's layer for both, and what it lacks."""

from typing import Any

try:
    from airflow.sdk import Asset
except ImportError:  # Airflow 2 calls them datasets, and knows them by their URI only
    from airflow.datasets import Dataset as Asset

CORPUS, VECTORS = "blazing-corpus-corpus", "blazing-corpus-vectors"


def asset(name: str) -> Any:
    """An asset that other DAGs can follow.

    Where the file is differs from run to run, and an asset's URI may not: it is in the event's
    `extra`.
    """
    uri = f"x-blazing-corpus://{name}"
    return Asset(name=name, uri=uri) if hasattr(Asset, "name") else Asset(uri)


def moment(context: Any) -> Any:
    """The run's logical date; when it was to run, where it has none, as Airflow 3's manual runs."""
    run = context["dag_run"]
    return run.logical_date or run.run_after
