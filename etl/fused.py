"""The fast path: the posts of a file → corpus lines, in a few passes over one buffer.

All posts of a file stand in one buffer of one byte a character, Windows-1252, which holds nearly
every post that bloggers wrote. Only about one byte in thirty is a terminator or begins an
emoticon: what `etl.sentences` decides is decided at those positions alone, with tables of character
classes (numpy), and the rare cases (abbreviations, emoticons, missing spaces) ask the very
functions of `etl.sentences`. Normalization is one `bytes.translate` and one compression.

The specification stays the composition of `split_sentences` and `normalize`, which
`etl.chain.Chain` also takes for posts that Windows-1252 can't hold; tests hold the two equal.
"""

import codecs
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from etl import sentences as rules
from etl.blogs import WINDOWS_1252
from etl.normalize import KEPT_APOSTROPHE, normalize

Offsets = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]

SEPARATOR = "\x1e"
"""Stands around each post. No repaired text holds it, and patterns see it as white space."""

PADDING = 8
"""Separators before the first and after the last post, so that windows need no bounds check."""

GUARD = "\x00"
"""Ends the buffer: neither white space nor word, so that nothing runs out of it."""

LONG_RUN = 64
"""Characters of a run that are skipped step by step; a longer one is searched for its end."""

SPACE, NEWLINE = 0x20, 0x0A
FULL_STOP, EXCLAMATION, QUESTION = ord("."), ord("!"), ord("?")
WINDOW = 8
"""Bytes before a full stop that are compared at once, as one integer."""


class FusedLines(NamedTuple):
    """What the posts of one buffer became.

    Attributes:
        lines: UTF-8, each line ended by LF.
        sentences: sentences found in posts that have a word, so lines and rejects together.
        tokens: words in the lines.
        wordless: indices of the posts without a letter or digit.
        rejects: (index of the post, ordinal of the sentence, its tokens) of each dropped sentence.
        places: (index of the post, ordinal of the sentence) of each line, one row a line.
    """

    lines: bytes
    sentences: int
    tokens: int
    wordless: list[int]
    rejects: list[tuple[int, int, int]]
    places: Offsets


def encode_post(text: str) -> bytes | None:
    """One post, one byte a character; None where Windows-1252 can't hold it."""
    try:
        return text.encode("latin-1")  # the same where both can, and ten times as fast
    except UnicodeEncodeError:
        try:
            return text.encode("cp1252")
        except UnicodeEncodeError:
            return None


def _flags(is_in_class: Callable[[str], bool]) -> Flags:
    """Table over bytes: which characters of Windows-1252 are in a class."""
    return np.array([is_in_class(character) for character in WINDOWS_1252])


IS_SPACE = _flags(lambda c: c.isspace() and c != SEPARATOR)
IS_TERMINATOR = _flags(lambda c: c in rules.TERMINATORS)
IS_DOT = _flags(lambda c: c in rules.DOTS)
IS_CLOSER = _flags(lambda c: c in rules.CLOSERS)
IS_OPENER = _flags(lambda c: c in rules.OPENERS)
IS_NO_START = _flags(lambda c: c in rules.TERMINATORS + rules.CONTINUATIONS + SEPARATOR + GUARD)
IS_CAPITAL = _flags(lambda c: c.isascii() and c.isupper())
IS_LETTER = _flags(lambda c: c.isascii() and c.isalpha())
IS_FACE = _flags(lambda c: c in rules.FACE_STARTS)
IS_CONSONANT = _flags(lambda c: c.isascii() and c.islower() and c not in "aeiouy")
FIRST = np.array([rules.first_letter(c, 0) for c in WINDOWS_1252], dtype=np.uint8)
FIRST[IS_OPENER] = rules.OTHER

MARKS = bytes(IS_TERMINATOR | IS_FACE)
"""Translation table: 1 for what a decision may depend on, else 0."""


