"""Publishing on S3: a marker that says what goes where, and the steps, which may be repeated.

The order is that of `etl.publishing.publish`: tables, rejects, manifest, and the corpus last. Each
object changes in one step; a table of many objects does not, and while it is replaced it may show
both.
"""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from etl.publishing.output import MARKER, STAGED, STAGING, is_made
from schemas.output import CORPUS_FILE, FILES
from storage.aws_errors import aws_errors
from storage.concatenation import Upload, complete
from storage.errors import ChangedError, ObjectNotFoundError
from storage.locations import join_uri
from storage.objects import (
    abort_uploads,
    delete_folder,
    delete_objects,
    head_object,
    list_objects,
    list_uploads,
)
from storage.ranges import read_object
from storage.s3_client import S3Options

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

THREADS = 16


@dataclass(frozen=True)
class Prefix:
    """Where an output is.

    Attributes:
        client: of S3.
        bucket: its name.
        key: what the keys of the output begin with: "" or something that ends in a slash.
        s3: how to write.
    """

    client: "S3Client"
    bucket: str
    key: str
    s3: S3Options

    def has(self, entry: str) -> bool:
        """Whether there is anything under the name of an entry."""
        return any(True for _ in self.keys(entry))

    def keys(self, entry: str) -> Iterator[str]:
        """Keys of all objects of an entry, without those that only stand for an empty folder."""
        key = self.key + entry
        if entry in FILES:
            if head_object(self.client, self.bucket, key):
                yield key
            return
        for item in list_objects(self.client, self.bucket, f"{key}/"):
            if item.size or not item.key.endswith("/"):
                yield item.key

    def path(self, key: str) -> str:
        """A key of the output as seen from there."""
        return key[len(self.key) :]

    def entry_of(self, key: str) -> str:
        """The entry that a key belongs to."""
        return self.path(key).split("/")[0]


@dataclass(frozen=True)
class Plan:
    """What publishing does, as the marker holds it.

    Attributes:
        run: the id of the build, which its corpus bears in its metadata.
        copies: source and target keys.
        stale: keys that go.
        upload: the corpus, all but completed; None of a build that was refused.
        crc32: of the corpus.
    """

    run: str
    copies: list[tuple[str, str]]
    stale: list[str]
    upload: Upload | None
    crc32: int

    def to_json(self) -> str:
        """The text of the marker."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: bytes) -> "Plan":
        """The plan of a marker."""
        values: dict[str, Any] = json.loads(text)
        copies = [(source, target) for source, target in values.pop("copies")]
        upload = values.pop("upload")
        return cls(upload=upload and Upload(**upload), copies=copies, **values)


def recover(place: Prefix, check: Callable[[], None]) -> None:
    """Completes what a killed build had begun to publish, and removes what any other left.

    Args:
        place: the output, which we hold.
        check: raises if we do not hold it any longer.
    """
    start = place.key + STAGING
    keys = [item.key for item in list_objects(place.client, place.bucket, start)]
    keys += [key for key, _ in list_uploads(place.client, place.bucket, start)]
    names = {name for name, slash, _ in (place.path(key).partition("/") for key in keys) if slash}
    for name in sorted(filter(STAGED.fullmatch, names)):
        # A corpus that can't be completed is lost; the one before it is still there.
        with suppress(ChangedError):
            finish(place, f"{place.key}{name}/", check)
    abort_uploads(place.client, place.bucket, place.key + CORPUS_FILE)


def finish(place: Prefix, folder: str, check: Callable[[], None]) -> None:
    """Carries out the plan of a staging prefix if it has one, and removes it.

    May be repeated, after a kill at any point of it.

    Raises:
        ChangedError: the corpus is not what it should be; the prefix is removed all the same.
        AwsError: S3 said no.
    """
    try:
        plan = Plan.from_json(read_object(place.client, place.bucket, folder + MARKER))
    except ObjectNotFoundError:
        delete_folder(place.client, place.bucket, folder)
        return
    check()
    copy_all(place, plan.copies, check)
    # The plan may be older than what is there now, and than the code.
    stale = [key for key in plan.stale if is_made(place.path(key))]
    delete_objects(place.client, place.bucket, stale)
    check()
    try:
        complete_once(place, plan)
    except ChangedError:
        abort_uploads(place.client, place.bucket, place.key + CORPUS_FILE)
        delete_folder(place.client, place.bucket, folder, last=folder + MARKER)
        raise
    # The marker goes last: without it a half-removed prefix would count as a dead build.
    delete_folder(place.client, place.bucket, folder, last=folder + MARKER)


def copy_all(place: Prefix, copies: list[tuple[str, str]], check: Callable[[], None]) -> None:
    """Copies objects by the server, several at a time.

    A source that is gone was copied before: sources go only when all the rest is done.
    """
    extra = place.s3.publishing()
    if "Tagging" in extra:
        extra["TaggingDirective"] = "REPLACE"

    def copy(source: str, target: str) -> None:
        check()
        with suppress(ObjectNotFoundError), aws_errors(join_uri(place.bucket, target)):
            place.client.copy(
                {"Bucket": place.bucket, "Key": source}, place.bucket, target, ExtraArgs=extra
            )

    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(copy, *pair) for pair in copies]:
            done.result()


def complete_once(place: Prefix, plan: Plan) -> None:
    """Completes the corpus, unless that has been done: an upload can be completed only once."""
    if plan.upload is None:
        return
    head = head_object(place.client, place.bucket, plan.upload.key)
    if head is None or head["Metadata"].get("run") != plan.run:
        complete(place.client, place.bucket, plan.upload, plan.crc32)
