"""The output that a user names → a folder of this machine, or a prefix on S3."""

from pathlib import Path

from etl.publishing.local_output import LocalOutput
from etl.publishing.output import Output
from etl.publishing.s3_output import S3Output
from storage.locations import is_s3
from storage.s3_client import S3Options


def open_output(uri: str, s3: S3Options) -> Output:
    """The output of `s3://bucket/prefix`, or of a local folder.

    Raises:
        AwsError: S3 is not to be had.
    """
    if is_s3(uri):
        return S3Output(uri, s3)
    return LocalOutput(Path(uri.removeprefix("file://")))
