"""word2vec's two formats, as gensim, fastText, GloVe and word2vec itself write them.

Whatever gensim's load_word2vec_format reads gives the same vectors here, unless it contradicts its
own header. Some of what gensim refuses is read, too: GloVe's files, which lack a header and have
words with blanks; words that are no UTF-8 or come twice; tabs, and line ends of other programs.
"""

import codecs
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
from gensim.models.keyedvectors import KeyedVectors

from storage.errors import BadVectorsError
from storage.printable import printable

HEADER = re.compile(rb"\s*(\d{1,12})\s+(\d{1,6})\s*")
"""Words and dimensions, the first line of both of word2vec's formats."""

CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1f]")
"""What no text of vectors holds, and a hundred floats always do."""

START_BYTES = 2**20
"""Enough for the header and the first word's values, whatever the format."""

READ_BYTES = 2**22
"""At a time, of the binary format; a name without an end is no longer than that either."""

SHOWN_BYTES = 40
"""Of what is no number, in errors."""

Values = npt.NDArray[np.float32]
Rows = Iterator[tuple[bytes, bytes]]
"""A word's bytes and those of its values, float32."""


def load_word2vec(path: Path, shown: str) -> KeyedVectors:
    """Vectors of a vectors.bin or vectors.txt, told by what follows the header.

    Args:
        path: the file, not compressed.
        shown: what errors and notes call it.

    Raises:
        BadVectorsError: no header and no word with its values in the first line, a file that holds
            something else than its header says, or is cut off; names the line or the word.
    """
    with path.open("rb") as file:
        start = file.read(START_BYTES).removeprefix(codecs.BOM_UTF8)
        first, _, rest = start.partition(b"\n")
        header = HEADER.fullmatch(first)
        words, dimensions = map(int, header.groups()) if header else (None, _count_values(first))
        is_text = header is None or _is_text(rest, dimensions)
        if words == 0 or dimensions < (1 if header else 2):
            raise BadVectorsError(
                f"{shown} has a wrong header: not a number of words and dimensions in line 1, nor "
                f"a word and its values"
            )
        file.seek(file.tell() - len(rest if header else start))
        try:
            rows = _text_rows(file, dimensions, 2 if header else 1)
            rows = rows if is_text else _binary_rows(file, dimensions, words or 0)
            return _collect(rows, dimensions, words, shown)
        except _BadRowError as error:
            fault = f"has no header, and is broken: line 1 has {dimensions:,} values"
            if header:
                fault = "has a wrong header, or is cut off: it says "
                fault += f"{words:,} words of {dimensions:,} dimensions"
            raise BadVectorsError(f"{shown} {fault}, and {error}") from None


def begins_with_text(start: bytes) -> bool:
    """Whether a file begins with a word and two numbers or more in its first line, as GloVe's."""
    return _count_values(start.partition(b"\n")[0]) > 1


class _BadRowError(Exception):
    """What is wrong, and where; the file's name goes before it."""


def _collect(rows: Rows, dimensions: int, words: int | None, shown: str) -> KeyedVectors:
    """Rows as vectors; of a word that comes again the first counts, as in gensim."""
    places: dict[str, int] = {}
    values = bytearray()  # grows with the file, whatever the header promises
    count = undecodable = 0
    for name, row in rows:
        count += 1
        try:
            word = name.decode()
        except UnicodeDecodeError:
            word = name.decode(errors="replace")
            undecodable += 1
        if word not in places:
            places[word] = len(places)
            values += row
    if words not in (None, count):
        raise _BadRowError(f"the file holds {count:,} words")
    if again := count - len(places):
        _note(shown, f"words that come again, of which the first vector counts: {again:,}")
    if undecodable:
        _note(shown, f"words that are no UTF-8, shown with \ufffd for what is not: {undecodable:,}")
    vectors = KeyedVectors(dimensions)
    vectors.vectors = np.frombuffer(values, np.float32).reshape(-1, dimensions)
    vectors.key_to_index, vectors.index_to_key = places, list(places)
    return vectors


def _note(shown: str, text: str) -> None:
    print(printable(f"note: {shown}: {text}"), file=sys.stderr)


def _text_rows(lines: Iterable[bytes], dimensions: int, first: int) -> Rows:
    for number, line in enumerate(lines, start=first):
        if row := _parse(line, dimensions):
            yield row[0], row[1].tobytes()
        elif line.strip():
            raise _BadRowError(f"line {number:,} {_fault(line, dimensions)}")


def _parse(line: bytes, dimensions: int) -> tuple[bytes, Values] | None:
    """A word and its values: as gensim parts them, or the last so many fields and what is before.

    None if they are not so many, or no numbers.
    """
    fields = line.rstrip().split(b" ")
    if len(fields) != dimensions + 1 or b"" in fields[1:]:
        fields = line.strip().rsplit(None, dimensions)
        if len(fields) != dimensions + 1 or _is_longer(fields[0]):
            return None
    with suppress(ValueError), np.errstate(over="ignore"):
        return fields[0], np.array(fields[1:], np.float32)
    return None


def _is_longer(word: bytes) -> bool:
    """Whether a word with blanks is a word and more values than there should be."""
    more = word.split()[1:]
    return bool(more) and all(map(_is_number, more))


def _fault(line: bytes, dimensions: int) -> str:
    values = line.split()[1:]
    if len(values) != dimensions:
        return f"has {len(values):,} value{'s' * (len(values) != 1)} behind the word"
    wrong = next(value for value in values if not _is_number(value))
    return f"has {wrong[:SHOWN_BYTES].decode(errors='backslashreplace')!r}, which is no number"


def _is_number(field: bytes) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True


def _count_values(line: bytes) -> int:
    """Numbers at the end of a line whose first field is a word."""
    fields = line.split()[:0:-1]
    return next((count for count, it in enumerate(fields) if not _is_number(it)), len(fields))


def _is_text(start: bytes, dimensions: int) -> bool:
    """Whether what follows the header begins with a word's line, or could be nothing but text."""
    if _parse(start.lstrip().partition(b"\n")[0], dimensions):
        return True
    with suppress(UnicodeDecodeError):
        codecs.getincrementaldecoder("utf-8")().decode(start)
        return not CONTROLS.search(start)
    return False


def _binary_rows(file: BinaryIO, dimensions: int, words: int) -> Rows:
    """Records of a word, a blank and its values; word2vec itself writes a line end behind each."""
    size = dimensions * np.dtype(np.float32).itemsize
    data, at = b"", 0
    for number in range(1, words + 1):
        while (end := data.find(b" ", at) + 1) == 0 or len(data) < end + size:
            more = file.read(READ_BYTES)
            if not more or (not end and len(data) - at > READ_BYTES):
                fault = "has no end" if more else "is not there, or cut off"
                raise _BadRowError(f"word {number:,} {fault}")
            data, at = data[at:] + more, 0
        yield data[at : end - 1].lstrip(b"\n"), data[end : end + size]
        at = end + size
    if (data[at:] + file.read(READ_BYTES)).strip():
        raise _BadRowError("the file goes on behind them")


def by_gensim(shown: str, load: Callable[[], Any]) -> Any:
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
        raise BadVectorsError(f"{shown} is broken: {text or type(error).__name__}") from error
