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
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from storage.aws_errors import aws_errors
from storage.errors import AwsError, ChangedError, EndpointError, ObjectNotFoundError
from storage.locations import join_uri
from storage.ranges import get_object

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
    owner: str = field(default_factory=lambda: uuid.uuid4().hex)
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
            if not _write(self, {"IfMatch": f'"{self.etag}"'}):
                self.lost = f"{join_uri(self.bucket, self.key)} was taken over by another process"
                raise LeaseTakenError(self.lost)

    def release(self) -> None:
        """Removes the lease, if it is still ours."""
        with self._writing, suppress(AwsError), aws_errors(self.key):
            if not self.lost and _is_ours(self):
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
    lease = Lease(client, bucket, key, holder, "", arguments or {})
    keeper = threading.Thread(target=lease.keep, args=(pace.beat,), daemon=True)
    try:
        take(lease, pace)
        keeper.start()
        yield lease
    finally:
        lease._stop.set()
        if keeper.ident:
            keeper.join()
        lease.release()


def take(lease: Lease, pace: Pace = PACE) -> Lease:
    """The lease, new or taken over from a holder that shows no sign of life.

    Raises:
        LeaseTakenError: its holder lives, or another one was faster.
    """
    conditions: dict[str, Any] = {"IfNoneMatch": "*"}
    if _write(lease, conditions):
        return lease
    logger.warning(
        "%s is held by another process; watching for up to %.0f s whether it lives",
        join_uri(lease.bucket, lease.key),
        pace.patience,
    )
    etag = _watch(lease, pace)
    if etag is not None:
        conditions = {"IfMatch": f'"{etag}"'}
    if not _write(lease, conditions):
        raise LeaseTakenError("another process was faster")
    return lease


def _watch(lease: Lease, pace: Pace) -> str | None:
    """The ETag of a lease that stays as it is for long enough; None for one that goes away.

    Raises:
        LeaseTakenError: it changes.
    """
    first: tuple[str, bytes] | None = None
    for _ in range(max(2, round(pace.patience / pace.look))):
        held = _look(lease)
        if held is None:
            return None
        if first is not None and held != first:
            raise LeaseTakenError(_read(held[1], "holder"))
        first = held
        time.sleep(pace.look)
    return first[0] if first else None


def _look(lease: Lease) -> tuple[str, bytes] | None:
    """ETag and body of a lease; None if there is none."""
    try:
        body, etag = get_object(lease.client, lease.bucket, lease.key)
        return etag, body
    except ObjectNotFoundError:
        return None


def _write(lease: Lease, conditions: dict[str, Any]) -> bool:
    """Writes the lease if the conditions hold; whether it is ours then.

    That another one has it is believed only after a look: a write whose answer got lost is sent
    again, by botocore or by what lies between here and S3, and meets itself.
    """
    body = json.dumps({"holder": lease.holder, "beats": lease.beats, "owner": lease.owner})
    try:
        with aws_errors(join_uri(lease.bucket, lease.key)):
            answer = lease.client.put_object(
                Bucket=lease.bucket,
                Key=lease.key,
                Body=body.encode(),
                **lease.arguments,
                **conditions,
            )
    except EndpointError as error:
        lease.lost = "" if lease.etag else str(error)  # nothing was taken yet, and nobody answers
        raise
    except (ChangedError, ObjectNotFoundError):
        return _is_ours(lease)
    lease.etag = answer["ETag"].strip('"')
    return True


def _is_ours(lease: Lease) -> bool:
    """Whether the lease that is there is this one, whose ETag is known then."""
    held = _look(lease)
    if held is None or _read(held[1], "owner") != lease.owner:
        return False
    lease.etag = held[0]
    return True


def _read(body: bytes, name: str) -> str:
    """A value of a lease; "unknown" if somebody else wrote what is there."""
    try:
        return str(json.loads(body)[name])
    except (ValueError, KeyError, TypeError):
        return "unknown"
