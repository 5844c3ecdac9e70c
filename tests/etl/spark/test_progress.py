"""What is seen of a build while it runs: its phases, and how much of Spark's work is done."""

import io
import re
import time
from types import SimpleNamespace
from typing import Any

import pytest

from etl.spark.progress import CLEAR, Progress


class Terminal(io.StringIO):
    """What is written to it can be read."""

    def isatty(self) -> bool:
        """Always."""
        return True

    def wait_for(self, text: str, times: int = 1) -> None:
        """Until it is written so often from now on; or a long time passed."""
        start, deadline = len(self.getvalue()), time.monotonic() + 5
        while self.getvalue().count(text, start) < times and time.monotonic() < deadline:
            time.sleep(0.001)

    @property
    def kept(self) -> list[str]:
        """The lines that stay, without their seconds."""
        lines = [line.rpartition(CLEAR)[2] for line in self.getvalue().split("\n")]
        return [re.sub(r" +(ended after |)[\d.]+ s$", r" \1", line).strip() for line in lines]


class Tracker:
    """Spark's, of stages that a test moves on: number → tasks, tasks that are done."""

    def __init__(self) -> None:
        self.stages: dict[int, tuple[int, int]] = {}
        self.statusTracker = lambda: self

    def getActiveStageIds(self) -> list[int]:  # noqa: N802, as Spark has it
        """Those with tasks that are to be done."""
        return [stage for stage, (tasks, done) in self.stages.items() if done < tasks]

    def getStageInfo(self, stage: int) -> Any:  # noqa: N802
        """Of any stage."""
        tasks, done = self.stages[stage]
        return SimpleNamespace(numTasks=tasks, numCompletedTasks=done)


def on_terminal(patch: pytest.MonkeyPatch, waited: float = 0.0) -> tuple[Progress, Terminal]:
    """A progress, and the terminal that shows it."""
    patch.setattr("sys.stderr", terminal := Terminal())
    patch.setattr("etl.spark.progress.POLL_SECONDS", 0.001)
    return Progress(waited), terminal


def test_each_phase_leaves_its_line_and_one_that_fails_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    progress, terminal = on_terminal(monkeypatch, waited=100.0)
    progress.expect(phases=2, passes=1.0)
    with progress.note("getting ready"):
        terminal.wait_for("getting ready…")
    with progress.phase("listing"):
        terminal.wait_for("1 of 2  listing…")
    with pytest.raises(ValueError, match="no"), progress.phase("checks"):
        raise ValueError("no")
    assert terminal.kept == ["1 of 2  listing", "2 of 2  checks ended after", ""]
    assert 100 < progress.seconds < 200


def test_what_is_done_never_becomes_less_whatever_stages_follow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tracker, (progress, terminal) = Tracker(), on_terminal(monkeypatch)
    progress.expect(phases=2, passes=4.0)
    shares = []
    with progress.spark_pass("sentences", tracker, 8, 8 * 2**20):  # type: ignore[arg-type]
        for stages in (
            {1: (4, 1)},
            {1: (4, 4), 2: (4, 2)},
            {1: (4, 4), 2: (4, 2), 3: (8, 0)},  # more than anybody expected
            {1: (4, 4), 2: (4, 4), 3: (8, 6)},
        ):
            tracker.stages = stages
            terminal.wait_for(CLEAR, times=3)
            shares.append(re.findall(r": (\d+)% ", terminal.getvalue())[-1])
    assert shares == ["12", "75", "75", "88"]
    assert "7.0 MiB of 8.0 MiB, " in terminal.getvalue()
    assert terminal.kept == ["1 of 2  sentences", ""]


def test_where_stderr_is_no_terminal_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress()
    with progress.note("getting ready"), progress.phase("listing"):
        pass
    assert capsys.readouterr() == ("", "")
