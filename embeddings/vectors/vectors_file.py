"""Vectors from anything that holds them: told by content, checked before they are believed.

gensim's own saves are pickles, which run code when they are loaded. One way only leads to an
unpickler, `_load_saved`: a local file under a name of its own, whose user says that he trusts it.
Whatever comes from an archive or from S3, or has a name that such files have, never gets there.
"""

import io
import pickletools
import struct
import sys
import tempfile
from pathlib import Path

import numpy as np
from gensim.models import fasttext
from gensim.models.keyedvectors import KeyedVectors

from embeddings.vectors.archive import CONTENT, is_compressed, unpack
from embeddings.vectors.word2vec_file import begins_with_text, by_gensim, load_word2vec
from storage.errors import (
    BadVectorsError,
    InputNotFoundError,
    OutputNotWritableError,
    describe_os_error,
)
from storage.locations import is_s3, without_credentials
from storage.output_folder import NO_ROOM
from storage.printable import printable
from storage.s3_cache import fetch, is_copy

MODEL, SUBWORDS = "model.tar.gz", "subwords.bin"
VECTORS = ("vectors.bin", "vectors.txt")
VECTORS_STEM = "vectors."
FASTTEXT_MAGIC = struct.pack("<i", 793_712_314)
"""First bytes of fastText's .bin: FASTTEXT_FILEFORMAT_MAGIC_INT32 of its fasttext.cc."""

PICKLE_MAGIC = b"\x80"
MAGIC_BYTES = 4
"""Of fastText's."""

START_BYTES = 16
"""Enough for any magic bytes."""

OTHER_KINDS = {
    b"PK\x03\x04": "a zip: unpack it, and give the file in it",
    b"\x93NUMPY": "an array of numpy, without words: give the .kv that it belongs to",
    b"\x89HDF": "HDF5: save its vectors in word2vec's format",
    b"\xff\xfe": "UTF-16: save it as UTF-8",
    b"\xfe\xff": "UTF-16: save it as UTF-8",
}
"""First bytes of what is taken for vectors and is none that can be read → what it is."""

PICKLE_START_BYTES, PICKLE_OPERATIONS = 2**16, 16
"""Older pickles have no magic: so many bytes are looked at, and so many operations are enough."""


def load_vectors(
    location: str | Path, subwords: bool = False, trust_pickle: bool = False
) -> KeyedVectors:
    """Vectors, whatever they are in.

    Args:
        location: a run's folder, model.tar.gz, vectors.bin or .txt of word2vec, GloVe's .txt,
            fastText's .vec or .bin, each of these also compressed by gzip, bzip2 or xz, a
            KeyedVectors or model saved by gensim; local or on S3 (one object).
        subwords: take a run's vectors of character n-grams too, so that words outside the
            vocabulary have vectors; only FastText's come with them.
        trust_pickle: load a save of gensim, which runs the code in it, if it is a local file that
            has none of the names of a run's or an archive's files; stderr says so.

    Raises:
        InputNotFoundError: nothing is there.
        BadArchiveError: a bad model.tar.gz.
        BadVectorsError: a wrong header, a file cut off, values that are no numbers, a pickle that
            is not to be trusted.
        OutputNotWritableError: the folder for temporary files has no room for an archive's.
        AwsError: S3 can't be read.
    """
    path = (fetch(str(location)) if is_s3(str(location)) else None) or Path(location)
    if not path.exists():
        raise InputNotFoundError(f"{location} does not exist")
    shown = without_credentials(str(location))
    try:
        if path.is_dir():
            path = _in_folder(path, subwords)
            shown = str(path)
            vectors = _load(path, shown)
        elif trust_pickle and not is_s3(str(location)) and _is_users_own(path):
            vectors = _load_saved(path, shown) if _is_pickle(path) else _load(path, shown)
        else:
            vectors = _load(path, shown)
    except OSError as error:
        part = error.filename not in (None, str(path), str(path.absolute()))
        name = f"{error.filename}, which belongs to {shown}" if part else shown
        raise InputNotFoundError(f"can't read {name}: {describe_os_error(error)}") from error
    return _checked(vectors, shown)


def _is_users_own(path: Path) -> bool:
    """Whether a local file has no name of a run's or archive's file, and is no copy from S3."""
    names = [name.lower() for name in (path.name, path.resolve().name)]
    is_reserved = any(name.startswith(VECTORS_STEM) or name in (MODEL, SUBWORDS) for name in names)
    return path.is_file() and not is_reserved and not is_copy(path)


