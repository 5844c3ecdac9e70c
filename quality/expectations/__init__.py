"""A Great Expectations project as code: suites, a checkpoint, its actions and pages.

    from quality.expectations.project import Project
    Project().context.suites.all()

Importing Great Expectations takes seconds; `begin_import` does that in the background.
"""

import importlib
import os
from contextlib import suppress
from threading import Thread

os.environ["GX_ANALYTICS_ENABLED"] = "false"  # before it is imported: it tells nobody anything


def begin_import() -> None:
    """Begins to import it in the background; an import that needs it waits for the end."""

    def attempt() -> None:
        with suppress(Exception):  # whoever needs it meets the error again
            importlib.import_module("quality.expectations.project")

    Thread(target=attempt, name="import-great-expectations", daemon=True).start()
