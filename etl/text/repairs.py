r"""Repairs of a post's text: each a small function over one named pattern.

They run in the order of `REPAIRS`: references first, since they can stand for control characters.

    >>> repair("R&B &amp;nbsp; it&#146;s urlLink here\x00")
    ('R&B \xa0 it’s   here ', ('escaped_twice', 'references', 'link', 'controls'))
"""

import html
import re
from collections.abc import Callable

CONTROL_BYTES = bytes([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F])
"""ASCII's control characters but tab and line ends."""

CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff]")
"""The same with Unicode's C1 controls, and the byte order mark, which is no text either."""

ESCAPED_TWICE = re.compile(
    r"&amp;(?=(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});)"
)
"""An escaped ampersand that begins a reference: `&amp;nbsp;` was `&nbsp;` escaped once more."""

LONG_NUMBER = re.compile(r"&#([0-9]{500,})")
"""A numeric reference so long that Python may refuse to read its number."""

LINK = "urlLink"
"""What stands where the corpus's makers removed a link."""


def unescape_twice(text: str) -> str:
    """`&amp;nbsp;` → `&nbsp;`, so that the reference behind it resolves too.

    Only where a whole reference with its semicolon follows: `Tom &amp; Jerry;` and `AT&amp;T`
    stay as they are, and become `&` like any other reference.
    """
    return ESCAPED_TWICE.sub("&", text)


def resolve_references(text: str) -> str:
    """Character references by HTML5's rules: `&#151;` is a dash, `&nbsp` needs no semicolon.

    A bare `&` and names that HTML doesn't know stay as they are.
    """
    if "&" not in text:
        return text
    # by far the commonest reference; html.unescape calls a function for each
    text = text.replace("&nbsp;", "\xa0")
    try:
        return html.unescape(text)
    except ValueError:
        return html.unescape(LONG_NUMBER.sub(_shorten, text))


def _shorten(reference: re.Match[str]) -> str:
    """The same reference with eight digits at most, which are beyond Unicode as more would be."""
    return "&#" + (reference[1].lstrip("0")[:8] or "0")


def remove_link_marks(text: str) -> str:
    """`urlLink` goes; a space is left, since it is often glued to the word after it."""
    return text.replace(LINK, " ")


def blank_controls(text: str) -> str:
    """NUL and control characters become spaces, one each: they stand between words that were."""
    return CONTROLS.sub(" ", text)


Repair = Callable[[str], str]

REPAIRS: dict[str, Repair] = {
    "escaped_twice": unescape_twice,
    "references": resolve_references,
    "link": remove_link_marks,
    "controls": blank_controls,
}
"""Name (as the ledger counts it) and function of each repair, in order."""

WITHOUT_CONTROLS: dict[str, Repair] = {"link": remove_link_marks}
"""All that text can need which has neither references nor control characters."""


def repair(text: str, repairs: dict[str, Repair] = REPAIRS) -> tuple[str, tuple[str, ...]]:
    """The text after some repairs, and the names of those that changed it."""
    changed = []
    for name, function in repairs.items():
        repaired = function(text)
        if repaired != text:
            changed.append(name)
            text = repaired
    return text, tuple(changed)
