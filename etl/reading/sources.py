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
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from etl.reading.archives import list_archive, local_archive_kind
from etl.reading.layouts import BLOGS, Layout
from etl.reading.members import Member
from etl.text.blogs import read_blogger
from storage.errors import InputNotFoundError, NothingReadableError, describe_os_error
from storage.files import unquoted_path
from storage.names import base_name, is_hidden

REMOTE_URI = re.compile(r"(?!(?i:file):)[A-Za-z][A-Za-z0-9+.-]*://")
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
        kind: "folder", "glob", "file", "zip", "tar", or "tar.gz" and the like.
        archive: path of the zip or tar that all entries are members of.
        ignored: files that no corpus has: hidden ones, `__MACOSX`; None where Spark listed.
        is_remote: whether only Spark can read it.
        layout: of its files: blogs, or rows of a table.
    """

    uri: str
    kind: str
    entries: tuple[Entry, ...]
    ignored: int | None
    archive: str | None = None
    is_remote: bool = False
    layout: Layout = BLOGS

    @property
    def is_stream(self) -> bool:
        """Whether its files can only be had one behind the other."""
        return self.kind.startswith("tar.")

    @property
    def form(self) -> str:
        """What its files are, for people."""
        layout = replace(self.layout, is_stream=False) if self.is_stream else self.layout
        return f"{layout.describe()}{'; one stream' * self.is_stream}"

    @property
    def paths(self) -> list[str]:
        """Of all files that are read, or of the one zip that holds them."""
        return [self.archive] if self.archive else [entry.path for entry in self.entries]

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
    path = unquoted_path(uri)
    archive = None
    if kind := local_archive_kind(path):
        archive = str(Path(path).absolute())
        members, ignored = list_archive(path, max_expanded_bytes)
        entries = [member_entry(member) for member in members]
    else:
        kind, root, paths = _find(path, uri)
        shown = [path for path in paths if not is_hidden(os.path.relpath(path, root))]
        ignored = len(paths) - len(shown)
        if kind == "folder" and len(shown) == 1 and local_archive_kind(shown[0]):
            inside = list_local(shown[0], max_file_bytes, max_expanded_bytes)
            return replace(inside, uri=uri, ignored=ignored + (inside.ignored or 0))
        entries = [_file_entry(path) for path in shown]
    if not entries:
        raise NothingReadableError(f"no file in {uri}" + (" but hidden ones" if ignored else ""))
    return Listing(uri, kind, settle(entries, max_file_bytes), ignored, archive)


def entry_name(path: str) -> str:
    """The name of a file: its base name, without the `.gz` of a gzipped blog.

    >>> entry_name("a/1.male.20.Law.Leo.xml.gz"), entry_name("a/b.csv.gz")
    ('1.male.20.Law.Leo.xml', 'b.csv.gz')
    """
    name = base_name(path)
    return unpacked if read_blogger(unpacked := name.removesuffix(".gz")) else name


def settle(entries: Iterable[Entry], max_file_bytes: int) -> tuple[Entry, ...]:
    """Sorts into file order and rejects what the listing shows to be unfit.

    That is a file with another name than a blog's, or too large, and all files but the first of
    one blogger: the identifiers of its posts would be taken.
    """
    seen: set[int] = set()
    settled = []
    for entry in sorted(entries, key=lambda entry: (entry.name.encode(), os.fsencode(entry.path))):
        blogger, reject = read_blogger(entry.name), entry.reject
        if not reject and blogger is None:
            reject = "file_name"
        elif not reject and entry.size > max_file_bytes:
            reject = "too_large"
        elif not reject and blogger is not None:
            reject = "duplicate_blogger" if blogger.blogger_id in seen else ""
            seen.add(blogger.blogger_id)
        settled.append(entry._replace(reject=reject))
    return tuple(settled)


def _find(path: str, uri: str) -> tuple[str, str, list[str]]:
    """Kind of anything but a zip, below what no part of a path hides it, paths of all files."""
    if Path(path).is_dir():
        return "folder", path, list(_walk(path))
    if os.path.lexists(path):
        return "file", path, [path]
    literal = path  # the part of it that exists is no glob
    while literal and not os.path.lexists(literal):
        literal = os.path.dirname(literal)  # noqa: PTH120, which would drop a leading dot
    if not GLOB_CHARACTERS.search(wild := path[len(literal) :]):
        raise InputNotFoundError(f"no such file or folder: {uri}")
    pattern = glob.escape(literal) + wild
    matches = sorted(glob.glob(pattern, recursive=True, include_hidden=True))  # noqa: PTH207
    if not matches:
        raise InputNotFoundError(f"nothing matches {uri}")
    files = chain(*(_walk(match) if Path(match).is_dir() else [match] for match in matches))
    root = os.path.dirname(literal + GLOB_CHARACTERS.split(wild, maxsplit=1)[0])  # noqa: PTH120
    return "glob", root or ".", list(dict.fromkeys(map(os.path.normpath, files)))


def _walk(folder: str) -> Iterator[str]:
    """Paths of all files below a folder; links are followed, and each folder taken once."""
    seen: set[tuple[int, int]] = set()

    def fail(error: OSError) -> None:
        raise InputNotFoundError(f"can't list {error.filename}: {describe_os_error(error)}")

    for place, folders, names in os.walk(folder, onerror=fail, followlinks=True):
        status = Path(place).stat()
        if (status.st_dev, status.st_ino) in seen:
            folders.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        yield from (f"{place}/{name}" for name in names)


def _file_entry(path: str) -> Entry:
    # The bytes of a name are UTF-8 whatever this system's locale takes them for.
    name = entry_name(os.fsencode(path).decode("utf-8", "surrogateescape"))
    place = str(Path(path).absolute())
    try:
        status = Path(path).stat()
    except OSError:
        return Entry(name, place, 0, "", "unreadable")
    reject = "" if stat.S_ISREG(status.st_mode) else "unreadable"
    return Entry(name, place, status.st_size, str(status.st_mtime_ns), reject)


def member_entry(member: Member) -> Entry:
    """A zip member as an entry of the listing."""
    stamp = f"{member.crc:08x}"
    return Entry(entry_name(member.name), member.name, member.size, stamp, member=member)
