"""botocore's exceptions → `storage.errors`, in one line that names the operation.

Of what AWS says only the first line is kept. It holds no secret: AWS names users and keys by ARN.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from storage import errors

PERMISSIONS = {
    "ListObjectsV2": "list, s3:ListBucket",
    "ListMultipartUploads": "list uploads, s3:ListBucketMultipartUploads",
    "GetObject": "get, s3:GetObject",
    "HeadObject": "get, s3:GetObject; without s3:ListBucket a missing object looks like this too",
    "PutObject": "put, s3:PutObject",
    "CopyObject": "put, s3:PutObject",
    "CreateMultipartUpload": "put, s3:PutObject",
    "UploadPart": "put, s3:PutObject",
    "UploadPartCopy": "put, s3:PutObject and s3:GetObject",
    "CompleteMultipartUpload": "put, s3:PutObject",
    "AbortMultipartUpload": "abort, s3:AbortMultipartUpload",
    "DeleteObject": "delete, s3:DeleteObject",
    "DeleteObjects": "delete, s3:DeleteObject",
    "ListObjectVersions": "list versions, s3:ListBucketVersions",
    "CreateChangeSet": "plan, cloudformation:CreateChangeSet",
    "DescribeChangeSet": "plan, cloudformation:DescribeChangeSet",
    "DeleteChangeSet": "plan, cloudformation:DeleteChangeSet",
    "ExecuteChangeSet": "change, cloudformation:ExecuteChangeSet",
    "DescribeStacks": "look, cloudformation:DescribeStacks",
    "DescribeStackEvents": "look, cloudformation:DescribeStackEvents",
    "DescribeStackResources": "look, cloudformation:DescribeStackResources",
    "DeleteStack": "delete, cloudformation:DeleteStack",
}
"""What an operation does, and the permission that it takes (S3 user guide, "Policy actions")."""

CODES: dict[type[errors.AwsError], tuple[str, ...]] = {
    errors.ObjectNotFoundError: ("NoSuchKey", "404", "NotFound", "NoSuchVersion"),
    errors.CredentialsError: (
        *("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"),
        *("InvalidAccessKeyId", "InvalidClientTokenId", "InvalidToken", "SignatureDoesNotMatch"),
        *("UnrecognizedClientException", "IncompleteSignature", "RequestTimeTooSkewed"),
    ),
    errors.AccessDeniedError: (
        *("AccessDenied", "AccessDeniedException", "403", "Forbidden", "AllAccessDisabled"),
        *("KMS.AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"),
    ),
    errors.BucketError: (
        *("NoSuchBucket", "PermanentRedirect", "301", "AuthorizationHeaderMalformed"),
        *("IllegalLocationConstraintException", "InvalidBucketName"),
    ),
    errors.ThrottledError: (
        *("SlowDown", "503", "ServiceUnavailable", "Throttling", "ThrottlingException"),
        *("TooManyRequestsException", "RequestLimitExceeded", "TooManyRequests"),
    ),
    errors.OutOfSpaceError: (
        *("QuotaExceeded", "XMinioStorageFull", "NoSpaceLeftOnDevice", "InsufficientStorage"),
        "507",
    ),
    errors.ChangedError: (
        *("PreconditionFailed", "412", "BadDigest", "XAmzContentSHA256Mismatch"),
        *("NoSuchUpload", "InvalidPart", "ConditionalRequestConflict"),
    ),
}

CREDENTIAL_EXCEPTIONS = (
    *("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError"),
    *("TokenRetrievalError", "SSOError", "SSOTokenLoadError", "UnauthorizedSSOTokenError"),
    *("ProfileNotFound", "NoAuthTokenError", "LoginRefreshRequired"),
)
MAX_LENGTH = 300
"""Characters of what AWS says that a line shows."""


@contextmanager
def aws_errors(place: str) -> Iterator[None]:
    """Turns what boto3 raises inside into one line.

    Args:
        place: what was worked on, such as `s3://bucket/key`; the line begins with it.

    Raises:
        AwsError: the subclass that fits.
    """
    from boto3.exceptions import S3UploadFailedError
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        raise from_client_error(place, error) from error
    except S3UploadFailedError as error:
        inner = error.__context__
        if isinstance(inner, ClientError):
            raise from_client_error(place, inner) from error
        raise errors.AwsError(f"{place}: {first_line(error)}") from error
    except BotoCoreError as error:
        raise from_botocore(place, error) from error


def from_client_error(place: str, error: Exception) -> errors.AwsError:
    """What AWS answered, as the error that fits its code."""
    response = getattr(error, "response", {}).get("Error", {})
    operation = getattr(error, "operation_name", "?")
    code, said = str(response.get("Code", "")), str(response.get("Message", ""))
    kind = next((kind for kind, codes in CODES.items() if code in codes), errors.AwsError)
    if is_refresh(operation) and kind in (errors.AccessDeniedError, errors.AwsError):
        kind = errors.CredentialsError
    said = (said.splitlines() or [""])[0][:MAX_LENGTH]
    return kind(f"{place}: {_describe(kind, operation, said)} ({operation}: {code})")


def is_refresh(operation: str) -> bool:
    """Whether botocore asks it by itself, for new credentials, before what it was told to ask."""
    return operation.startswith("AssumeRole")


@contextmanager
def missing(subject: str) -> Iterator[None]:
    """Tells what is not there, for which the services have many words.

    Raises:
        ObjectNotFoundError: it is not; the line begins with `subject`.
    """
    from botocore.exceptions import ClientError

    try:
        yield
    except ClientError as error:
        code, said = error.response["Error"].get("Code", ""), str(error).lower()
        if "NotFound" in code or "could not find" in said or "not found" in said:
            raise errors.ObjectNotFoundError(f"{subject}: does not exist") from error
        raise


def from_botocore(place: str, error: Exception) -> errors.AwsError:
    """What kept botocore from asking, or from understanding the answer."""
    from botocore import exceptions

    if isinstance(error, exceptions.NoRegionError):
        return errors.BucketError(f"{place}: no region is set: export AWS_REGION")
    if type(error).__name__ in CREDENTIAL_EXCEPTIONS:
        return errors.CredentialsError(f"{place}: no valid AWS credentials: {first_line(error)}")
    if isinstance(error, exceptions.FlexibleChecksumError):
        return errors.DamagedError(f"{place}: came damaged: {first_line(error)}")
    if isinstance(error, exceptions.HTTPClientError | exceptions.ConnectionError):
        return errors.EndpointError(f"{place}: endpoint not reachable: {first_line(error)}")
    return errors.AwsError(f"{place}: {first_line(error)}")


def first_line(error: Exception) -> str:
    """The first line of an error's text, with what it announces; or its class if it has none."""
    first, *others = str(error).splitlines() or [type(error).__name__]
    return (f"{first} {'; '.join(others)}" if first.endswith(":") else first)[:MAX_LENGTH]


def _describe(kind: type[errors.AwsError], operation: str, said: str) -> str:
    if kind is errors.AccessDeniedError:
        need = PERMISSIONS.get(operation, operation)
        return f"access denied, needs permission to {need}" + (f": {said}" if said else "")
    text = {
        errors.ObjectNotFoundError: "does not exist",
        errors.BucketError: "no such bucket, or not in this region",
        errors.CredentialsError: "the AWS credentials are not valid",
        errors.ThrottledError: "throttled, after all retries",
        errors.OutOfSpaceError: "no space left",
        errors.ChangedError: "is not what it was",
    }.get(kind, "")
    return ": ".join(filter(None, (text, said))) or "failed"