class FusedChain:
    """Splits and normalizes the posts of a buffer. Stateless; made once a worker."""

    def __init__(
        self,
        splitter: rules.SentenceSplitter,
        *,
        fold_diacritics: bool = False,
        keep_apostrophes: bool = False,
        min_tokens: int = 1,
    ) -> None:
        self.splitter = splitter
        self.keep_apostrophes = keep_apostrophes
        self.min_tokens = min_tokens
        self.words = _word_table(fold_diacritics)
        self.is_aside = _flags(lambda c: c in splitter.aside_starts)
        self.abbreviations = _keys(splitter.data.abbreviations)

    def run(self, texts: Sequence[str], encoded: Sequence[bytes]) -> FusedLines:
        """Posts, none of them blank, and the same as `encode_post` gives them → corpus lines."""
        text = SEPARATOR * PADDING + SEPARATOR.join(texts) + SEPARATOR * PADDING + GUARD
        separator, guard = SEPARATOR.encode(), GUARD.encode()
        buffer = separator * PADDING + separator.join(encoded) + separator * PADDING + guard
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        ends = PADDING + np.cumsum(lengths + 1) - 1
        posts = ends - lengths
        starts = np.sort(np.concatenate((posts, self._starts(text, buffer, posts))))
        starts = starts[np.diff(starts, prepend=-1) > 0]
        return self._normalize(buffer, posts, starts)

    # Where sentences begin

    def _starts(self, text: str, buffer: bytes, posts: Offsets) -> Offsets:
        """Offsets where a sentence begins, but the first of each post; not sorted."""
        data = np.frombuffer(buffer, np.uint8)
        marks = np.flatnonzero(np.frombuffer(buffer.translate(MARKS), np.bool_))
        is_terminator = IS_TERMINATOR[data[marks]]
        found = [
            self._breaks(text, data, marks[is_terminator], posts),
            self._faces(text, data, marks[~is_terminator]),
        ]
        if b"\n" in buffer:
            blank_lines = [match.end() for match in rules.BLANK_LINE.finditer(text)]
            found.append(np.array(blank_lines, np.int64))
        return np.concatenate(found)

    def _faces(self, text: str, data: Bytes, marks: Offsets) -> Offsets:
        """Starts behind emoticons that end a sentence by themselves."""
        match = self.splitter.face.match
        marks = marks[IS_SPACE[data[marks - 1]]]
        faces = (match(text, mark) for mark in marks.tolist())
        return np.array([face.end() for face in faces if face], np.int64)

    def _breaks(self, text: str, data: Bytes, marks: Offsets, posts: Offsets) -> Offsets:
        """Starts behind terminators."""
        if not marks.size:
            return marks
        is_first = np.concatenate(([True], np.diff(marks) != 1))
        run = marks[is_first]
        run_end = marks[np.concatenate((is_first[1:], [True]))] + 1
        after = _skip(run_end, IS_CLOSER, data)
        is_closed = after != run_end
        is_spaced = IS_SPACE[data[after]]
        glued = self._glued(text, data, run, run_end, ~is_closed & IS_CAPITAL[data[after]])

        signs = data[marks]
        is_strong = np.logical_or.reduceat(
            (signs == EXCLAMATION) | (signs == QUESTION), np.flatnonzero(is_first)
        )
        kind = self._kinds(data, run, run_end, is_strong)
        keep = np.flatnonzero(is_spaced)
        run, kind, is_closed = run[keep], kind[keep], is_closed[keep]
        start = self._skip_asides(text, data, _skip(after[keep] + 1, IS_SPACE, data))
        is_candidate = ~IS_NO_START[data[start]]
        # asides at the very end of a post lead into the next one
        post = np.searchsorted(posts, run, side="right") - 1
        is_candidate &= post == np.searchsorted(posts, start, side="right") - 1
        is_guarded = is_candidate & (kind == rules.PERIOD) & ~is_closed
        is_candidate &= ~self._abbreviations(text, data, run, start, is_guarded)
        keep = np.flatnonzero(is_candidate)
        start, kind, is_closed, post = start[keep], kind[keep], is_closed[keep], post[keep]
        begins = _begins_sentence(data, start, kind, is_closed, post, posts)
        return np.concatenate((glued, start[begins]))

    @staticmethod
    def _kinds(data: Bytes, run: Offsets, run_end: Offsets, is_strong: Flags) -> Bytes:
        """PERIOD, STRONG or ELLIPSIS of each run of terminators."""
        is_spaced = IS_DOT[data[run - 2]] & IS_SPACE[data[run - 1]]
        is_period = (run_end - run == 1) & (data[run] == FULL_STOP) & ~is_spaced
        kind = np.where(is_period, rules.PERIOD, rules.ELLIPSIS).astype(np.uint8)
        kind[is_strong] = rules.STRONG
        return kind

    @staticmethod
    def _glued(text: str, data: Bytes, run: Offsets, end: Offsets, is_asked: Flags) -> Offsets:
        """Starts that no white space precedes."""
        # the separator is white space to patterns, but no word that a sentence could begin with
        is_asked = is_asked & ~IS_CAPITAL[data[run - 1]] & (data[end + 1] != ord(SEPARATOR))
        asked = np.flatnonzero(is_asked)
        pairs = zip(run[asked].tolist(), end[asked].tolist(), strict=True)
        return np.array([e for start, e in pairs if rules.is_glued(text, start, e)], np.int64)

    def _skip_asides(self, text: str, data: Bytes, start: Offsets) -> Offsets:
        """Starts moved behind the emoticons and lone brackets that stand there."""
        for i in np.flatnonzero(self.is_aside[data[start]]).tolist():
            start[i] = self.splitter.skip_asides(text, int(start[i]))
        return start

    def _abbreviations(
        self, text: str, data: Bytes, run: Offsets, start: Offsets, is_asked: Flags
    ) -> Flags:
        """Which full stops, among those asked about, belong to an abbreviation or initial."""
        asked = np.flatnonzero(is_asked)
        stops = run[asked]
        before = _windows(data)[stops - WINDOW]
        letters = before.view(np.uint8).reshape(-1, WINDOW)[:, ::-1]  # the last one first
        length = _run_length(IS_LETTER[letters])
        is_single = (length == 1) & (IS_CAPITAL[data[stops - 1]] | (data[stops - 2] == FULL_STOP))
        may_be_known = (length > 1) & (length < WINDOW)
        key = before >> (8 * (WINDOW - length)).astype(np.uint64)
        place = np.searchsorted(self.abbreviations, key)
        is_clipped = IS_CAPITAL[data[stops - length]]
        is_clipped &= _run_length(IS_CONSONANT[letters]) == length - 1
        is_known = may_be_known & ((self.abbreviations[place] == key) | is_clipped)
        result = np.zeros(run.size, np.bool_)
        for i in asked[is_single | is_known].tolist():
            result[i] = self.splitter.is_abbreviation(text, int(run[i]), int(start[i]))
        return result

    # Lines

    def _normalize(self, buffer: bytes, posts: Offsets, starts: Offsets) -> FusedLines:
        """Sentences, by their starts → lines."""
        data = np.frombuffer(bytearray(buffer.translate(self.words)), np.uint8)
        is_word = data != SPACE
        if self.keep_apostrophes:
            _keep_apostrophes(np.frombuffer(buffer, np.uint8), data, is_word)
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
        lines = data[keep].tobytes()
        return _result(lines, posts, starts, tokens, is_line)


