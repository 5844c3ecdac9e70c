"""What a build on EMR Serverless said last, from its driver's logs on S3."""

import gzip
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from orchestration.failures import error_line
from storage.errors import ObjectNotFoundError
from storage.locations import split_uri
from storage.ranges import read_object

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def last_error(client: "S3Client", places: Iterable[str]) -> str:
    """The one line in which a job said its error; empty if it said none.

    Spark passes on what Python writes to stderr on stdout, so it may be in either; a driver that
    never ran has neither.

    Args:
        client: of S3.
        places: of the logs, see `aws.emr_serverless.log_places`.

    Raises:
        ValueError: a place is not on S3.
        OSError: a log is not gzip.
        AwsError: a log can't be read.
    """
    for place in places:
        with suppress(ObjectNotFoundError):
            data = read_object(client, *split_uri(place))
            if line := error_line(gzip.decompress(data).decode("utf-8", "replace")):
                return line
    return ""
