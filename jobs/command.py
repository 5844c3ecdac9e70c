"""How the training and evaluation jobs end: an exit code, and at most one line about an error."""

import os
import signal
import sys
from collections.abc import Callable

from embeddings import errors
from embeddings.output_files import NO_ROOM
from storage import errors as storage_errors

EXIT_CODES = errors.EXIT_CODES | storage_errors.EXIT_CODES
EPILOG = "exit codes: " + "; ".join(f"{code} {text}" for code, text in sorted(EXIT_CODES.items()))
OPTIONAL_PACKAGES = (
    "gensim",
    "matplotlib",
    "numpy",
    "optuna",
    "scipy",
    "sklearn",
    "smart_open",
)


def run_command(
    name: str, action: Callable[[], object], interrupted: str = "nothing was written"
) -> int:
    """Runs a job's action; the exit code.

    Args:
        name: of the job, in front of errors.
        action: raises `EmbeddingsError` for what the user can do something about.
        interrupted: what the user is told after Ctrl-C.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        action()
        sys.stdout.flush()
    except (errors.EmbeddingsError, storage_errors.StorageError) as error:
        print(f"{name}: error: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print(f"{name}: interrupted; {interrupted}", file=sys.stderr)
        return errors.INTERRUPTED
    except BrokenPipeError:
        _drop_stdout()
        return errors.DONE
    except OSError as error:  # of files, it is an EmbeddingsError by now
        if error.errno not in NO_ROOM:
            raise
        _drop_stdout()
        print(f"{name}: error: can't write: {errors.describe_os_error(error)}", file=sys.stderr)
        return errors.OutputNotWritableError.exit_code
    except ModuleNotFoundError as error:
        if error.name not in OPTIONAL_PACKAGES:
            raise
        print(
            f"{name}: error: {error.name} is missing: pip install 'blazing-corpus[embeddings]'",
            file=sys.stderr,
        )
        return errors.BackendMissingError.exit_code
    return errors.DONE


def _drop_stdout() -> None:
    """Else Python would fail, and say so, once more when it closes stdout."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _interrupt(signum: int, frame: object) -> None:
    raise KeyboardInterrupt
