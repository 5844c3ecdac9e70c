"""What there is to read: folder, glob, file or zip on this machine → a listing in file order.

File order is the order of the base names' UTF-8 bytes, which is that of the distributed zip, so it
does not matter which of them the corpus comes as.
"""

import glob
import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from etl.reading.archives import Member, is_archive, is_hidden, list_archive
from etl.text.blogs import read_blogger
from storage.errors import InputNotFoundError, NothingReadableError, describe_os_error

REMOTE_URI = re.compile(r"(?!file:)[A-Za-z][A-Za-z0-9+.-]*://")
GLOB_CHARACTERS = re.compile(r"[*?\[]")


class Entry(NamedTuple):
    """One file of the input.

    Attributes:
        name: base name, fit for printing.
        path: where it is: local path, member name or URI.
        size: bytes, as listed.
        stamp: what else changes with the content: mtime in ns, the CRC of a zip member, or
            the ETag of an object.
        reject: reason to drop it unread, "" for none.
        member: where it lies in the archive, None if it is a file of its own.
    """

    name: str
    path: str
    size: int
    stamp: str
    reject: str = ""
    member: Member | None = None


@dataclass(frozen=True)
class Listing:
    """The whole input. Grain of `entries`: one file, in file order.

    Attributes:
        uri: the input as typed, less credentials.
        kind: "folder", "glob", "file" or "zip".
        archive: path of the zip that all entries are members of.
        ignored: files that no corpus has: hidden ones, `__MACOSX`; None where Spark listed.
        is_remote: whether only Spark can read it.
    """

    uri: str
    kind: str
    entries: tuple[Entry, ...]
    ignored: int | None
    archive: str | None = None
    is_remote: bool = False

    @property
    def readable(self) -> list[Entry]:
        """The entries that a task has to read."""
        return [entry for entry in self.entries if not entry.reject]

    @property
    def rejected(self) -> list[Entry]:
        """The entries that the listing alone rejects."""
        return [entry for entry in self.entries if entry.reject]

    @property
    def digest(self) -> str:
        """sha256 over one line an entry: name, size and stamp, separated by tabs."""
        lines = (f"{entry.name}\t{entry.size}\t{entry.stamp}\n" for entry in self.entries)
        return hashlib.sha256("".join(lines).encode()).hexdigest()


def is_remote(uri: str) -> bool:
    """Whether it takes Hadoop's file systems to read it."""
    return REMOTE_URI.match(uri) is not None


def list_local(uri: str, max_file_bytes: int, max_expanded_bytes: int) -> Listing:
    """The listing of an input on this machine.

    Raises:
        InputNotFoundError: no such path, or one that can't be listed.
        BadArchiveError: a zip that should not be read.
        NothingReadableError: not a single file.
    """
    path = local_path(uri)
    archive = None
    if is_archive(path):
        kind, archive = "zip", str(Path(path).absolute())
        members, ignored = list_archive(path, max_expanded_bytes)
        entries = [member_entry(member) for member in members]
    else:
        kind, paths, ignored = _find(path, uri)
        entries = [_file_entry(found) for found in paths]
    if not entries:
        raise NothingReadableError(f"no file in {uri}" + (" but hidden ones" if ignored else ""))
    return Listing(uri, kind, settle(entries, max_file_bytes), ignored, archive)


def settle(entries: Iterable[Entry], max_file_bytes: int) -> tuple[Entry, ...]:
    """Sorts into file order and rejects what the listing shows to be unfit.

    That is a file that is too large, and all files but the first of one blogger: the identifiers
    of its posts would be taken.
    """
    seen: set[int] = set()
    settled = []
    for entry in sorted(entries, key=lambda one: (one.name.encode(), os.fsencode(one.path))):
        blogger = read_blogger(entry.name)
        if not entry.reject and entry.size > max_file_bytes:
            entry = entry._replace(reject="too_large")
        if not entry.reject and blogger is not None:
            if blogger.blogger_id in seen:
                entry = entry._replace(reject="duplicate_blogger")
            seen.add(blogger.blogger_id)
        settled.append(entry)
    return tuple(settled)


def printable(name: str) -> str:
    r"""A file name fit for one line of UTF-8: other bytes are shown as \xNN."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def local_path(uri: str) -> str:
    """The path that an input on this machine means; `file:` URIs have theirs percent-encoded."""
    if not uri.startswith("file:"):
        return uri
    return unquote(urlsplit(uri).path)


def _find(path: str, uri: str) -> tuple[str, list[str], int]:
    """Kind, paths of the files and number of ignored ones, for anything but a zip."""
    if Path(path).is_dir():
        return "folder", *_walk(path)
    if os.path.lexists(path):
        return "file", [path], 0
    if not GLOB_CHARACTERS.search(path):
        raise InputNotFoundError(f"no such file or folder: {uri}")
    matches = sorted(glob.glob(path, recursive=True))  # noqa: PTH207, a pattern of any form
    if not matches:
        raise InputNotFoundError(f"nothing matches {uri}")
    return "glob", *_walk_matches(matches)


def _walk_matches(matches: list[str]) -> tuple[list[str], int]:
    paths: dict[str, None] = {}
    ignored = 0
    for match in matches:
        found, hidden = _walk(match) if Path(match).is_dir() else ([match], 0)
        paths.update(dict.fromkeys(map(os.path.normpath, found)))
        ignored += hidden
    return list(paths), ignored


def _walk(folder: str) -> tuple[list[str], int]:
    """Paths of all files below a folder, links followed, and the number of hidden ones."""
    files = [f"{place}/{name}" for place, names in _walk_folders(folder) for name in names]
    shown = [path for path in files if not is_hidden(os.path.relpath(path, folder))]
    return shown, len(files) - len(shown)


def _walk_folders(folder: str) -> Iterator[tuple[str, list[str]]]:
    """Each folder once, although links may lead in circles, with the names of its files."""
    seen: set[tuple[int, int]] = set()

    def fail(error: OSError) -> None:
        raise InputNotFoundError(f"can't list {error.filename}: {describe_os_error(error)}")

    for place, folders, names in os.walk(folder, onerror=fail, followlinks=True):
        status = Path(place).stat()
        if (status.st_dev, status.st_ino) in seen:
            folders.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        yield place, names


def _file_entry(path: str) -> Entry:
    name, place = printable(Path(path).name), str(Path(path).absolute())
    try:
        status = Path(path).stat()
    except OSError:
        return Entry(name, place, 0, "", "unreadable")
    reject = "" if stat.S_ISREG(status.st_mode) else "unreadable"
    return Entry(name, place, status.st_size, str(status.st_mtime_ns), reject)


def member_entry(member: Member) -> Entry:
    """A zip member as an entry of the listing."""
    name = printable(member.name.rsplit("/", 1)[-1])
    return Entry(name, member.name, member.size, f"{member.crc:08x}", member=member)
