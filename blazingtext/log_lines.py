"""BlazingText's log lines → figures. Pure.

The forms are those of the reference run's log, of 27 June 2020; words that a line holds besides are
none of the corpus.
"""

import json
import math
import re
from collections.abc import Callable
from typing import Any, NamedTuple

COLOUR = re.compile(r"(?:\x1b|#033)\[[\d;]*m")
MILLION = 1_000_000
MIB = 2**20
SUFFIXES = {"": 1, "K": 1000, "M": MILLION, "B": 1000 * MILLION}
NUMBER = r"(-?[\d.]+(?:e[+-]?\d+)?)"


class Step(NamedTuple):
    """How far training is.

    Attributes:
        learning_rate: what is left of it.
        share: of all epochs, 0 to 1.
        words_per_second: until now.
    """

    learning_rate: float
    share: float
    words_per_second: float


FORMS: dict[str, tuple[re.Pattern[str], Callable[..., Any]]] = {
    "bytes": (
        re.compile(r"Processing \S+ \. File size: (\d+) MB"),
        lambda size: int(size) * MIB,
    ),
    "words": (
        re.compile(r"Read (\d+)([KMB]?) words"),
        lambda count, suffix: int(count) * SUFFIXES[suffix],
    ),
    "vocabulary": (re.compile(r"Number of words: +(\d+)"), int),
    "step": (
        re.compile(rf"#+ Alpha: {NUMBER} +Progress: {NUMBER}% +Million Words/sec: {NUMBER} #+"),
        lambda alpha, percent, speed: Step(
            float(alpha), float(percent) / 100, float(speed) * MILLION
        ),
    ),
    "is_finished": (re.compile(r"Training finished!"), lambda: True),
    "words_per_second": (
        re.compile(rf"Average throughput in Million words/sec: {NUMBER}"),
        lambda speed: float(speed) * MILLION,
    ),
    "training_seconds": (re.compile(rf"Total training time in seconds: {NUMBER}"), float),
    "mean_rho": (re.compile(rf"\] #mean_rho: {NUMBER}"), float),
}
"""Name of the figure → what its line looks like, and how its groups become a value."""


def read_line(line: str) -> dict[str, Any]:
    """The figure that a line holds, by name; empty for all other lines.

    >>> read_line("Read 148M words")
    {'words': 148000000}
    """
    line = COLOUR.sub("", line)
    for name, (form, convert) in FORMS.items():
        if found := form.search(line):
            try:
                return {name: convert(*found.groups())}
            except ValueError:  # "1.2.3", say
                return {}
    return {}


class LogReader:
    """All lines of one stream of a log, in order; gathers the JSON of eval.json from its lines."""

    def __init__(self) -> None:
        self.figures: dict[str, Any] = {}
        self._json: list[str] = []

    def read(self, line: str) -> dict[str, Any]:
        """What a line tells that is new; `evaluation` with the last line of its JSON."""
        told = read_line(line) or self._read_json(COLOUR.sub("", line))
        self.figures |= told
        return told

    def _read_json(self, line: str) -> dict[str, Any]:
        if line.strip() == "{":
            self._json = [line]
        elif self._json:
            self._json.append(line)
        else:
            return {}
        text = "\n".join(self._json)
        if text.count("{") > text.count("}"):
            return {}
        self._json = []
        content = parse_evaluation(text)
        return {"evaluation": content} if content else {}


def parse_evaluation(text: str) -> dict[str, Any] | None:
    """The content of an eval.json; None for anything else. What is no number is None in it."""
    try:
        content = json.loads(text, parse_constant=lambda _: None)
    except ValueError:
        return None
    if not isinstance(content, dict) or "mean_rho" not in content:
        return None
    rho = content["mean_rho"]
    is_number = isinstance(rho, int | float) and math.isfinite(rho)
    return content | {"mean_rho": rho if is_number else None}
