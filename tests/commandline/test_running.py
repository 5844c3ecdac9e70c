"""How a command ends that a signal meets: one line, a code, and time to tidy up."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from commandline.running import run_command
from storage.errors import LeftRunningError, UsageError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Those of pytest stay as they were."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(
    ("number", "after", "code", "line"),
    [
        (signal.SIGINT, None, 130, "interrupted; all as it was"),
        (signal.SIGTERM, None, 143, "interrupted; all as it was"),
        (signal.SIGINT, UsageError("a call that was cut short"), 130, "interrupted; all as it was"),
        (signal.SIGTERM, ConnectionError("Spark has gone"), 143, "interrupted; all as it was"),
        (signal.SIGTERM, LeftRunningError("job-1 goes on"), 143, "error: job-1 goes on"),
        (signal.SIGINT, KeyboardInterrupt("it is new"), 130, "interrupted; it is new"),
    ],
)
def test_a_signal_is_one_line_whatever_it_leads_to(
    number: signal.Signals,
    after: BaseException | None,
    code: int,
    line: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    tidied = []

    def action() -> None:
        try:
            signal.raise_signal(number)
        finally:
            signal.raise_signal(signal.SIGINT)  # an impatient second one
            tidied.append(True)
            if after:
                raise after

    assert run_command("job", action, "all as it was") == code
    assert capsys.readouterr().err == f"job: {line}\n"
    assert tidied == [True]


def test_a_signal_before_the_command_runs_is_one_line_too() -> None:
    code = (
        "from commandline.running import catch_signals; catch_signals()\n"
        "import os, signal; os.kill(os.getpid(), signal.SIGINT)"
    )
    job = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (job.returncode, job.stdout) == (130, "")
    assert job.stderr.endswith(": interrupted; nothing was written\n")
    assert job.stderr.count("\n") == 1


def test_a_signal_that_is_ignored_by_whoever_started_us_stays_so() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    assert run_command("job", lambda: os.kill(os.getpid(), signal.SIGINT)) == 0
