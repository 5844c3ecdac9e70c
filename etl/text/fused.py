"""The fast path: the posts of a file → corpus lines, in a few passes over one buffer.

All posts of a batch stand in one buffer of one byte per character (`characters`); `starts`
finds where sentences begin, and normalization is one `bytes.translate` and one compression, so that
neither sentences nor lines are ever separate objects.

The specification stays the composition of `split_sentences` and `normalize`, which
`etl.chain.Chain` also takes for posts that Windows-1252 can't hold; tests hold the two equal.
"""

import codecs
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from etl.text.blogs import WINDOWS_1252
from etl.text.characters import Bytes, Flags, Offsets, PostBuffer, flags_of, join_posts, numbers_of
from etl.text.normalize import APOSTROPHES, KEPT_APOSTROPHE, normalize
from etl.text.sentences import SentenceSplitter
from etl.text.starts import StartFinder

SPACE, NEWLINE, SOFT_HYPHEN = 0x20, 0x0A, 0xAD

IS_APOSTROPHE = flags_of(lambda c: c in APOSTROPHES)


class FusedLines(NamedTuple):
    """What the posts of one buffer became.

    Attributes:
        lines: UTF-8, each line ended by LF.
        sentences: sentences found in posts that have a word, so lines and rejects together.
        tokens: words in the lines.
        wordless: indices of the posts without a letter or digit.
        rejects: (index of the post, ordinal of the sentence, its tokens) of each dropped sentence.
        post_lines: lines of each post, those without a letter or digit included.
        post_tokens: words in the lines of each post.
    """

    lines: bytes
    sentences: int
    tokens: int
    wordless: list[int]
    rejects: list[tuple[int, int, int]]
    post_lines: Offsets
    post_tokens: Offsets


class FusedChain:
    """Splits and normalizes the posts of a buffer. Stateless; made once a worker."""

    def __init__(
        self,
        splitter: SentenceSplitter,
        *,
        whole_posts: bool = False,
        fold_diacritics: bool = False,
        keep_apostrophes: bool = False,
        min_tokens: int = 1,
    ) -> None:
        self.finder = StartFinder(splitter)
        self.whole_posts = whole_posts
        self.words = _word_table(fold_diacritics)
        self.keep_apostrophes = keep_apostrophes
        self.min_tokens = min_tokens

    def run(self, texts: Sequence[str], encoded: Sequence[bytes]) -> FusedLines:
        """Posts, none of them blank, and what `encode_post` gives for each → corpus lines."""
        buffer = join_posts(texts, encoded)
        starts = buffer.posts if self.whole_posts else self.finder.find(buffer)
        return self._normalize(buffer, starts)

    def _normalize(self, buffer: PostBuffer, starts: Offsets) -> FusedLines:
        """Sentences, by their starts → lines."""
        if SOFT_HYPHEN in buffer.encoded:  # the only character here that ends no word
            buffer, starts = _without_soft_hyphens(buffer, starts)
        data = np.frombuffer(bytearray(buffer.encoded.translate(self.words)), np.uint8)
        is_word = data != SPACE
        if self.keep_apostrophes:
            _keep_apostrophes(buffer.data, data, is_word)
        is_end = np.empty_like(is_word)  # the first byte behind each word
        is_end[0] = False
        np.greater(is_word[:-1], is_word[1:], out=is_end[1:])
        ends = np.flatnonzero(is_end)
        words_before = np.searchsorted(ends, starts)
        tokens = np.diff(words_before, append=ends.size)
        is_line = tokens >= self.min_tokens
        data[ends[(words_before + tokens - 1)[is_line]]] = NEWLINE
        keep = is_word | is_end
        for i in np.flatnonzero((tokens > 0) & ~is_line).tolist():
            keep[starts[i] : starts[i + 1] if i + 1 < starts.size else None] = False
        return _result(data[keep].tobytes(), buffer.posts, starts, tokens, is_line)


def _result(
    lines: bytes, posts: Offsets, starts: Offsets, tokens: Offsets, is_line: Flags
) -> FusedLines:
    """Lines with the counts of their sentences, and where the dropped ones stood."""
    first_of_post = np.searchsorted(starts, posts)
    post = numbers_of(first_of_post, starts.size)
    ordinal = np.arange(starts.size) - first_of_post[post]
    words_of_post = np.add.reduceat(tokens, first_of_post)
    has_words = words_of_post[post] > 0
    rejected = np.flatnonzero(has_words & ~is_line)
    rows = zip(
        post[rejected].tolist(), ordinal[rejected].tolist(), tokens[rejected].tolist(), strict=True
    )
    if not lines.isascii():
        lines = codecs.charmap_decode(lines, "strict", WINDOWS_1252)[0].encode()
    return FusedLines(
        lines=lines,
        sentences=int(has_words.sum()),
        tokens=int(tokens[is_line].sum()),
        wordless=np.flatnonzero(words_of_post == 0).tolist(),
        rejects=list(rows),
        post_lines=np.add.reduceat(is_line, first_of_post, dtype=np.int64),
        post_tokens=np.add.reduceat(np.where(is_line, tokens, 0), first_of_post),
    )


def _without_soft_hyphens(buffer: PostBuffer, starts: Offsets) -> tuple[PostBuffer, Offsets]:
    """The buffer as normalization sees it, and where its sentences start then."""
    is_soft = buffer.data == SOFT_HYPHEN
    before = np.cumsum(is_soft) - is_soft
    encoded = buffer.encoded.replace(bytes([SOFT_HYPHEN]), b"")
    data, posts = np.frombuffer(encoded, np.uint8), buffer.posts - before[buffer.posts]
    text = buffer.text.replace(chr(SOFT_HYPHEN), "")
    return PostBuffer(text, encoded, data, posts), starts - before[starts]


def _keep_apostrophes(original: Bytes, data: Bytes, is_word: Flags) -> None:
    """Mark apostrophes between two letters or digits as part of their word, in place."""
    is_apostrophe = IS_APOSTROPHE[original]
    inner = np.flatnonzero(is_apostrophe[1:-1] & is_word[:-2] & is_word[2:]) + 1
    data[inner] = ord(KEPT_APOSTROPHE)
    is_word[inner] = True


def _word_table(fold_diacritics: bool) -> bytes:
    """Translation table: a letter or digit → its normal form, anything else → space."""
    normal = (normalize(c, fold_diacritics=fold_diacritics) or " " for c in WINDOWS_1252)
    return codecs.charmap_encode("".join(normal), "strict", codecs.charmap_build(WINDOWS_1252))[0]
