"""Imports Great Expectations without the engines that it finds and that we don't use.

Judging a table of counts takes GX a tenth of a second; importing it takes several, most of it for
SQLAlchemy, cloud clients, charts and statistics. What is optional to GX is hidden while it is
imported; what it imports in any case is replaced by a stand-in that imports the real thing at its
first use. Afterwards everything can be imported as ever. In this process GX then knows no SQL and
no cloud, which we never ask it for.
"""

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def lightened() -> Iterator[None]:
    """Hides and defers what has not been imported yet, for as long as the block runs."""
    stand_ins: dict[str, ModuleType | None] = dict.fromkeys(HIDDEN)
    stand_ins |= {name: Deferred(name) for name in DEFERRED}
    added = {name: one for name, one in stand_ins.items() if name not in sys.modules}
    sys.modules.update(added)  # type: ignore[arg-type]  # None makes an import fail
    try:
        yield
    finally:
        for name in added:
            if sys.modules.get(name) is added[name]:
                del sys.modules[name]


def import_gx() -> ModuleType:
    """Great Expectations, that tells nobody that it is used."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    with lightened():
        return importlib.import_module("great_expectations")
