"""Posts that repeat an earlier one: what a task is told of those in its own chunk.

`etl.duplicates.dedup` finds them in a pass of its own. Each chunk then gets the list of its own
repeats as the first of its files, under a name that no file has, so that no list is ever as long as
the corpus.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import NamedTuple, TypeVar

LIST_NAME = ""
"""Name under which a chunk's list stands before its files; it sorts before every name."""

DUPLICATE, NEAR_DUPLICATE = "duplicate", "near_duplicate"
"""Reasons of rejection: the same normalized text as another post, or nearly the same."""

Data = TypeVar("Data")


class Twin(NamedTuple):
    """The post that is kept in place of one that repeats it.

    Attributes:
        reason: `DUPLICATE` or `NEAR_DUPLICATE`.
        blogger_id: of the one that is kept.
        post_ordinal: of the one that is kept.
    """

    reason: str
    blogger_id: int
    post_ordinal: int


Twins = Mapping[tuple[int, int], Twin]
"""(blogger_id, post_ordinal) of a post to drop → the one that is kept."""


def pack_twins(twins: Twins) -> bytes:
    """Twins as the JSON that Spark makes of them in `etl.duplicates`: a list of flat objects."""
    rows = (
        dict(zip(FIELDS, (*post, twin.reason, twin.blogger_id, twin.post_ordinal), strict=True))
        for post, twin in twins.items()
    )
    return json.dumps(list(rows)).encode()


def unpack_twins(data: bytes) -> dict[tuple[int, int], Twin]:
    """The inverse of `pack_twins`."""
    rows = (tuple(row[name] for name in FIELDS) for row in json.loads(data))
    return {(blogger, ordinal): Twin(*twin) for blogger, ordinal, *twin in rows}


FIELDS = ("blogger_id", "post_ordinal", "reason", "twin_blogger_id", "twin_post_ordinal")
"""Columns of a list of repeats."""


def take_twins(
    files: Iterable[tuple[str, Data]],
) -> tuple[Twins, Iterator[tuple[str, Data]]]:
    """The files of a chunk → its list of repeats, empty where it has none, and its real files."""
    rest = iter(files)
    first = next(rest, None)
    if first is None:
        return {}, rest
    name, data = first
    if name == LIST_NAME and isinstance(data, bytes):
        return unpack_twins(data), rest
    return {}, chain([first], rest)
