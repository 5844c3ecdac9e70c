"""Files → corpus lines, rejects and a ledger: the whole chain, without Spark.

    bytes of a file ─ read_posts ─► posts ─ split_sentences ─► sentences ─ normalize ─► lines

That composition is the specification (`Chain.post_lines`). `Chain.build` does the same for many
files at a time on the fast path of `etl.fused`, and counts what it does.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

from etl.blogs import Blogger, Post, is_blog, read_blogger, read_posts
from etl.fused import FusedChain, encode_post
from etl.language import EnglishData, english
from etl.ledger import Ledger
from etl.normalize import normalize
from etl.sentences import SentenceSplitter

BATCH_CHARACTERS = 120_000
"""Text that goes through the fast path at once: more amortizes calls, less stays in the cache."""

SPLITTERS = ("rules", "spacy")


@dataclass(frozen=True)
class ChainOptions:
    """What happens to the text.

    Attributes:
        splitter: "rules" (`etl.sentences`) or "spacy" (spaCy's sentencizer).
        fold_diacritics: `café` becomes `cafe`.
        keep_apostrophes: `don't` stays one token.
        min_tokens: shorter lines are dropped, and counted.
    """

    splitter: str = "rules"
    fold_diacritics: bool = False
    keep_apostrophes: bool = False
    min_tokens: int = 1

    def __post_init__(self) -> None:
        if self.splitter not in SPLITTERS:
            raise ValueError(f"splitter is {self.splitter!r}, expected one of {SPLITTERS}")
        if self.min_tokens < 1:
            raise ValueError(f"min_tokens is {self.min_tokens}, expected 1 or more")


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


def unfit(name: str, data: bytes) -> str | None:
    """Why a file is no blog: the reason of its rejection, or None for a good one."""
    if read_blogger(name) is None:
        return "file_name"
    if not data.strip():
        return "empty"
    return None if is_blog(data) else "not_a_blog"


class Chain:
    """The chain for one set of options.

    Pickles as those and the language data, so that a Spark worker need not import spaCy, which
    takes longer than building some thousand posts.
    """

    def __init__(self, options: ChainOptions, language: EnglishData | None = None) -> None:
        self.options = options
        self.language = language or english()

    def __reduce__(self) -> tuple[type["Chain"], tuple[ChainOptions, EnglishData]]:
        return Chain, (self.options, self.language)

    @cached_property
    def split(self) -> Callable[[str], list[str]]:
        """Post → sentences, by the splitter of the options."""
        if self.options.splitter == "spacy":
            from etl.spacy_splitter import SpacySplitter

            return SpacySplitter().split
        return SentenceSplitter(self.language).split

    @cached_property
    def fused(self) -> FusedChain:
        """The fast path, with the same options."""
        return FusedChain(
            SentenceSplitter(self.language),
            fold_diacritics=self.options.fold_diacritics,
            keep_apostrophes=self.options.keep_apostrophes,
            min_tokens=self.options.min_tokens,
        )

    def normalize(self, sentence: str) -> str:
        """Sentence → line, with the options."""
        return normalize(
            sentence,
            fold_diacritics=self.options.fold_diacritics,
            keep_apostrophes=self.options.keep_apostrophes,
        )

    def post_lines(self, text: str) -> list[str]:
        """Post → one normalized line a sentence, empty ones too: the specification."""
        return [self.normalize(sentence) for sentence in self.split(text)]

    def build(self, files: Iterable[tuple[str, bytes]], keep_text: bool = False) -> Iterator[Built]:
        """(base name, bytes) of files, in order → what they became, some files at a time."""
        batch: list[FilePost] = []
        size = 0
        for name, data in files:
            reason = unfit(name, data)
            blogger = read_blogger(name)
            if reason or blogger is None:
                yield reject_file(name, reason or "file_name")
                continue
            yield Built(
                b"", [], Ledger({"files.found": 1, "files.read": 1, "bytes.read": len(data)})
            )
            for post in read_posts(data):
                batch.append(FilePost(name, blogger, post))
                size += len(post.text)
                if size >= BATCH_CHARACTERS:
                    yield from self._flush(batch, keep_text)
                    batch, size = [], 0
        yield from self._flush(batch, keep_text)

    def _flush(self, batch: list[FilePost], keep_text: bool) -> Iterator[Built]:
        """Posts, blank ones too → what they became."""
        if not batch:
            return
        tally = _Tally(self, keep_text)
        tally.count_posts(batch)
        texts = [(item, encode_post(item.post.text)) for item in batch if item.post.text]
        is_fast = self.options.splitter == "rules"
        for fits, run in groupby(texts, key=lambda pair: is_fast and pair[1] is not None):
            pairs = list(run)
            items = [item for item, _ in pairs]
            if fits:
                tally.run_fused(items, [encoded for _, encoded in pairs if encoded is not None])
            else:
                for item in items:
                    tally.run_specification(item)
        yield tally.result()


class _Tally:
    """Collects what the posts of one batch became."""

    def __init__(self, chain: Chain, keep_text: bool) -> None:
        self.chain = chain
        self.keep_text = keep_text
        self.lines: list[bytes] = []
        self.rejects: list[Reject] = []
        self.ledger = Ledger()
        self._last_split: tuple[FilePost, list[str]] | None = None

    def count_posts(self, batch: list[FilePost]) -> None:
        """Posts found: encodings, repairs, dates; blank ones are rejected here."""
        posts = [item.post for item in batch]
        ledger = self.ledger
        ledger["posts.found"] += len(posts)
        for encoding, count in Counter(post.encoding for post in posts).items():
            ledger[f"encodings.{encoding}"] += count
        for repair, count in Counter(name for post in posts for name in post.repairs).items():
            ledger[f"repairs.{repair}"] += count
        unreadable = sum(post.date is None for post in posts)
        ledger["dates.unreadable"] += unreadable
        ledger["dates.read"] += len(posts) - unreadable
        for item in batch:
            if not item.post.text:
                self._reject_post(item, "blank")

    def run_fused(self, items: list[FilePost], encoded: list[bytes]) -> None:
        """Posts that fit the one-byte buffer."""
        result = self.chain.fused.run([item.post.text for item in items], encoded)
        for index in result.wordless:
            self._reject_post(items[index], "no_word")
        for index, ordinal, tokens in result.rejects:
            self._reject_sentence(items[index], ordinal, tokens)
        kept = len(items) - len(result.wordless)
        self._add(result.lines, kept, result.sentences, result.tokens)

    def run_specification(self, item: FilePost) -> None:
        """A post that does not, or any with another splitter."""
        lines = self.chain.post_lines(item.post.text)
        if not any(lines):
            self._reject_post(item, "no_word")
            return
        counts = [len(line.split()) for line in lines]
        written = []
        for ordinal, (line, tokens) in enumerate(zip(lines, counts, strict=True)):
            if tokens >= self.chain.options.min_tokens:
                written.append(line + "\n")
            else:
                self._reject_sentence(item, ordinal, tokens)
        tokens_written = sum(n for n in counts if n >= self.chain.options.min_tokens)
        self._add("".join(written).encode(), 1, len(lines), tokens_written)

    def result(self) -> Built:
        """All of the batch."""
        return Built(b"".join(self.lines), self.rejects, self.ledger)

    def _add(self, lines: bytes, posts: int, sentences: int, tokens: int) -> None:
        self.lines.append(lines)
        self.ledger["posts.kept"] += posts
        self.ledger["sentences.found"] += sentences
        self.ledger["sentences.written"] += lines.count(b"\n")
        self.ledger["tokens.written"] += tokens
        self.ledger["bytes.written"] += len(lines)

    def _reject_post(self, item: FilePost, reason: str) -> None:
        self.ledger[f"posts.rejected.{reason}"] += 1
        text = item.post.text if self.keep_text else None
        self._reject(item, None, "post", reason, text)

    def _reject_sentence(self, item: FilePost, ordinal: int, tokens: int) -> None:
        reason = "too_short" if tokens else "no_word"
        self.ledger[f"sentences.rejected.{reason}"] += 1
        text = self._sentences(item)[ordinal] if self.keep_text else None
        self._reject(item, ordinal, "sentence", reason, text)

    def _sentences(self, item: FilePost) -> list[str]:
        """The sentences of a post, split once however many of them are rejected."""
        if self._last_split is None or self._last_split[0] is not item:
            self._last_split = item, self.chain.split(item.post.text)
        return self._last_split[1]

    def _reject(
        self, item: FilePost, ordinal: int | None, stage: str, reason: str, text: str | None
    ) -> None:
        blogger_id, post_ordinal = item.blogger.blogger_id, item.post.ordinal
        self.rejects.append(
            Reject(item.file, blogger_id, post_ordinal, ordinal, stage, reason, text)
        )
