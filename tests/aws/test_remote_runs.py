"""Waiting, with a job whose answers are written down here."""

import pytest

from aws import remote_runs
from aws.remote_runs import Status, attend, check_success, wait
from storage.errors import (
    AwsError,
    CredentialsError,
    EndpointError,
    JobFailedError,
    LeftRunningError,
    NoExitCodeError,
    ThrottledError,
)

RUNNING = Status("RUNNING", False, None, "")
DONE = Status("SUCCESS", True, 0, "")


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
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The clock, which sleeping puts forward."""
    clock = [0.0]

    def sleep(seconds: float) -> None:
        clock[0] += seconds

    monkeypatch.setattr("aws.remote_runs.time.sleep", sleep)
    monkeypatch.setattr("aws.remote_runs.time.monotonic", lambda: clock[0])
    return clock


def test_each_poll_is_told_with_the_time_it_took() -> None:
    said: list[str] = []
    pending = Status("PENDING", False, None, "")
    assert wait(Scripted(pending, RUNNING, RUNNING, DONE), said.append, 50) == DONE
    assert said == [
        "PENDING, 00 s",
        "RUNNING, 50 s",
        "RUNNING, 1 min 40 s",
        "SUCCESS, 2 min 30 s",
    ]


@pytest.mark.parametrize("error", [EndpointError("down"), ThrottledError("slow")])
def test_a_lost_connection_is_borne_for_a_while(error: AwsError) -> None:
    bearable = [error] * remote_runs.PATIENCE
    assert wait(Scripted(*bearable, RUNNING, *bearable, DONE), lambda _: None) == DONE
    with pytest.raises(type(error)) as lost:
        wait(Scripted(*bearable, error), lambda _: None)
    assert "submit.py follow emr-serverless:00app:00run" in str(lost.value)


def test_expired_credentials_end_the_waiting_and_name_the_job() -> None:
    with pytest.raises(CredentialsError) as error:
        wait(Scripted(RUNNING, CredentialsError("the token has expired")), lambda _: None)
    assert str(error.value) == (
        "the token has expired; the job goes on, "
        "follow it with submit.py follow emr-serverless:00app:00run"
    )
    assert error.value.exit_code == 20


def test_ctrl_c_leaves_the_job_running(capsys: pytest.CaptureFixture[str]) -> None:
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


def test_detached_it_does_not_ask_how_the_job_stands() -> None:
    attend(Scripted(), detach=True)


def test_off_a_terminal_only_news_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    attend(Scripted(RUNNING, RUNNING, DONE), detach=False)
    assert capsys.readouterr().err.splitlines() == ["RUNNING, 00 s", "SUCCESS, 20 s"]


def test_a_failure_has_the_drivers_exit_code_in_one_line() -> None:
    failed = Status("FAILED", True, 3, "Job failed.\nExitCode: 3. " + "x" * 1000)
    with pytest.raises(JobFailedError) as error:
        check_success(Scripted(), failed)
    assert error.value.exit_code == 3
    line = str(error.value)
    assert line.startswith("emr-serverless:00app:00run is FAILED: Job failed. ExitCode: 3. xxx")
    assert line.endswith("x (exit code 3)")
    assert "\n" not in line and len(line) < 500


def test_an_end_without_an_exit_code_has_one_of_its_own() -> None:
    with pytest.raises(NoExitCodeError) as error:
        check_success(Scripted(), Status("CANCELLED", True, None, ""))
    assert str(error.value) == "emr-serverless:00app:00run is CANCELLED"
    assert error.value.exit_code == 28
