"""Each repair by itself: what it changes, and what it must leave alone."""

import doctest
import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.text import repairs as module
from etl.text.repairs import (
    CONTROL_BYTES,
    REPAIRS,
    WITHOUT_CONTROLS,
    blank_controls,
    remove_link_marks,
    repair,
    resolve_references,
    unescape_twice,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a&amp;nbsp;b", "a&nbsp;b", id="named"),
        pytest.param("&amp;#151;", "&#151;", id="numeric"),
        pytest.param("&amp;#x2019; &amp;#X2019;", "&#x2019; &#X2019;", id="hexadecimal"),
        pytest.param("&amp;amp;", "&amp;", id="an ampersand"),
        pytest.param("&amp;amp;amp;nbsp;", "&nbsp;", id="many levels"),
        pytest.param("&#38;lt; &#038;&#x26;#8217;", "&lt; &#038;&#8217;", id="numeric ampersands"),
        pytest.param("&AMP;nbsp; &amp;#38;Amp;NBSP;", "&nbsp; &NBSP;", id="any case, mixed"),
        pytest.param("&amp;nbsp &amp;nbspx &amp;lt3", "&nbsp &nbspx &lt3", id="no semicolon"),
        pytest.param("&ampnbsp;", "&nbsp;", id="none behind the ampersand"),
        pytest.param("&amp;frac12;", "&frac12;", id="digits in a name"),
        pytest.param(
            "Tom &amp; Jerry;", "Tom &amp; Jerry;", id="negative: space before a semicolon"
        ),
        pytest.param("AT&amp;T &amp;not", "AT&amp;T &amp;not", id="negative: no semicolon"),
        pytest.param("&amp;T;", "&amp;T;", id="negative: one letter"),
        pytest.param("&amp;2x;", "&amp;2x;", id="negative: begins with a digit"),
        pytest.param("&amp;#12345678;", "&amp;#12345678;", id="negative: more than Unicode has"),
        pytest.param("&amp;#xg;", "&amp;#xg;", id="negative: not hexadecimal"),
        pytest.param("&amp;" + "n" * 33 + ";", "&amp;" + "n" * 33 + ";", id="negative: too long"),
        pytest.param("&amp;smirk;", "&smirk;", id="undefined names look like references"),
    ],
)
def test_unescape_twice(text: str, expected: str) -> None:
    assert unescape_twice(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a&nbsp;&nbsp;b&nbsp", "a\xa0\xa0b\xa0", id="&nbsp;"),
        pytest.param("&#151;&#150;", "—–", id="Windows-1252 by number"),
        pytest.param("&#x97;", "—", id="the same, hexadecimal"),
        pytest.param("caf&eacute caf&eacute;s", "café cafés", id="semicolon or none"),
        pytest.param("&notit; &copyright", "¬it; ©right", id="longest prefix, as HTML has it"),
        pytest.param("&hearts; &Aacute;&aacute;", "♥ Áá", id="names have case"),
        pytest.param("&lt;grin&gt; &quot;", '<grin> "', id="markup"),
        pytest.param("&NBSP;&Nbsp &EACUTE;", "\xa0\xa0 é", id="names in another case"),
        pytest.param("&Lt;&LT;&Gt;", "≪<≫", id="names that differ by case"),
        pytest.param(
            "R&B & co &smirk; AT&T &company &SMIRK; &",
            "R&B & co &smirk; AT&T &company &SMIRK; &",
            id="negative: no references",
        ),
        pytest.param("&amp;lt;", "&lt;", id="once only"),
        pytest.param("nothing", "nothing", id="negative: no ampersand"),
    ],
)
def test_resolve_references(text: str, expected: str) -> None:
    assert resolve_references(text) == expected


@given(st.text(st.sampled_from("&#x;nbspamltq1509 "), max_size=30))
def test_references_are_those_of_html5(text: str) -> None:
    assert resolve_references(text) == html.unescape(text)


@pytest.mark.parametrize("digits", ["1" * 4300, "1" * 4301, "0" * 5000 + "8217", "9" * 100_000])
def test_number_of_any_length(digits: str) -> None:
    expected = "’" if digits.endswith("8217") else "\ufffd"
    text = f"x &#{digits}; &eacute;&#{digits} &#8217;"
    assert resolve_references(text) == f"x {expected}; é{expected} ’".replace(";", "", 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("see urlLink here", "see   here", id="alone"),
        pytest.param("urlLinkhere", " here", id="glued"),
        pytest.param("urlLinkurlLink", "  ", id="repeated"),
        pytest.param("urllink URLLink url Link", "urllink URLLink url Link", id="negative"),
    ],
)
def test_remove_link_marks(text: str, expected: str) -> None:
    assert remove_link_marks(text) == expected


@pytest.mark.parametrize(
    "code", [*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0)], ids=hex
)
def test_each_control_becomes_one_space(code: int) -> None:
    assert blank_controls(f"a{chr(code)}{chr(code)}b") == "a  b"


@pytest.mark.parametrize(
    "character", ["\t", "\n", "\r", " ", "\xa0", "\xad", "\u200b", "\u2028"], ids=ascii
)
def test_what_is_no_control_stays(character: str) -> None:
    assert blank_controls(f"a{character}b") == f"a{character}b"


def test_control_bytes_are_the_controls_of_ascii() -> None:
    controls = [c for c in map(chr, range(0x80)) if blank_controls(c) != c]
    assert controls == list(CONTROL_BYTES.decode())


def test_order_and_names_of_the_repairs() -> None:
    assert list(REPAIRS) == ["escaped_twice", "references", "link", "controls"]
    assert list(WITHOUT_CONTROLS) == ["escaped_twice", "references", "link"]


@pytest.mark.parametrize(
    ("text", "expected", "names"),
    [
        pytest.param("plain", "plain", (), id="nothing changed, nothing named"),
        pytest.param("a &#129; b", "a   b", ("references", "controls"), id="control by reference"),
        pytest.param("url&#76;ink x", "  x", ("references", "link"), id="link by reference"),
        pytest.param("&amp;#1;x", "x", ("escaped_twice", "references"), id="HTML drops &#1;"),
    ],
)
def test_repair(text: str, expected: str, names: tuple[str, ...]) -> None:
    assert repair(text) == (expected, names)


@given(st.text(st.sampled_from("&#x;nbspamltq150 \x00\x85urlLink"), max_size=30))
def test_a_repair_is_named_exactly_when_it_changed_the_text(text: str) -> None:
    repaired, names = repair(text)
    assert (repaired != text) <= bool(names)
    step = text
    for name, function in REPAIRS.items():
        assert (function(step) != step) is (name in names)
        step = function(step)
    assert step == repaired


def test_doctests() -> None:
    assert doctest.testmod(module).failed == 0
