"""Spark's failures → one line: the root cause, without the stack of the JVM.

What a Python worker raises is said by its last line, which `etl.corpus` keeps free of post text.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from py4j.protocol import Py4JError  # type: ignore[import-untyped]
from pyspark.errors import PySparkException

from etl.errors import OutputNotWritableError, SparkFailedError

NO_SPACE = "No space left on device"
TRACEBACK = re.compile(r"Traceback \(most recent call last\):\n(?:[ \t].*\n|\n)*(\S.*)")
CAUSE = re.compile(r"^Caused by: (.+)", re.MULTILINE)
JAVA_CLASS = re.compile(r"^(?:[a-z]\w*\.)+(?=[A-Z])")
MAX_LENGTH = 300
"""Characters of a cause that a line shows; some causes quote whole plans."""


def summarize(error: BaseException) -> str:
    r"""The root cause of a failure in one line.

    >>> summarize(ValueError("first line\nsecond line"))
    'ValueError: first line'
    """
    text = str(error)
    tracebacks, causes = TRACEBACK.findall(text), CAUSE.findall(text)
    if tracebacks:
        line = tracebacks[-1]
    elif causes:
        line = causes[-1]
    else:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        line = f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
    return JAVA_CLASS.sub("", line.strip())[:MAX_LENGTH]


@contextmanager
def spark_failures() -> Iterator[None]:
    """Turns what Spark raises inside into a `BuildError` of one line.

    Raises:
        OutputNotWritableError: a disk is full.
        SparkFailedError: anything else.
    """
    try:
        yield
    except (PySparkException, Py4JError, ConnectionError) as error:
        if NO_SPACE in str(error):
            raise OutputNotWritableError(
                "no space left for the output or for Spark's local files"
            ) from error
        raise SparkFailedError(f"Spark failed: {summarize(error)}") from error
