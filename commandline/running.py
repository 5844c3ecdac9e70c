"""How every command ends: an exit code, and at most one line about an error or an interrupt."""

import argparse
import io
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from typing import Any, NoReturn, cast

from commandline.process import SIGNALS
from storage.errors import (
    DONE,
    EXIT_CODES,
    INTERRUPTED,
    USAGE,
    JobError,
    OutputNotWritableError,
    PackageMissingError,
    RequestError,
    describe_os_error,
)
from storage.output_folder import NO_ROOM
from storage.printable import printable, printable_lines

EPILOG = "exit codes: " + "; ".join(
    f"{code} {meaning.partition(':')[0]}" for code, (meaning, _) in EXIT_CODES.items()
)
EXTRAS = {
    "gensim": "embeddings",
    "great_expectations": "quality",
    "jinja2": "quality",
    "matplotlib": "embeddings",
    "numpy": "embeddings",
    "optuna": "embeddings",
    "scipy": "embeddings",
    "sklearn": "embeddings",
    "smart_open": "embeddings",
}
"""Packages that not every command needs, and the extra of `pyproject.toml` that brings each."""

MOVES = re.compile(r"(?:\r|\033\[[AK])+\Z|\r(?:\033\[K)?")
"""How progress bars, which are written piece by piece, move the cursor: alone, or in front."""


class CommandParser(argparse.ArgumentParser):
    """argparse's, whose errors are one printable line, whatever was typed."""

    def error(self, message: str) -> NoReturn:
        """Ends with 2, without the usage, which may be longer than a screen."""
        self.exit(USAGE, f"{self.prog}: error: {printable(message)}\n")


class _PrintableStream:
    """A stream that gets lines of printable text only, whoever writes to it."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        move = MOVES.match(text)
        start = move[0] if move else ""
        self._stream.write(start + printable_lines(text.removeprefix(start)))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def printable_output() -> Iterator[None]:
    """Until its end, stdout and stderr get printable text only."""
    out, err = (cast(Any, _PrintableStream(stream)) for stream in (sys.stdout, sys.stderr))
    with redirect_stdout(out), redirect_stderr(err):
        yield


def confirm(question: str, without_terminal: str, refused: str) -> None:
    """Goes on only if somebody at a terminal says yes.

    Args:
        question: to be answered.
        without_terminal: the error's text where there is nobody to ask.
        refused: where the answer is no.

    Raises:
        RequestError: either.
    """
    if not sys.stdin.isatty():
        raise RequestError(without_terminal)
    print(f"{question} [yes/no] ", end="", flush=True)
    if sys.stdin.readline().strip().lower() != "yes":
        raise RequestError(refused)


def run_command(
    name: str,
    action: Callable[[], object],
    interrupted: str = "nothing was written",
) -> int:
    """Runs a command's action; the exit code.

    Args:
        name: of the command, in front of errors.
        action: raises `JobError` for what the user can do something about.
        interrupted: what the user is told after Ctrl-C.
    """
    SIGNALS.number, SIGNALS.is_running, SIGNALS.deaf_until = 0, True, 0.0
    SIGNALS.catch(interrupted)
    if isinstance(sys.stdout, io.TextIOWrapper):  # as stderr does what its encoding lacks
        sys.stdout.reconfigure(errors="backslashreplace")
    with printable_output():
        return _exit_code(name, action, interrupted)


def _exit_code(name: str, action: Callable[[], object], interrupted: str) -> int:
    try:
        _act(action)
    except JobError as error:
        return _fail(name, error)
    except KeyboardInterrupt as error:
        _say(f"{name}: interrupted; {str(error) or interrupted}")
        return 128 + (SIGNALS.number or signal.SIGINT)
    except MemoryError:
        return _fail(name, JobError("out of memory"))
    except BrokenPipeError:
        _drop_stdout()
    except OSError as error:  # of files, it is a JobError by now
        if error.errno not in NO_ROOM:
            raise
        _drop_stdout()
        return _fail(name, OutputNotWritableError(f"can't write: {describe_os_error(error)}"))
    except ModuleNotFoundError as error:
        if error.name not in EXTRAS:
            raise
        hint = f"pip install 'blazing-corpus[{EXTRAS[error.name]}]', or make setup in its folder"
        return _fail(name, PackageMissingError(f"{error.name} is missing: {hint}"))
    finally:
        SIGNALS.be_deaf()
    return DONE


def _act(action: Callable[[], object]) -> None:
    """The action; whatever it raises after a signal came is what the signal led to.

    Raises:
        KeyboardInterrupt: a signal came, and nothing has a line of its own about that.
    """
    try:
        action()
        sys.stdout.flush()
    except Exception as error:
        if SIGNALS.number and getattr(error, "exit_code", None) != INTERRUPTED:
            raise KeyboardInterrupt from error
        raise


def _fail(name: str, error: JobError) -> int:
    _say(printable(f"{name}: error: {error}"))
    is_signal = error.exit_code == INTERRUPTED and SIGNALS.number
    return 128 + SIGNALS.number if is_signal else error.exit_code


def _say(line: str) -> None:
    with suppress(OSError):  # who started us has gone
        print(line, file=sys.stderr, flush=True)


def _drop_stdout() -> None:
    """Else Python would fail, and say so, once more when it closes stdout."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
