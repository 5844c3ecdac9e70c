"""Waiting, with a job whose answers are written down here."""

import pytest

from aws import remote_runs
from aws.remote_runs import Status, attend, check_success, poll
from storage.errors import (
    EndpointError,
    JobFailedError,
    LeftRunningError,
    ThrottledError,
)

RUNNING = Status("RUNNING", False, None, "")
DONE = Status("SUCCESS", True, 0, "")
POLLS = "RUNNING, 00 s", "RUNNING, 10 s", "SUCCESS, 20 s"


class Scripted:
    """A job that answers what a test says, one thing a poll."""

    handle = "emr-serverless:00app:00run"
    follow_command = f"submit.py follow {handle}"
    cancel_command = f"submit.py cancel {handle}"

    def __init__(self, *answers: Status | BaseException) -> None:
        self.answers = list(answers)

    def status(self) -> Status:
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def log_places(self) -> list[str]:
        return ["s3://logs/here"]

    def cancel(self) -> None:
        raise AssertionError("nobody has asked for it")


@pytest.fixture(autouse=True)
def now(monkeypatch):
    """The clock, which sleeping puts forward."""
    clock = [0.0]

    def sleep(seconds: float) -> None:
        clock[0] += seconds

    monkeypatch.setattr("aws.remote_runs.time.sleep", sleep)
    monkeypatch.setattr("aws.remote_runs.time.monotonic", lambda: clock[0])
    return clock


def test_each_poll_is_told_with_the_time_it_took():
    pending = Status("PENDING", False, None, "")
    assert list(poll(Scripted(pending, RUNNING, RUNNING, DONE), 50)) == [
        (pending, "PENDING, 00 s"),
        (RUNNING, "RUNNING, 50 s"),
        (RUNNING, "RUNNING, 1 min 40 s"),
        (DONE, "SUCCESS, 2 min 30 s"),
    ]


@pytest.mark.parametrize("error", [EndpointError("down"), ThrottledError("slow")])
def test_a_lost_connection_is_borne_for_a_while(error):
    bearable = [error] * remote_runs.PATIENCE
    assert len(list(poll(Scripted(*bearable, RUNNING, *bearable, DONE), 10))) == 2
    with pytest.raises(type(error)) as lost:
        list(poll(Scripted(*bearable, error), 10))
    assert "submit.py follow emr-serverless:00app:00run" in str(lost.value)


def test_ctrl_c_leaves_the_job_running(capsys):
    with pytest.raises(LeftRunningError) as error:
        attend(Scripted(RUNNING, KeyboardInterrupt()), detach=False)
    assert str(error.value) == (
        "emr-serverless:00app:00run goes on; "
        "submit.py follow emr-serverless:00app:00run waits for it, "
        "submit.py cancel emr-serverless:00app:00run ends it"
    )
    assert capsys.readouterr().out.splitlines() == [
        "job     emr-serverless:00app:00run",
        "logs    s3://logs/here",
        "follow  submit.py follow emr-serverless:00app:00run",
        "cancel  submit.py cancel emr-serverless:00app:00run",
    ]


@pytest.mark.parametrize(
    ("detach", "is_terminal", "told"),
    [
        (True, False, ""),
        (False, False, "RUNNING, 00 s\nSUCCESS, 20 s\n"),
        (False, True, "".join(f"\r\033[K{line}" for line in POLLS) + "\n"),
    ],
)
def test_news_is_told_and_detached_nobody_asks_how_the_job_stands(
    monkeypatch, capsys, detach, is_terminal, told
):
    monkeypatch.setattr("sys.stderr.isatty", lambda: is_terminal)
    job = Scripted(RUNNING, RUNNING, DONE)
    attend(job, detach)
    assert capsys.readouterr().err == told
    assert len(job.answers) == (3 if detach else 0)


def test_a_failure_has_the_drivers_exit_code_in_one_line():
    failed = Status("FAILED", True, 3, "Job failed.\nExitCode: 3. " + "x" * 1000)
    with pytest.raises(JobFailedError) as error:
        check_success(Scripted(), failed)
    assert error.value.exit_code == 3
    line = str(error.value)
    assert line.startswith("emr-serverless:00app:00run is FAILED: Job failed. ExitCode: 3. xxx")
    assert line.endswith("x (exit code 3)")
    assert "\n" not in line and len(line) < 500
