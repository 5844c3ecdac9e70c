"""Files → corpus lines, rejects and a ledger: the whole chain, without Spark.

    bytes of a file ─ read_posts ─► posts ─ split_sentences ─► sentences ─ normalize ─► lines

That composition is the specification (`Chain.post_lines`). `Chain.build` does the same for many
files at a time on the fast path of `etl.text.fused`, and counts what it does. Cleaning options,
where there are any, look at each post before it is split (`etl.cleaning.screen`).
"""

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import compress

import numpy as np

from etl.cleaning.screen import Screen
from etl.cleaning.twins import Twins
from etl.counting.batches import BatchCollector, BatchResult, KeptPosts, reject_file
from etl.counting.traces import Trace
from etl.options import POST, ChainOptions
from etl.reading.chunks import Content, open_file
from etl.text.blogs import FilePost
from etl.text.characters import encode_post
from etl.text.english import EnglishData, english
from etl.text.fused import FusedChain
from etl.text.normalize import normalize
from etl.text.sentences import SentenceSplitter

BATCH_CHARACTERS = 400_000
"""Text that goes through the fast path at once: more amortizes calls, less stays in the cache."""


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
        """Post → what becomes a line each: its sentences, or all of it."""
        return whole_post if self.options.lines == POST else self.sentences

    @cached_property
    def sentences(self) -> Callable[[str], list[str]]:
        """Post → sentences, by the splitter of the options."""
        if self.options.splitter == "spacy":
            from etl.text.english import SpacySplitter

            return SpacySplitter().split
        return self._rules.split

    @cached_property
    def _rules(self) -> SentenceSplitter:
        return SentenceSplitter(self.language, self.options.break_before)

    @cached_property
    def fused(self) -> FusedChain:
        """The fast path, with the same options."""
        return FusedChain(
            self._rules,
            whole_posts=self.options.lines == POST,
            fold_diacritics=self.options.fold_diacritics,
            keep_apostrophes=self.options.keep_apostrophes,
            min_tokens=self.options.min_tokens,
        )

    @cached_property
    def screen(self) -> Screen:
        """The cleaning options that look at single posts."""
        return Screen(self.options.cleaning, self.sentences)

    def normalize(self, sentence: str) -> str:
        """Sentence → line, with the options."""
        return normalize(
            sentence,
            fold_diacritics=self.options.fold_diacritics,
            keep_apostrophes=self.options.keep_apostrophes,
        )

    def post_lines(self, text: str) -> list[str]:
        """Post → one normalized line per sentence, or one; empty ones too: the specification."""
        return [self.normalize(sentence) for sentence in self.split(text)]

    def build(
        self,
        files: Iterable[tuple[str, Content]],
        keep_text: bool = False,
        twins: Twins | None = None,
        trace: Trace | None = None,
    ) -> Iterator[BatchResult]:
        """(base name, content) of files, in order → what they became, some files at a time.

        Args:
            files: to build from.
            keep_text: give rejects their text.
            twins: posts of these files to drop as duplicates.
            trace: gets examples of each step.
        """
        batch: list[FilePost] = []
        size = 0
        for name, content in files:
            file = open_file(name, content)
            if isinstance(file, str):
                yield reject_file(name, file)
                continue
            collector = BatchCollector(self.split, keep_text, trace)
            collector.open(file, self.screen.mask)
            yield collector.result()
            if trace:
                trace.add_repairs(zip(file.posts(), file.raw_texts(), strict=True))
            for item in file.posts():
                batch.append(item)
                size += len(item.post.text)
                if size >= BATCH_CHARACTERS:
                    yield self._flush(
                        batch, BatchCollector(self.split, keep_text, trace), twins, trace
                    )
                    batch, size = [], 0
        if batch:
            yield self._flush(batch, BatchCollector(self.split, keep_text, trace), twins, trace)

    def _flush(
        self,
        batch: list[FilePost],
        collector: BatchCollector,
        twins: Twins | None,
        trace: Trace | None,
    ) -> BatchResult:
        """Posts, blank ones too → what they became."""
        collector.find([item.post for item in batch])
        if twins or self.options.cleaning.screens:
            items = screen_posts(batch, self.screen, twins or {}, collector, trace)
        else:
            items = drop_blank(batch, collector)
        if trace:
            trace.add_sentences(items, self.split, self.normalize)
        is_fast = self.options.splitter == "rules" or self.options.lines == POST
        encoded = [encode_post(item.post.text) if is_fast else None for item in items]
        slow = [place for place, data in enumerate(encoded) if data is None]
        start = 0
        for place in [*slow, len(items)]:
            if start < place:
                fitting = [data for data in encoded[start:place] if data is not None]
                self._fused(collector, items[start:place], fitting)
            if place < len(items):
                self._specified(collector, items[place])
            start = place + 1
        return collector.result()

    def _fused(
        self, collector: BatchCollector, items: list[FilePost], encoded: list[bytes]
    ) -> None:
        """Posts that fit the one-byte buffer, on the fast path."""
        result = self.fused.run([item.post.text for item in items], encoded)
        for index in result.wordless:
            collector.reject_post(items[index], "no_word")
        for index, ordinal, tokens in result.rejects:
            collector.reject_sentence(items[index], ordinal, tokens)
        is_kept = np.ones(len(items), np.bool_)
        is_kept[result.wordless] = False
        kept = KeptPosts(
            list(compress(items, is_kept)), result.post_lines[is_kept], result.post_tokens[is_kept]
        )
        collector.keep(result.lines, kept, result.sentences)

    def _specified(self, collector: BatchCollector, item: FilePost) -> None:
        """A post that does not fit it, or any with another splitter."""
        lines = self.post_lines(item.post.text)
        if not any(lines):
            collector.reject_post(item, "no_word")
            return
        counts = [len(line.split()) for line in lines]
        is_line = [count >= self.options.min_tokens for count in counts]
        for ordinal, count in enumerate(counts):
            if not is_line[ordinal]:
                collector.reject_sentence(item, ordinal, count)
        written = "".join(f"{line}\n" for line in compress(lines, is_line))
        tokens = sum(compress(counts, is_line))
        kept = KeptPosts([item], np.array([sum(is_line)]), np.array([tokens]))
        collector.keep(written.encode(), kept, len(lines))


