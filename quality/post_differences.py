"""Two builds post by post: which bloggers have how many in each, and which posts only one has.

Of outputs with `--tables`. Ordinals can't be compared: those of a table count the rows of all
bloggers. So posts are matched, within a blogger, by date and letters; then by date alone, since two
forms of a corpus may have decoded or repaired a text in other ways.
"""

import datetime as dt
import hashlib
import io
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from schemas.output import POSTS, REJECTS
from storage.errors import BadArchiveError, InputNotFoundError
from storage.files import File, find_files, join_location

LETTERS = re.compile(rb"[^a-z]+")

Reasons = Counter[str]


class Place(NamedTuple):
    """A kept post, for people.

    Attributes:
        blogger_id: who wrote it.
        date: None where it could not be read.
        post_ordinal: in its own output.
    """

    blogger_id: int
    date: dt.date | None
    post_ordinal: int


@dataclass(frozen=True)
class Counts:
    """How many posts an output has of each blogger.

    Attributes:
        kept: blogger → posts.
        rejected: blogger → reason → posts.
    """

    kept: Counter[int] = field(default_factory=Counter)
    rejected: defaultdict[int, Reasons] = field(default_factory=lambda: defaultdict(Counter))

    @property
    def all(self) -> Counter[int]:
        """Blogger → posts, rejected ones included."""
        dropped = {blogger: reasons.total() for blogger, reasons in self.rejected.items()}
        return self.kept + Counter(dropped)


def count_posts(output: str) -> Counts:
    """The posts of a build's output, by blogger.

    Raises:
        BadArchiveError: a file of it is not whole.
        InputNotFoundError: there are no tables of posts.
        AwsError: S3 said no.
    """
    counts = Counts()
    for table in _tables(output, POSTS, ["blogger_id"]):
        for pair in pc.value_counts(table["blogger_id"].combine_chunks()).to_pylist():
            counts.kept[pair["values"]] += pair["counts"]
    for table in _tables(output, REJECTS, ["blogger_id", "stage", "reason"]):
        for row in table.filter(pc.equal(table["stage"], "post")).to_pylist():
            counts.rejected[row["blogger_id"]][row["reason"]] += 1
    return counts


def find_missing(output: str, other: str, bloggers: Collection[int]) -> list[Place]:
    """The kept posts of some bloggers that the first output has and the second has not.

    Raises:
        BadArchiveError, InputNotFoundError, AwsError: see `count_posts`.
    """
    ours, theirs = _posts(output, bloggers), _posts(other, bloggers)
    by_date = Counter[tuple[int, dt.date | None]]()
    extra = Counter(key for _, key in theirs)
    extra.subtract(Counter(key for _, key in ours))
    for (blogger, date, _), count in extra.items():
        by_date[blogger, date] += max(count, 0)
    missing = []
    for place, key in reversed(ours):
        if extra[key] >= 0:
            continue
        extra[key] += 1
        if by_date[key[:2]] > 0:
            by_date[key[:2]] -= 1
        else:
            missing.append(place)
    return sorted(missing, key=lambda place: (place.blogger_id, place.post_ordinal))


Key = tuple[int, dt.date | None, bytes]


def _posts(output: str, bloggers: Collection[int]) -> list[tuple[Place, Key]]:
    """Each kept post of some bloggers, in order, with what it is matched by."""
    wanted, posts = pa.array(sorted(bloggers), pa.int64()), []
    for table in _tables(output, POSTS, ["blogger_id", "date", "post_ordinal", "text"]):
        for row in table.filter(pc.is_in(table["blogger_id"], wanted)).to_pylist():
            place = Place(row["blogger_id"], row["date"], row["post_ordinal"])
            letters = LETTERS.sub(b"", row["text"].lower().encode())
            posts.append((place, (*place[:2], hashlib.blake2b(letters, digest_size=8).digest())))
    return sorted(posts, key=lambda post: (post[0].blogger_id, post[0].post_ordinal))


def _tables(output: str, name: str, columns: list[str]) -> Iterator[pa.Table]:
    """The files of a dataset of an output, one at a time."""
    files = find_files(join_location(output, name), "*.parquet")
    first = next(files, None)
    if first is None:
        raise InputNotFoundError(f"no {name} in {output}: build it with --tables")
    yield _read(first, columns)
    for file in files:
        yield _read(file, columns)


def _read(file: File, columns: list[str]) -> pa.Table:
    try:
        return pq.ParquetFile(io.BytesIO(file.read())).read(columns)
    except pa.ArrowException as error:
        raise BadArchiveError(f"{file.location} is not whole: {error}") from error


def describe_counts(output: str, counts: Counts) -> str:
    """One line: how many posts by how many bloggers."""
    kept, everything = counts.kept.total(), counts.all
    rejected = everything.total() - kept
    return (
        f"{everything.total():,} posts by {len(everything):,} bloggers = {kept:,} kept + "
        f"{rejected:,} rejected: {output}"
    )


def describe_blogger(blogger: int, a: Counts, b: Counts) -> str:
    """One line: how many posts of a blogger each output has."""
    return f"blogger {blogger}: A {_shown(blogger, a)}, B {_shown(blogger, b)}"


def _shown(blogger: int, counts: Counts) -> str:
    reasons = counts.rejected.get(blogger, Counter())
    rejected = "".join(f" + {count} {reason}" for reason, count in sorted(reasons.items()))
    return f"{counts.kept[blogger]} kept{rejected}"
