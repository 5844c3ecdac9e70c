"""word2vec's two formats, vectors.bin and vectors.txt, checked against their own header."""

import re
from collections.abc import Callable
from pathlib import Path

from gensim.models.keyedvectors import KeyedVectors

from storage.errors import BadVectorsError

HEADER = re.compile(rb"(\d{1,12}) (\d{1,6})\n")
"""Words and dimensions, the first line of both of word2vec's formats."""

FLOAT_BYTES = 4
SHORTEST_FLOAT_TEXT = 2
"""Bytes of a value in vectors.txt: a digit and what parts it from the next."""

START_BYTES = 2**20
"""Enough for the header and the first word's values, whatever the format."""


def load_word2vec(path: Path) -> KeyedVectors:
    """Vectors of a vectors.bin or vectors.txt, told by what follows the header.

    Raises:
        BadVectorsError: a wrong header, a file cut off, or anything that gensim can't read.
    """
    with path.open("rb") as file:
        start = file.read(START_BYTES)
    header = HEADER.match(start)
    if not header:
        raise BadVectorsError(f"{path} has a wrong header: not a number of words and dimensions")
    words, dimensions = int(header[1]), int(header[2])
    is_text = _looks_like_text(start[header.end() :], dimensions)
    needed = words * dimensions * (SHORTEST_FLOAT_TEXT if is_text else FLOAT_BYTES)
    # gensim takes the memory for what a header promises before it reads on.
    if not words or not dimensions or needed > path.stat().st_size:
        raise _wrong_header(path, words, dimensions)
    if is_text and not _text_fits(path, words, dimensions):
        raise _wrong_header(path, words, dimensions)
    try:
        vectors = by_gensim(
            path, lambda: KeyedVectors.load_word2vec_format(str(path), binary=not is_text)
        )
    except BadVectorsError as error:
        if isinstance(error.__cause__, EOFError):
            raise _wrong_header(path, words, dimensions) from error
        raise
    if not is_text and not _binary_fits(path, vectors, header.end(), words):
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
    """Whether a file has a line for each word, and each line a word and so many values.

    gensim stops at the last word that the header announces, and takes a single value for all.
    """
    with path.open("rb") as file:
        next(file)
        values = [line.rstrip().count(b" ") for line in file]
    return len(values) == words and all(count == dimensions for count in values)


def _binary_fits(path: Path, vectors: KeyedVectors, header: int, words: int) -> bool:
    """Whether a file is just as long as its words and values make it.

    Some writers put a line end after each vector, others none.
    """
    values = words * vectors.vector_size * FLOAT_BYTES
    names = sum(len(word.encode()) + 1 for word in vectors.index_to_key)
    return path.stat().st_size - header - values - names in (0, words)


def by_gensim(path: Path, load: Callable[[], KeyedVectors]) -> KeyedVectors:
    """What gensim loads from a file.

    Raises:
        BadVectorsError: whatever it says against the file, in one line.
        OSError: the file is not there, or may not be read.
    """
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
