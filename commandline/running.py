"""How every command ends: an exit code, and at most one line about an error."""

import io
import os
import signal
import sys
from collections.abc import Callable

from storage.errors import (
    DONE,
    EXIT_CODES,
    INTERRUPTED,
    JobError,
    OutputNotWritableError,
    PackageMissingError,
    describe_os_error,
)
from storage.output_folder import NO_ROOM

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


def run_command(
    name: str,
    action: Callable[[], object],
    interrupted: str = "nothing was written",
    verbose: bool = False,
) -> int:
    """Runs a command's action; the exit code.

    Args:
        name: of the command, in front of errors.
        action: raises `JobError` for what the user can do something about.
        interrupted: what the user is told after Ctrl-C.
        verbose: print what caused an error too.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    if isinstance(sys.stdout, io.TextIOWrapper):  # as stderr does what its encoding lacks
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        action()
        sys.stdout.flush()
    except JobError as error:
        if verbose and error.__cause__:
            print(error.__cause__, file=sys.stderr)
        return _fail(name, error)
    except KeyboardInterrupt:
        print(f"{name}: interrupted; {interrupted}", file=sys.stderr)
        return INTERRUPTED
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
        hint = f"pip install 'blazing-corpus[{EXTRAS[error.name]}]'"
        return _fail(name, PackageMissingError(f"{error.name} is missing: {hint}"))
    return DONE


def _fail(name: str, error: JobError) -> int:
    print(f"{name}: error: {error}", file=sys.stderr)
    return error.exit_code


def _drop_stdout() -> None:
    """Else Python would fail, and say so, once more when it closes stdout."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _interrupt(signum: int, frame: object) -> None:
    raise KeyboardInterrupt
