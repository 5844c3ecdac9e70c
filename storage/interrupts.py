"""Ctrl-C in a terminal, which reaches every process that was started from there, not just ours."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def ours_alone() -> Iterator[None]:
    """Processes that are started inside never see SIGINT, from their first moment; ours comes late.

    Else each of them, still importing, would print a traceback of its own. We say when they end.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
