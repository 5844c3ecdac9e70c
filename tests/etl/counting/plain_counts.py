"""Lines counted in plain Python, one at a time: what the fast path must equal."""

import hashlib
from collections import Counter
from itertools import pairwise
from typing import Any

from etl.counting import line_hashes
from etl.text.normalize import is_mark

SPACES = b" \t\n\r\x0b\x0c"
BLANKS = "\u115f\u1160\u180e\u200b\u2060\u2800\u3164\uffa0"
FLAWS: dict[str, Any] = {
    "nul": lambda c: c == "\0",
    "tab": lambda c: c == "\t",
    "carriage_return": lambda c: c == "\r",
    "control": lambda c: (c < " " and c not in "\0\t\r") or "\x7f" <= c <= "\x9f",
    "replacement": lambda c: c == "\ufffd",
    "bom": lambda c: c == "\ufeff",
    "unicode_space": lambda c: c > "\x9f" and (c.isspace() or c in BLANKS),
    "apostrophe": lambda c: c == "'",
    "upper_case": lambda c: c != c.lower(),
    "other_character": lambda c: (
        c > " "
        and not "\x7f" <= c <= "\x9f"
        and c not in "'\ufffd\ufeff"
        and not (c.isspace() or c in BLANKS)
        and not (c.isalnum() or is_mark(c))
        and c == c.lower()
    ),
}


def lines_of(data: bytes) -> list[bytes]:
    """The lines without their LF."""
    lines = data.split(b"\n")
    return lines if lines[-1] else lines[:-1]


def plain_flaws(data: bytes) -> Counter[str]:
    """Lines by their flaws."""
    flaws = Counter[str]()
    for line in lines_of(data):
        flaws.update(name for name in _flaws(line))
    return flaws


def _flaws(line: bytes) -> set[str]:
    try:
        text, found = line.decode(), set[str]()
    except UnicodeDecodeError:
        text, found = line.decode("utf-8", "replace"), {"not_utf8"}
        if b"\xef\xbf\xbd" not in line:
            text = text.replace("\ufffd", "a")  # stands for broken bytes, not for itself
    found |= {name for name, is_flaw in FLAWS.items() if any(map(is_flaw, text))}
    if any(is_mark(c) and p < "\x80" and not p.isalnum() for p, c in pairwise(f" {text}")):
        found.add("other_character")
    blanks = [byte in SPACES for byte in line]
    found |= {"empty"} if not line else set()
    found |= {"outer_space"} if line and (blanks[0] or blanks[-1]) else set()
    found |= {"double_space"} if any(a and b for a, b in pairwise(blanks)) else set()
    found |= {"label"} if b"__label__" in line else set()
    found |= {"too_long"} if len(line.split()) > 1000 else set()
    found |= {"long_token"} if any(len(token) > 100 for token in line.split()) else set()
    found |= {"json"} if _is_json(line.strip(b" \t")) else set()
    return found | ({"non_ascii"} if not line.isascii() else set())


def _is_json(line: bytes) -> bool:
    second = line[1:].lstrip(b" \t")[:1]
    return (line[:1] == b"{" and second in b'"}') or (line[:1] == b"[" and second in b'"{')


def plain_tokens(data: bytes) -> dict[bytes, tuple[int, int]]:
    """Token → (how often, offset of the first one)."""
    tokens = data.split()
    counts = Counter(tokens)
    first = {token: len(tokens) - 1 - place for place, token in enumerate(reversed(tokens))}
    return {token: (count, first[token]) for token, count in counts.items()}


def plain_hash(line: bytes) -> int:
    """The sum that `etl.counting.line_hashes` speaks of."""
    terms = (
        _hash_piece(piece) * pow(line_hashes.FACTOR, place, 2**64)
        for place, piece in enumerate(line.split(b" "))
    )
    return sum(terms) % 2**64


def _hash_piece(piece: bytes) -> int:
    if len(piece) > 16 or b"\0" in piece:
        return int.from_bytes(hashlib.blake2b(piece, digest_size=8).digest(), "little")
    if not piece:
        return int(line_hashes.EMPTY)
    mixed = _mix(int.from_bytes(piece[:8], "little"))
    return _mix(mixed + int.from_bytes(piece[8:], "little")) if len(piece) > 8 else mixed


def _mix(word: int) -> int:
    product = word * int(line_hashes.SPREAD) % 2**64
    return product ^ (product >> 32)
