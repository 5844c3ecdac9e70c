"""Spark sessions for the jobs; nothing else in this project builds one.

No master is set: spark-submit's, or Spark's own default of `local[*]`, decides.
"""

import atexit
import logging
import os
import re
import resource
import shutil
import signal
import socket
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JError  # type: ignore[import-untyped]
from pyspark import SparkConf, SparkContext
from pyspark.java_gateway import launch_gateway
from pyspark.sql import SparkSession

from etl.failures import LOG, spark_failures, summarize
from storage.errors import PackageMissingError, SparkFailedError

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ("etl", "schemas", "storage")
"""Packages that the Python workers import, which may be on other machines."""

OPEN_FILES = 1024
"""What Linux gives by default; Spark alone opens some 300 jars."""

ADDRESS_SPACE = 4 * 2**30
"""Bytes: 1 GiB each of heap and of class space, 1.5 of code, threads and libraries."""

SETTLING_SECONDS = 2.0
"""For tasks that end with spark-submit's JVM, which says that it has stopped before they have."""

JVM_TALK = ("WARNING", "Picked up", "NOTE:", "OpenJDK 64-Bit Server VM warning")
"""Lines of a JVM that does not start, none of which says why."""


def start_session(name: str, verbose: bool = False) -> SparkSession:
    """A session whose workers can import this project, wherever it was started from.

    Raises:
        SparkFailedError: Spark does not start, for want of memory, say.
        PackageMissingError: Java is missing.
        OutputNotWritableError: no folder takes temporary files.
    """
    on_interrupt = signal.getsignal(signal.SIGINT)
    if SparkContext._gateway is None:
        _launch(verbose)
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
        if LOG.path and _is_submitted():
            with suppress(Py4JError):  # a comfort
                _quiet_jvm(SparkContext._jvm, LOG.path)
    elif not verbose:
        LOG.to_stderr()
    with spark_failures():
        spark = SparkSession.builder.config(conf=conf).getOrCreate()
        with suppress(ValueError):  # not in the main thread, so Spark has set none
            signal.signal(signal.SIGINT, on_interrupt)  # Spark's asks a JVM that may be gone
        if LOG.path:  # else it prints that the JVM has ended before it said who it is
            server: Any = spark.sparkContext._accumulatorServer
            server.handle_error = lambda *_: None
        if not is_local:
            ship_sources(spark)
    return spark


@contextmanager
def ended_by_interrupt() -> Iterator[None]:
    """Has Spark end before an interrupt goes on: no task writes where others tidy up."""
    try:
        yield
    except KeyboardInterrupt:
        if LOG.is_ours:
            context = SparkContext._active_spark_context
            with suppress(Py4JError, OSError):
                if context is not None:
                    context._jsc.stop()
            if _is_submitted():
                time.sleep(SETTLING_SECONDS)
            else:
                _end_children()
        raise


def _is_submitted() -> bool:
    """Whether spark-submit's JVM has started us; else we start one."""
    return "PYSPARK_GATEWAY_PORT" in os.environ


def _launch(verbose: bool) -> None:
    """Starts the JVM, or connects to spark-submit's; see `start_session` for what it raises."""
    LOG.is_ours = True
    if not verbose:
        LOG.open()
        # It logs tracebacks of calls that an interrupt or the end of the JVM cuts short.
        logging.getLogger("py4j").setLevel(logging.CRITICAL)
        logging.getLogger().addFilter(lambda record: "py4j" not in record.pathname)
    if not _is_submitted():
        _check_machine()
    try:
        with Path(LOG.path or os.devnull).open("ab") as log:
            launch: Any = launch_gateway  # has no types
            gateway = launch(popen_kwargs={"stdout": log, "stderr": log} if LOG.path else None)
            SparkContext._ensure_initialized(gateway=gateway)
        if _is_submitted():
            with suppress(Py4JError):  # a comfort
                _tie_jvm(gateway)
    except Exception as error:
        said = LOG.path.read_text(errors="replace").splitlines() if LOG.path else []
        lines = [line.strip(" #") for line in said if not line.startswith(JVM_TALK)]
        lines = list(filter(None, lines))
        cause = ": ".join(lines[:2]) or summarize(error)
        raise SparkFailedError(f"Spark does not start: {cause}") from error


def _check_machine() -> None:
    """Refuses what no JVM starts with, and mends what it would stumble over."""
    home = os.environ.get("JAVA_HOME")
    if shutil.which(f"{home}/bin/java" if home else "java") is None:
        said = f"there is no bin/java in JAVA_HOME, {home}" if home else "java is not on the PATH"
        raise PackageMissingError(f"Spark needs Java 17 or newer: {said}")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < OPEN_FILES:
        raise SparkFailedError(f"Spark takes {OPEN_FILES} open files, ulimit -n allows {hard}")
    if soft != resource.RLIM_INFINITY and soft < OPEN_FILES:
        resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, hard))
    memory = resource.getrlimit(resource.RLIMIT_AS)[0]
    if memory != resource.RLIM_INFINITY and memory < ADDRESS_SPACE:
        said = f"Spark takes {ADDRESS_SPACE // 1024:,} KiB of address space"
        raise SparkFailedError(f"{said}, ulimit -v allows {memory // 1024:,}")
    try:
        socket.gethostbyname(socket.gethostname())
    except OSError:  # a name that nobody resolves, which the JVM takes for a failure
        os.environ.setdefault("SPARK_LOCAL_HOSTNAME", "localhost")


def _tie_jvm(gateway: Any) -> None:
    """Has spark-submit's JVM pass on its end to us, and wait until we have tidied up.

    Else it would be gone at once after Ctrl-C or SIGTERM, with our output, and leave us behind.
    Two shutdown hooks, `destroy` and `onExit().join` of our process, made of method handles since
    there is no class of ours over there.
    """
    lang, no_types = gateway.jvm.java.lang, gateway.new_array(gateway.jvm.java.lang.Class, 0)
    us = lang.ProcessHandle.of(os.getpid()).get()
    calls = {"java.lang.ProcessHandle.destroy": us}
    calls["java.util.concurrent.CompletableFuture.join"] = us.onExit()
    runnable = lang.Class.forName("java.lang.Runnable")
    for call, target in calls.items():
        kind, _, name = call.rpartition(".")
        method = lang.Class.forName(kind).getMethod(name, no_types)
        handle = lang.invoke.MethodHandles.publicLookup().unreflect(method).bindTo(target)
        hook = lang.invoke.MethodHandleProxies.asInterfaceInstance(runnable, handle)
        lang.Runtime.getRuntime().addShutdownHook(lang.Thread(hook))


def _quiet_jvm(jvm: Any, log: Path) -> None:
    """Has spark-submit's JVM print to the log, for instance its workers' broken pipes."""
    jvm.java.lang.System.setErr(
        jvm.java.io.PrintStream(jvm.java.io.FileOutputStream(str(log), True))
    )
    jvm.org.apache.spark.SparkConf(False).initializeLogIfNecessary(True, True)
    log4j = jvm.org.apache.logging.log4j
    log4j.core.config.Configurator.setAllLevels("", log4j.Level.OFF)


def _end_children() -> None:
    """Ends the JVM, which may still be starting, and waits for that."""
    with suppress(OSError):  # not Linux: it ends by itself when it sees that we have
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
        for child in map(int, children):
            os.kill(child, signal.SIGTERM)
        for child in map(int, children):
            os.waitpid(child, 0)


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
