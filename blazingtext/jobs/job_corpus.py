"""The one object that a training job reads: found, checked, and uploaded if it is a local file."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aws.build_job import upload_file
from embeddings.corpus.corpus_file import CorpusFile, find_corpus, read_manifest
from embeddings.training.training_progress import Progress
from schemas.output import CORPUS_FILE
from storage.errors import CorpusError, ObjectNotFoundError
from storage.files import local_copy
from storage.locations import is_s3, join_uri, split_uri
from storage.objects import list_objects
from storage.s3_client import S3Options

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CORPORA = "corpora"
"""Prefix of corpora that are uploaded, in the bucket of the output."""

Facts = dict[str, Any]
"""What is known of a corpus, under run.json's names."""

Count = Callable[[CorpusFile], Facts]
"""Counts a corpus: its sha256, lines and words. Raises CorpusError for one that is not worth it."""

SHOWN = 3
"""Keys that an error names."""


@dataclass(frozen=True)
class CorpusObject:
    """A training file on S3.

    Attributes:
        uri: `s3://bucket/key`.
        bytes: its size.
        manifest: manifest.json of the build that published it; empty if there is none, or if it
            describes an object of another size.
        manifest_sha256: digest of that manifest's bytes; empty likewise.
    """

    uri: str
    bytes: int
    manifest: dict[str, Any] = field(default_factory=dict)
    manifest_sha256: str = ""


def find_object(client: "S3Client", uri: str) -> CorpusObject:
    """The object of a URI of it, or of a build's output, with a slash at the end or without.

    Raises:
        ObjectNotFoundError: it is not there.
        CorpusError: other keys begin with its key, so SageMaker would take those too; it is empty.
        AwsError: S3 can't be read.
    """
    bucket, key = split_uri(uri)
    if not key or key.endswith("/"):
        key += CORPUS_FILE
    uri = join_uri(bucket, key)
    sizes = {item.key: item.size for item in list_objects(client, bucket, key)}
    if f"{key}/{CORPUS_FILE}" in sizes and key not in sizes:
        return find_object(client, f"{uri}/")
    if key not in sizes:
        raise ObjectNotFoundError(f"{uri}: does not exist")
    if others := [join_uri(bucket, other) for other in sizes if other != key]:
        raise CorpusError(
            f"SageMaker would take every object whose key begins with {uri}, "
            f"{len(others)} more than it: {', '.join(others[:SHOWN])}"
        )
    if not sizes[key]:
        raise CorpusError(f"{uri} is empty")
    manifest, digest = read_manifest(uri)
    if manifest.get("corpus", {}).get("bytes") != sizes[key]:
        return CorpusObject(uri, sizes[key])
    return CorpusObject(uri, sizes[key], manifest, digest)


def prepare(
    client: "S3Client",
    location: str,
    bucket: str,
    count: Count | None,
    agree: Callable[[Facts], None],
    progress: Progress,
    cache: Path | None = None,
) -> tuple[str, Facts]:
    """The corpus as an object, checked, and uploaded if it is a local file; with what is known.

    Args:
        client: of S3.
        location: of the corpus, or of a build's output; local or on S3.
        bucket: that a local file goes to, under the digest of its bytes.
        count: counts it; None for a corpus that nobody looks at.
        agree: is told the facts before anything is uploaded, and raises what keeps it from that.
        progress: is told of the upload.
        cache: for objects that are fetched to be counted.
    """
    if is_s3(location):
        corpus = find_object(client, location)
        facts = known_facts(corpus)
        if count:
            path = local_copy(corpus.uri, cache)
            file = CorpusFile(corpus.uri, path, corpus.manifest, corpus.manifest_sha256)
            facts = _check(file, facts, count)
        agree(facts)
        return corpus.uri, facts
    file = find_corpus(location)
    size = file.path.stat().st_size
    facts = known_facts(CorpusObject(file.uri, size, file.manifest, file.manifest_sha256))
    facts = _check(file, facts, count) if count else facts
    agree(facts)
    uri = upload_file(client, file.path, join_uri(bucket, CORPORA), S3Options())
    progress.say(f"corpus: {uri}")
    return find_object(client, uri).uri, facts


def known_facts(corpus: CorpusObject) -> Facts:
    """What a manifest says of its corpus."""
    described, source = corpus.manifest.get("corpus", {}), corpus.manifest.get("input")
    return {
        "sha256": described.get("sha256"),
        "bytes": corpus.bytes,
        "lines": described.get("lines"),
        "words": described.get("tokens"),
        "manifest_sha256": corpus.manifest_sha256 or None,
        "input_digest": source.get("digest") if isinstance(source, dict) else None,
    }


def _check(corpus: CorpusFile, facts: Facts, count: Count) -> Facts:
    """All facts of a corpus that may be trained on.

    One that its build's gate has passed, and that is still the same to the byte, is not counted
    again.
    """
    with corpus.path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if facts["sha256"] not in (None, digest):
        raise CorpusError(f"{corpus.uri} is not what its manifest describes: build it again")
    if corpus.has_passed and facts["lines"] and facts["words"]:
        return facts
    return facts | count(corpus)
