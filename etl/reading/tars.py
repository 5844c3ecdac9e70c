"""Tars: their members, listed by the headers between them; also of a tar compressed as a whole.

Such a one is a stream: to list it is to unpack all of it once, and its members come one behind the
other. Nothing is kept of what lies between the headers.
"""

import io
import os
import tarfile
from collections.abc import Iterable, Iterator
from typing import IO, cast

from etl.reading.members import AS_IT_IS, IN_STREAM, Member, check_expanded, check_name
from storage.compression import BROKEN, unpacked
from storage.errors import BadArchiveError, ChangedError
from storage.names import is_hidden
from storage.ranges import RangeFile

MAX_HEADER_BYTES = 2**20
"""Of one header: a long name or pax's notes, which are read at once, however large they say."""


class MemberFile(RangeFile):
    """A member of a tar as a file of its own."""

    def __init__(self, archive: IO[bytes], member: Member) -> None:
        super().__init__(member.size)
        self._archive, self._start = archive, member.offset

    def fetch(self, start: int, end: int) -> bytes:
        """From the archive."""
        self._archive.seek(self._start + start)
        return self._archive.read(end - start)


class _Headers(io.BufferedReader):
    """A tar of which nobody reads more at once than a header has, nor moves beyond a limit.

    Args:
        raw: the tar.
        name: of it, for errors.
        size: bytes of the file that it comes from.
        limit: bytes that it may hold.
    """

    def __init__(self, raw: IO[bytes], name: str, size: int, limit: int) -> None:
        super().__init__(cast(io.RawIOBase, raw))
        self._limits = name, size, limit

    def read(self, size: int | None = -1) -> bytes:
        if size is None or not 0 <= size <= MAX_HEADER_BYTES:
            raise tarfile.ReadError(f"a header of {size} bytes")
        return super().read(size)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        name, size, limit = self._limits
        check_expanded(name, offset, size, limit)
        return super().seek(offset, whence)


def list_tar(path: str, file: IO[bytes], limit: int) -> tuple[list[Member], int]:
    """Members that may hold a blog, in the archive's order, and the number of hidden ones.

    Args:
        path: of the archive, for errors.
        file: the archive.
        limit: bytes that it may expand to.

    Raises:
        BadArchiveError: it is cut off or no tar, holds a link, a device or a name that leads out
            of a folder, or too much.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    stream = unpacked(file)
    headers = _Headers(stream or file, path, size, limit)
    try:
        with tarfile.open(fileobj=headers, mode="r:") as archive:
            infos = (_check(path, info) for info in archive if not info.isdir())
            members = [_member(info, stream is not None) for info in infos]
            _check_end(headers, archive.offset)
    except (tarfile.TarError, *BROKEN) as error:
        raise BadArchiveError(f"{path} is not a whole tar archive: {error}") from error
    finally:
        headers.detach()
    shown = [member for member in members if not is_hidden(member.name)]
    return shown, len(members) - len(shown)


def read_members(
    file: IO[bytes], members: Iterable[Member], path: str
) -> Iterator[tuple[Member, bytes]]:
    """Each member of an unpacked tar with its content, in the order in which they lie there.

    Raises:
        ChangedError: it is no longer what was listed: it ends before, or can't be unpacked.
    """
    for member in sorted(members, key=lambda member: member.offset):
        try:
            file.seek(member.offset)
            data = file.read(member.size)
        except BROKEN as error:
            raise ChangedError(f"{path} broke off before {member.name}: {error}") from error
        if len(data) != member.size:
            raise ChangedError(f"{path} ends before {member.name} does")
        yield member, data


def _check(path: str, info: tarfile.TarInfo) -> tarfile.TarInfo:
    check_name(path, info.name)
    if not info.isreg() or info.issparse():
        kind = "a link" if info.issym() or info.islnk() else "what is no plain file"
        raise BadArchiveError(f"{path} holds {kind}: {info.name!r}")
    return info


def _member(info: tarfile.TarInfo, is_stream: bool) -> Member:
    changed = int(info.mtime) & 0xFFFFFFFF
    place = info.offset_data, info.size, info.size
    return Member(info.name, *place, changed, IN_STREAM if is_stream else AS_IT_IS)


def _check_end(file: IO[bytes], end: int) -> None:
    """Looks for the mark behind the last member, and reads on, as a stream's checksum comes last.

    Raises:
        tarfile.ReadError: something else is there, which `tarfile` takes for the end as well.
    """
    file.seek(end)
    if file.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
        raise tarfile.ReadError("unexpected end of data")
    end += tarfile.BLOCKSIZE
    while more := file.read(MAX_HEADER_BYTES):
        end += len(more)
        file.seek(end)
