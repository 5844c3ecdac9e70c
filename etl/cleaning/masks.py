"""`--mask pii`: e-mail addresses, URLs and phone numbers → one fixed token each.

Each mask is a compiled pattern that errs on the side of leaving text alone, since a masked word is
lost. The tokens are words that nobody writes, so they are words of their own in the vocabulary.

    >>> mask_pii("Mail jo.doe+x@example.com, call (212) 555-0123 or see www.example.com/~jo.").text
    'Mail xxemail, call xxphone or see xxurl.'
"""

import re
from typing import NamedTuple

EMAIL = re.compile(
    r"(?<![\w.+%-])[A-Za-z0-9][\w.+%-]{0,63}@"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}(?![\w-])"
)
"""An addr-spec without quotes or comments: RFC 5321 (4.5.3.1 for the lengths), with the letters of
the HTML standard's `input type=email`. `me at example dot com` stays."""

GENERIC = "com|net|org|edu|gov|mil|info|biz"
"""Top-level domains that mark a host without `http` or `www`: RFC 920 and ICANN's of 2001."""

URL = re.compile(
    r"(?<![\w@.])(?:"
    r"(?:https?|ftp)://[^\s<>\"'“”‘’]+"
    r"|www\d?\.[^\s<>\"'“”‘’]*[^\W_][^\s<>\"'“”‘’]*"
    rf"|(?:[a-z0-9-]{{1,63}}\.){{1,8}}(?:{GENERIC})/[^\s<>\"'“”‘’]*"
    rf"|(?:[a-z0-9-]{{1,63}}\.){{2,8}}(?:{GENERIC})(?![\w@-])"
    r")",
    re.IGNORECASE,
)
"""RFC 3986's schemes http, https and ftp, and what begins with `www.`; without either only a host
with a path, or with three labels and more (`jo.blogspot.com`). `Amazon.com` is a name and stays."""

URL_MARKS = ("://", "www", *(f".{domain}" for domain in GENERIC.split("|")))
"""What some part of every URL is, in lower case: few posts have any, and finding out is cheap."""

URL_TAIL = re.compile(r"[.,;:!?)\]}*_…-]+\Z")
"""Punctuation behind a URL, which belongs to the sentence: without it the next one would not begin.
"""

PHONE = re.compile(
    r"(?<![\w$€£.#/+-])(?:"
    r"(?:\+?1[-. ])?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[-. ])[2-9]\d{2}[-. ]\d{4}"
    r"|\+(?=(?:[-. ()]{0,2}\d){8})[2-9]\d{0,2}(?:[-. ]?\(0\))?(?:[-. ]?\d{1,4}){2,5}"
    r"|[2-9]\d{2}-\d{4}"
    r")(?![\w-]|[.,/]\d)"
)
"""Numbers of the North American Numbering Plan with their separators, the local seven digits with
a hyphen, and ITU-T E.164 with its plus sign. Ten bare digits are an identifier as often: they stay.
Known false positives: page and room ranges such as `300-2004`, scores and serial numbers of just
that form."""

TOKENS = {"email": "xxemail", "url": "xxurl", "phone": "xxphone"}
"""What stands for each kind; as the ledger counts them, under `masks`."""


class Masked(NamedTuple):
    """A text with its masks.

    Attributes:
        text: with a token for each item.
        counts: kind → number of items that were masked; kinds without any are missing.
    """

    text: str
    counts: dict[str, int]


def mask_pii(text: str) -> Masked:
    """One text → the same with tokens for URLs, then e-mail addresses, then phone numbers.

    >>> mask_pii("work.Then Amazon.com, 1999-2004, $555-1234, 10:30, @home, 3.14")
    Masked(text='work.Then Amazon.com, 1999-2004, $555-1234, 10:30, @home, 3.14', counts={})
    >>> mask_pii("+44 20 7946 0958, 555-0123, 212.555.0123! 2125550123")
    Masked(text='xxphone, xxphone, xxphone! 2125550123', counts={'phone': 3})
    >>> mask_pii("(see http://a.example/x?y=1). jo.blogspot.com and nytimes.com/2004/").counts
    {'url': 3}
    """
    counts = {}
    lower = text.lower()
    if any(mark in lower for mark in URL_MARKS):
        text, counts["url"] = URL.subn(_mask_url, text)
    if "@" in text:
        text, counts["email"] = EMAIL.subn(TOKENS["email"], text)
    if any(digit in text for digit in "0123456789"):
        text, counts["phone"] = PHONE.subn(TOKENS["phone"], text)
    return Masked(text, {kind: count for kind, count in counts.items() if count})


def _mask_url(match: re.Match[str]) -> str:
    """The token, and behind it the punctuation that ended the sentence."""
    tail = URL_TAIL.search(match[0])
    return TOKENS["url"] + (tail[0] if tail else "")
