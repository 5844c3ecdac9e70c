import pytest

from storage.printable import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("café 日本語 हिन्दी 👍 a\\b", "café 日本語 हिन्दी 👍 a\\b"),
        ("\x1b]0;x\x07\b\r\n\t\x7f", r"\x1b]0;x\x07\x08\r\n\t\x7f"),
        ("\x85\x9b31m", r"\x85\x9b31m"),
        ("\u202etxt\u2066\u2069\u200f\u061c", r"\u202etxt\u2066\u2069\u200f\u061c"),
        ("a\u2028b\u2029", r"a\u2028b\u2029"),
        ("\u200b\u200d\u2060\ufeff\xad\u3164", r"\u200b\u200d\u2060\ufeff\xad\u3164"),
        ("\U000e0041\U000e0100\ufe0f", r"\U000e0041\U000e0100\ufe0f"),
        ("a\xa0b\u3000c", r"a\xa0b\u3000c"),
        ("\udcff\ud800", r"\xff\ud800"),
        ("caf\udcc3\udca9", "café"),
        (3, "3"),
    ],
)  # fmt: skip
def test_what_a_terminal_obeys_or_nobody_sees_is_shown_as_escapes(text, shown):
    assert printable(text) == shown == printable(shown)
