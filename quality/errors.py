"""What stops a build or a check for reasons of quality: one line and an exit code each."""

from etl.errors import USAGE, BuildError

FAILED = 12
"""Exit code of a corpus that fails a check."""


class QualityError(BuildError):
    """A corpus that must not be published, or not be trained on; names each failed check."""

    exit_code = FAILED


class ThresholdsError(BuildError):
    """A file of thresholds that is none, or asks for checks that do not exist."""

    exit_code = USAGE


class BaselineError(BuildError):
    """A baseline that can't be read, or holds no metrics."""

    exit_code = 3
