"""A prefix on S3 that only ever shows whole builds: held by a lease, filled by way of staging."""

import os
import socket
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from etl.publishing.output import LOCK, is_made, run_name
from etl.publishing.s3_place import S3Place
from etl.publishing.s3_publish import Prefix, recover
from schemas.output import CORPUS_FILE, ENTRIES
from storage.errors import (
    AwsError,
    ObjectNotFoundError,
    OutputBusyError,
    OutputExistsError,
    OutputNotWritableError,
    describe_os_error,
)
from storage.lease import PACE, Lease, LeaseTakenError, leased
from storage.locations import folder_key, join_uri, split_uri
from storage.objects import head_object
from storage.ranges import read_object
from storage.s3_client import S3Options, make_client


class S3Output:
    """An output below a prefix."""

    def __init__(self, uri: str, s3: S3Options) -> None:
        bucket, key = split_uri(uri)
        key = folder_key(key)
        self.prefix = Prefix(make_client(s3), bucket, f"{key}/" if key else "", s3)
        self.lease: Lease | None = None

    def __str__(self) -> str:
        return join_uri(self.prefix.bucket, self.prefix.key).rstrip("/")

    @contextmanager
    def held(self) -> Iterator[None]:
        """Holds the output against other builds, wherever they run; tidies it first.

        Raises:
            OutputBusyError: another build holds it, or has taken it over from us.
            AwsError: S3 said no.
        """
        place = self.prefix
        since = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
        holder = f"process {os.getpid()} on {socket.gethostname()}, since {since}"
        key, arguments = place.key + LOCK, place.s3.encryption()
        try:
            with leased(place.client, place.bucket, key, holder, arguments, PACE) as self.lease:
                recover(place, self.lease.assert_held)
                yield
        except LeaseTakenError as error:
            raise OutputBusyError(f"another build is writing to {self}: {error}") from None

    def read(self, name: str) -> bytes | None:
        """The bytes of a small object; None if it is not there."""
        try:
            return read_object(self.prefix.client, self.prefix.bucket, self.prefix.key + name)
        except ObjectNotFoundError:
            return None

    def has(self, entry: str) -> bool:
        """Whether there is anything under the name of an entry."""
        return self.prefix.has(entry)

    def has_corpus(self, corpus: dict[str, Any]) -> bool:
        """Whether the object has the size that a manifest recorded, and bears its checksum."""
        place = self.prefix
        head = head_object(place.client, place.bucket, place.key + CORPUS_FILE)
        return head is not None and (head["ContentLength"], head["Metadata"].get("sha256")) == (
            corpus["bytes"],
            corpus["sha256"],
        )

    def check_replaceable(self, entries: list[str], known: list[str], overwrite: bool) -> None:
        """Refuses to touch what is there, unless it is an older build and may be replaced.

        Raises:
            OutputExistsError: says what is in the way.
        """
        present = [name for name in ENTRIES if self.has(name)]
        if not overwrite and (taken := [name for name in present if name in [*known, *entries]]):
            raise OutputExistsError(
                f"{self} holds {' and '.join(taken)} already: use --overwrite to replace an output"
            )
        for name in present:
            if name in entries and name not in known and name != "corpus":
                raise OutputExistsError(f"{self}/{name} was not made by a build: move it away")
        place = self.prefix
        for name in present:
            keys = place.keys(name) if name in [*known, *entries] else ()
            if strange := next((key for key in keys if not is_made(place.path(key))), ""):
                uri = join_uri(place.bucket, strange)
                raise OutputExistsError(f"{uri} was not made by a build: move it away")

    @contextmanager
    def staging(self) -> Iterator[S3Place]:
        """A staging prefix, gone at the end however that comes; published if that had begun."""
        run = run_name(uuid.uuid4().hex[:12])
        with tempfile.TemporaryDirectory(prefix="blazing-corpus-") as local:
            assert self.lease is not None, "an output is staged while it is held"
            place = S3Place(self.prefix, run, Path(local), self.lease)
            try:
                yield place
            except BaseException as error:
                with suppress(AwsError, LeaseTakenError):  # the first error says more
                    place.clean_up()
                if isinstance(error, OSError):
                    text = f"can't write {local}: {describe_os_error(error)}"
                    raise OutputNotWritableError(text) from error
                raise
