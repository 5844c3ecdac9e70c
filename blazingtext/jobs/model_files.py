"""What a training job leaves on S3 → the files of a run's folder, checked before they are believed.

The archive is kept as it came, beside `run.json`, so that neighbours, map and evaluation find it as
they find that of a training on this machine.
"""

import hashlib
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blazingtext.log.lines import parse_evaluation
from embeddings.vectors.archive import MAX_UNPACKED_BYTES, unpack
from embeddings.vectors.vectors_file import (
    FASTTEXT_MAGIC,
    MAGIC_BYTES,
    MODEL,
    SUBWORDS,
    VECTORS,
    load_vectors,
)
from storage.aws_errors import aws_errors
from storage.errors import BadArchiveError, ChangedError
from storage.locations import split_uri
from storage.ranges import read_blocks

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

EVAL = "eval.json"
MAX_MODEL_BYTES = MAX_UNPACKED_BYTES
"""Of the archive itself: digits compress little, so it is not much smaller than its files."""


@dataclass(frozen=True)
class Model:
    """A model that was fetched.

    Attributes:
        vectors: gensim's KeyedVectors, most frequent word first.
        evaluation: content of the job's eval.json; None if there is none.
        sha256: of the archive.
        bytes: its size.
    """

    vectors: Any
    evaluation: dict[str, Any] | None
    sha256: str
    bytes: int


def fetch_model(client: "S3Client", uri: str, folder: Path, limit: int = MAX_MODEL_BYTES) -> Model:
    """Fetches a model.tar.gz into a folder, unpacks it elsewhere, and reads what is in it.

    Args:
        client: of S3.
        uri: the archive's.
        folder: gets `model.tar.gz`, and `subwords.bin` where the vectors come with n-grams.
        limit: bytes of the archive, and of all that is in it.

    Raises:
        BadArchiveError: it is too large, broken, or holds what nobody should unpack.
        BadVectorsError: what it holds are no vectors.
        AwsError: S3 can't be read.
    """
    archive = folder / MODEL
    sha256, size = download(client, uri, archive, limit)
    with tempfile.TemporaryDirectory(prefix="blazing-corpus-") as place:
        files = {file.name: file for file in unpack(archive, Path(place), limit)}
        paths = [files[name] for name in VECTORS if name in files]
        if not paths:
            raise BadArchiveError(f"{uri} holds no {' and no '.join(VECTORS)}")
        vectors = load_vectors(paths[0])
        if has_subwords(paths[0]):
            shutil.copyfile(paths[0], folder / SUBWORDS)
        evaluation = parse_evaluation(_text(files[EVAL])) if EVAL in files else None
    return Model(vectors, evaluation, sha256, size)


def download(client: "S3Client", uri: str, target: Path, limit: int) -> tuple[str, int]:
    """An object as a file; its sha256 and size.

    Raises:
        BadArchiveError: it is larger than the limit.
        ChangedError: other bytes came than were announced.
        AwsError: S3 can't be read.
    """
    bucket, key = split_uri(uri)
    with aws_errors(uri):
        head = client.head_object(Bucket=bucket, Key=key)
    size = head["ContentLength"]
    if size > limit:
        raise BadArchiveError(f"{uri} has {size:,} bytes, more than {limit:,}")
    digest, written = hashlib.sha256(), 0
    with target.open("wb") as file:
        for block in read_blocks(client, bucket, key, size, head["ETag"].strip('"')):
            digest.update(block)
            written += file.write(block)
    if written != size:
        raise ChangedError(f"{uri}: {written} bytes came, {size} were announced")
    return digest.hexdigest(), size


def has_subwords(path: Path) -> bool:
    """Whether a file is fastText's, with vectors of n-grams."""
    with path.open("rb") as file:
        return file.read(MAGIC_BYTES) == FASTTEXT_MAGIC


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
