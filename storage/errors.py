"""Everything that can go wrong for reasons a user can do something about.

One line and an exit code each: a failed job is diagnosed from those two, so they need no traceback.
The codes are part of the interface, and each has one meaning whichever job ends with it.
`EXIT_CODES` is their one table; `python -m storage.errors` prints it as docs/exit-codes.md has it.
"""

DONE, USAGE, INTERRUPTED, TERMINATED = 0, 2, 130, 143
"""Success; argparse's own code for wrong arguments; what a shell gives for SIGINT and SIGTERM."""


class JobError(Exception):
    """A job that can't go on; `str()` is the one line that the user gets."""

    exit_code = 1


class UsageError(JobError):
    """Arguments, or a file of settings, that make no sense; or a question answered with no."""

    exit_code = USAGE


class RequestError(UsageError):
    """A request that AWS would refuse, found out before it is sent."""


class HyperparameterError(UsageError):
    """Hyperparameters that BlazingText would refuse; all of them in one line."""


class InputNotFoundError(JobError):
    """An input is missing, or can't be listed or read."""

    exit_code = 3


class NothingReadableError(JobError):
    """There is input, and no blog file in it."""

    exit_code = 4


class BadArchiveError(JobError):
    """A zip or tar that is broken, or that nobody should unpack."""

    exit_code = 5


class TooManyRejectedError(JobError):
    """More files were rejected than the user allows."""

    exit_code = 6


class OutputExistsError(JobError):
    """The output is there already and may not be replaced."""

    exit_code = 7


class OutputNotWritableError(JobError):
    """The output can't be written: no permission, no space, not a folder."""

    exit_code = 8


class LedgerError(JobError):
    """The ledger does not add up, so something was lost: a bug, or a changing input."""

    exit_code = 9


class OutputBusyError(JobError):
    """Another job is writing to the same output."""

    exit_code = 10


class SparkFailedError(JobError):
    """Spark failed for any other reason."""

    exit_code = 11


class QualityError(JobError):
    """A corpus that must not be published, or not be trained on; names each failed check."""

    exit_code = 12


class WordNotFoundError(JobError):
    """A word has no vector."""

    exit_code = 13


class BadPairsError(JobError):
    """A file of word pairs or analogies that is not one."""

    exit_code = 14


class CorpusError(JobError):
    """A corpus file that can't be trained on: empty, not UTF-8, CRLF, not what was built."""

    exit_code = 15


class BadVectorsError(JobError):
    """A file of vectors that is broken, or holds values that are no numbers."""

    exit_code = 16


class VocabularyError(JobError):
    """No word of the corpus is as frequent as `min_count`."""

    exit_code = 17


class BadRunError(JobError):
    """The record of a run or of a search that is not one."""

    exit_code = 18


class PostsDifferError(JobError):
    """Two outputs that were to be compared have other posts."""

    exit_code = 19


class AwsError(JobError):
    """AWS or S3 said no, for a reason that has no error of its own below."""

    exit_code = 25


class ObjectNotFoundError(AwsError):
    """There is no such object, or nothing under a prefix."""

    exit_code = 3


class OutOfSpaceError(AwsError):
    """A quota is used up, or the server's disk is full."""

    exit_code = 8


class CredentialsError(AwsError):
    """There are no credentials, or they are expired, incomplete or wrong."""

    exit_code = 20


class AccessDeniedError(AwsError):
    """The credentials do not allow it; the line names the operation and the permission."""

    exit_code = 21


class BucketError(AwsError):
    """There is no such bucket, or not in this region."""

    exit_code = 22


class EndpointError(AwsError):
    """No answer from the endpoint, or the connection broke off too often."""

    exit_code = 23


class ThrottledError(AwsError):
    """AWS asked to slow down, and went on doing so after all retries."""

    exit_code = 24


class PackageMissingError(AwsError):
    """A package, or Hadoop's S3A, is not installed; the line says how to get it."""

    exit_code = 26


class ChangedError(AwsError):
    """An object is not what it was, or not what was written."""

    exit_code = 27


class DamagedError(AwsError):
    """Bytes came damaged, each time that they were read."""

    exit_code = 27


class NoExitCodeError(AwsError):
    """A job that ended without its driver's exit code: cancelled, timed out, never started."""

    exit_code = 28


class JobFailedError(AwsError):
    """A job on AWS whose driver ended with an exit code, which is that of this error."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class TrainingFailedError(AwsError):
    """The training job failed; the line has SageMaker's FailureReason."""

    exit_code = 30


class TrainingStoppedError(AwsError):
    """The training job was stopped, by somebody or at a limit of time."""

    exit_code = 31


class TooExpensiveError(AwsError):
    """The estimate is more than may be spent, or nothing can be estimated."""

    exit_code = 32


class QuotaError(AwsError):
    """The account has no quota left for such a job, or for so many."""

    exit_code = 33


class EndpointFailedError(AwsError):
    """An endpoint did not come into service; the line has SageMaker's FailureReason."""

    exit_code = 34


class NotEmptyError(AwsError):
    """A bucket that should be removed holds something."""

    exit_code = 35


class StackFailedError(AwsError):
    """CloudFormation could not make, change or delete the stack; the line has its reason."""

    exit_code = 36


class LeftRunningError(AwsError):
    """Ctrl-C while a job on AWS runs, where it goes on; says how to find it again."""

    exit_code = INTERRUPTED


