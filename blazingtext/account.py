"""The caller's account: region, role, BlazingText's image, and clients that outlive a token."""

import re
import warnings
from collections.abc import Callable
from typing import Any, TypeVar

from aws.build_job import NAME
from storage.aws_errors import aws_errors, first_line, is_refresh, missing
from storage.errors import (
    AccessDeniedError,
    BucketError,
    CredentialsError,
    PackageMissingError,
    QuotaError,
    RequestError,
)
from storage.session import make_service_client, make_session

PARTITION = re.compile(r"arn:([a-z-]+):")
ALGORITHM, VERSION = "blazingtext", "1"
Answer = TypeVar("Answer")


class Clients:
    """Asks AWS for hours: with new credentials when the old ones have expired meanwhile.

    Attributes:
        subject: what is asked about; errors begin with it.
    """

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self._clients: dict[str, Any] = {}

    @property
    def region(self) -> str:
        """Where SageMaker is asked."""
        return str(self.client("sagemaker").meta.region_name)

    def client(self, service: str) -> Any:
        """The client of a service, made when it is needed."""
        if service not in self._clients:
            self._clients[service] = make_service_client(service)
        return self._clients[service]

    def ask(self, service: str, question: Callable[[Any], Answer]) -> Answer:
        """An answer of a service's client; survives one expiry of the credentials at a time.

        Raises:
            AwsError: the service can't be asked, or refuses.
        """
        try:
            with aws_errors(self.subject):
                return question(self.client(service))
        except CredentialsError:
            self._clients.clear()
            with aws_errors(self.subject):
                return question(self.client(service))

    def call(self, service: str, method: str, **arguments: Any) -> Any:
        """The answer to one call.

        Raises:
            ObjectNotFoundError: there is no such thing in the region.
            AwsError: as for `ask`.
        """

        def question(client: Any) -> Any:
            with missing(f"{self.subject} in {client.meta.region_name}"):
                return getattr(client, method)(**arguments)

        return self.ask(service, question)

    def create(self, service: str, method: str, request: dict[str, Any]) -> None:
        """Makes something that costs money.

        Raises:
            QuotaError: the account may not run such a thing, or not so many.
            AccessDeniedError: the caller may not, or the role can't be assumed.
            RequestError: there is one of that name.
            AwsError: anything else that AWS says; the line names it.
        """
        from botocore.exceptions import ClientError

        with aws_errors(self.subject):
            try:
                getattr(self.client(service), method)(**request)
            except ClientError as error:
                code, said = error.response["Error"].get("Code", ""), first_line(error)
                if code == "ResourceLimitExceeded":
                    raise QuotaError(f"{self.subject}: quota exceeded: {said}") from error
                if code == "ResourceInUse":
                    raise RequestError(
                        f"{self.subject}: there is one of that name: {said}"
                    ) from error
                if "assume" in said.lower() and not is_refresh(error.operation_name):
                    raise AccessDeniedError(
                        f"{self.subject}: SageMaker can't take its role: {said}"
                    ) from error
                raise


def region() -> str:
    """The region of the environment or profile.

    Raises:
        BucketError: none is set.
        PackageMissingError: boto3 is missing.
    """
    with aws_errors("region"):
        name = make_session().region_name
    if not name:
        raise BucketError("no region is set: export AWS_REGION")
    return name


def default_role(ending: str = "") -> str:
    """ARN of the role `blazing-corpus` of the caller's account, whether it is there or not.

    Args:
        ending: of the name, for one of the stack's other roles.

    Raises:
        CredentialsError: there are no valid credentials.
    """
    client: Any = make_service_client("sts")
    with aws_errors("account"):
        caller = client.get_caller_identity()
    match = PARTITION.match(caller["Arn"])
    partition = match[1] if match else "aws"
    return f"arn:{partition}:iam::{caller['Account']}:role/{NAME}{ending}"


def check_region(client: Any, bucket: str, region: str) -> None:
    """Refuses a bucket that is not there, or elsewhere: a job's buckets are in its region.

    Raises:
        BucketError: it is in another region, or there is no such bucket.
        AwsError: S3 does not tell.
    """
    with aws_errors(f"s3://{bucket}"):
        place = client.get_bucket_location(Bucket=bucket)["LocationConstraint"] or "us-east-1"
    its_region = "eu-west-1" if place == "EU" else place  # the API's name of its first days
    if its_region != region:
        raise BucketError(
            f"s3://{bucket} is in {its_region}, and the training job would run in {region}: "
            f"export AWS_REGION={its_region}, or take a bucket there"
        )


def image_uri(region: str) -> str:
    """The URI of BlazingText's image, from the list that the sagemaker package brings along.

    Raises:
        PackageMissingError: the sagemaker package is missing.
        BucketError: BlazingText is not in that region.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from sagemaker.core import image_uris
    except ImportError:
        raise PackageMissingError(
            "the image's URI needs sagemaker: pip install 'blazing-corpus[aws]', or give --image"
        ) from None
    try:
        return str(image_uris.retrieve(ALGORITHM, region, version=VERSION))
    except ValueError:
        raise BucketError(f"BlazingText is not known to be in region {region}: --image") from None
