"""The one object that a training job reads: found, counted, and uploaded if it is a local file."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aws.build_job import upload_file
from schemas.output import CORPUS_FILE, MANIFEST
from storage.errors import CorpusError, ObjectNotFoundError
from storage.locations import join_uri, split_uri
from storage.objects import list_objects
from storage.ranges import read_object
from storage.s3_client import S3Options

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FOLDER = "corpora"
"""Prefix of corpora that are uploaded, in the bucket of the output."""

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
    found = list(list_objects(client, bucket, key))
    sizes = {one.key: one.size for one in found}
    if f"{key}/{CORPUS_FILE}" in sizes and key not in sizes:
        return find_object(client, f"{uri}/")
    if key not in sizes:
        raise ObjectNotFoundError(f"{uri}: does not exist")
    if len(found) > 1:
        others = [join_uri(bucket, one.key) for one in found if one.key != key]
        raise CorpusError(
            f"SageMaker would take every object whose key begins with {uri}, "
            f"{len(others)} more than it: {', '.join(others[:SHOWN])}"
        )
    if not sizes[key]:
        raise CorpusError(f"{uri} is empty")
    return CorpusObject(uri, sizes[key], *_manifest(client, bucket, key, sizes[key]))


def upload_corpus(
    client: "S3Client", path: Path, bucket: str, options: S3Options, say: Callable[[str], None]
) -> str:
    """Uploads a local corpus under the digest of its bytes, unless it is there; its URI.

    Raises:
        AwsError: S3 refused.
    """
    uri = upload_file(client, path, join_uri(bucket, FOLDER), options, say)
    say(f"corpus: {uri}")
    return uri


def _manifest(client: "S3Client", bucket: str, key: str, size: int) -> tuple[dict[str, Any], str]:
    if not f"/{key}".endswith(f"/{CORPUS_FILE}"):
        return {}, ""
    place = key.removesuffix(CORPUS_FILE) + MANIFEST
    try:
        data = read_object(client, bucket, place)
        content = json.loads(data)
    except ObjectNotFoundError:
        return {}, ""
    except ValueError:
        raise CorpusError(f"{join_uri(bucket, place)} is not JSON") from None
    if not isinstance(content, dict) or content.get("corpus", {}).get("bytes") != size:
        return {}, ""
    return content, hashlib.sha256(data).hexdigest()
