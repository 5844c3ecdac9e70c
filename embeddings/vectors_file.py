"""Vectors from anything that holds them: told by content, checked before they are believed.

A `.kv` save is a pickle, which can run code when it is loaded: load your own only.
"""

import struct
import tempfile
from pathlib import Path

import numpy as np
from gensim.models import fasttext
from gensim.models.keyedvectors import KeyedVectors

from embeddings.archive import unpack
from embeddings.word2vec_file import by_gensim, load_word2vec
from storage.errors import (
    BadVectorsError,
    InputNotFoundError,
    OutputNotWritableError,
    describe_os_error,
)
from storage.locations import is_s3
from storage.output_folder import NO_ROOM
from storage.s3_cache import fetch

MODEL, SUBWORDS = "model.tar.gz", "subwords.bin"
VECTORS = ("vectors.bin", "vectors.txt")
FASTTEXT_MAGIC = struct.pack("<i", 793_712_314)
"""First bytes of fastText's .bin: FASTTEXT_FILEFORMAT_MAGIC_INT32 of its fasttext.cc."""

GZIP_MAGIC, PICKLE_MAGIC = b"\x1f\x8b", b"\x80"
MAGIC_BYTES = 4
"""Bytes that tell what a file is."""


def load_vectors(location: str | Path, subwords: bool = False) -> KeyedVectors:
    """Vectors, whatever they are in.

    Args:
        location: a run's folder, model.tar.gz, vectors.bin or .txt of word2vec, a .bin of
            fastText, a KeyedVectors or model saved by gensim; local or on S3 (one object).
        subwords: take a run's vectors of character n-grams too, so that words outside the
            vocabulary have vectors; only FastText's come with them.

    Raises:
        InputNotFoundError: nothing is there.
        BadArchiveError: a bad model.tar.gz.
        BadVectorsError: a wrong header, a file cut off, values that are no numbers.
        OutputNotWritableError: the folder for temporary files has no room for an archive's.
        AwsError: S3 can't be read.
    """
    path = (fetch(str(location)) if is_s3(str(location)) else None) or Path(location)
    if not path.exists():
        raise InputNotFoundError(f"{location} does not exist")
    try:
        vectors = _load(_in_folder(path, subwords) if path.is_dir() else path)
    except OSError as error:
        raise InputNotFoundError(f"can't read {location}: {describe_os_error(error)}") from error
    return _checked(vectors, path)


def _in_folder(folder: Path, subwords: bool) -> Path:
    names = [*([SUBWORDS] if subwords else []), MODEL, *VECTORS]
    found = [folder / name for name in names if (folder / name).is_file()]
    if not found:
        raise InputNotFoundError(f"{folder} holds no {MODEL} and no {' or '.join(VECTORS)}")
    return found[0]


def _load(path: Path) -> KeyedVectors:
    with path.open("rb") as file:
        start = file.read(MAGIC_BYTES)
    if start.startswith(GZIP_MAGIC):
        return _load_archive(path)
    if start.startswith(FASTTEXT_MAGIC):
        return by_gensim(path, lambda: fasttext.load_facebook_vectors(str(path)))
    if start.startswith(PICKLE_MAGIC):
        return _load_saved(path)
    return load_word2vec(path)


def _load_archive(path: Path) -> KeyedVectors:
    with tempfile.TemporaryDirectory(prefix="blazing-corpus-") as folder:
        files = {file.name: file for file in _unpacked(path, Path(folder))}
        for name in VECTORS:
            if name in files:
                return _load(files[name])
    raise BadVectorsError(f"{path} holds no {' and no '.join(VECTORS)}")


def _unpacked(path: Path, folder: Path) -> list[Path]:
    try:
        return unpack(path, folder)
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise OutputNotWritableError(
            f"can't unpack {path} into {folder.parent}: {describe_os_error(error)}; "
            f"TMPDIR may name a folder with room"
        ) from error


def _load_saved(path: Path) -> KeyedVectors:
    saved = by_gensim(path, lambda: KeyedVectors.load(str(path)))
    vectors = getattr(saved, "wv", saved)
    if not isinstance(vectors, KeyedVectors):
        raise BadVectorsError(f"{path} is a pickle of something else than vectors")
    return vectors


def _checked(vectors: KeyedVectors, path: Path) -> KeyedVectors:
    if not len(vectors):
        raise BadVectorsError(f"{path} holds no vectors")
    finite = np.isfinite(vectors.vectors).all(axis=1)
    if not finite.all():
        first = vectors.index_to_key[int(np.argmin(finite))]
        raise BadVectorsError(
            f"{path} holds values that are no numbers (NaN or infinite), "
            f"in {np.count_nonzero(~finite):,} of {len(vectors):,} vectors, first in {first!r}"
        )
    return vectors
