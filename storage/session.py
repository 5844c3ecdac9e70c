"""The boto3 session of all clients: the standard credential chain, and the region."""

import os
from typing import TYPE_CHECKING

from storage.aws_errors import aws_errors
from storage.errors import PackageMissingError

if TYPE_CHECKING:
    from boto3.session import Session


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
