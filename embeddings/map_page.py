"""The map of words as one HTML page that works alone, offline.

The page is a template of this project's own, plain SVG and script: about 20 KB and the words. A
page by plotly or bokeh carries 1 to 5 MB of library, and has no search and no keyboard.
"""

import html
import json
from collections.abc import Sequence
from typing import Any

from embeddings.page_template import OWN_SCRIPTS, fill_page
from embeddings.projection import MapPoint

TEMPLATE = "map.html"
DIGITS = 4
"""Of coordinates from -1 to 1: finer than a pixel of any screen at the greatest zoom."""

IN_SCRIPT = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}
"""JSON inside <script>: what could end the element, or a line of script, is an escape."""


def map_page(points: Sequence[MapPoint], title: str, subtitle: str = "") -> str:
    """The page's HTML.

    Args:
        points: from `project`, most frequent word first.
        title: heading, any text.
        subtitle: what the map was made of, any text.
    """
    rows = script_json([_to_row(point) for point in points])
    values = {"POINTS": rows, "SUBTITLE": html.escape(subtitle)}
    return fill_page(TEMPLATE, title, values, OWN_SCRIPTS)


def script_json(value: Any) -> str:
    """JSON that can stand between <script> and </script>, whatever the strings in it are."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.translate(IN_SCRIPT)


def _to_row(point: MapPoint) -> list[Any]:
    """[word, rank, x, y, [[neighbour, cosine], …]]: names of fields would double the page."""
    nearest = [[word, round(cosine, 3)] for word, cosine in point.nearest]
    return [point.word, point.rank, round(point.x, DIGITS), round(point.y, DIGITS), nearest]
