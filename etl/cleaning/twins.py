"""Posts that repeat an earlier one: what a task is told of those in its own chunk.

`etl.duplicates.dedup` finds them in a pass of its own. Each chunk then gets the list of its own
repeats, so that no list is ever as long as the corpus.
"""

import json
from collections.abc import Mapping
from typing import NamedTuple

DUPLICATE, NEAR_DUPLICATE = "duplicate", "near_duplicate"
"""Reasons of rejection: the same normalized text as another post, or nearly the same."""


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


def unpack_twins(data: bytes | None) -> dict[tuple[int, int], Twin]:
    """The inverse of `pack_twins`; nothing for a chunk without a list."""
    rows = (tuple(row[name] for name in FIELDS) for row in json.loads(data or b"[]"))
    return {(blogger, ordinal): Twin(*twin) for blogger, ordinal, *twin in rows}


FIELDS = ("blogger_id", "post_ordinal", "reason", "twin_blogger_id", "twin_post_ordinal")
"""Columns of a list of repeats."""
