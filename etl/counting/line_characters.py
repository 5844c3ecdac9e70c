"""Characters that a corpus line should not hold, by class, and the lines that hold them.

Looks at nothing but what `LineBlock.odd` leaves, which in a good corpus is nearly nothing.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from etl.counting.line_block import LineBlock

ASCII, NOT_ASCII = bytes(range(128)), bytes(range(128, 256))
REPLACEMENT = "\ufffd"

CLASSES: dict[str, Callable[[str], bool]] = {
    "nul": lambda c: c == "\0",
    "tab": lambda c: c == "\t",
    "carriage_return": lambda c: c == "\r",
    "control": lambda c: c < " " or "\x7f" <= c <= "\x9f",
    "replacement": lambda c: c == REPLACEMENT,
    "apostrophe": lambda c: c == "'",
    "upper_case": lambda c: c != c.lower(),
    "other_character": lambda c: not c.isalnum(),
}
"""What a character is, by the first that says so. LF and space are never asked for."""


def class_of(character: str) -> str:
    """Which of `CLASSES` a character is in, "" for a letter or digit in lower case.

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
    for name in classes.keys() - {""}:
        places = np.fromiter(_places(block.text, classes[name]), np.int64)
        lines[name] = block.lines_at(places).size
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


def _places(block: bytes, characters: Iterable[str]) -> Iterator[int]:
    """Offsets at which one of the characters stands."""
    pattern = b"|".join(re.escape(character.encode()) for character in characters)
    return (match.start() for match in re.finditer(pattern, block))
