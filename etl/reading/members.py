"""The members of an archive: where each lies, and what none of them may be."""

import re
from typing import NamedTuple

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
