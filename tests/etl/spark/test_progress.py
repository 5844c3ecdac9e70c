"""Where the progress bar goes: to a terminal, even behind spark-submit, and nowhere else."""

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from etl.spark.progress import find_terminal, progress


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


def test_the_terminal_of_the_parent_is_found():
    ours, theirs = pty.openpty()
    with process_with(theirs) as parent:
        terminal = find_terminal(parent)
        assert terminal is not None
        with terminal:
            terminal.write("half done\n")
    assert os.read(ours, 100) == b"half done\r\n"


def test_a_log_file_of_the_parent_is_left_alone(tmp_path: Path):
    log = tmp_path / "log"
    log.write_text("what was logged before\n")
    with log.open("a") as file, process_with(file.fileno()) as parent:
        assert find_terminal(parent) is None
    assert log.read_text() == "what was logged before\n"


def test_a_parent_that_is_gone_has_no_terminal():
    with process_with(subprocess.DEVNULL) as parent:
        pass
    assert find_terminal(parent) is None


def test_the_bar_counts_the_completed_tasks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    shown = (tmp_path / "terminal").open("w+")
    monkeypatch.setattr("etl.spark.progress.find_terminal", lambda: shown)
    monkeypatch.setattr("etl.spark.progress.POLL_SECONDS", 0.01)
    polled: list[int] = []

    def stage_info(stage: int) -> SimpleNamespace:
        polled.append(stage)
        return SimpleNamespace(numCompletedTasks=3)

    tracker = SimpleNamespace(getActiveStageIds=lambda: [7], getStageInfo=stage_info)
    context = SimpleNamespace(statusTracker=lambda: tracker)
    with progress(context, "posts to sentences", 8):  # type: ignore[arg-type]
        while len(polled) < 3:
            pass
    shown.seek(0)
    assert "3/8" in shown.read()
    assert set(polled) == {7}
