"""What can go wrong with AWS and S3: one line and an exit code each, the same for every job.

`docs/exit-codes.md` says more about each.
"""


class StorageError(Exception):
    """S3 or AWS said no; `str()` is the one line that the user gets."""

    exit_code = 25


class ObjectNotFoundError(StorageError):
    """There is no such object, or nothing under a prefix."""

    exit_code = 3


class OutOfSpaceError(StorageError):
    """A quota is used up, or the server's disk is full."""

    exit_code = 8


class CacheError(StorageError):
    """The local cache of objects can't be written to."""

    exit_code = 8


class CredentialsError(StorageError):
    """There are no credentials, or they are expired, incomplete or wrong."""

    exit_code = 20


class AccessDeniedError(StorageError):
    """The credentials do not allow it; the line names the operation and the permission."""

    exit_code = 21


class BucketError(StorageError):
    """There is no such bucket, or not in this region."""

    exit_code = 22


class EndpointError(StorageError):
    """Nobody answers at the endpoint, or the connection broke off too often."""

    exit_code = 23


class ThrottledError(StorageError):
    """AWS asked to slow down, and went on doing so after all retries."""

    exit_code = 24


class AwsError(StorageError):
    """Anything else that AWS says."""

    exit_code = 25


class PackageMissingError(StorageError):
    """boto3 or Hadoop's S3A is not installed; the line says how to get it."""

    exit_code = 26


class ChangedError(StorageError):
    """An object is not what it was, or not what was written."""

    exit_code = 27


EXIT_CODES = {
    20: "no valid AWS credentials",
    21: "access denied",
    22: "no such bucket, or another region",
    23: "endpoint not reachable",
    24: "throttled",
    25: "any other AWS error",
    26: "boto3 or Hadoop's S3A missing",
    27: "an object changed or is damaged",
}
"""Exit codes that S3 and AWS add to those of a job, in a few words."""
