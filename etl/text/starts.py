"""Where sentences begin, decided for all posts of a buffer at once.

The rules are those of `sentences`. Only about one byte in thirty is a terminator or begins an
emoticon, so they are evaluated at those positions alone, as numpy operations; what is rare and
intricate (abbreviations, emoticons, missing spaces) is narrowed down by cheap tests, and what
remains asks the functions of `etl.text.sentences` themselves.
"""

import numpy as np

from etl.text import sentences as rules
from etl.text.characters import (
    FIRST,
    IS_CAPITAL,
    IS_CLOSER,
    IS_CONSONANT,
    IS_DOT,
    IS_LETTER,
    IS_LOWER,
    IS_NO_START,
    IS_OPENER,
    IS_SPACE,
    IS_TERMINATOR,
    MARKS,
    SEPARATOR,
    WINDOW,
    Bytes,
    Flags,
    Offsets,
    PostBuffer,
    aside_table,
    ending_table,
    numbers_of,
    run_length,
    skip,
    windows,
    word_endings,
    word_keys,
)

FULL_STOP, EXCLAMATION, QUESTION = ord("."), ord("!"), ord("?")


class StartFinder:
    """Finds where the sentences of a buffer begin. Stateless; made once a worker."""

    def __init__(self, splitter: rules.SentenceSplitter) -> None:
        self.splitter = splitter
        self.begins_aside = aside_table(splitter)
        self.may_abbreviate = ending_table(splitter.data.abbreviations)
        self.abbreviations = word_keys(splitter.data.abbreviations)

    def find(self, buffer: PostBuffer) -> Offsets:
        """Offset of the first character of every sentence of every post; ascending."""
        text, data, posts = buffer.text, buffer.data, buffer.posts
        marks = np.flatnonzero(np.frombuffer(buffer.encoded.translate(MARKS), np.bool_))
        is_terminator = IS_TERMINATOR[data[marks]]
        starts = [
            posts,
            self._breaks(text, data, marks[is_terminator], posts),
            self._faces(text, data, marks[~is_terminator]),
        ]
        if b"\n" in buffer.encoded:
            blank_lines = [match.end() for match in rules.BLANK_LINE.finditer(text)]
            starts.append(np.array(blank_lines, np.int64))
        ordered = np.sort(np.concatenate(starts))
        return ordered[np.diff(ordered, prepend=-1) > 0]

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
        after = skip(run_end, IS_CLOSER, data)
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
        start = self._skip_asides(text, data, skip(after[keep] + 1, IS_SPACE, data))
        is_candidate = ~IS_NO_START[data[start]]
        # asides at the very end of a post lead into the next one
        post = numbers_of(np.searchsorted(run, posts), run.size)
        is_candidate &= start < np.append(posts[1:], data.size)[post]
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
        asked = np.flatnonzero(is_asked)
        # the separator is white space to patterns, but no word that a sentence could begin with
        may_be = IS_LOWER[data[run[asked] - 1]] & (data[end[asked] + 1] != ord(SEPARATOR))
        asked = asked[may_be]
        pairs = zip(run[asked].tolist(), end[asked].tolist(), strict=True)
        return np.array([e for start, e in pairs if rules.is_glued(text, start, e)], np.int64)

    def _skip_asides(self, text: str, data: Bytes, start: Offsets) -> Offsets:
        """Starts moved behind the emoticons and lone brackets that stand there."""
        pairs = (data[start].astype(np.int64) << 8) + data[start + 1]
        for i in np.flatnonzero(self.begins_aside[pairs]).tolist():
            start[i] = self.splitter.skip_asides(text, int(start[i]))
        return start

    def _abbreviations(
        self, text: str, data: Bytes, run: Offsets, start: Offsets, is_asked: Flags
    ) -> Flags:
        """Which full stops, among those asked about, belong to an abbreviation or initial."""
        asked = np.flatnonzero(is_asked)
        stops = run[asked]
        asked = asked[self.may_abbreviate[word_endings(data, stops)]]
        stops = run[asked]
        before = windows(data)[stops - WINDOW]
        letters = before.view(np.uint8).reshape(-1, WINDOW)[:, ::-1]  # the last one first
        length = run_length(IS_LETTER[letters])
        is_single = (length == 1) & (IS_CAPITAL[data[stops - 1]] | (data[stops - 2] == FULL_STOP))
        may_be_known = (length > 1) & (length < WINDOW)
        key = before >> (8 * (WINDOW - length)).astype(np.uint64)
        place = np.searchsorted(self.abbreviations, key)
        is_clipped = IS_CAPITAL[data[stops - length]]
        is_clipped &= run_length(IS_CONSONANT[letters]) == length - 1
        is_known = may_be_known & ((self.abbreviations[place] == key) | is_clipped)
        result = np.zeros(run.size, np.bool_)
        is_asked_of = is_single | is_known
        asked, first = asked[is_asked_of], (stops - length)[is_asked_of]
        is_whole = IS_SPACE[data[first - 1]]  # nothing before it belongs to the word
        for i, begin, whole in zip(asked.tolist(), first.tolist(), is_whole.tolist(), strict=True):
            stop, then = int(run[i]), int(start[i])
            if whole:
                result[i] = self.splitter.abbreviates(text[begin:stop], text, then)
            else:
                result[i] = self.splitter.is_abbreviation(text, stop, then)
        return result


def _first_letters(data: Bytes, start: Offsets) -> Bytes:
    """UPPER, LOWER or OTHER at each start, as `etl.text.sentences.first_letter` has it."""
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
    """The table of `etl.text.sentences`, for all candidates of all posts."""
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
