r"""Post → sentences: a rule set for English as bloggers write it.

A sentence may end where terminators (`.` `!` `?` `…`), with closing quotes or brackets, meet white
space. Whether it does depends on the terminator and on what comes next:

| terminator | before a capital, digit, other | before a lower-case letter |
| --- | --- | --- |
| `.` | yes, but after an abbreviation or initial | yes, but after those, or closing quotes |
| `!` `?` `?!` | yes | only in a post that does not capitalize its sentences |
| `...` `…` `. . .` | before a capital only | no |

An emoticon or lone closing bracket behind the terminator belongs to the sentence before it. A
blank line always ends a sentence, and so does an emoticon before a capital, or a terminator
between a lower-case word and a capitalized one where the space is missing (`work.Then`).

`break_before="upper"` is coarser: no terminator ends a sentence before a lower-case letter, and no
ellipsis ends any. The rest of the rules stays.

    >>> split_sentences('Mr. J. Smith left at 7 p.m. today... sad. "Why?" he asked :) So he did!')
    ['Mr. J. Smith left at 7 p.m. today... sad.', '"Why?" he asked :)', 'So he did!']
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from etl.text.english import EnglishData, english

TERMINATORS = ".!?…"
DOTS = ".…"
CLOSERS = "\"'”’»)]}*_"
OPENERS = "\"'“‘«([{*-–—¿¡_~<#>"
CONTINUATIONS = ",;:/%)]}"
"""No sentence begins with one of these."""

MAX_OPENERS = 6
"""How many openers may stand before a sentence's first letter."""

FACE_STARTS = ":;="
"""Emoticons that begin with one of these can end a sentence by themselves."""

LONE_CLOSERS = ")]}”’»\"'"
"""Closers that belong to the sentence before them even behind a space."""

BREAK = re.compile(
    rf"([{TERMINATORS}](?<![{TERMINATORS}]{{2}})[{TERMINATORS}]*+)"
    rf"([{re.escape(CLOSERS)}]*+)(\s++|(?=[A-Z]))"
)
"""Where a sentence may end: terminators, closers, and white space or a capital right behind.

A run of terminators is tried from its first one only, and never in part: a line of 100,000 dots
would take minutes otherwise.
"""

BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")

ABBREVIATION_WINDOW = 16
TOKEN_AT_END = re.compile(
    r"(?<![\w.'’\xad\u0300-\u036f\u200c\u200d\u2060\ufeff])[A-Za-z]+(?:\.[A-Za-z]+)*\Z"
)
"""The word before a full stop, dotted or not. `can't.` has none: its `t` is no initial, and no more
is what stands behind an accent or soft hyphen in its word."""

CLIPPED = re.compile(r"(?!\w*(\w)\1)[BCDFGHJKLMNPQRSTVWXZ][bcdfghjklmnpqrstvwxz]{1,6}")
"""A capitalized word without a vowel was clipped (`Lt`, `Blvd`); `Hmm` and `Shh` were not."""

FIRST_WORD = re.compile(r"[A-Za-z]+")

GLUED_WINDOW = 24
GLUED_LEFT = re.compile(r"(?:\A|[\s\"“‘(])[^\s\d/@\\.:=&#<>~_]*[a-z'’][a-z]\Z")
GLUED_RIGHT = re.compile(r"[A-Z](?:[a-z'’]|\s)")

ANYTHING, CAPITALS = "any", "upper"
BREAKS_BEFORE = (ANYTHING, CAPITALS)
"""What a sentence may begin with: what the table above says, or no lower-case letter."""

UPPER, LOWER, OTHER = 1, 2, 3
"""What a sentence may begin with: a capital (or a letter without case), lower case, anything."""

PERIOD, STRONG, ELLIPSIS = 1, 2, 3
"""Kinds of terminators."""


class Candidate(NamedTuple):
    """A place where a sentence may begin.

    Attributes:
        start: offset of its first character.
        kind: PERIOD, STRONG or ELLIPSIS before it.
        closed: whether closing quotes or brackets stand between.
        first: UPPER, LOWER or OTHER, what it begins with.
    """

    start: int
    kind: int
    closed: bool
    first: int


