"""The members of an archive: where each lies, and what none of them may be."""

import io
import re
from typing import IO, NamedTuple, cast

from storage.errors import BadArchiveError
from storage.names import SEPARATOR

AS_IT_IS, IN_STREAM = -1, -2
"""Methods of a member of a tar: its bytes, without a header to go by and without a checksum, in the
tar itself, or in what a tar unpacks to that is compressed as a whole."""

DRIVE = re.compile("[A-Za-z]:")
MAX_RATIO = 200
"""Times its own size that an archive may expand to; the corpus expands 2.6 times. Deflate can
1,032."""

RATIO_FREE_GZIP = 2**20
"""Bytes that any gzipped blog may unpack to."""

RATIO_FREE_BYTES = 2**30
"""Bytes that any archive may expand to: what a bomb of this size costs is bearable."""


class Member(NamedTuple):
    """Where one file lies in an archive, as the archive tells.

    Attributes:
        name: path inside the archive, as it says.
        offset: bytes before its local header in a zip, before its content in a tar.
        packed: bytes, compressed.
        size: bytes, declared.
        crc: CRC-32 of the content, declared; of a tar, which has none, when it was changed.
        method: compression, as in `zipfile`, or `AS_IT_IS`, `IN_STREAM`.
    """

    name: str
    offset: int
    packed: int
    size: int
    crc: int
    method: int


class LimitedStream(io.BufferedReader):
    """A compressed file as what it holds, of which nobody reads more than a limit.

    Args:
        stream: what it holds.
        name: for errors.
        limit: bytes.
    """

    def __init__(self, stream: IO[bytes], name: str, limit: int) -> None:
        super().__init__(cast(io.RawIOBase, stream))
        self._name, self._limit = name, limit

    def read(self, size: int | None = -1) -> bytes:
        """As any file's.

        Raises:
            BadArchiveError: it goes beyond the limit.
        """
        left = self._limit - self.tell()
        if size is None or size < 0:
            size = left + 1
        data = super().read(size)
        if len(data) > left:
            raise BadArchiveError(f"{self._name} expands to more than {self._limit:,} bytes")
        return data


class CorruptMemberError(Exception):
    """A member that can't be read; `str()` is the reason for the rejects."""


def check_name(archive: str, name: str) -> None:
    """Refuses a name that leads out of a folder.

    Raises:
        BadArchiveError: names the archive and the name.
    """
    first, *others = parts = SEPARATOR.split(name)
    if ".." in parts or not first or (others and DRIVE.fullmatch(first)):
        raise BadArchiveError(f"{archive} holds a name that leads out of a folder: {name!r}")


def check_expanded(archive: str, expanded: int, size: int, limit: int) -> None:
    """Refuses an archive of `size` bytes that expands to more than it may.

    Raises:
        BadArchiveError: says what it expands to.
    """
    if expanded > limit:
        raise BadArchiveError(f"{archive} expands to {expanded:,} bytes, the limit is {limit:,}")
    if expanded > RATIO_FREE_BYTES and expanded > MAX_RATIO * size:
        raise BadArchiveError(f"{archive} expands to {expanded // size:,} times its own size")
