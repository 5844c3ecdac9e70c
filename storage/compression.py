"""Files that are compressed by themselves: told by their first bytes, read as a stream."""

import bz2
import gzip
import io
import lzma
import re
import tarfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from types import SimpleNamespace
from typing import IO, Any, NamedTuple, cast

BROKEN = (EOFError, OSError, zlib.error, lzma.LZMAError)
"""What reading raises where the stream is cut off or is none."""

SKIPPED_BYTES = 2**20
"""That are unpacked at once to get to a place further on."""


class Zstd(io.RawIOBase):
    """What a zstd file holds. Moving back begins anew, as in Python's own gzip files."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._rewind()

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always; moving is reading."""
        return True

    def tell(self) -> int:
        """Bytes before the next one read."""
        return self._place

    def readinto(self, buffer: object) -> int:
        """Fills a buffer; 0 at the end.

        Raises:
            OSError: the file is cut off, or is none.
        """
        import pyarrow as pa

        view = memoryview(buffer)  # type: ignore[arg-type]
        try:
            data = self._stream.read(len(view))
        except pa.ArrowException as error:
            raise OSError(str(error)) from error
        view[: len(data)] = data
        self._place += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Moves, which takes the time of reading; not from the end."""
        if whence == io.SEEK_END:
            raise io.UnsupportedOperation("nobody knows where the end is")
        target = offset + (self._place if whence == io.SEEK_CUR else 0)
        if target < self._place:
            self._file.seek(0)
            self._rewind()
        while self._place < target:
            if not self.read(min(target - self._place, SKIPPED_BYTES)):
                break
        return self._place

    def _rewind(self) -> None:
        import pyarrow as pa  # only now: most of who reads no zstd has no need of it

        # Arrow closes what it reads from when it drops a stream.
        borrowed = SimpleNamespace(read=self._file.read, close=lambda: None, closed=False)
        self._stream = pa.CompressedInputStream(pa.PythonFile(borrowed, "r"), "zstd")
        self._place = 0


class Compression(NamedTuple):
    """A way to compress a file.

    Attributes:
        name: for people.
        suffix: that names of such files end in, without the dot.
        magic: what they begin with.
        unpack: a file → the stream that it holds, which can move forward.
    """

    name: str
    suffix: str
    magic: re.Pattern[bytes]
    unpack: Callable[..., Any]


COMPRESSIONS = (
    Compression("gzip", "gz", re.compile(rb"\x1f\x8b"), lambda file: gzip.GzipFile(fileobj=file)),
    Compression("bzip2", "bz2", re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"), bz2.BZ2File),
    Compression("xz", "xz", re.compile(rb"\xfd7zXZ\0"), lzma.LZMAFile),
    Compression(
        *("zstd", "zst"),
        re.compile(rb"[\x22-\x28]\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"),
        lambda file: io.BufferedReader(Zstd(file), SKIPPED_BYTES),
    ),
)

MAGIC_BYTES = 10
"""Bytes that any of them is told by."""


def compression_of(start: bytes) -> Compression | None:
    """How a file that begins so is compressed; None for not at all."""
    return next((known for known in COMPRESSIONS if known.magic.match(start)), None)


def unpacked(file: IO[bytes]) -> IO[bytes] | None:
    """The stream that a compressed file holds, from its beginning; None for any other file.

    Reading it raises one of `BROKEN`.
    """
    file.seek(0)
    compression = compression_of(file.read(MAGIC_BYTES))
    file.seek(0)
    return cast(IO[bytes], compression.unpack(file)) if compression else None


def is_tar(start: bytes) -> bool:
    """Whether a file that begins with these 512 bytes, or more, is a tar."""
    with suppress(tarfile.HeaderError):
        tarfile.TarInfo.frombuf(start[: tarfile.BLOCKSIZE], tarfile.ENCODING, "surrogateescape")
        return True
    return False


def unpacked_start(start: bytes, size: int) -> bytes:
    """What the first bytes of a compressed file hold, at most `size`; b"" where that is nothing."""
    stream = unpacked(io.BytesIO(start))
    data = b""
    if stream is not None:
        with suppress(*BROKEN):
            while len(data) < size and (more := stream.read(min(size - len(data), 512))):
                data += more
    return data
