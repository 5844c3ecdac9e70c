"""How a command ends that a signal meets: one line, a code, and time to tidy up."""

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from commandline.process import stderr_of
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
        "from commandline.process import prepare_process; prepare_process()\n"
        "import os, signal; os.kill(os.getpid(), signal.SIGINT)"
    )
    job = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (job.returncode, job.stdout) == (130, "")
    assert job.stderr.endswith(": interrupted; nothing was written\n")
    assert job.stderr.count("\n") == 1


def test_a_signal_that_is_ignored_by_whoever_started_us_stays_so() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    assert run_command("job", lambda: os.kill(os.getpid(), signal.SIGINT)) == 0


@contextmanager
def process_with(stderr: int) -> Iterator[int]:
    """A process that has `stderr` and does nothing; its id."""
    process = subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, stderr=stderr
    )
    try:
        yield process.pid
    finally:
        process.communicate(b"\n")


@pytest.mark.parametrize("may_trace", [True, False])
@pytest.mark.parametrize("kind", ["terminal", "pipe", "log"])
def test_the_stderr_of_whoever_started_us_is_ours_unless_that_is_a_log_that_we_may_not_share(
    kind: str, may_trace: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = os.open(tmp_path / "log", os.O_RDWR | os.O_CREAT)
    os.write(log, b"before, ")
    ours, theirs = {"terminal": pty.openpty, "pipe": os.pipe, "log": lambda: (log, log)}[kind]()
    if not may_trace:
        monkeypatch.setattr("commandline.process.PIDFD_GETFD", -1)
    with process_with(theirs) as parent:
        stderr = stderr_of(parent)
    if stderr is None:
        assert kind == "log"
        return
    os.write(stderr, b"half done")
    os.lseek(log, 0, os.SEEK_SET)
    assert os.read(ours, 100) == (b"before, half done" if kind == "log" else b"half done")
    assert stderr_of(parent) is None  # which has gone
