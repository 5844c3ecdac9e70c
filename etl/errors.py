"""What can go wrong for reasons a user can do something about: one line and an exit code each.

A failed job is diagnosed from its exit code and that one line, so they need no traceback. The
codes are part of the interface; `docs/exit-codes.md` says more about each.
"""

BUILT, USAGE, INTERRUPTED = 0, 2, 130
"""Success; argparse's own code for wrong arguments; what a shell gives for SIGINT."""


class BuildError(Exception):
    """A build that can't go on; `str()` is the one line that the user gets."""

    exit_code = 11


class UsageError(BuildError):
    """Arguments that argparse lets through and that make no sense together."""

    exit_code = USAGE


class InputNotFoundError(BuildError):
    """The input is missing, or can't be listed or read."""

    exit_code = 3


class NothingReadableError(BuildError):
    """There is input, and no blog file in it."""

    exit_code = 4


class BadArchiveError(BuildError):
    """A zip that is broken, or that nobody should unpack."""

    exit_code = 5


class TooManyRejectedError(BuildError):
    """More files were rejected than the user allows."""

    exit_code = 6


class OutputExistsError(BuildError):
    """The output is there already and may not be replaced."""

    exit_code = 7


class OutputNotWritableError(BuildError):
    """The output can't be written: no permission, no space, not a folder."""

    exit_code = 8


class LedgerError(BuildError):
    """The ledger does not add up, so something was lost: a bug, or a changing input."""

    exit_code = 9


class OutputBusyError(BuildError):
    """Another build is writing to the same output."""

    exit_code = 10


class SparkFailedError(BuildError):
    """Spark failed for any other reason."""

    exit_code = 11


EXIT_CODES = {
    BUILT: "built, or already built",
    USAGE: "wrong arguments",
    3: "input not found or not readable",
    4: "no blog file in the input",
    5: "bad archive",
    6: "too many rejected files",
    7: "output exists",
    8: "output can't be written",
    9: "the ledger does not add up",
    10: "another build is writing to the output",
    11: "Spark failed",
    12: "a quality check failed",
    INTERRUPTED: "interrupted",
}
"""Every exit code of `jobs/build_corpus.py`, in a few words."""


def describe_os_error(error: OSError) -> str:
    """What the system says, without the errno and the path: "Permission denied"."""
    return error.strerror or type(error).__name__