class SentenceSplitter:
    """The rules, compiled once. Stateless; pickles as what it was made of.

    Args:
        data: words and emoticons of the language.
        break_before: one of `BREAKS_BEFORE`.
    """

    def __init__(self, data: EnglishData, break_before: str = ANYTHING) -> None:
        self.data = data
        self.break_before = break_before
        smileys = "|".join(map(re.escape, data.emoticons))
        self.asides = re.compile(rf"(?:(?:[{re.escape(LONE_CLOSERS)}]+|{smileys})(?!\S)\s*)*")
        self.aside_starts = LONE_CLOSERS + "".join(smiley[0] for smiley in data.emoticons)
        faces = "|".join(re.escape(smiley) for smiley in data.emoticons if smiley[0] in FACE_STARTS)
        self.face = re.compile(rf"(?<=\s)(?:{faces})\s+(?=[A-Z])")

    def __reduce__(self) -> tuple[type["SentenceSplitter"], tuple[EnglishData, str]]:
        return SentenceSplitter, (self.data, self.break_before)

    def split(self, text: str) -> list[str]:
        """One text → its sentences, stripped, in order; together they are all of the text."""
        starts = [0, *self.starts(text), len(text)]
        pieces = (text[start:end].strip() for start, end in pairwise(starts))
        return [piece for piece in pieces if piece]

    def starts(self, text: str) -> list[int]:
        """Offsets where a sentence begins, but the first; ascending, without repeats."""
        starts = {match.end() for match in BLANK_LINE.finditer(text)}
        starts.update(match.end() for match in self.face.finditer(text))
        candidates: list[Candidate] = []
        for match in BREAK.finditer(text):
            if match[3]:
                candidates.extend(self._candidate(text, match))
            elif not match[2] and is_glued(text, match.start(), match.end()):
                starts.add(match.end())
        if self.break_before == CAPITALS:
            starts.update(c.start for c in candidates if c.kind != ELLIPSIS and c.first != LOWER)
        else:
            capitalizes = _capitalizes(text, candidates)
            starts.update(c.start for c in candidates if _begins_sentence(c, capitalizes))
        return sorted(start for start in starts if start < len(text))

    def _candidate(self, text: str, match: re.Match[str]) -> Iterator[Candidate]:
        """The candidate of one break, or nothing where no sentence can begin."""
        start = self.skip_asides(text, match.end())
        if start >= len(text) or text[start] in TERMINATORS or text[start] in CONTINUATIONS:
            return
        kind = terminator_kind(text, match.start(), match.end(1))
        if kind == PERIOD and not match[2] and self.is_abbreviation(text, match.start(), start):
            return
        yield Candidate(start, kind, bool(match[2]), first_letter(text, start))

    def skip_asides(self, text: str, start: int) -> int:
        """`start`, or the end of the emoticons and lone closing brackets that stand there."""
        match = self.asides.match(text, start)
        return match.end() if match else start

    def is_abbreviation(self, text: str, stop: int, start: int) -> bool:
        """Whether the full stop at `stop` belongs to an abbreviation or an initial.

        `start` is where the next sentence would begin: after an initial or a dotted abbreviation
        a capitalized stop word begins one (`plan B. The`), a name does not (`J. Smith`).
        """
        match = TOKEN_AT_END.search(text[max(0, stop - ABBREVIATION_WINDOW) : stop])
        return match is not None and self.abbreviates(match[0], text, start)

    def abbreviates(self, token: str, text: str, start: int) -> bool:
        """The same of the word before the full stop."""
        if token in self.data.titles:
            return True
        is_initial = len(token) == 1 and token.isupper() and token != "I"
        is_dotted = all(len(part) == 1 for part in token.split(".")) and len(token) > 1
        is_known = token in self.data.abbreviations
        if not (is_initial or is_dotted or is_known or CLIPPED.fullmatch(token)):
            return False
        word = FIRST_WORD.match(text, start)
        return word is None or word[0] not in self.data.openers


def terminator_kind(text: str, start: int, end: int) -> int:
    """PERIOD, STRONG or ELLIPSIS of the terminators from `start` to `end`, also of spaced ones."""
    run = text[start:end]
    if "!" in run or "?" in run:
        return STRONG
    is_spaced = text[max(0, start - 2) : start - 1] in tuple(DOTS) and text[start - 1].isspace()
    return ELLIPSIS if run != "." or is_spaced else PERIOD


def first_letter(text: str, start: int) -> int:
    """UPPER, LOWER or OTHER at `start`, quotes, brackets and dashes skipped."""
    end = min(start + MAX_OPENERS, len(text))
    while start < end and text[start] in OPENERS:
        start += 1
    first = text[start : start + 1]
    if first.islower():
        return LOWER
    return UPPER if first.isalpha() else OTHER


def is_glued(text: str, start: int, end: int) -> bool:
    """Whether terminators from `start` to `end` end a sentence though no space follows them.

    Between two words only (`work.Then`), so that addresses, versions and names stay whole.
    """
    return (
        GLUED_RIGHT.match(text, end) is not None
        and GLUED_LEFT.search(text[max(0, start - GLUED_WINDOW) : start]) is not None
    )


def _capitalizes(text: str, candidates: list[Candidate]) -> bool:
    """Whether a text begins its sentences with capitals: more often by two at least than not."""
    firsts = [first_letter(text, 0), *(c.first for c in candidates if c.kind != ELLIPSIS)]
    return firsts.count(UPPER) > firsts.count(LOWER) + 1


def _begins_sentence(candidate: Candidate, capitalizes: bool) -> bool:
    """The table of this module's docstring."""
    if candidate.kind == ELLIPSIS:
        return candidate.first == UPPER
    if candidate.first != LOWER:
        return True
    return not candidate.closed and (candidate.kind == PERIOD or not capitalizes)


@lru_cache(maxsize=1)
def default_splitter() -> SentenceSplitter:
    """The English splitter, made at its first use."""
    return SentenceSplitter(english())


def split_sentences(text: str) -> list[str]:
    """One post → its sentences by the default rules, stripped; nothing of the text is lost."""
    return default_splitter().split(text)
