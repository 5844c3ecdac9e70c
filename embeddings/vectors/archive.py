"""model.tar.gz: written so that the same content gives the same bytes, read with suspicion.

Files that are compressed by themselves, such as words.vec.gz, are unpacked here, too.
"""

import gzip
import tarfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import IO, cast

from storage.compression import BROKEN, compression_of, is_tar, unpacked
from storage.errors import BadArchiveError, InputNotFoundError

MAX_UNPACKED_BYTES = 16 * 2**30
"""Of all members; 2 million words of 300 dimensions are 10 GiB as text and binary together."""

MAX_MEMBERS = 1000
COPY_BYTES = 2**20
CONTENT = "content"
"""Name of an unpacked file that was compressed by itself."""

COMPRESS_LEVEL = 1
"""Digits and floats hardly compress: level 9 takes 8 times as long for a few per cent."""

FILE_MODE = 0o644


def pack(archive: Path, files: Iterable[Path]) -> None:
    """Puts files, by their bare names and in the order given, into a new tar.gz.

    No time, owner or mode of this machine goes in.
    """
    with (
        archive.open("wb") as raw,
        gzip.GzipFile("", "wb", COMPRESS_LEVEL, raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar,
    ):
        for path in files:
            member = tarfile.TarInfo(path.name)
            member.size, member.mode = path.stat().st_size, FILE_MODE
            with path.open("rb") as file:
                tar.addfile(member, file)


def is_compressed(start: bytes) -> bool:
    """Whether a file that starts so is one for `unpack`."""
    return compression_of(start) is not None


def unpack(archive: Path, folder: Path, limit: int = MAX_UNPACKED_BYTES) -> list[Path]:
    """Unpacks the files of a tar.gz into a folder, flat or in its own folders; or a lone file.

    Args:
        archive: a model.tar.gz, from wherever, or a file compressed by gzip, bzip2, xz or zstd.
        folder: an empty one.
        limit: bytes that all members may come to.

    Returns:
        The files, in the archive's order; `CONTENT` in the folder, if it holds no tar.

    Raises:
        BadArchiveError: it is neither, is cut off, or holds a link, a device, a path out of the
            folder, one path twice, or too much. Something may be unpacked by then.
        InputNotFoundError: it can't be read.
        OSError: the folder can't be written to.
    """
    try:
        with archive.open("rb") as file, _stream(file) as packed:
            if not (start := packed.read(tarfile.BLOCKSIZE)):
                raise EOFError("it is empty")
            packed.seek(0)
            if not is_tar(start):
                _copy(packed, archive, folder / CONTENT, limit)
                return [folder / CONTENT]
            with tarfile.open(fileobj=packed, mode="r:") as tar:
                files = _unpack_members(tar, archive, folder, limit)
            while packed.read(COPY_BYTES):  # the checksum of the stream comes last
                pass
    except FileNotFoundError:
        raise InputNotFoundError(f"{archive} does not exist") from None
    except (tarfile.TarError, *BROKEN) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise BadArchiveError(f"{archive} is cut off or no tar.gz: {error}") from error
    return files


def _stream(file: IO[bytes]) -> IO[bytes]:
    """What it holds; whatever is not compressed is taken for gzip, which says that it is none."""
    return unpacked(file) or cast(IO[bytes], gzip.GzipFile(fileobj=file))


def _copy(source: IO[bytes], archive: Path, target: Path, limit: int) -> None:
    with target.open("wb") as file:
        while data := source.read(COPY_BYTES):
            if file.tell() + len(data) > limit:
                raise BadArchiveError(f"{archive} unpacks to more than {limit:,} bytes")
            file.write(data)


def _unpack_members(tar: tarfile.TarFile, archive: Path, folder: Path, limit: int) -> list[Path]:
    files: list[Path] = []
    total = 0
    for number, member in enumerate(tar, start=1):
        total += member.size
        if total > limit or number > MAX_MEMBERS:
            raise BadArchiveError(
                f"{archive} unpacks to more than {limit:,} bytes or {MAX_MEMBERS:,} files"
            )
        _check_member(member, archive)
        target = folder / member.name
        if member.isdir():
            continue
        if target.exists():
            raise BadArchiveError(f"{archive} holds {member.name!r} twice")
        _copy_member(tar, member, archive, target)
        files.append(target)
    return files


def _check_member(member: tarfile.TarInfo, archive: Path) -> None:
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts or "\\" in member.name or "\0" in member.name:
        raise BadArchiveError(f"{archive} holds {member.name!r}, a path out of its folder")
    if not member.isreg() and not member.isdir():
        raise BadArchiveError(f"{archive} holds {member.name!r}, a link or a device")


def _copy_member(
    tar: tarfile.TarFile, member: tarfile.TarInfo, archive: Path, target: Path
) -> None:
    source = tar.extractfile(member)
    if source is None:  # only links and devices, which are refused before
        raise BadArchiveError(f"{archive} holds {member.name!r}, which is no file")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy(source, archive, target, member.size)
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        raise BadArchiveError(f"{archive} holds {member.name!r} as file and as folder") from None