def _in_folder(folder: Path, subwords: bool) -> Path:
    names = [*([SUBWORDS] if subwords else []), MODEL, *VECTORS]
    present = [folder / name for name in names if (folder / name).is_file()]
    if not present:
        raise InputNotFoundError(f"{folder} holds no {MODEL} and no {' or '.join(VECTORS)}")
    return present[0]


def _load(path: Path, shown: str) -> KeyedVectors:
    if is_compressed(_start(path)):
        return _load_archive(path, shown)
    return _load_plain(path, shown)


def _load_plain(path: Path, shown: str) -> KeyedVectors:
    """Vectors of a file that is no archive; a pickle is refused."""
    start = _start(path)
    if start.startswith(FASTTEXT_MAGIC):
        # Reads numbers and words only: gensim's _fasttext_bin has no unpickler.
        return by_gensim(f"{shown}, fastText's,", lambda: fasttext.load_facebook_vectors(str(path)))
    if kind := next((it for magic, it in OTHER_KINDS.items() if start.startswith(magic)), ""):
        raise BadVectorsError(f"{shown} is {kind}")
    if _is_pickle(path):
        raise BadVectorsError(
            f"{shown} is a pickle, and loading it would run the code in it: --trust-pickle loads a "
            f"local file of your own with a name like words.kv, and never one from an archive, a "
            f"run's folder or S3, nor one called {VECTORS_STEM}*, {MODEL} or {SUBWORDS}"
        )
    return load_word2vec(path, shown)


def _start(path: Path, size: int = START_BYTES) -> bytes:
    with path.open("rb") as file:
        return file.read(size)


def _is_pickle(path: Path) -> bool:
    """Whether a file is a pickle of any protocol; none of its operations is carried out.

    word2vec's header and all magic bytes above hold bytes that begin no operation; a first line
    such as `. 0.1 0.2`, of GloVe, may be both, and is then text.
    """
    start = _start(path, PICKLE_START_BYTES)
    if begins_with_text(start):
        return False
    if start.startswith(PICKLE_MAGIC):
        return True
    count = 0
    try:
        for count, (operation, _, _) in enumerate(pickletools.genops(io.BytesIO(start)), start=1):
            if count == PICKLE_OPERATIONS or operation.name == "STOP":
                return True
    except ValueError:  # no operation, or one that is cut off
        return False
    return False


def _load_archive(path: Path, shown: str) -> KeyedVectors:
    with tempfile.TemporaryDirectory(prefix="blazing-corpus-") as folder:
        files = {file.name: file for file in _unpacked(path, shown, Path(folder))}
        if CONTENT in files:
            return _load_plain(files[CONTENT], shown)
        for name in VECTORS:
            if name in files:
                return _load_plain(files[name], f"{name} in {shown}")
    raise BadVectorsError(f"{shown} holds no {' and no '.join(VECTORS)}")


def _unpacked(path: Path, shown: str, folder: Path) -> list[Path]:
    try:
        return unpack(path, folder)
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise OutputNotWritableError(
            f"can't unpack {shown} into {folder.parent}: {describe_os_error(error)}; "
            f"TMPDIR may name a folder with room"
        ) from error


def _load_saved(path: Path, shown: str) -> KeyedVectors:
    """Unpickles a file, and says so before it does."""
    line = f"warning: {shown} is a pickle: loading it runs the code in it"
    print(printable(line), file=sys.stderr)
    saved = by_gensim(shown, lambda: KeyedVectors.load(str(path.absolute())))
    vectors = getattr(saved, "wv", saved)
    if not isinstance(vectors, KeyedVectors):
        raise BadVectorsError(f"{shown} is a pickle of something else than vectors")
    return vectors


def _checked(vectors: KeyedVectors, shown: str) -> KeyedVectors:
    if not len(vectors):
        raise BadVectorsError(f"{shown} holds no vectors")
    finite = np.isfinite(vectors.vectors).all(axis=1)
    if not finite.all():
        first = vectors.index_to_key[int(np.argmin(finite))]
        raise BadVectorsError(
            f"{shown} holds values that are no numbers (NaN or infinite), "
            f"in {np.count_nonzero(~finite):,} of {len(vectors):,} vectors, first in {first!r}"
        )
    return vectors