EXIT_CODES: dict[int, tuple[str, str]] = {
    DONE: ("done, or nothing to do", ""),
    1: (
        "anything else, such as a failure of gensim during training",
        "the line has its message; a traceback is a bug to report",
    ),
    USAGE: (
        "wrong arguments, settings or hyperparameters, or a question answered with no",
        "the line has all that is wrong; see `--help`",
    ),
    3: ("input not found or not readable", "check the path and its permissions"),
    4: (
        "no blog file in the input, or none of `--format`",
        "check that it is the right folder; the line has the reasons, and says what is there",
    ),
    5: (
        "bad archive or table: cut off, encrypted, with links, with names that lead out of a "
        "folder, expanding beyond the limit, or a compressed tar of many tables",
        "get the archive again; unpack one that is too much for a stream",
    ),
    6: (
        "more files were rejected than `--max-rejected-files` allows",
        "the line has the reasons and some names; mend the files, or raise the share",
    ),
    7: ("the output exists, or something is there that no job made", "`--overwrite`, or move it"),
    8: (
        "can't write: permissions, a read-only or full disk, a used-up quota",
        "make room; Spark's local files, the cache of S3 files and `TMPDIR` count as well",
    ),
    9: (
        "the ledger does not add up: something got lost",
        "the input changed during the build, or this is a bug to report",
    ),
    10: (
        "another job is writing to this output",
        "wait for it; the line says which process it is. On S3 a build that was killed counts as "
        "dead after 30 seconds without a sign of life",
    ),
    11: (
        "Spark failed for any other reason, or does not start",
        "the line has the cause, and the name of the log with the details",
    ),
    12: (
        "a quality check failed, so nothing was published",
        "the line says which, its figure, its bound and where to look; see [quality](quality.md). "
        "A build leaves report and rejects in `OUTPUT/refused/`, never a corpus. "
        "`--no-gate` publishes all the same, and says so in the manifest",
    ),
    13: ("a word has no vector", "another word, or a model with subwords"),
    14: ("bad file of word pairs or analogies", "the line says where"),
    15: (
        "a corpus that can't be trained on: a check of the preflight failed; empty, no words, not "
        "UTF-8, carriage returns, not what "
        "its manifest describes, changed during training, or the same as another to compare with",
        "the line says where; build it again",
    ),
    16: (
        "bad vectors: a wrong header, a file cut off, NaN or infinite values; or a pickle, which "
        "runs code when it is loaded",
        "get the file again; if training diverged, a lower `learning_rate`; "
        "[`--trust-pickle`](evaluation.md) for a local save of gensim that is your own",
    ),
    17: ("no word as frequent as `min_count`", "a lower `--min_count`"),
    18: ("a run.json or search.json that is not one", "the line says which"),
    19: (
        "two outputs do not hold the same posts",
        "what `jobs/compare_corpora.py` has printed says which",
    ),
    20: (
        "no valid AWS credentials: none, expired, incomplete or wrong",
        "`aws sts get-caller-identity` shows whom AWS sees; export keys, a profile, or give the "
        "machine a role",
    ),
    21: (
        "access denied",
        "the line names the object, the operation and the permission that it takes",
    ),
    22: (
        "no such bucket, or one in another region; or no region is set",
        "check the name, and `AWS_REGION`",
    ),
    23: (
        "the endpoint is not reachable, or the connection broke off too often",
        "network, proxy, `--endpoint-url` or `AWS_ENDPOINT_URL`",
    ),
    24: (
        "AWS asked to slow down, after all tries with backoff",
        "again later; `AWS_MAX_ATTEMPTS` sets the tries",
    ),
    25: ("any other AWS error", "the line has what AWS said"),
    26: ("a package, Java, or Hadoop's S3A for Spark, is missing", "the line says what to add"),
    27: (
        "an object changed or came damaged while it was read, or is not what was written",
        "again; if it comes back, report it",
    ),
    28: (
        "a job on AWS ended without an exit code: cancelled, timed out, never started",
        "the line has the service's reason",
    ),
    30: (
        "the training job failed, or a search all of whose jobs did",
        "the line has SageMaker's FailureReason, the lines before it the end of the log: what "
        "begins with `ClientError` is the corpus or the hyperparameters, with `AlgorithmError` "
        "BlazingText's own; `InternalServerError` again",
    ),
    31: (
        "the training job was stopped: with `--stop`, in the console, or at a limit of time",
        "larger `--max-run` and `--max-wait`; without `--spot`",
    ),
    32: ("the estimate is more than `--max-cost`, or there is none", "a larger one, or none"),
    33: (
        "the account has no quota left for that instance type",
        "ask for more under Service Quotas, or take another `--instance-type`",
    ),
    34: (
        "an endpoint did not come into service, and was deleted",
        "the line has SageMaker's reason; a larger `--instance-type` if it is memory",
    ),
    35: ("the bucket to be removed holds objects", "remove them, all versions of them too"),
    36: ("CloudFormation failed", "the line has the first reason that it gave"),
    INTERRUPTED: (
        "interrupted by Ctrl-C (SIGINT)",
        "a job on AWS goes on, and the line says how to find it again",
    ),
    TERMINATED: ("ended by SIGTERM", "as after Ctrl-C"),
}
"""Every exit code of every job → (what it means, what to do)."""


def describe_os_error(error: OSError) -> str:
    """What the system says, without the errno and the path: "Permission denied"."""
    return error.strerror or str(error) or type(error).__name__


if __name__ == "__main__":
    print("| code | meaning | what to do |\n| --- | --- | --- |")
    for code, (meaning, advice) in EXIT_CODES.items():
        print(f"| {code} | {meaning} | {advice} |".replace("|  |", "| |"))
