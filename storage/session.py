"""The boto3 session of all clients: the standard credential chain, the region, retries."""

import os
from typing import TYPE_CHECKING, Any

from storage.aws_errors import aws_errors
from storage.errors import PackageMissingError

if TYPE_CHECKING:
    from boto3.session import Session

ATTEMPTS = 8
"""Tries of a request, with exponential backoff in between: about a minute of throttling."""


def make_session() -> "Session":
    """A new session, as boto3's default one may not be shared between threads.

    The region is that of AWS_REGION, else that of AWS_DEFAULT_REGION or the profile, as for the AWS
    CLI and all other SDKs; boto3 by itself does not know the first.

    Raises:
        PackageMissingError: boto3 is not installed.
        CredentialsError: the environment names a profile that is not there.
    """
    try:
        import boto3
    except ImportError:
        raise PackageMissingError("AWS needs boto3: pip install 'blazing-corpus[s3]'") from None
    with aws_errors("AWS"):
        return boto3.session.Session(region_name=os.environ.get("AWS_REGION") or None)


def make_service_client(service: str) -> Any:
    """A client of a service other than S3, which retries with backoff.

    Raises:
        PackageMissingError: boto3 is missing.
        BucketError: no region is set.
        CredentialsError: the environment names a profile that is not there.
    """
    session: Any = make_session()
    from botocore.config import Config

    config = Config(retries={"mode": "standard", "total_max_attempts": attempts()})
    with aws_errors(service):
        return session.client(service, config=config)


def attempts() -> int:
    """Tries of a request: what the environment's standard variable says, else `ATTEMPTS`."""
    value = os.environ.get("AWS_MAX_ATTEMPTS", "")
    return int(value) if value.isdecimal() and int(value) else ATTEMPTS
