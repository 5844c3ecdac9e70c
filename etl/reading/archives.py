"""Archives: a checked listing, and members read one by one without unpacking.

A zip's central directory, or the headers of a tar, are read once, on the driver. A task gets the
offsets of its members, seeks and inflates: parsing 19,320 directory entries again in each of many
tasks would cost more than reading the members does. Nothing that an archive says about itself is
trusted.
"""

import gzip
import io
import os
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, cast

from etl.reading.file_kinds import HEAD_BYTES, Kind, advice, kind_of
from etl.reading.members import (
    AS_IT_IS,
    IN_STREAM,
    MAX_RATIO,
    RATIO_FREE_GZIP,
    CorruptMemberError,
    Member,
    check_expanded,
    check_name,
)
from etl.reading.tars import MemberFile, list_tar
from storage.compression import compression_of, unpacked, unpacked_start
from storage.errors import BadArchiveError, InputNotFoundError, describe_os_error
from storage.locations import is_s3
from storage.names import is_folder, is_hidden
from storage.ranges import AHEAD_BYTES, open_object
from storage.s3_client import S3Options

LOCAL_HEADER = struct.Struct("<4s22xHH")
"""Signature, and the lengths of the name and of the extra field (APPNOTE.TXT 4.3.7)."""

SIGNATURE = b"PK\x03\x04"
GZIP = b"\x1f\x8b"
ENCRYPTED = 0x1
DOS_FOLDER = 0x10
"""Attribute of a folder, which not every program also ends in a slash."""

TAR_NAME = re.compile(r"\.(?:tar\.\w+|t(?:gz|bz2|xz|zst))$", re.IGNORECASE)
"""Of a compressed tar whose first bytes do not tell what it holds: bzip2 needs 900 kB for that."""


def is_archive_name(name: str) -> bool:
    """Whether a file is called as a zip or a tar, compressed or not."""
    return name.lower().endswith((".zip", ".tar")) or bool(TAR_NAME.search(name))


def archive_kind(name: str, head: bytes) -> str:
    """What is to be read as an archive, by name or by its first `HEAD_BYTES`.

    Returns:
        "zip", "tar", "tar.gz" and the like; "" for none.
    """
    if name.lower().endswith(".zip") or head.startswith(SIGNATURE):
        return "zip"
    if name.lower().endswith(".tar") or kind_of(head) is Kind.TAR:
        return "tar"
    if compression := compression_of(head):
        inside = kind_of(unpacked_start(head, tarfile.BLOCKSIZE))
        if inside is Kind.TAR or (inside is Kind.EMPTY and TAR_NAME.search(name)):
            return f"tar.{compression.suffix}"
    return ""


def local_archive_kind(path: str) -> str:
    """The same of a path on this machine."""
    if not Path(path).is_file():
        return ""
    try:
        with open_archive(path) as file:
            return archive_kind(path, file.read(HEAD_BYTES))
    except OSError:
        return archive_kind(path, b"")


def open_archive(path: str, s3: S3Options | None = None, ahead: int = AHEAD_BYTES) -> IO[bytes]:
    """A seekable file over an archive on this machine or on S3.

    Args:
        path: of a local file, or an `s3://` URI.
        s3: how to read S3.
        ahead: bytes that one request to S3 fetches.
    """
    return open_object(path, s3, ahead) if is_s3(path) else Path(path).open("rb")


@contextmanager
def open_members(
    path: str, member: Member, s3: S3Options | None = None, ahead: int = AHEAD_BYTES
) -> Iterator[IO[bytes]]:
    """An archive as a member is read from it: a tar that is compressed as what it unpacks to."""
    with ExitStack() as stack:
        file = stack.enter_context(open_archive(path, s3, ahead))
        stream = unpacked(file) if member.method == IN_STREAM else None
        yield file if stream is None else stack.enter_context(stream)


def list_archive(
    path: str, max_expanded_bytes: int, s3: S3Options | None = None
) -> tuple[list[Member], int]:
    """Members that may hold a blog, in the archive's order, and the number of hidden ones.

    Raises:
        BadArchiveError: truncated or no archive, encrypted, with links or devices or with names
            that lead out of a folder, or beyond what it may expand to.
        InputNotFoundError: the file can't be read.
    """
    try:
        with open_archive(path, s3) as file:
            if archive_kind(path, file.read(HEAD_BYTES)).startswith("tar"):
                return list_tar(path, file, max_expanded_bytes)
            with zipfile.ZipFile(file) as archive:
                infos = archive.infolist()
            size = file.seek(0, os.SEEK_END)
    except OSError as error:
        raise InputNotFoundError(f"can't read {path}: {describe_os_error(error)}") from error
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
        with open_archive(path, s3) as file:
            kind = kind_of(file.read(HEAD_BYTES))
        if kind not in (Kind.ZIP, Kind.EMPTY, Kind.BINARY):
            raise BadArchiveError(f"{path} is no zip but {kind}: {advice(kind)}") from error
        raise BadArchiveError(f"{path} is not a whole zip archive: {error}") from error
    _check_size(path, infos, size, max_expanded_bytes)
    files = [info for info in infos if not _is_folder(info)]
    for info in files:
        check_name(path, info.orig_filename)
        _check_member(path, info)
    shown = [info for info in files if not is_hidden(info.orig_filename)]
    return [_member(info) for info in shown], len(files) - len(shown)


