"""What the caller's credentials say: region, account, and the role that set-up makes there."""

import re
from typing import Any

from aws.build_job import NAME
from storage.aws_errors import aws_errors
from storage.errors import BucketError
from storage.session import make_service_client, make_session

PARTITION = re.compile(r"arn:([a-z-]+):")


def region() -> str:
    """The region of the environment or profile.

    Raises:
        BucketError: none is set.
        PackageMissingError: boto3 is missing.
    """
    with aws_errors("region"):
        found = make_session().region_name
    if not found:
        raise BucketError("no region is set: export AWS_REGION")
    return found


def default_role() -> str:
    """ARN of the role `blazing-corpus` of the caller's account, whether it is there or not.

    Raises:
        CredentialsError: there are no valid credentials.
    """
    client: Any = make_service_client("sts")
    with aws_errors("account"):
        caller = client.get_caller_identity()
    found = PARTITION.match(caller["Arn"])
    partition = found[1] if found else "aws"
    return f"arn:{partition}:iam::{caller['Account']}:role/{NAME}"


def check_region(client: Any, bucket: str, wanted: str) -> None:
    """Refuses a bucket that is not there, or elsewhere: a job's buckets are in its region.

    Raises:
        BucketError: it is in another region, or there is no such bucket.
        AwsError: S3 does not tell.
    """
    with aws_errors(f"s3://{bucket}"):
        place = client.get_bucket_location(Bucket=bucket)["LocationConstraint"] or "us-east-1"
    found = "eu-west-1" if place == "EU" else place  # the API's name of its first days
    if found != wanted:
        raise BucketError(
            f"s3://{bucket} is in {found}, and the training job would run in {wanted}: "
            f"export AWS_REGION={found}, or take a bucket there"
        )