def whole_post(text: str) -> list[str]:
    """`--lines post`: a post that is not blank as the only piece of itself, stripped."""
    return [stripped] if (stripped := text.strip()) else []


def drop_blank(batch: Iterable[FilePost], collector: BatchCollector) -> list[FilePost]:
    """The posts that hold any text: all that the default options ask of a post."""
    kept = []
    for item in batch:
        if item.post.text and not item.reason:
            kept.append(item)
        else:
            collector.reject_post(item, item.reason or "blank")
    return kept


def screen_posts(
    batch: Iterable[FilePost],
    screen: Screen,
    twins: Twins,
    collector: BatchCollector,
    trace: Trace | None,
) -> list[FilePost]:
    """The posts that the cleaning options keep, masked where that is asked for.

    Args:
        batch: posts in file order, blank ones too.
        screen: looks at single posts.
        twins: posts to drop as duplicates.
        collector: counts masks and languages, and gets the rejects.
        trace: gets examples of masks; None for none.
    """
    kept = []
    for item in batch:
        if item.reason:
            collector.reject_post(item, item.reason)
            continue
        screened = screen.look(item.post)
        collector.screen(screened)
        if trace and screened.masked:
            trace.add_change("mask", item.key, item.post.text, screened.post.text)
        masked = item._replace(post=screened.post)
        twin = twins.get(item.key)
        if screened.reason:
            collector.reject_post(masked, screened.reason)
        elif twin:
            collector.reject_post(masked, twin.reason, twin)
        else:
            kept.append(masked)
    return kept
