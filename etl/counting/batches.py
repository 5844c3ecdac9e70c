"""What files became: posts on their way, and the lines, rejects and counts of a batch."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import chain as concat
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from etl.cleaning.screen import Screened
from etl.cleaning.twins import Twin
from etl.counting.traces import Trace
from etl.ledger import Ledger
from etl.text.blogs import FilePost, OpenFile, Post, read_blogger

Integers = npt.NDArray[np.int64]


class KeptPosts(NamedTuple):
    """Posts that have words, in file order.

    Attributes:
        items: the posts, with their bloggers.
        sentences: lines that each became.
        tokens: words in those lines.
    """

    items: Sequence[FilePost]
    sentences: Integers
    tokens: Integers


class Reject(NamedTuple):
    """One dropped file, post or sentence, or one stray.

    Attributes:
        file: base name of the file.
        blogger_id: None where the file's name does not tell.
        post_ordinal: from 0; of a stray, that of the post before it; None for a file.
        sentence_ordinal: from 0, dropped sentences counted; None for all but a sentence.
        stage: "file", "post", "sentence" or "stray".
        reason: why, such as "blank", "no_word" or "too_short".
        text: only where asked for.
        twin_blogger_id: blogger of the post that is kept in place of a duplicate; else None.
        twin_post_ordinal: its place in its file.
        bytes: of a stray, in its file; else None.
    """

    file: str
    blogger_id: int | None
    post_ordinal: int | None
    sentence_ordinal: int | None
    stage: str
    reason: str
    text: str | None = None
    twin_blogger_id: int | None = None
    twin_post_ordinal: int | None = None
    bytes: int | None = None


class BatchResult(NamedTuple):
    """What some files became.

    Attributes:
        lines: UTF-8, each line ended by LF, in the order of files, posts and sentences.
        rejects: what was dropped, grouped by batch.
        ledger: what came in, went out and was dropped; adds up.
        kept: the posts that the lines come from, in file order.
    """

    lines: bytes
    rejects: list[Reject]
    ledger: Ledger
    kept: Sequence[KeptPosts] = ()


def reject_file(name: str, reason: str) -> BatchResult:
    """What a file becomes that is not read, or can't be."""
    ledger = Ledger({"files.found": 1, f"files.rejected.{reason}": 1})
    return BatchResult(b"", [_file_reject(name, reason)], ledger)


def _file_reject(name: str, reason: str) -> Reject:
    blogger = read_blogger(name)
    return Reject(name, blogger.blogger_id if blogger else None, None, None, "file", reason)


class BatchCollector:
    """Collects what the posts of one batch became.

    Args:
        split: how posts were split, to tell the text of a rejected sentence.
        keep_text: give rejects their text.
        trace: gets examples of what is dropped; None for none.
    """

    def __init__(
        self,
        split: Callable[[str], list[str]],
        keep_text: bool = False,
        trace: Trace | None = None,
    ) -> None:
        self.lines: list[bytes] = []
        self.kept: list[KeptPosts] = []
        self.rejects: list[Reject] = []
        self.ledger = Ledger()
        # split once, however many sentences of a post are rejected
        self._split = lru_cache(maxsize=1)(split)
        self._keep_text = keep_text
        self._trace = trace

    def open(self, file: OpenFile, mask: Callable[[str], str] = str) -> None:
        """Counts a file and its bytes, and drops its strays; without a post it is rejected.

        Args:
            file: or the next rows of one.
            mask: makes of a stray what may be shown of it.
        """
        if file.is_first:
            self.ledger["files.found"] += 1
            self.ledger["files.read" if file.has_posts else "files.rejected.no_post"] += 1
            if not file.has_posts:
                self.rejects.append(_file_reject(file.name, "no_post"))
        if file.rows is not None:
            self.ledger["rows.read"] += file.rows
        self.ledger.update({f"bytes.{kind}": count for kind, count in file.sizes.items()})
        stage, reason = "stray", "outside_post"
        for stray in file.strays:
            before, text = stray.post_ordinal, mask(stray.text)
            self.ledger[f"strays.rejected.{reason}"] += 1
            if self._trace is not None:
                key = (file.blogger_id or 0, before)
                self._trace.add(f"dropped.{stage}.{reason}", key, text, None)
            reject = Reject(file.name, file.blogger_id, before, None, stage, reason)
            kept_text = text if self._keep_text else None
            self.rejects.append(reject._replace(text=kept_text, bytes=stray.bytes))

    def find(self, posts: list[Post]) -> None:
        """Counts posts as found, by encoding, repairs and dates."""
        ledger = self.ledger
        ledger["posts.found"] += len(posts)
        for encoding, count in Counter([post.encoding for post in posts]).items():
            ledger[f"encodings.{encoding}"] += count
        repairs = concat.from_iterable([post.repairs for post in posts])
        for repair, count in Counter(repairs).items():
            ledger[f"repairs.{repair}"] += count
        unreadable = [post.date for post in posts].count(None)
        ledger["dates.unreadable"] += unreadable
        ledger["dates.read"] += len(posts) - unreadable

    def keep(self, lines: bytes, posts: KeptPosts, sentences: int) -> None:
        """Adds the lines of some kept posts; `sentences` are those found, dropped ones included."""
        self.lines.append(lines)
        self.ledger["posts.kept"] += len(posts.items)
        self.kept.append(posts)
        self.ledger["sentences.found"] += sentences
        self.ledger["sentences.written"] += lines.count(b"\n")
        self.ledger["tokens.written"] += int(posts.tokens.sum())
        self.ledger["bytes.written"] += len(lines)

    def screen(self, screened: Screened) -> None:
        """Counts what was masked in a post, and its language if somebody asked."""
        for kind, count in screened.masked.items():
            self.ledger[f"masks.{kind}"] += count
        if screened.language:
            self.ledger[f"languages.{screened.language}"] += 1

    def reject_post(self, item: FilePost, reason: str, twin: Twin | None = None) -> None:
        """Drops a post whole; `twin` is the one that is kept in place of a duplicate."""
        text = item.post.text if self._wants_text("post", reason) else None
        twin_key = (twin.blogger_id, twin.post_ordinal) if twin else (None, None)
        self._reject(item, None, ("post", reason, text), twin_key)

    def reject_sentence(self, item: FilePost, ordinal: int, tokens: int) -> None:
        """Drops one sentence of a kept post, which has too few words or none."""
        reason = "too_short" if tokens else "no_word"
        wants_text = self._wants_text("sentence", reason)
        text = self._split(item.post.text)[ordinal] if wants_text else None
        self._reject(item, ordinal, ("sentence", reason, text), (None, None))

    def result(self) -> BatchResult:
        """All of the batch."""
        return BatchResult(b"".join(self.lines), self.rejects, self.ledger, self.kept)

    def _wants_text(self, stage: str, reason: str) -> bool:
        wants_example = self._trace is not None and self._trace.wants(f"dropped.{stage}.{reason}")
        return self._keep_text or wants_example

    def _reject(
        self,
        item: FilePost,
        ordinal: int | None,
        reason_with_text: tuple[str, str, str | None],
        twin: tuple[int | None, int | None],
    ) -> None:
        stage, reason, text = reason_with_text
        self.ledger[f"{stage}s.rejected.{reason}"] += 1
        if self._trace is not None:
            self._trace.add(f"dropped.{stage}.{reason}", item.key, text, None)
        kept_text = text if self._keep_text else None
        self.rejects.append(
            Reject(item.file, item.key[0], item.key[1], ordinal, stage, reason, kept_text, *twin)
        )
