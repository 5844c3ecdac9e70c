"""Lines of a training file → how many of them are what a line must not be. Exact, in numpy.

Characters that a line should not hold are looked for in what `LineBlock.odd` leaves, which in a
good corpus is nearly nothing.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from etl.counting.line_block import LineBlock, Offsets
from etl.text.normalize import is_mark

ASCII, NOT_ASCII = bytes(range(128)), bytes(range(128, 256))
REPLACEMENT, BOM = "\ufffd", "\ufeff"
BLANKS = "\u115f\u1160\u180e\u200b\u2060\u2800\u3164\uffa0"
"""Characters that nobody sees, and that are no space to Python."""

CLASSES: dict[str, Callable[[str], bool]] = {
    "nul": lambda c: c == "\0",
    "tab": lambda c: c == "\t",
    "carriage_return": lambda c: c == "\r",
    "control": lambda c: c < " " or "\x7f" <= c <= "\x9f",
    "replacement": lambda c: c == REPLACEMENT,
    "bom": lambda c: c == BOM,
    "unicode_space": lambda c: c.isspace() or c in BLANKS,
    "apostrophe": lambda c: c == "'",
    "upper_case": lambda c: c != c.lower(),
    "other_character": lambda c: not (c.isalnum() or is_mark(c)),
}
"""What a character is, by the first that says so. LF and space are never asked for."""

STRAY = rb"(?<![0-9A-Za-z\x80-\xff])"
"""Before a mark: it is of no letter or digit. Behind another sign the line is counted for that one.
"""


def class_of(character: str) -> str:
    """Which of `CLASSES` a character is in, "" for a letter or digit in lower case or a mark.

    >>> class_of("É"), class_of("é"), class_of("-")
    ('upper_case', '', 'other_character')
    """
    return next((name for name, is_in in CLASSES.items() if is_in(character)), "")


def count_odd(block: LineBlock) -> tuple[Counter[str], Counter[str]]:
    """Lines by the classes of the characters that they hold, and the block's characters.

    Returns:
        Lines by class, and by "non_ascii" and "not_utf8"; characters, "total" and "non_ascii".
    """
    lines, characters = Counter[str](), Counter(total=len(block.text))
    rare = set(block.odd.translate(None, NOT_ASCII).decode())
    if not block.odd.isascii():
        affected = block.cut_lines(np.frombuffer(block.text, np.uint8) >= len(ASCII))
        text, lines["not_utf8"] = _decode(b"".join(affected))
        lines["non_ascii"] = len(affected)
        rare |= {character for character in set(text) if not character.isascii()}
        if lines["not_utf8"] and REPLACEMENT.encode() not in block.text:
            rare.remove(REPLACEMENT)
        saved = sum(map(len, affected)) - len(text)
        not_ascii = sum(len(line.translate(None, ASCII)) for line in affected)
        characters = Counter(total=len(block.text) - saved, non_ascii=not_ascii - saved)
    classes: dict[str, list[str]] = {}
    for character in rare:
        classes.setdefault(class_of(character), []).append(character)
    marks = [character for character in classes.pop("", ()) if is_mark(character)]
    patterns = {name: _any_of(characters) for name, characters in classes.items()}
    if marks:
        stray, others = STRAY + b"(?:%b)" % _any_of(marks), patterns.get("other_character")
        patterns["other_character"] = b"%b|%b" % (others, stray) if others else stray
    for name, pattern in patterns.items():
        places = (match.start() for match in re.finditer(pattern, block.text))
        lines[name] = block.lines_at(np.fromiter(places, np.int64)).size
    return lines, characters


def _decode(lines: bytes) -> tuple[str, int]:
    """The text, broken bytes as U+FFFD, and how many lines have any of those."""
    try:
        return lines.decode(), 0
    except UnicodeDecodeError:
        return lines.decode("utf-8", "replace"), sum(not _is_utf8(x) for x in lines.split(b"\n"))


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _any_of(characters: Iterable[str]) -> bytes:
    """Pattern of any of these in UTF-8."""
    return b"|".join(re.escape(character.encode()) for character in characters)


LONGEST_SENTENCE = 1000
"""Tokens of a line that word2vec takes: MAX_SENTENCE_LENGTH of word2vec.c, which cuts longer ones.
"""

LONGEST_TOKEN = 100
"""Bytes of a token that word2vec takes: MAX_STRING of word2vec.c, which cuts longer ones."""

JSON_LINE = re.compile(rb'^[ \t]*(?:\{[ \t]*(?:["}]|$)|\[[ \t]*(?:["{]|$))', re.MULTILINE)

LABEL = b"__label__"
"""Marks a class in the input of BlazingText's supervised mode."""

