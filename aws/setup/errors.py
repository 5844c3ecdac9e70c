"""How setting up an account can end; everything that AWS itself refuses is in `storage.errors`."""

from aws.errors import DONE, INTERRUPTED, USAGE
from storage.errors import EXIT_CODES as STORAGE_EXIT_CODES
from storage.errors import ObjectNotFoundError, StorageError


class NotEmptyError(StorageError):
    """A bucket that should be removed holds something."""

    exit_code = 7


EXIT_CODES = {
    DONE: "done, or nothing to do",
    USAGE: "wrong arguments, or --destroy that nobody said yes to",
    ObjectNotFoundError.exit_code: "no such role or key as was named",
    NotEmptyError.exit_code: "the bucket to be removed holds objects",
    **STORAGE_EXIT_CODES,
    INTERRUPTED: "interrupted; the same command goes on where it stopped",
}
"""Exit codes of `jobs/setup_aws.py`."""
