"""Spark sessions for the jobs; nothing else in this project builds one.

No master is set: spark-submit's, or Spark's own default of `local[*]`, decides.
"""

import atexit
import os
import re
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path

from pyspark import SparkConf, SparkContext
from pyspark.sql import SparkSession

from etl.failures import spark_failures, summarize
from storage.errors import SparkFailedError

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ("etl", "schemas", "storage")
"""Packages that the Python workers import, which may be on other machines."""


def start_session(name: str, verbose: bool = False) -> SparkSession:
    """A session whose workers can import this project, wherever it was started from.

    Raises:
        SparkFailedError: Spark does not start, for instance because Java is missing.
    """
    try:
        SparkContext._ensure_initialized()
    except Exception as error:
        raise SparkFailedError(f"Spark does not start: {summarize(error)}") from error
    conf = SparkConf().setAppName(name).setIfMissing("spark.ui.enabled", "false")
    if not verbose:
        # A failed task logs its stack trace as an error; the job says in one line what failed.
        conf.setIfMissing("spark.log.level", "OFF")
    # Plain `python` counts as Spark's shell, which brings a progress bar of its own.
    conf.set("spark.ui.showConsoleProgress", "false")
    is_local = re.match(r"local\b(?!-cluster)", conf.get("spark.master", "local") or "") is not None
    if is_local:
        # Else workers run whatever `python3` is on the PATH.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        paths = [str(ROOT), conf.get("spark.executorEnv.PYTHONPATH", "") or ""]
        conf.set("spark.executorEnv.PYTHONPATH", os.pathsep.join(filter(None, paths)))
    with spark_failures():
        spark = SparkSession.builder.config(conf=conf).getOrCreate()
        if not is_local:
            ship_sources(spark)
    return spark


def ship_sources(spark: SparkSession) -> None:
    """Sends the packages to the workers, if they lie beside this file and not in an archive."""
    if not all((ROOT / package).is_dir() for package in SHIPPED):
        return
    folder = Path(tempfile.mkdtemp(prefix="blazing-corpus-"))
    # Executors fetch it when their first task starts, so it has to stay for as long as Spark runs.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    archive = folder / "blazing_corpus.zip"
    with zipfile.ZipFile(archive, "w") as sources:
        for package in SHIPPED:
            for module in sorted((ROOT / package).rglob("*.py")):
                sources.write(module, module.relative_to(ROOT))
    spark.sparkContext.addPyFile(str(archive))
