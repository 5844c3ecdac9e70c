"""The process of a command: which signals end it, how, and where its errors are seen."""

import ctypes
import os
import signal
import stat
import sys
import time
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG = 1
"""Of Linux's prctl: which signal the end of the parent sends."""

PIDFD_GETFD = 438
"""Linux's system call of that name, which takes the right to trace the process."""

STARTED = 19
"""Place of `starttime` among the fields of Linux's /proc/PID/stat that follow the name."""

DEAF_SECONDS = 5.0
"""Of no further signal, after one and at the end: tidying up is not to be interrupted as well."""


class Signals:
    """SIGINT and SIGTERM: KeyboardInterrupt while a command runs; before that, the end.

    Attributes:
        number: of the signal that came while the command ran; 0 for none.
    """

    def __init__(self) -> None:
        self.number = 0
        self.is_running = False
        self.deaf_until = 0.0
        self.said = ""

    def catch(self, said: str) -> None:
        """From now on; a SIGINT that whoever started us wants to be ignored stays ignored.

        Args:
            said: what the user is told.
        """
        self.said = said
        for number in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._interrupt)

    def _interrupt(self, number: int, frame: object) -> None:
        if time.monotonic() < self.deaf_until:
            return
        if not self.is_running:  # still importing, which a KeyboardInterrupt ends in a traceback
            os.write(2, f"{Path(sys.argv[0]).stem}: interrupted; {self.said}\n".encode())
            os._exit(128 + number)
        self.number = number
        self.be_deaf()
        raise KeyboardInterrupt

    def be_deaf(self) -> None:
        """Ignores what comes in the next seconds."""
        self.deaf_until = time.monotonic() + DEAF_SECONDS


SIGNALS = Signals()


def prepare_process(said: str = "nothing was written") -> None:
    """To be called by a job that is run as a file, before its imports take their seconds.

    Under spark-submit we end with its JVM, and our stderr is the JVM's, not a pipe to its stdout.

    Args:
        said: what the user is told after a signal that comes before the command runs.
    """
    SIGNALS.catch(said)
    if "PYSPARK_GATEWAY_PORT" in os.environ:  # spark-submit's JVM has started us
        with suppress(AttributeError):  # not Linux
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if (stderr := stderr_of(os.getppid())) is not None:
            os.dup2(stderr, 2)


def seconds_waited() -> float:
    """Since this process began, or the spark-submit that started it; 0 where nothing tells."""
    process = os.getppid() if "PYSPARK_GATEWAY_PORT" in os.environ else os.getpid()
    with suppress(OSError, AttributeError):  # not Linux
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        began = int(fields[STARTED]) / os.sysconf("SC_CLK_TCK")
        return max(time.clock_gettime(time.CLOCK_BOOTTIME) - began, 0.0)
    return 0.0


def stderr_of(process: int) -> int | None:
    """A descriptor of another process's stderr; None if it has gone, or we may not."""
    with suppress(OSError, AttributeError):  # not Linux
        pidfd = os.pidfd_open(process)
        copy = ctypes.CDLL(None).syscall(PIDFD_GETFD, pidfd, 2, 0)
        os.close(pidfd)
        if copy >= 0:
            return int(copy)
    with suppress(OSError):
        path = Path(f"/proc/{process}/fd/2")
        if not stat.S_ISREG(path.stat().st_mode):  # where each would write over the other's text
            return os.open(path, os.O_WRONLY | os.O_NOCTTY)
    return None
