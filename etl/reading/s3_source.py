"""Input on S3: a prefix, a glob, a blog file, or the zip as one object → a listing, and bytes.

Objects are listed and read by boto3, by driver and tasks alike, not through Hadoop: so `s3://` is
the same on every Spark, a task reads just its own objects, ahead of the chain, and what fails is
told by its object and the permission that it takes.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from glob import escape
from typing import TYPE_CHECKING

from etl.reading.archives import archive_kind, list_archive
from etl.reading.file_kinds import HEAD_BYTES
from etl.reading.sources import (
    GLOB_CHARACTERS,
    Entry,
    Listing,
    entry_name,
    member_entry,
    settle,
)
from storage.errors import (
    ChangedError,
    InputNotFoundError,
    NothingReadableError,
    ObjectNotFoundError,
)
from storage.locations import join_uri, split_uri, without_credentials
from storage.names import is_folder, is_hidden
from storage.objects import Found, head_object, list_objects
from storage.prefetch import prefetch
from storage.ranges import read_object, read_range
from storage.s3_client import S3Options, make_client, shared_client

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

GLOB_TOKENS = re.compile(r"(\*\*/?|\*|\?|\[[^]]+\])")


def list_s3(uri: str, s3: S3Options, max_file_bytes: int, max_expanded_bytes: int) -> Listing:
    """The listing of an input on S3.

    Raises:
        InputNotFoundError: nothing is there.
        BadArchiveError: a zip that should not be read.
        NothingReadableError: nothing but hidden objects.
        AwsError: S3 said no.
    """
    bucket, key = split_uri(uri)
    limits = max_file_bytes, max_expanded_bytes
    client, shown = make_client(s3), without_credentials(uri)
    literal = _existing_part(client, bucket, key)
    if GLOB_CHARACTERS.search(wild := key[len(literal) :]):
        kind, base = "glob", literal + GLOB_CHARACTERS.split(wild, maxsplit=1)[0]
        pattern = glob_pattern(escape(literal) + wild)
        objects = [item for item in list_objects(client, bucket, base) if pattern.match(item.key)]
    elif (named := _head(client, bucket, key)) is not None:
        if archive := _archive_kind(client, bucket, named):
            return _list_archive(archive, shown, join_uri(bucket, key), s3, *limits)
        kind, base, objects = "file", key, [named]
    else:
        kind, base = "folder", f"{key.rstrip('/')}/" if key else ""
        objects = list(list_objects(client, bucket, base))
    files = [item for item in objects if not is_folder(item.key, item.size)]
    start = len(base) if kind == "file" else len(base.rpartition("/")[0])
    visible = [item for item in files if not is_hidden(item.key[start:])]
    if not files:
        raise InputNotFoundError(f"no object below {shown}")
    if not visible:
        raise NothingReadableError(f"no object below {shown} but hidden ones")
    is_single = kind == "folder" and len(visible) == 1
    if is_single and (archive := _archive_kind(client, bucket, visible[0])):
        inside = _list_archive(archive, shown, join_uri(bucket, visible[0].key), s3, *limits)
        return replace(inside, ignored=len(files) - 1 + (inside.ignored or 0))
    entries = settle((_entry(bucket, item) for item in visible), limits[0])
    return Listing(shown, kind, entries, len(files) - len(visible))


def read_objects(entries: Sequence[Entry], s3: S3Options) -> Iterator[tuple[Entry, bytes | str]]:
    """Each entry with its bytes, or the reason why it has none; read ahead, in order.

    Raises:
        AwsError: S3 said no, and would for other objects too; or one comes damaged each time.
    """
    client = shared_client(s3)

    def read(entry: Entry) -> bytes | str:
        try:
            return read_object(client, *split_uri(entry.path), entry.stamp)
        except ChangedError:
            return "changed"
        except ObjectNotFoundError:
            return "unreadable"

    yield from prefetch(read, entries, lambda entry: entry.size)


def glob_pattern(glob: str) -> re.Pattern[str]:
    """A glob as a regex over keys; what it matches may be a folder, and then all below it counts.

    >>> bool(glob_pattern("blogs/*.male.*").match("blogs/1.male.20.xml"))
    True
    >>> bool(glob_pattern("b/*").match("blogs/1.xml"))
    False
    """
    texts = {"**": ".*", "**/": "(?:.*/)?", "*": "[^/]*", "?": "[^/]"}
    pieces = (
        texts.get(piece) or (_bracket(piece) if GLOB_TOKENS.fullmatch(piece) else re.escape(piece))
        for piece in GLOB_TOKENS.split(glob.rstrip("/"))
        if piece
    )
    return re.compile(f"{''.join(pieces)}(?:/.*)?$", re.DOTALL)


def _bracket(piece: str) -> str:
    inside = piece[1:-1].replace("\\", r"\\").replace("[", r"\[")
    return f"[^{inside[1:]}]" if inside.startswith("!") else f"[{inside}]"


def _existing_part(client: "S3Client", bucket: str, key: str) -> str:
    """What of a key, from its beginning, is no glob: an object or folder has just this name.

    They are listed, as it takes more rights to ask for an object that is missing.
    """
    name = key.rstrip("/")
    while GLOB_CHARACTERS.search(name):
        below = (listed.key[len(name) :] for listed in list_objects(client, bucket, name))
        if any(not rest or rest.startswith("/") for rest in below):
            break
        name = name.rpartition("/")[0]
    return name


def _head(client: "S3Client", bucket: str, key: str) -> Found | None:
    """The object of just this key, if there is one."""
    head = head_object(client, bucket, key) if key and not key.endswith("/") else None
    return Found(key, head["ContentLength"], head["ETag"].strip('"')) if head else None


def _archive_kind(client: "S3Client", bucket: str, item: Found) -> str:
    head = read_range(client, bucket, item.key, 0, min(item.size, HEAD_BYTES))
    return archive_kind(item.key, head)


def _list_archive(
    kind: str, shown: str, uri: str, s3: S3Options, max_file_bytes: int, max_expanded_bytes: int
) -> Listing:
    """The listing of an archive that is one object; `shown` is what the user has typed."""
    members, ignored = list_archive(uri, max_expanded_bytes, s3)
    entries = settle(map(member_entry, members), max_file_bytes)
    if not entries:
        raise NothingReadableError(f"no file in {shown}")
    return Listing(shown, kind, entries, ignored, uri)


def _entry(bucket: str, item: Found) -> Entry:
    return Entry(entry_name(item.key), join_uri(bucket, item.key), item.size, item.etag)
