"""How the training and evaluation jobs end: an exit code, and at most one line about an error."""

import os
import signal
import sys
from collections.abc import Callable

from embeddings import errors

EPILOG = "exit codes: " + "; ".join(f"{code} {text}" for code, text in errors.EXIT_CODES.items())
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
    except errors.EmbeddingsError as error:
        print(f"{name}: error: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print(f"{name}: interrupted; {interrupted}", file=sys.stderr)
        return errors.INTERRUPTED
    except BrokenPipeError:
        # Else Python would say so once more when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return errors.DONE
    except ModuleNotFoundError as error:
        if error.name not in OPTIONAL_PACKAGES:
            raise
        print(
            f"{name}: error: {error.name} is missing: pip install 'blazing-corpus[embeddings]'",
            file=sys.stderr,
        )
        return errors.BackendMissingError.exit_code
    return errors.DONE


def _interrupt(signum: int, frame: object) -> None:
    raise KeyboardInterrupt
