"""What files became: lines, rejects and counts, collected batch by batch."""

from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from etl.blogs import Blogger, Post, read_blogger
from etl.ledger import Ledger


class Reject(NamedTuple):
    """One dropped file, post or sentence.

    Attributes:
        file: base name of the file.
        blogger_id: None where the file's name does not tell.
        post_ordinal: from 0; None for a file.
        sentence_ordinal: from 0, dropped sentences counted; None for a file or post.
        stage: "file", "post" or "sentence".
        reason: why, such as "blank", "no_word" or "too_short".
        text: only where asked for.
    """

    file: str
    blogger_id: int | None
    post_ordinal: int | None
    sentence_ordinal: int | None
    stage: str
    reason: str
    text: str | None = None


class Built(NamedTuple):
    """What some files became.

    Attributes:
        lines: UTF-8, each line ended by LF, in the order of files, posts and sentences.
        rejects: what was dropped, grouped by batch.
        ledger: what came in, went out and was dropped; adds up.
    """

    lines: bytes
    rejects: list[Reject]
    ledger: Ledger


class FilePost(NamedTuple):
    """A post with the file it comes from."""

    file: str
    blogger: Blogger
    post: Post


def reject_file(name: str, reason: str) -> Built:
    """What a file becomes that is not read, or can't be."""
    blogger = read_blogger(name)
    reject = Reject(name, blogger.blogger_id if blogger else None, None, None, "file", reason)
    return Built(b"", [reject], Ledger({"files.found": 1, f"files.rejected.{reason}": 1}))


class Tally:
    """Collects what the posts of one batch became.

    Args:
        split: how posts were split, to give rejects their text; None to leave it out.
    """

    def __init__(self, split: Callable[[str], list[str]] | None = None) -> None:
        self.lines: list[bytes] = []
        self.rejects: list[Reject] = []
        self.ledger = Ledger()
        # split once, however many sentences of a post are rejected
        self._split = lru_cache(maxsize=1)(split) if split else None

    def find(self, posts: list[Post]) -> None:
        """Counts posts as found, by encoding, repairs and dates."""
        ledger = self.ledger
        ledger["posts.found"] += len(posts)
        for encoding, count in Counter(post.encoding for post in posts).items():
            ledger[f"encodings.{encoding}"] += count
        for repair, count in Counter(name for post in posts for name in post.repairs).items():
            ledger[f"repairs.{repair}"] += count
        unreadable = sum(post.date is None for post in posts)
        ledger["dates.unreadable"] += unreadable
        ledger["dates.read"] += len(posts) - unreadable

    def keep(self, lines: bytes, posts: int, sentences: int, tokens: int) -> None:
        """Adds the lines of some kept posts; `sentences` are those found, dropped ones included."""
        self.lines.append(lines)
        self.ledger["posts.kept"] += posts
        self.ledger["sentences.found"] += sentences
        self.ledger["sentences.written"] += lines.count(b"\n")
        self.ledger["tokens.written"] += tokens
        self.ledger["bytes.written"] += len(lines)

    def reject_post(self, item: FilePost, reason: str) -> None:
        """Drops a post whole."""
        self._reject(item, None, "post", reason, item.post.text if self._split else None)

    def reject_sentence(self, item: FilePost, ordinal: int, tokens: int) -> None:
        """Drops one sentence of a kept post, which has too few words or none."""
        reason = "too_short" if tokens else "no_word"
        text = self._split(item.post.text)[ordinal] if self._split else None
        self._reject(item, ordinal, "sentence", reason, text)

    def result(self) -> Built:
        """All of the batch."""
        return Built(b"".join(self.lines), self.rejects, self.ledger)

    def _reject(
        self, item: FilePost, ordinal: int | None, stage: str, reason: str, text: str | None
    ) -> None:
        self.ledger[f"{stage}s.rejected.{reason}"] += 1
        blogger_id, post_ordinal = item.blogger.blogger_id, item.post.ordinal
        self.rejects.append(
            Reject(item.file, blogger_id, post_ordinal, ordinal, stage, reason, text)
        )
