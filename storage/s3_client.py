"""One S3 client for every use: the standard credential chain, retries with backoff, few options."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from storage.aws_errors import aws_errors
from storage.session import attempts, make_session

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CONNECT_SECONDS, READ_SECONDS = 10, 60
CONNECTIONS = 32
USER_AGENT = "blazing-corpus"
SSE_ALGORITHMS = ("AES256", "aws:kms")


@dataclass(frozen=True)
class S3Options:
    """How to talk to S3, and how to store what is written. Holds no secret; pickles.

    Attributes:
        endpoint_url: of another server than AWS; None for what the environment says.
        path_style: bucket in the path, not in the host name, as many other servers want it.
        requester_pays: accept the costs of reading somebody else's bucket.
        sse: "AES256" (SSE-S3), "aws:kms" (SSE-KMS), or None for the bucket's default.
        kms_key_id: key for "aws:kms"; None for the account's own.
        tags: of the published objects, as (key, value).
        storage_class: of the published objects, such as "STANDARD_IA".
    """

    endpoint_url: str | None = None
    path_style: bool = False
    requester_pays: bool = False
    sse: str | None = None
    kms_key_id: str | None = None
    tags: tuple[tuple[str, str], ...] = ()
    storage_class: str | None = None

    def __post_init__(self) -> None:
        if self.sse not in (None, *SSE_ALGORITHMS):
            raise ValueError(f"sse is {self.sse!r}, expected one of {SSE_ALGORITHMS}")
        if self.kms_key_id and self.sse != "aws:kms":
            raise ValueError("a KMS key goes with sse aws:kms only")

    def encryption(self) -> dict[str, Any]:
        """Arguments for whatever writes an object: buckets may insist on them."""
        arguments: dict[str, Any] = {"ServerSideEncryption": self.sse} if self.sse else {}
        return arguments | ({"SSEKMSKeyId": self.kms_key_id} if self.kms_key_id else {})

    def publishing(self) -> dict[str, Any]:
        """Arguments for what writes an object that stays."""
        from urllib.parse import urlencode

        arguments = self.encryption()
        if self.tags:
            arguments["Tagging"] = urlencode(self.tags)
        if self.storage_class:
            arguments["StorageClass"] = self.storage_class
        return arguments


def make_client(options: S3Options | None = None) -> "S3Client":
    """An S3 client; boto3 is imported only here.

    Raises:
        PackageMissingError: boto3 is not installed.
        CredentialsError: the environment names a profile that is not there.
    """
    options = options or S3Options()
    session = make_session()
    from botocore.config import Config

    config = Config(
        retries={"mode": "standard", "total_max_attempts": attempts()},
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        max_pool_connections=CONNECTIONS,
        user_agent_extra=USER_AGENT,
        s3={"addressing_style": "path"} if options.path_style else {},
    )
    with aws_errors("S3"):
        client = session.client("s3", endpoint_url=options.endpoint_url, config=config)
    if options.requester_pays:
        client.meta.events.register("before-call.s3", _accept_costs)
    return client


@lru_cache(maxsize=8)
def shared_client(options: S3Options) -> "S3Client":
    """One client a process, for tasks: making one takes longer than reading some objects."""
    return make_client(options)


def _accept_costs(params: dict[str, Any], **_: object) -> None:
    params["headers"]["x-amz-request-payer"] = "requester"