def _result(
    lines: bytes, posts: Offsets, starts: Offsets, tokens: Offsets, is_line: Flags
) -> FusedLines:
    """Counts and places of the sentences, with their lines."""
    post = np.searchsorted(posts, starts, side="right") - 1
    first_of_post = np.searchsorted(starts, posts)
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
        places=np.column_stack((post[is_line], ordinal[is_line])),
    )


def _skip(positions: Offsets, is_in_class: Flags, data: Bytes) -> Offsets:
    """Positions moved forward while they stand on a character of the class."""
    positions = positions.copy()
    active = np.flatnonzero(is_in_class[data[positions]])
    for _ in range(LONG_RUN):
        if not active.size:
            return positions
        positions[active] += 1
        active = active[is_in_class[data[positions[active]]]]
    others = np.flatnonzero(~is_in_class[data])
    positions[active] = others[np.searchsorted(others, positions[active])]
    return positions


def _first_letters(data: Bytes, start: Offsets) -> Bytes:
    """UPPER, LOWER or OTHER at each start, as `etl.sentences.first_letter` has it."""
    start = start.copy()
    active = np.flatnonzero(IS_OPENER[data[start]])
    for _ in range(rules.MAX_OPENERS):
        if not active.size:
            break
        start[active] += 1
        active = active[IS_OPENER[data[start[active]]]]
    return FIRST[data[start]]


def _begins_sentence(
    data: Bytes, start: Offsets, kind: Bytes, is_closed: Flags, post: Offsets, posts: Offsets
) -> Flags:
    """The table of `etl.sentences`, for all candidates of all posts."""
    first = _first_letters(data, start)
    opening = _first_letters(data, posts).astype(np.int64)
    votes = (opening == rules.UPPER).astype(np.int64) - (opening == rules.LOWER)
    is_vote = kind != rules.ELLIPSIS
    votes += np.bincount(post[is_vote & (first == rules.UPPER)], minlength=posts.size)
    votes -= np.bincount(post[is_vote & (first == rules.LOWER)], minlength=posts.size)
    capitalizes = (votes > 1)[post]
    is_lower = first == rules.LOWER
    if_lower = ~is_closed & ((kind == rules.PERIOD) | ~capitalizes)
    begins: Flags = np.where(kind == rules.ELLIPSIS, first == rules.UPPER, ~is_lower | if_lower)
    return begins


def _keep_apostrophes(original: Bytes, data: Bytes, is_word: Flags) -> None:
    """Mark apostrophes between two letters or digits as part of their word, in place."""
    is_apostrophe = _flags(lambda c: c in "'’")[original]
    inner = np.flatnonzero(is_apostrophe[1:-1] & is_word[:-2] & is_word[2:]) + 1
    data[inner] = ord(KEPT_APOSTROPHE)
    is_word[inner] = True


def _word_table(fold_diacritics: bool) -> bytes:
    """Translation table: a letter or digit → its normal form, anything else → space."""
    normal = (normalize(c, fold_diacritics=fold_diacritics) or " " for c in WINDOWS_1252)
    return codecs.charmap_encode("".join(normal), "strict", codecs.charmap_build(WINDOWS_1252))[0]


def _run_length(flags: Flags) -> Offsets:
    """Rows of flags → in each, how many from the first on are set."""
    length: Offsets = np.logical_and.accumulate(flags, axis=1).sum(axis=1)
    return length


def _windows(data: Bytes) -> npt.NDArray[np.uint64]:
    """View on a buffer: at i, its bytes i to i + 7 as one integer, the last one highest."""
    size = data.size - WINDOW + 1
    return np.ndarray(size, np.dtype("<u8"), data.data, strides=(1,))


def _keys(abbreviations: frozenset[str]) -> npt.NDArray[np.uint64]:
    """Undotted abbreviations as integers, last letter highest; sorted, with a stopper."""
    words = [word.encode() for word in abbreviations if "." not in word and len(word) < WINDOW]
    keys = sorted(int.from_bytes(word, "little") for word in words)
    return np.array([*keys, np.iinfo(np.uint64).max], np.uint64)
