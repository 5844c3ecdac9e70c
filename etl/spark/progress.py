"""What a build tells while it runs: numbered phases on a terminal, nothing anywhere else.

1 of 6  listing the input                                        0.2 s
2 of 6  starting Spark                                           4.1 s
3 of 6  posts to sentences: 41% ████▏     34.1 of 79.3 MiB, 9 s left
"""

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

from etl.publishing.summary import human_bytes

if TYPE_CHECKING:  # progress is shown before Spark is imported
    from pyspark import SparkContext

POLL_SECONDS = 0.2
CLEAR = "\r\033[K"

MOST_SHARE = 0.99
"""Shown of a pass that still runs: it may have stages that nobody knows of."""

LABEL_WIDTH, MOST_COLUMNS = 60, 100

Show = Callable[[float], str]
"""Seconds since a phase began → the line of it."""


class Progress:
    """The phases of one build: a line each, which stays, with the seconds that it took.

    The time left is that of all passes of Spark over the input together, and the share that is
    done never falls, whatever stages Spark makes of them.

    Args:
        waited: seconds that the user has been waiting already.
        is_shown: whether there is anything to see; None for: if stderr is a terminal.
    """

    def __init__(self, waited: float = 0.0, is_shown: bool | None = None) -> None:
        self._stream = sys.stderr
        self._is_shown = self._stream.isatty() if is_shown is None else is_shown
        self._began = time.monotonic() - waited
        self._number, self._phases = 0, 0
        self._passes, self._passed, self._passing_seconds = 0.0, 0.0, 0.0

    @property
    def seconds(self) -> float:
        """What the user has waited until now."""
        return time.monotonic() - self._began

    def expect(self, phases: int, passes: float) -> None:
        """How many phases there will be, and the weights of all `spark_pass`es, summed."""
        self._phases, self._passes = phases, passes

    @contextmanager
    def note(self, label: str) -> Iterator[None]:
        """Shows a label while the block runs; nothing of it stays."""
        try:
            with self._line(lambda seconds: _running(label, seconds)):
                yield
        finally:
            self._write(CLEAR)

    @contextmanager
    def phase(self, label: str) -> Iterator[None]:
        """The next phase: what runs inside."""
        label = self._numbered(label)
        with self._kept(label), self._line(lambda seconds: _running(label, seconds)):
            yield

    @contextmanager
    def spark_pass(
        self, label: str, context: "SparkContext", tasks: int, size: int, weight: float = 1.0
    ) -> Iterator[None]:
        """The next phase: a pass of Spark over the input, or several that are one to the user.

        Args:
            label: of the phase.
            context: the one whose stages are watched.
            tasks: how many there will be, as far as anybody knows.
            size: bytes of the input.
            weight: what it takes, where a plain pass takes 1.
        """
        label, work = self._numbered(label), _Work(context, tasks)
        started, shown, ends = time.monotonic(), 0.0, 0.0

        def show(seconds: float) -> str:
            nonlocal shown, ends
            if not (share := min(work.share(), MOST_SHARE)):
                return _running(label, seconds)
            if share > shown:  # between the ends of tasks the time left runs down
                done = (self._passed + share * weight) / max(self._passes, self._passed + weight)
                shown, ends = share, seconds + (self._passing_seconds + seconds) * (1 / done - 1)
            text = f"{human_bytes(round(share * size))} of {human_bytes(size)}"
            left = f", {ends - seconds:.0f} s left" if ends > seconds else ""
            return _bar(f"{label}: ", share, text + left)

        with self._kept(label), self._line(show):
            yield
        self._passed += weight
        self._passing_seconds += time.monotonic() - started

    def _numbered(self, label: str) -> str:
        self._number += 1
        return f"{self._number} of {max(self._number, self._phases)}  {label}"

    @contextmanager
    def _kept(self, label: str) -> Iterator[None]:
        """Leaves the line of a phase on the screen, and says if it did not end well."""
        started, outcome = time.monotonic(), "ended after "
        try:
            yield
            outcome = ""
        finally:
            seconds = f"{outcome}{time.monotonic() - started:,.1f} s"
            self._write(f"{CLEAR}{label}{seconds:>{max(LABEL_WIDTH - len(label), 1)}}\n")

    @contextmanager
    def _line(self, show: Show) -> Iterator[None]:
        """Keeps the last line of the screen up to date while the block runs."""
        if not self._is_shown:
            yield
            return
        started, stop = time.monotonic(), Event()

        def refresh() -> None:
            while True:
                self._write(f"{CLEAR}{show(time.monotonic() - started)}")
                if stop.wait(POLL_SECONDS):
                    return

        painter = Thread(target=refresh, name="progress", daemon=True)
        painter.start()
        try:
            yield
        finally:
            stop.set()
            painter.join(timeout=1)

    def _write(self, text: str) -> None:
        if self._is_shown:
            self._stream.write(text)
            self._stream.flush()


class _Work:
    """How much of a pass is done, by the tasks of all stages that were seen to run."""

    def __init__(self, context: "SparkContext", tasks: int) -> None:
        self._context, self._tasks = context, tasks
        self._stages: set[int] = set()
        self._most = 0.0

    def share(self) -> float:
        """0 to 1; never less than before."""
        from py4j.protocol import Py4JError  # type: ignore[import-untyped]

        try:
            tracker = self._context.statusTracker()
            self._stages.update(tracker.getActiveStageIds())
            infos = [info for stage in self._stages if (info := tracker.getStageInfo(stage))]
        except (Py4JError, ConnectionError):  # Spark has stopped; the build itself will say so
            return self._most
        tasks = max(self._tasks, sum(info.numTasks for info in infos))
        done = sum(info.numCompletedTasks for info in infos)
        self._most = max(self._most, done / max(tasks, 1))
        return self._most


def _running(label: str, seconds: float) -> str:
    return f"{label}… {seconds:.0f} s" if seconds >= 1 else f"{label}…"


def _bar(label: str, share: float, text: str) -> str:
    """A bar between a label and a text, which fills a line of the terminal but for its end."""
    from tqdm import tqdm

    columns = min(shutil.get_terminal_size().columns, MOST_COLUMNS) - 1
    form = f"{label}{{percentage:.0f}}% {{bar}} {text}"
    return str(tqdm.format_meter(share, 1, 1, ncols=columns, bar_format=form))
