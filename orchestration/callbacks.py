"""What happens when a run fails: one line in the log, and whatever else a user hangs in."""

import importlib
import logging
import os
from typing import Any

HOOK = "BLAZING_CORPUS_ON_FAILURE"
"""Environment variable: `module:function`, called with Airflow's context."""

log = logging.getLogger(__name__)


def on_failure(context: Any) -> None:
    """Of the DAG: says that the run failed, and calls the user's function if there is one."""
    run = context.get("dag_run")
    log.error("run %s failed: %s", getattr(run, "run_id", ""), context.get("reason") or "a task")
    module, _, function = os.environ.get(HOOK, "").partition(":")
    if module and function:
        getattr(importlib.import_module(module), function)(context)
