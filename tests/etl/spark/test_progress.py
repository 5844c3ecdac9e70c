"""The progress bar on a terminal."""

import io
from types import SimpleNamespace

import pytest

from etl.spark.progress import progress


class Terminal(io.StringIO):
    """What is written to it can be read."""

    def isatty(self) -> bool:
        """Always."""
        return True


def test_the_bar_counts_the_completed_tasks(monkeypatch: pytest.MonkeyPatch):
    shown = Terminal()
    monkeypatch.setattr("sys.stderr", shown)
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
    assert "3/8" in shown.getvalue()
    assert set(polled) == {7}
