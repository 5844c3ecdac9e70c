"""Vectors from anything that holds them: told by content, checked before they are believed.

A `.kv` save is a pickle, which can run code when it is loaded: load your own only.
"""

import re
import struct
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from gensim.models import fasttext
from gensim.models.keyedvectors import KeyedVectors

from embeddings.archive import unpack
from embeddings.errors import BadVectorsError, InputNotFoundError, describe_os_error
from embeddings.s3 import is_s3
from embeddings.s3_cache import fetch

MODEL, SUBWORDS = "model.tar.gz", "subwords.bin"
VECTORS = ("vectors.bin", "vectors.txt")
FASTTEXT_MAGIC = struct.pack("<i", 793_712_314)
"""First bytes of fastText's .bin: FASTTEXT_FILEFORMAT_MAGIC_INT32 of its fasttext.cc."""

GZIP_MAGIC, PICKLE_MAGIC = b"\x1f\x8b", b"\x80"
HEADER = re.compile(rb"(\d{1,12}) (\d{1,6})\n")
"""Words and dimensions, the first line of both of word2vec's formats."""

FLOAT_BYTES = 4
SHORTEST_FLOAT_TEXT = 2
"""Bytes of a value in vectors.txt: a digit and what parts it from the next."""

COPY_BYTES = 2**20


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
        RemoteError: S3 can't be read.
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
        start = file.read(COPY_BYTES)
    if start.startswith(GZIP_MAGIC):
        return _load_archive(path)
    if start.startswith(FASTTEXT_MAGIC):
        return _by_gensim(path, lambda: fasttext.load_facebook_vectors(str(path)))
    if start.startswith(PICKLE_MAGIC):
        return _load_saved(path)
    return _load_word2vec(path, start)


def _load_archive(path: Path) -> KeyedVectors:
    with tempfile.TemporaryDirectory(prefix="blazing-corpus-") as folder:
        files = {file.name: file for file in unpack(path, Path(folder))}
        for name in VECTORS:
            if name in files:
                return _load(files[name])
    raise BadVectorsError(f"{path} holds no {' and no '.join(VECTORS)}")


def _load_saved(path: Path) -> KeyedVectors:
    saved = _by_gensim(path, lambda: KeyedVectors.load(str(path)))
    vectors = getattr(saved, "wv", saved)
    if not isinstance(vectors, KeyedVectors):
        raise BadVectorsError(f"{path} is a pickle of something else than vectors")
    return vectors


def _load_word2vec(path: Path, start: bytes) -> KeyedVectors:
    header = HEADER.match(start)
    if not header:
        raise BadVectorsError(f"{path} has a wrong header: not a number of words and dimensions")
    words, dimensions = int(header[1]), int(header[2])
    is_text = _looks_like_text(start[header.end() :], dimensions)
    needed = words * dimensions * (SHORTEST_FLOAT_TEXT if is_text else FLOAT_BYTES)
    # gensim takes the memory for what a header promises before it reads on.
    if not words or not dimensions or needed > path.stat().st_size:
        raise _wrong_header(path, words, dimensions)
    vectors = _by_gensim(
        path, lambda: KeyedVectors.load_word2vec_format(str(path), binary=not is_text)
    )
    fits = (
        _text_fits(path, words, dimensions)
        if is_text
        else _binary_fits(path, vectors, header.end(), words)
    )
    if not fits:
        raise _wrong_header(path, words, dimensions)
    return vectors


def _looks_like_text(start: bytes, dimensions: int) -> bool:
    """Whether what follows the header begins with a line of a word and its values."""
    fields = start.split(b"\n", 1)[0].rstrip().split(b" ")
    try:
        values = [float(field) for field in fields[1:]]
    except ValueError:
        return False
    return len(values) == dimensions or (bool(values) and start.isascii())


def _text_fits(path: Path, words: int, dimensions: int) -> bool:
    """Whether a file has a line for each word, and the last one, where it may be cut off, is whole.

    gensim stops at the last word that the header announces, and takes a single value for all.
    """
    lines, last = 0, b""
    with path.open("rb") as file:
        for line in file:
            lines, last = lines + 1, line
    return lines == words + 1 and len(last.rstrip().split(b" ")) == dimensions + 1


def _binary_fits(path: Path, vectors: KeyedVectors, header: int, words: int) -> bool:
    """Whether a file is just as long as its words and values make it.

    Some writers put a line end after each vector, others none.
    """
    values = words * vectors.vector_size * FLOAT_BYTES
    names = sum(len(word.encode()) + 1 for word in vectors.index_to_key)
    return path.stat().st_size - header - values - names in (0, words)


def _by_gensim(path: Path, load: Callable[[], KeyedVectors]) -> KeyedVectors:
    try:
        return load()
    except (FileNotFoundError, PermissionError):
        raise
    except Exception as error:  # a broken file makes gensim raise nearly anything
        text = (str(error).splitlines() or [""])[0]
        raise BadVectorsError(f"{path} is broken: {text or type(error).__name__}") from error


def _wrong_header(path: Path, words: int, dimensions: int) -> BadVectorsError:
    return BadVectorsError(
        f"{path} has a wrong header, or is cut off: it says {words:,} words of {dimensions:,} "
        f"dimensions, and the file holds something else"
    )


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
