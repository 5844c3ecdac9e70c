"""Text from outside, such as words, names, keys and what a service said, fit for a terminal."""

import re

UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""What Python calls printable and is drawn as nothing: Default_Ignorable_Code_Point of Unicode."""

UNDECODED = re.compile("[\udc80-\udcff]+")
"""How Python keeps bytes of names that are no text in the system's encoding (PEP 383)."""


def printable(text: object) -> str:
    r"""Text in one line, with nothing that a terminal obeys, that reorders it or can't be seen.

    Controls, line ends, marks of direction, blanks but the space, lone surrogates and what has no
    width become Python's escapes; bytes that are no UTF-8 \xNN. What was done stays as it is.

    >>> print(printable("caf\u00e9 \x1b[2J\r\n\u202etxt\u2066 \u2028 \udcff \ud800"))
    café \x1b[2J\r\n\u202etxt\u2066 \u2028 \xff \ud800
    """
    text = str(text)
    if text.isprintable() and not UNSEEN.search(text):
        return text
    text = UNDECODED.sub(_decode, text)
    return "".join(
        letter if letter.isprintable() and not UNSEEN.match(letter) else ascii(letter)[1:-1]
        for letter in text
    )


def printable_lines(text: str) -> str:
    """The same of each line; line ends stay."""
    return "\n".join(map(printable, text.split("\n")))


def elapsed(seconds: float) -> str:
    """A time span for people.

    >>> elapsed(3725)
    '1 h 02 min 05 s'
    """
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    shown = f"{hours} h {minutes:02d} min " if hours else f"{minutes} min " if minutes else ""
    return f"{shown}{rest:02d} s"


def _decode(match: re.Match[str]) -> str:
    """The UTF-8 among bytes that a system with another encoding could not read."""
    return match[0].encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
