"""How a training on SageMaker can end badly; what AWS refuses else is in `storage.errors`."""

from storage.errors import StorageError

INTERRUPTED = 130


class TrainingFailedError(StorageError):
    """The training job failed; the line has SageMaker's FailureReason."""

    exit_code = 30


class TrainingStoppedError(StorageError):
    """The training job was stopped, by somebody or at a limit of time."""

    exit_code = 31


class TooExpensiveError(StorageError):
    """The estimate is more than may be spent, or nothing can be estimated."""

    exit_code = 32


class QuotaError(StorageError):
    """The account has no quota left for such a job, or for so many."""

    exit_code = 33


class EndpointFailedError(StorageError):
    """An endpoint did not come into service; the line has SageMaker's FailureReason."""

    exit_code = 34


class LeftRunningError(StorageError):
    """Ctrl-C while the job runs, where it goes on; says how to find it again."""

    exit_code = INTERRUPTED


EXIT_CODES = {
    30: "the training job failed",
    31: "the training job was stopped",
    32: "more than --max-cost",
    33: "an AWS quota is used up",
    34: "the endpoint failed",
}
"""What training on SageMaker adds to the exit codes of training, in a few words."""
