r"""Repairs of a post's text: each a small function over one named pattern.

They run in the order of `REPAIRS`: references first, since they can stand for control characters.

    >>> repair("R&B &amp;nbsp; it&#146;s urlLink here\x00")
    ('R&B \xa0 it’s   here ', ('escaped_twice', 'references', 'link', 'controls'))
"""

import html
import re
from collections.abc import Callable
from html.entities import html5

CONTROL_BYTES = bytes([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F])
"""ASCII's control characters but tab and line ends."""

CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""The same with Unicode's C1 controls."""

BYTE_ORDER_MARK = "\ufeff"

ESCAPED_AGAIN = re.compile(
    r"&(?:(?:amp|#0{0,5}38|#x0{0,4}26);?)+"
    r"(?=(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});|nbsp|(?:lt|gt|quot)(?![a-z]))",
    re.IGNORECASE,
)
"""An escaped ampersand that begins a reference, escaped once more or many times: `&amp;nbsp;`,
`&amp;amp;nbsp;`, `&#38;nbsp;`. Without a semicolon, only of names that are no words."""

OTHER_CASE = re.compile(r"&([a-z][a-z0-9]{1,31};|nbsp|quot\b)", re.IGNORECASE)
"""What may be a reference in letters of another case, such as `&NBSP;`."""

LONG_NUMBER = re.compile(r"&#([0-9]{500,})")
"""A numeric reference so long that Python may refuse to read its number."""

LINK = "urlLink"
"""What stands where the corpus's makers removed a link."""


def unescape_twice(text: str) -> str:
    """`&amp;nbsp;` → `&nbsp;`, so that the reference behind it resolves too, however deep it is.

    Only where a whole reference follows: `Tom &amp; Jerry;` and `AT&amp;T` stay as they are, and
    become `&` like any other reference.
    """
    return ESCAPED_AGAIN.sub("&", text) if "&" in text else text


def resolve_references(text: str) -> str:
    """Character references by HTML5's rules: `&#151;` is a dash, `&nbsp` needs no semicolon.

    `&NBSP;` is one too. A bare `&` and names that HTML doesn't know in any case stay as they are.
    """
    if "&" not in text:
        return text
    # by far the commonest reference; html.unescape calls a function for each
    text = text.replace("&nbsp;", "\xa0")
    try:
        text = html.unescape(text)
    except ValueError:
        text = html.unescape(LONG_NUMBER.sub(_shorten, text))
    return OTHER_CASE.sub(_in_lower_case, text) if "&" in text else text


def _in_lower_case(reference: re.Match[str]) -> str:
    """What a name stands for that HTML knows in lower case only; else what stands there."""
    name = reference[1]
    return reference[0] if name in html5 else html5.get(name.lower(), reference[0])


def _shorten(reference: re.Match[str]) -> str:
    """The same reference with eight digits at most, which are beyond Unicode as more would be."""
    return "&#" + (reference[1].lstrip("0")[:8] or "0")


def remove_link_marks(text: str) -> str:
    """`urlLink` goes; a space is left, since it is often glued to the word after it."""
    return text.replace(LINK, " ")


def blank_controls(text: str) -> str:
    """NUL and control characters become spaces, one each: they stand between words that were.

    A byte order mark is no text either, and goes: it may stand inside a word.
    """
    return CONTROLS.sub(" ", text.replace(BYTE_ORDER_MARK, ""))


Repair = Callable[[str], str]

REPAIRS: dict[str, Repair] = {
    "escaped_twice": unescape_twice,
    "references": resolve_references,
    "link": remove_link_marks,
    "controls": blank_controls,
}
"""Name (as the ledger counts it) and function of each repair, in order."""

WITHOUT_CONTROLS = {name: REPAIRS[name] for name in REPAIRS if name != "controls"}
"""All that text can need which has no control characters, nor references by number."""


def repair(text: str, repairs: dict[str, Repair] = REPAIRS) -> tuple[str, tuple[str, ...]]:
    """The text after some repairs, and the names of those that changed it."""
    changed = []
    for name, function in repairs.items():
        repaired = function(text)
        if repaired != text:
            changed.append(name)
            text = repaired
    return text, tuple(changed)
