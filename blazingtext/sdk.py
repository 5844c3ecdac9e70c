"""What starting anything through the sagemaker package needs, whatever it is that is started.

Nothing is created beside the job: no bucket, no role, no upload, no telemetry, and nothing of the
machine's own SDK defaults enters the request.
"""

import logging
import os
import re
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from storage.aws_errors import aws_errors, first_line
from storage.errors import AccessDeniedError, PackageMissingError, QuotaError, RequestError
from storage.session import make_session

ENVIRONMENT = {
    "SAGEMAKER_VALIDATE_ROLE": "false",
    "SAGEMAKER_ADMIN_CONFIG_OVERRIDE": os.devnull,
    "SAGEMAKER_USER_CONFIG_OVERRIDE": os.devnull,
}
"""The role is left to SageMaker to check: the SDK would ask IAM, which few callers may. Defaults
that the machine has for the SDK would enter the request."""

SETTINGS = {
    "SchemaVersion": "1.0",
    "SageMaker": {"PythonSDK": {"Modules": {"TelemetryOptOut": True}}},
}
"""All that the SDK is told instead. It would validate a file of it 14 times, in two seconds."""

_ONE_AT_A_TIME = threading.RLock()
WORD = re.compile(r"(?<!^)(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z])")
"""Where one of SageMaker's names has a new word: before Size, In and GB in VolumeSizeInGB."""


def snake_case(value: Any) -> Any:
    """A request with the SDK's names, at all depths.

    >>> snake_case({"VolumeSizeInGB": 11, "Tags": [{"Key": "a"}]})
    {'volume_size_in_gb': 11, 'tags': [{'key': 'a'}]}
    """
    if isinstance(value, Mapping):
        return {WORD.sub("_", key).lower(): snake_case(one) for key, one in value.items()}
    return [snake_case(one) for one in value] if isinstance(value, list) else value


def make_sdk_session() -> Any:
    """The SDK's session, from the standard credential chain; to be used within `quiet_sdk`."""
    from sagemaker.core.helper.session_helper import Session

    return Session(make_session(), sagemaker_config=SETTINGS)


@contextmanager
def quiet_sdk(where: str) -> Iterator[None]:
    """Around the use of the package: without its telemetry, its defaults, and its advice.

    Raises:
        PackageMissingError: it is missing.
        AwsError: what AWS refuses inside; the line begins with `where`.
    """
    logging.getLogger("sagemaker").setLevel(logging.CRITICAL)
    try:
        with _environment(), warnings.catch_warnings(), aws_errors(where):
            warnings.simplefilter("ignore")
            yield
    except ImportError as error:
        raise PackageMissingError(
            f"training on SageMaker needs {error.name}: pip install 'blazing-corpus[aws]'"
        ) from None


@contextmanager
def start_errors(where: str, operation: str) -> Iterator[None]:
    """What SageMaker answers to a start, as the error that fits.

    Args:
        where: what is started; the line begins with it.
        operation: that starts it, `CreateTrainingJob` say; after it nothing is an error any more.
    """
    from botocore.exceptions import ClientError

    with aws_errors(where):
        try:
            yield
        except ClientError as error:
            if error.operation_name != operation:
                return  # it was started, and only the SDK's look at it afterwards failed
            code, said = error.response["Error"].get("Code", ""), first_line(error)
            if code == "ResourceLimitExceeded":
                raise QuotaError(f"{where}: quota exceeded: {said}") from error
            if code == "ResourceInUse":
                raise RequestError(f"{where}: there is one of that name: {said}") from error
            if "assume" in said.lower():
                raise AccessDeniedError(
                    f"{where}: SageMaker can't take its role: {said}"
                ) from error
            raise


@contextmanager
def _environment() -> Iterator[None]:
    """The SDK's settings, for one thread at a time; then as it was."""
    with _ONE_AT_A_TIME:
        before = {name: os.environ.get(name) for name in ENVIRONMENT}
        os.environ.update(ENVIRONMENT)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value
