"""The staging area of a build on S3."""

import mimetypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyspark.sql import SparkSession

from etl.publishing.digest import digest_objects
from etl.publishing.hadoop_s3 import destination
from etl.publishing.output import (
    MARKER,
    RAW,
    STAGING,
    CorpusFile,
    Destination,
    part_order,
    set_aside,
)
from etl.publishing.s3_publish import Plan, Prefix, finish
from schemas.output import CORPUS_FILE, ENTRIES, REFUSED
from storage.aws_errors import aws_errors
from storage.concatenation import Upload, prepare
from storage.copy_plan import Source
from storage.lease import Lease
from storage.locations import join_uri
from storage.objects import abort_upload, head_object, list_objects
from storage.ranges import read_object

CONTENT_TYPE = "text/plain; charset=utf-8"


@dataclass(frozen=True)
class S3Part:
    """One object that a task wrote."""

    prefix: Prefix
    key: str
    size: int

    def read(self) -> bytes:
        """All of it."""
        return read_object(self.prefix.client, self.prefix.bucket, self.key)


class S3Place:
    """The prefix that a build fills, and a folder of this machine for what the driver makes.

    The corpus is a multipart upload that has all of its parts and lacks nothing but its
    completion, which is one step; everything else is copied by the server, since S3 has no rename.
    """

    def __init__(self, prefix: Prefix, run: str, local: Path, lease: Lease) -> None:
        self.prefix = prefix
        self.run = run
        self.folder = f"{prefix.key}{STAGING}{run}/"
        self.final = local
        self.lease = lease
        self.upload: tuple[Upload, int] | None = None

    def for_spark(self, spark: SparkSession, name: str) -> Destination:
        """A prefix below the staging prefix."""
        room = "scratch" if name == RAW else "final"
        key, region = f"{self.folder}{room}/{name}", self.prefix.client.meta.region_name
        return destination(spark, self.prefix.bucket, key, self.prefix.s3, region)

    def parts(self, kind: str) -> list[S3Part]:
        """What the tasks wrote of a kind, in file order."""
        start = f"{self.folder}scratch/{RAW}/kind={kind}/"
        parts = [
            S3Part(self.prefix, item.key, item.size)
            for item in list_objects(self.prefix.client, self.prefix.bucket, start)
            if item.key.rsplit("/", 1)[-1].startswith("part-")
        ]
        return sorted(parts, key=lambda part: part_order(part.key))

    def join(self, spark: SparkSession) -> CorpusFile:
        """Makes the lines one upload, which has all of its parts."""
        place = self.prefix
        sources = [Source(part.key, part.size) for part in self.parts("lines")]
        corpus, crc32 = digest_objects(spark, place.bucket, sources, place.s3)
        arguments = place.s3.publishing() | {
            "ContentType": CONTENT_TYPE,
            "Metadata": {"sha256": corpus.sha256, "run": self.run},
        }
        target, scratch = place.key + CORPUS_FILE, f"{self.folder}scratch/joined-"
        upload = prepare(place.client, place.bucket, target, sources, scratch, arguments)
        self.upload = upload, crc32
        return corpus

    def publish(self, stale: list[str]) -> None:
        """Gives everything its name, the corpus last; what is stale goes.

        Raises:
            LeaseTakenError: another build took the output over.
            AwsError: once the marker is written, the next build completes what is left.
        """
        assert self.upload is not None, "published before the corpus was joined"
        self._carry_out(lambda: self._plan(stale))

    def refuse(self) -> None:
        """Publishes report and rejects as `REFUSED`, and nothing else; raises as `publish` does."""
        set_aside(self.final)
        self._drop_upload()
        self._carry_out(lambda: self._plan([], (REFUSED,)))

    def _carry_out(self, make_plan: Callable[[], Plan]) -> None:
        self._send_local_files()
        plan = make_plan()
        self.lease.check()
        self._put_marker(plan)
        finish(self.prefix, self.folder, self.lease.assert_held)
        self.upload = None

    def clean_up(self) -> None:
        """Removes the staging prefix; completes the publishing first if that had begun."""
        place = self.prefix
        has_begun = head_object(place.client, place.bucket, self.folder + MARKER) is not None
        if not has_begun:
            self._drop_upload()
        finish(place, self.folder, self.lease.assert_held)

    def _drop_upload(self) -> None:
        place = self.prefix
        if self.upload is not None and self.upload[0].upload_id:
            abort_upload(place.client, place.bucket, self.upload[0].key, self.upload[0].upload_id)
        self.upload = None

    def _plan(self, stale: list[str], wanted: Sequence[str] = ENTRIES) -> Plan:
        """What of the wanted entries goes where, in order; and what an older build left there."""
        place, start = self.prefix, f"{self.folder}final/"
        staged = [item.key for item in list_objects(place.client, place.bucket, start)]
        copies = [(key, place.key + key[len(start) :]) for key in staged if _is_data(key)]
        copies = [pair for pair in copies if place.entry_of(pair[1]) in wanted]
        copies.sort(key=lambda pair: ENTRIES.index(place.entry_of(pair[1])))
        targets = {target for _, target in copies}
        entries = {place.entry_of(target) for target in targets}
        old = {key for entry in {*entries, *stale} for key in place.keys(entry)}
        return Plan(self.run, copies, sorted(old - targets), *(self.upload or (None, 0)))

    def _send_local_files(self) -> None:
        place = self.prefix
        for path in sorted(path for path in self.final.rglob("*") if path.is_file()):
            key = f"{self.folder}final/{path.relative_to(self.final).as_posix()}"
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            extra = place.s3.encryption() | {"ContentType": kind}
            with aws_errors(join_uri(place.bucket, key)):
                place.client.upload_file(str(path), place.bucket, key, ExtraArgs=extra)

    def _put_marker(self, plan: Plan) -> None:
        place, key = self.prefix, self.folder + MARKER
        body, extra = plan.to_json().encode(), self.prefix.s3.encryption()
        with aws_errors(join_uri(place.bucket, key)):
            place.client.put_object(Bucket=place.bucket, Key=key, Body=body, **extra)


def _is_data(key: str) -> bool:
    """Whether an object is more than what file systems on S3 leave to know folders by."""
    name = key.rsplit("/", 1)[-1]
    return bool(name) and name != "_SUCCESS" and not name.endswith("_$folder$")
