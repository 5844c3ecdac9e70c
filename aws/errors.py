"""How a job on AWS can end badly; everything that AWS itself refuses is in `storage.errors`."""

from storage.errors import EXIT_CODES as STORAGE_EXIT_CODES
from storage.errors import AwsError, StorageError

DONE, USAGE, INTERRUPTED = 0, 2, 130


class RequestError(StorageError):
    """A request that AWS would refuse, found out before it is sent."""

    exit_code = USAGE


class NoExitCodeError(StorageError):
    """A job that ended without its driver's exit code: cancelled, timed out, never started."""

    exit_code = 28


class JobFailedError(StorageError):
    """A job whose driver ended with an exit code, which is that of this error."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


EXIT_CODES = {
    DONE: "the job succeeded, or was started with --detach",
    USAGE: "wrong arguments",
    **STORAGE_EXIT_CODES,
    28: "the job ended without an exit code",
    INTERRUPTED: "interrupted; the job goes on",
}
"""Exit codes of `jobs/submit.py`; any other is that of the build."""

__all__ = ["AwsError", "JobFailedError", "NoExitCodeError", "RequestError", "StorageError"]