FLAWS = (
    *("empty", "double_space", "outer_space", "label", "json", "too_long", "long_token"),
    *("not_utf8", "non_ascii"),
    *CLASSES,
)
"""What lines are counted for; docs/quality.md says what each is."""


@dataclass
class LineCounts:
    """Counts of lines; adds up over blocks in any order.

    Attributes:
        bytes: their size, LF included.
        characters: "total" (LF included; what is no UTF-8 counts as U+FFFD) and "non_ascii".
        flaws: lines by `FLAWS`; a line may have several.
        lengths: tokens of a line → lines.
        longest_bytes: bytes of the longest line, without its LF.
        unterminated: 1 where the last line has no LF.
    """

    bytes: int = 0
    characters: Counter[str] = field(default_factory=Counter)
    flaws: Counter[str] = field(default_factory=Counter)
    lengths: Counter[int] = field(default_factory=Counter)
    longest_bytes: int = 0
    unterminated: int = 0

    @property
    def lines(self) -> int:
        """All lines."""
        return self.lengths.total()

    @property
    def tokens(self) -> int:
        """All tokens."""
        return sum(length * lines for length, lines in self.lengths.items())

    def update(self, other: Self) -> None:
        """Adds the counts of other lines."""
        self.bytes += other.bytes
        self.characters.update(other.characters)
        self.flaws.update(other.flaws)
        self.lengths.update(other.lengths)
        self.longest_bytes = max(self.longest_bytes, other.longest_bytes)
        self.unterminated += other.unterminated

    def to_json(self) -> dict[str, Any]:
        """JSON-able; `from_json` is its inverse."""
        return dict(vars(self))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """What `to_json` gave, perhaps through JSON, whose keys are text."""
        counts = {name: Counter(data[name]) for name in ("characters", "flaws")}
        lengths = Counter({int(length): lines for length, lines in data["lengths"].items()})
        return cls(**{**data, **counts, "lengths": lengths})


def count_lines(block: LineBlock) -> LineCounts:
    """Whole lines → their counts."""
    if not block.text:
        return LineCounts()
    lengths = block.tokens_of_lines
    flaws, characters = count_odd(block)
    characters["total"] -= block.unterminated
    flaws["too_long"] = int((lengths > LONGEST_SENTENCE).sum())
    spaces = np.flatnonzero(block.is_space) if block.has_controls else block.separators
    is_long = np.diff(spaces, prepend=-1) > LONGEST_TOKEN + 1
    flaws["long_token"] = block.lines_at(spaces[is_long]).size
    if not block.is_tidy:
        flaws.update(_count_spaces(block))
    if b"_" in block.odd and LABEL in block.text:
        flaws["label"] = sum(LABEL in line for line in block.text.split(b"\n"))
    if b"{" in block.odd or b"[" in block.odd:
        flaws["json"] = len(JSON_LINE.findall(block.text))
    return LineCounts(
        bytes=len(block.text) - block.unterminated,
        characters=characters,
        flaws=+flaws,
        lengths=_histogram(lengths),
        longest_bytes=int(np.diff(block.ends, prepend=-1).max()) - 1,
        unterminated=int(block.unterminated),
    )


def _count_spaces(block: LineBlock) -> Counter[str]:
    """Lines with white space next to each other or at an edge, and lines without anything."""
    ends = block.ends
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1] + 1])
    is_blank = block.is_space.copy()
    is_blank[ends] = False
    is_outer = is_blank[starts] | (is_blank[ends - 1] & (ends > starts))
    return Counter(
        empty=int((starts == ends).sum()),
        outer_space=int(is_outer.sum()),
        double_space=block.lines_at(np.flatnonzero(is_blank[1:] & is_blank[:-1])).size,
    )


def _histogram(values: Offsets) -> Counter[int]:
    lengths, counts = np.unique(values, return_counts=True)
    return Counter(dict(zip(lengths.tolist(), counts.tolist(), strict=True)))
