"""A lease: of several processes, on whatever machines, one holds it, and shows signs of life.

The lease is a small object, which its holder writes anew every few seconds. Conditional writes
(`If-None-Match`, `If-Match`; on S3 since 2024) let only one of two writers succeed. Who finds a
lease watches it: if it changes, its holder lives; if it stays the same for long enough, the holder
is dead, and the lease is taken over. No clocks are compared.
"""

import json
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from storage.aws_errors import aws_errors
from storage.errors import AwsError, ChangedError, ObjectNotFoundError
from storage.locations import join_uri

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


logger = logging.getLogger(__name__)


class LeaseTakenError(Exception):
    """Somebody else has the lease; `str()` says who."""


@dataclass(frozen=True)
class Pace:
    """How often a lease shows a sign of life, and for how long one waits for it.

    Attributes:
        beat: seconds between two writes of the holder.
        patience: seconds without a change after which a holder counts as dead; several beats,
            since one of them may fail or be late.
        look: seconds between two looks of who waits.
    """

    beat: float = 5.0
    patience: float = 30.0
    look: float = 1.0


PACE = Pace()


@dataclass
class Lease:
    """A lease that is held. `check` before whatever only its holder may do."""

    client: "S3Client"
    bucket: str
    key: str
    holder: str
    etag: str
    arguments: dict[str, Any] = field(default_factory=dict)
    beats: int = 0
    lost: str = ""
    _stop: threading.Event = field(default_factory=threading.Event)
    _writing: threading.Lock = field(default_factory=threading.Lock)

    def assert_held(self) -> None:
        """Asks nobody: tells what the last sign of life came to.

        Raises:
            LeaseTakenError: it is another's by now.
        """
        if self.lost:
            raise LeaseTakenError(self.lost)

    def check(self) -> None:
        """Writes the lease anew.

        Raises:
            LeaseTakenError: it is another's by now.
            AwsError: S3 can't be reached.
        """
        with self._writing:
            self.assert_held()
            self.beats += 1
            try:
                self.etag = _write(self, {"IfMatch": f'"{self.etag}"'})
            except (ChangedError, ObjectNotFoundError):
                # A write whose answer was lost has been tried again, and met itself.
                found = _look(self)
                if found is None or found[1] != _body(self):
                    where = join_uri(self.bucket, self.key)
                    self.lost = f"{where} was taken over by another process"
                    raise LeaseTakenError(self.lost) from None
                self.etag = found[0]

    def release(self) -> None:
        """Removes the lease, if it is still ours."""
        with self._writing, suppress(AwsError), aws_errors(self.key):
            if not self.lost:
                self.client.delete_object(
                    Bucket=self.bucket, Key=self.key, IfMatch=f'"{self.etag}"'
                )

    def keep(self, beat: float) -> None:
        """Shows signs of life until stopped; errors are left to `check`, the next beat may do."""
        while not self._stop.wait(beat):
            with suppress(AwsError, LeaseTakenError):
                self.check()


@contextmanager
def leased(
    client: "S3Client",
    bucket: str,
    key: str,
    holder: str,
    arguments: dict[str, Any] | None = None,
    pace: Pace = PACE,
) -> Iterator[Lease]:
    """Holds the lease for as long as the block runs.

    Args:
        client: of S3.
        bucket: of the lease.
        key: of the lease.
        holder: who has it, for those who find it taken.
        arguments: of PutObject, such as encryption.
        pace: of the signs of life.

    Raises:
        LeaseTakenError: somebody else has it and lives.
        AwsError: S3 said no.
    """
    lease = take(Lease(client, bucket, key, holder, "", arguments or {}), pace)
    keeper = threading.Thread(target=lease.keep, args=(pace.beat,), daemon=True)
    keeper.start()
    try:
        yield lease
    finally:
        lease._stop.set()
        keeper.join()
        lease.release()


def take(lease: Lease, pace: Pace = PACE) -> Lease:
    """The lease, new or taken over from a holder that shows no sign of life.

    Raises:
        LeaseTakenError: its holder lives, or another one was faster.
    """
    conditions: dict[str, Any] = {"IfNoneMatch": "*"}
    with suppress(ChangedError):
        lease.etag = _write(lease, conditions)
        return lease
    logger.warning(
        "%s is held by another process; watching for up to %.0f s whether it lives",
        join_uri(lease.bucket, lease.key),
        pace.patience,
    )
    etag = _watch(lease, pace)
    if etag is not None:
        conditions = {"IfMatch": f'"{etag}"'}
    try:
        lease.etag = _write(lease, conditions)
    except (ChangedError, ObjectNotFoundError):
        raise LeaseTakenError("another process was faster") from None
    return lease


def _watch(lease: Lease, pace: Pace) -> str | None:
    """The ETag of a lease that stays as it is for long enough; None for one that goes away.

    Raises:
        LeaseTakenError: it changes.
    """
    first: tuple[str, bytes] | None = None
    for _ in range(max(2, round(pace.patience / pace.look))):
        found = _look(lease)
        if found is None:
            return None
        if first is not None and found != first:
            raise LeaseTakenError(_holder(found[1]))
        first = found
        time.sleep(pace.look)
    return first[0] if first else None


def _look(lease: Lease) -> tuple[str, bytes] | None:
    """ETag and body of a lease; None if there is none."""
    try:
        with aws_errors(join_uri(lease.bucket, lease.key)):
            answer = lease.client.get_object(Bucket=lease.bucket, Key=lease.key)
            return answer["ETag"].strip('"'), answer["Body"].read()
    except ObjectNotFoundError:
        return None


def _write(lease: Lease, conditions: dict[str, Any]) -> str:
    """Writes the lease if the conditions hold; its new ETag."""
    from botocore.exceptions import ClientError

    with aws_errors(join_uri(lease.bucket, lease.key)):
        try:
            answer = lease.client.put_object(
                Bucket=lease.bucket,
                Key=lease.key,
                Body=_body(lease),
                **lease.arguments,
                **conditions,
            )
        except ClientError as error:
            # What S3 answers when two conditional writes meet.
            if error.response["Error"].get("Code") == "ConditionalRequestConflict":
                raise ChangedError(f"{lease.key} is being written by another process") from error
            raise
    return answer["ETag"].strip('"')


def _body(lease: Lease) -> bytes:
    return json.dumps({"holder": lease.holder, "beats": lease.beats}).encode()


def _holder(body: bytes) -> str:
    try:
        return str(json.loads(body)["holder"])
    except (ValueError, KeyError, TypeError):
        return "unknown"
