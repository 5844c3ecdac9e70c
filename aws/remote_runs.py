"""Waiting for a job that runs elsewhere, and telling how it ended."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple, Protocol

from storage.errors import (
    AwsError,
    EndpointError,
    JobFailedError,
    LeftRunningError,
    NoExitCodeError,
    ObjectNotFoundError,
    RequestError,
    ThrottledError,
)
from storage.printable import elapsed

POLL_SECONDS = 10.0
PATIENCE = 30
"""Polls in a row that may fail for want of a connection, or be throttled: some five minutes."""

MAX_DETAILS = 400
"""Characters of what AWS says about a failure: it may quote whole stack traces."""


class Status(NamedTuple):
    """Where a job stands.

    Attributes:
        state: as the service calls it.
        is_final: whether it will stay so.
        exit_code: of the driver: 0 for success, None where the service does not tell.
        details: what the service says about it.
    """

    state: str
    is_final: bool
    exit_code: int | None
    details: str


class Awaited(Protocol):
    """Something that AWS does, and that one may wait for.

    Attributes:
        handle: names it, for people and for commands.
    """

    handle: str

    @property
    def follow_command(self) -> str:
        """Waits for it, pasted into a shell."""

    def status(self) -> Status:
        """Where it stands now."""


class Run(Awaited, Protocol):
    """A job that was started."""

    @property
    def cancel_command(self) -> str:
        """Ends it, likewise."""

    def log_places(self) -> list[str]:
        """Where its logs are."""

    def cancel(self) -> None:
        """Asks the service to end it."""


def attend(run: Run, detach: bool) -> None:
    """Prints a job's handle and where its logs are, and waits for its end unless told not to.

    It runs, whether its logs may be looked for or not.

    Raises:
        AwsError: it failed, or AWS can't be asked any more.
        LeftRunningError: Ctrl-C.
    """
    print(f"job     {run.handle}", flush=True)
    try:
        places = []
        try:
            places = run.log_places()
        except AwsError as error:
            print(f"warning: the place of its logs is not known: {error}", file=sys.stderr)
        for place in places:
            print(f"logs    {place}")
        print(f"follow  {run.follow_command}")
        print(f"cancel  {run.cancel_command}", flush=True)
        if detach:
            return
        status = watch(run, POLL_SECONDS)
    except KeyboardInterrupt:
        raise LeftRunningError(left_running(run)) from None
    check_success(run, status)


@contextmanager
def starting(run: Run) -> Iterator[None]:
    """Around the request that starts a job, under a name that no other job has.

    Where it was not answered, or no more than a second try of it, the job is looked for: what runs
    costs money, whatever the answer was.

    Raises:
        JobError: it was not started; or nobody knows, which the line says.
        LeftRunningError: Ctrl-C.
    """
    advice = f"{run.follow_command} tells, {run.cancel_command} ends it"
    try:
        yield
    except KeyboardInterrupt:
        text = f"interrupted; {run.handle} may have been started by then: {advice}"
        raise LeftRunningError(text) from None
    except (AwsError, RequestError) as error:
        if type(error) not in (AwsError, EndpointError, RequestError):
            raise
        try:
            run.status()
        except ObjectNotFoundError:
            raise error from None
        except AwsError:
            text = f"{error}; it may have been started all the same: {advice}"
            raise type(error)(text) from error


def left_running(run: Run) -> str:
    """What is to be known of a job that nobody waits for any more."""
    return f"{run.handle} goes on; {run.follow_command} waits for it, {run.cancel_command} ends it"


def poll(run: Awaited, poll_seconds: float) -> Iterator[tuple[Status, str]]:
    """Each status until the final one, and a line with its state and the time since the start.

    Raises:
        AwsError: AWS can't be asked any more; the line names the job, which goes on.
    """
    started, failures = time.monotonic(), 0
    while True:
        try:
            with naming(run):
                status = run.status()
        except (EndpointError, ThrottledError):
            failures += 1
            if failures > PATIENCE:
                raise
        else:
            failures = 0
            yield status, f"{status.state}, {elapsed(time.monotonic() - started)}"
            if status.is_final:
                return
        time.sleep(poll_seconds)


def watch(run: Awaited, poll_seconds: float) -> Status:
    """Waits for the end; says on stderr where it stands.

    On a terminal that is one line that changes, else one line per new state.

    Raises:
        AwsError: see `poll`.
    """
    is_terminal, last = sys.stderr.isatty(), ""
    try:
        for status, line in poll(run, poll_seconds):
            if is_terminal:
                print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)
            elif status.state != last:
                print(line, file=sys.stderr, flush=True)
            last = status.state
    finally:
        if is_terminal and last:
            print(file=sys.stderr)
    return status


def check_success(run: Run, status: Status) -> None:
    """Nothing for a job that succeeded.

    Raises:
        JobFailedError: its driver ended with an exit code, which the error has as well.
        NoExitCodeError: it ended otherwise.
    """
    if status.exit_code == 0:
        return
    said = " ".join(status.details.split())[:MAX_DETAILS]
    line = f"{run.handle} is {status.state}" + (f": {said}" if said else "")
    if status.exit_code is None:
        raise NoExitCodeError(line)
    raise JobFailedError(f"{line} (exit code {status.exit_code})", status.exit_code)


@contextmanager
def naming(run: Awaited) -> Iterator[None]:
    """Adds the job's handle to what AWS refuses inside: whoever reads it has to find it again."""
    try:
        yield
    except AwsError as error:
        advice = f"the job goes on, follow it with {run.follow_command}"
        raise type(error)(f"{error}; {advice}") from error
