"""A matplotlib figure → SVG inside a page: the page's colours and fonts, text as text.

matplotlib's SVG fixes its colours, names its own fonts and links to the web. Here colours are
drawn as stand-ins that become CSS variables, so one drawing is light and dark; and whatever was
drawn as a mark says its value when one points at it.
"""

import io
import re
import warnings
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any
from xml.etree import ElementTree as ET

import matplotlib
from markupsafe import Markup
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

from storage.printable import printable

PIXELS_AN_INCH = 72
"""An SVG of matplotlib has 72 units an inch; the page shows a unit as a pixel, or smaller."""

WIDTH = 360
"""Of every figure, in pixels: that of a small phone, where the letters keep their size."""

INK, SOFT, RULE = "#010203", "#010204", "#010205"
BAR, SECOND, BAD, PALE = "#010206", "#010207", "#010208", "#010209"
VARIABLES = {
    **{INK: "--ink", SOFT: "--soft", RULE: "--rule"},
    **{BAR: "--bar", SECOND: "--second", BAD: "--bad", PALE: "--pale"},
}
"""Colours that no figure would use → what they are called in the page's style sheet."""

STYLE: dict[Any, Any] = {
    **{"svg.fonttype": "none", "text.parse_math": False, "font.size": 12.0, "patch.linewidth": 0},
    **{"text.color": SOFT, "axes.labelcolor": SOFT, "axes.edgecolor": RULE, "grid.color": RULE},
    **{"xtick.color": RULE, "ytick.color": RULE, "xtick.labelcolor": SOFT},
    **{"ytick.labelcolor": SOFT, "axes.spines.top": False, "axes.spines.right": False},
    **{"axes.axisbelow": True},
    **{"xtick.labelsize": 11.0, "ytick.labelsize": 11.0},
}
NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))
SVG, XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
MARK = "mark "
"""What ids of marks begin with; the title follows."""

LETTERS = 40
"""Of a label; longer ones are cut."""

GAP = 9.0
"""Between a text and a bar."""

NUMBER = re.compile(r"-?\d+\.\d+")
KEPT_OF_TEXT = ("font-size", "font-weight", "text-anchor", "fill")
REFERENCE = re.compile(r"#([\w.-]+)")
_measure = TextToPath()


def make_figure(height: float) -> Figure:
    """An empty figure, `WIDTH` × `height` pixels; make it and draw in it inside `style`."""
    return Figure(figsize=(WIDTH / PIXELS_AN_INCH, height / PIXELS_AN_INCH))


def style() -> AbstractContextManager[None]:
    """The context in which figures are drawn."""
    return matplotlib.rc_context(STYLE)


def make_axes(figure: Figure, left: float, right: float, top: float, bottom: float) -> Axes:
    """Axes with margins in a figure."""
    height = figure.get_figheight() * PIXELS_AN_INCH
    across, up = WIDTH - left - right, height - top - bottom
    return figure.add_axes((left / WIDTH, bottom / height, across / WIDTH, up / height))


def text_width(texts: Iterable[str], size: float = 12.0) -> float:
    """Room for the longest of some texts and a gap.

    Measured in matplotlib's own font, DejaVu Sans; the reader's is hardly ever wider.
    """
    font = FontProperties(size=size)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        return GAP + max(
            _measure.get_text_width_height_descent(text, font, False)[0] for text in texts
        )


def mark(artist: Artist, title: str) -> None:
    """Makes one bar, or a whole line of points, a mark of the figure that tells its value."""
    artist.set_gid(MARK + clean(title))


def clean(label: str) -> str:
    r"""A label that can be drawn, whatever it was made of: printable, in one line, not too long.

    >>> print(clean("indUnk"), clean("a\x00b\udce9\n"))
    indUnk a\x00b\xe9\n
    """
    label = printable(label)
    return label if len(label) <= LETTERS * 2 else label[: LETTERS * 2 - 1] + "…"


def cut(label: str, letters: int = LETTERS) -> str:
    """A clean label that is no longer than there is room for.

    >>> cut("LawEnforcement-Security", 12)
    'LawEnforcem…'
    """
    label = clean(label)
    return label if len(label) <= letters else label[: letters - 1] + "…"


def to_svg(axes: Axes, name: str, label: str) -> Markup:
    """The figure that axes stand in as an <svg> element.

    Args:
        axes: drawn with the colours of this module.
        name: of the figure in its page; ids begin with it.
        label: what a screen reader says; the figures themselves stand in a table beside.
    """
    file, figure = io.BytesIO(), axes.get_figure(root=True)
    assert figure is not None
    with matplotlib.rc_context(STYLE | {"svg.hashsalt": name}), warnings.catch_warnings():
        # A token in a script that matplotlib's own font lacks: the reader's browser has another.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure.savefig(file, format="svg", metadata=NO_METADATA, transparent=True)
    root = ET.fromstring(file.getvalue())
    for element in list(root.iter()):
        _tidy(element)
    _number_ids(root, name)
    view = root.attrib["viewBox"]
    root.attrib.clear()
    root.attrib.update({"viewBox": view, "role": "img", "aria-label": label, "id": f"plot-{name}"})
    return Markup(_serialize(root))


def _tidy(element: ET.Element) -> None:
    """One element: no fonts, no fixed colours, no precision beyond a tenth of a pixel."""
    for child in list(element):
        if child.tag == f"{SVG}style":
            element.remove(child)
    for name in ("d", "x", "y", "width", "height", "transform"):
        if name in element.attrib:
            element.set(name, _round(element.attrib[name]))
    if "style" in element.attrib:
        element.set("style", _recolour(element.attrib["style"], element.tag == f"{SVG}text"))
    if (place := element.attrib.pop(f"{XLINK}href", "")) != "":
        element.set("href", place)
    if element.get("transform", "").startswith("rotate(-0 "):
        del element.attrib["transform"]
    if (identity := element.get("id", "")).startswith(MARK):
        element.set("class", "mark")
        ET.SubElement(element, f"{SVG}title").text = identity.removeprefix(MARK)


def _round(numbers: str) -> str:
    rounded = NUMBER.sub(lambda match: f"{float(match[0]):.1f}".removesuffix(".0"), numbers)
    return " ".join(rounded.split())


def _recolour(css: str, is_text: bool) -> str:
    pairs = [pair.split(": ", 1) for pair in css.split("; ") if ": " in pair]
    return ";".join(
        f"{name}:{f'var({VARIABLES[value]})' if value in VARIABLES else value}"
        for name, value in pairs
        if not is_text or name in KEPT_OF_TEXT
    )


def _number_ids(root: ET.Element, name: str) -> None:
    """Keeps the ids that something refers to, under names that no other figure has."""
    used = {
        identity
        for element in root.iter()
        for text in (element.get("href", ""), element.get("clip-path", ""))
        for identity in REFERENCE.findall(text)
    }
    new = {old: f"{name}-{number}" for number, old in enumerate(sorted(used))}
    for element in root.iter():
        if (old := element.attrib.pop("id", "")) in new:
            element.set("id", new[old])
        for key in ("href", "clip-path"):
            if key in element.attrib:
                element.set(key, REFERENCE.sub(lambda m: "#" + new[m[1]], element.attrib[key]))


def _serialize(root: ET.Element) -> str:
    """HTML's own syntax for SVG: no namespaces, which an HTML parser knows."""
    for element in root.iter():
        element.tag = element.tag.removeprefix(SVG)
        if element.tag != "text" and element.tag != "title":
            element.text = None
        element.tail = None
    return ET.tostring(root, encoding="unicode")
