"""A corpus read once before training: checked, measured, its words counted; never in memory."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from embeddings.corpus.corpus_file import CorpusFile
from embeddings.training.hyperparameters import Hyperparameters
from embeddings.training.training_progress import Progress
from storage.errors import CorpusError, InputNotFoundError, describe_os_error

CHUNK_BYTES = 2**18
"""Read at a time: small, since each token of it is a Python object for a moment."""

GENSIM_LINE_TOKENS = 10_000
"""Tokens after which gensim breaks a line in two (MAX_WORDS_IN_BATCH, MAX_SENTENCE_LEN)."""

SHORTEST_LONG_LINE = 2 * GENSIM_LINE_TOKENS
"""Bytes below which no line can have more than `GENSIM_LINE_TOKENS` tokens."""

Preflight = Callable[[CorpusFile, Hyperparameters, Progress], dict[str, Any]]
"""Counts a corpus for a training, tells its flaws, and raises JobError where they are too bad."""


@dataclass(frozen=True)
class CorpusFacts:
    """What a corpus holds, found by reading it once.

    Attributes:
        bytes: its size.
        lines: number of sentences: LFs, and one more if the last line has none.
        words: tokens between ASCII white space, as gensim's and word2vec's readers see them.
        sha256: hexadecimal digest of its bytes.
        long_lines: lines with more than `GENSIM_LINE_TOKENS` tokens.
    """

    bytes: int
    lines: int
    words: int
    sha256: str
    long_lines: int


def look_at(
    corpus: CorpusFile,
    preflight: Preflight | None,
    hyperparameters: Hyperparameters,
    progress: Progress,
) -> None:
    """The preflight, if there is one, of a corpus that has not passed its build's gate.

    Raises:
        JobError: of the preflight.
    """
    if preflight and not corpus.has_passed:
        preflight(corpus, hyperparameters, progress)


def check_corpus(
    corpus: CorpusFile,
    counts: Counter[bytes] | None = None,
    progress: Progress | None = None,
) -> CorpusFacts:
    """Reads a corpus once, in chunks: validates it and, if asked, counts its words.

    Args:
        corpus: the file.
        counts: filled with how often each token occurs, in the order of first appearance.
        progress: told how far it is.

    Raises:
        CorpusError: it is empty, not UTF-8, has CRs, or is not what its manifest describes.
        InputNotFoundError: it can't be read.
    """
    digest, size, lines, words = hashlib.sha256(), 0, 0, 0
    lengths = _LongLines()
    last = b""
    for chunk in _chunks(corpus):
        _check_text(chunk, corpus.uri, size, lines)
        tokens = chunk.split()
        if counts is not None:
            counts.update(tokens)
        digest.update(chunk)
        lengths.add(chunk)
        size, lines, words = size + len(chunk), lines + chunk.count(b"\n"), words + len(tokens)
        last = chunk
        if progress:
            progress.read(size, words)
    if not words:
        raise CorpusError(f"{corpus.uri} is empty" if not size else f"{corpus.uri} holds no word")
    lines += not last.endswith(b"\n")
    facts = CorpusFacts(size, lines, words, digest.hexdigest(), lengths.total())
    _check_manifest(corpus, facts)
    return facts


def _chunks(corpus: CorpusFile) -> Iterator[bytes]:
    """The file in order, cut after white space, so that no token and no character is cut."""
    rest = b""
    try:
        with corpus.path.open("rb") as file:
            while data := file.read(CHUNK_BYTES):
                data = rest + data
                end = max(data.rfind(b"\n"), data.rfind(b" ")) + 1
                rest = data[end:]
                if end:
                    yield data[:end]
    except OSError as error:
        raise InputNotFoundError(f"can't read {corpus.uri}: {describe_os_error(error)}") from error
    if rest:
        yield rest


def _check_text(chunk: bytes, uri: str, offset: int, lines: int) -> None:
    try:
        chunk.decode()
    except UnicodeDecodeError as error:
        line = lines + chunk.count(b"\n", 0, error.start) + 1
        raise CorpusError(
            f"{uri} is not UTF-8: line {line:,}, byte {offset + error.start:,} of the file"
        ) from None
    if b"\r" in chunk:
        line = lines + chunk.count(b"\n", 0, chunk.index(b"\r")) + 1
        raise CorpusError(f"{uri} has a carriage return in line {line:,}: lines must end in LF")


def _check_manifest(corpus: CorpusFile, facts: CorpusFacts) -> None:
    recorded = corpus.recorded_sha256
    if recorded and recorded != facts.sha256:
        raise CorpusError(
            f"{corpus.uri} is not what its manifest describes: sha256 {facts.sha256[:12]}…, "
            f"not {recorded[:12]}…; build it again"
        )


class _LongLines:
    """Counts long lines of chunks that end anywhere; tokens are counted only in suspects."""

    def __init__(self) -> None:
        self._count = 0
        self._open = 0
        """Tokens so far of the line that the next chunk goes on with."""

    def add(self, chunk: bytes) -> None:
        first, *others = chunk.split(b"\n")
        self._open += len(first.split())
        if not others:
            return
        self._close()
        *whole, tail = others
        suspects = [line for line in whole if len(line) >= SHORTEST_LONG_LINE]
        self._count += sum(len(line.split()) > GENSIM_LINE_TOKENS for line in suspects)
        self._open = len(tail.split())

    def total(self) -> int:
        self._close()
        return self._count

    def _close(self) -> None:
        self._count += self._open > GENSIM_LINE_TOKENS
        self._open = 0