def read_member(archive: IO[bytes], member: Member) -> bytes:
    """The content of a member, of the declared size and CRC.

    Raises:
        CorruptMemberError: "corrupt_member", or "unsupported_compression" for anything that is
            neither stored nor deflated.
    """
    if member.method in (AS_IT_IS, IN_STREAM):
        archive.seek(member.offset)
        if len(data := archive.read(member.size)) != member.size:
            raise CorruptMemberError("corrupt_member")
        return data
    if member.method not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise CorruptMemberError("unsupported_compression")
    packed = _read_packed(archive, member)
    data = packed if member.method == zipfile.ZIP_STORED else _inflate(packed, member.size)
    if len(data) != member.size or zlib.crc32(data) != member.crc:
        raise CorruptMemberError("corrupt_member")
    return data


def open_member(archive: IO[bytes], member: Member) -> IO[bytes]:
    """A member as a file of its own; that of a zip can only be read from its beginning.

    Raises:
        CorruptMemberError: "corrupt_member".
        NotImplementedError: a zip's, compressed in a way that nobody knows.
    """
    if member.method in (AS_IT_IS, IN_STREAM):
        return cast(IO[bytes], io.BufferedReader(MemberFile(archive, member)))
    info = zipfile.ZipInfo(member.name)
    info.compress_size, info.file_size = member.packed, member.size
    info.CRC, info.compress_type = member.crc, member.method
    _seek_content(archive, member)
    return cast(IO[bytes], zipfile.ZipExtFile(archive, "r", info))


def read_member_head(archive: IO[bytes], member: Member, size: int) -> bytes:
    """The first bytes of a member, at most `size`, unchecked.

    Raises:
        CorruptMemberError: as `read_member`.
    """
    if member.method in (AS_IT_IS, IN_STREAM):
        return read_member(archive, member._replace(size=min(member.size, size)))
    head = member._replace(packed=min(member.packed, size))
    if member.method == zipfile.ZIP_STORED:
        return _read_packed(archive, head)
    return _inflate(_read_packed(archive, head), size - 1)


def unpack_gzip(data: bytes) -> bytes:
    """The blog that a gzipped file holds; whatever is not gzip as it is.

    Raises:
        CorruptMemberError: "corrupt_member", or "too_large" for one that unpacks to more than
            `MAX_RATIO` times its size.
    """
    if not data.startswith(GZIP):
        return data
    limit = max(RATIO_FREE_GZIP, MAX_RATIO * len(data))
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            blog = file.read(limit + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise CorruptMemberError("corrupt_member") from error
    if len(blog) > limit:
        raise CorruptMemberError("too_large")
    return blog


def _read_packed(archive: IO[bytes], member: Member) -> bytes:
    _seek_content(archive, member)
    return archive.read(member.packed)


def _seek_content(archive: IO[bytes], member: Member) -> None:
    """Goes behind the local header of a zip's member."""
    archive.seek(member.offset)
    header = archive.read(LOCAL_HEADER.size)
    if len(header) < LOCAL_HEADER.size:
        raise CorruptMemberError("corrupt_member")
    signature, name_length, extra_length = LOCAL_HEADER.unpack(header)
    if signature != SIGNATURE:
        raise CorruptMemberError("corrupt_member")
    archive.seek(name_length + extra_length, os.SEEK_CUR)


def _inflate(packed: bytes, size: int) -> bytes:
    """At most one byte more than declared, so that a lie shows and costs nothing."""
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, size + 1)
    except zlib.error as error:
        raise CorruptMemberError("corrupt_member") from error


def _check_size(path: str, infos: list[zipfile.ZipInfo], size: int, limit: int) -> None:
    if any(info.compress_size > size or info.header_offset < 0 for info in infos):
        raise BadArchiveError(f"{path} is not a whole zip archive: it declares more than it holds")
    check_expanded(path, sum(info.file_size for info in infos), size, limit)


def _is_folder(info: zipfile.ZipInfo) -> bool:
    is_marked = bool(info.external_attr & DOS_FOLDER) and not info.file_size
    return is_marked or is_folder(info.orig_filename, info.file_size)


def _check_member(path: str, info: zipfile.ZipInfo) -> None:
    name = info.orig_filename
    if stat.S_ISLNK(info.external_attr >> 16):
        raise BadArchiveError(f"{path} holds a link: {name!r}")
    if info.flag_bits & ENCRYPTED:
        raise BadArchiveError(f"{path} holds an encrypted file: {name!r}")


def _member(info: zipfile.ZipInfo) -> Member:
    return Member(
        *(info.orig_filename, info.header_offset, info.compress_size, info.file_size),
        *(info.CRC, info.compress_type),
    )
