"""Imports Great Expectations without the engines that it finds and that we don't use.

Judging a table of counts takes GX a tenth of a second; importing it takes several, most of it for
SQLAlchemy, cloud clients, charts and statistics. What is optional to GX is hidden while it is
imported, from the thread that imports it; what it imports in any case is replaced by a stand-in
that imports the real thing at its first use. Afterwards everything can be imported as ever. In this
process GX then knows no SQL and no cloud, which we never ask it for.

What remains passes unnoticed if it begins while the driver waits for Spark.
"""

import importlib
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from threading import Thread, get_ident
from types import ModuleType
from typing import Any

HIDDEN = (
    *("sqlalchemy", "pyspark.ml", "pyspark.sql.connect", "boto3", "botocore", "azure", "google"),
    *("snowflake", "trino", "databricks", "pyodbc", "psycopg2"),
)
"""Optional to GX: without one of them it leaves out what needs it."""

DEFERRED = ("altair", "scipy.stats")
"""Imported by GX for single expectations, none of them ours."""


class Deferred(ModuleType):
    """Stands for a module, which is imported when something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        """An attribute of the real module."""
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(importlib.import_module(self.__name__), name)


class Hider(MetaPathFinder):
    """Finds none of `HIDDEN` for the thread that made it, and leaves all else to other finders."""

    def __init__(self) -> None:
        self._thread = get_ident()

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Raises ModuleNotFoundError for what is hidden."""
        if name in HIDDEN and get_ident() == self._thread:
            raise ModuleNotFoundError(f"{name} is hidden from Great Expectations", name=name)
        return None


@contextmanager
def lightened() -> Iterator[None]:
    """Hides and defers what has not been imported yet, for as long as the block runs."""
    stand_ins = {name: Deferred(name) for name in DEFERRED if name not in sys.modules}
    sys.modules.update(stand_ins)
    hider = Hider()
    sys.meta_path.insert(0, hider)
    try:
        yield
    finally:
        sys.meta_path.remove(hider)
        for name, module in stand_ins.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]


def import_gx() -> ModuleType:
    """Great Expectations, that tells nobody that it is used."""
    if import_gx_early.cache_info().currsize:
        import_gx_early().join()
    return _import()


@cache
def import_gx_early() -> Thread:
    """Begins the import in the background; `import_gx` then waits for it."""
    thread = Thread(target=_try_import, name="import-great-expectations", daemon=True)
    thread.start()
    return thread


def _try_import() -> None:
    with suppress(Exception):  # whoever needs it meets the error again
        _import()


def _import() -> ModuleType:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    with lightened():
        return importlib.import_module("great_expectations")
