"""BlazingText's log lines → figures → the same bars and lines as those of a training here.

The forms are those of the reference run's log, of 27 June 2020; words that a line holds besides are
none of the corpus.
"""

import json
import math
import re
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, NamedTuple

from embeddings.training.hyperparameters import Hyperparameters
from embeddings.training.training_progress import Progress

COLOUR = re.compile(r"(?:\x1b|#033)\[[\d;]*m")
MILLION = 1_000_000
MIB = 2**20
LAST = 20
"""Lines that are kept."""

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
        if match := form.search(line):
            try:
                return {name: convert(*match.groups())}
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


class LogProgress:
    """Tells a `Progress` what the lines of one machine's log say; to be closed at the end.

    Attributes:
        reader: has all figures that the lines have told so far.
        last_lines: without their colours, for whoever looks for what went wrong.
    """

    def __init__(
        self, progress: Progress, hyperparameters: Hyperparameters, words: int | None = None
    ) -> None:
        """`words` of the corpus, where they are known better than in the log's millions."""
        self.reader = LogReader()
        self.last_lines: list[str] = []
        self._progress, self._hyperparameters, self._words = progress, hyperparameters, words
        self._phase = ExitStack()
        self._is_reading = self._is_training = False
        self._vocabulary_at: float | None = None

    def read(self, line: str, at: float, now: float) -> None:
        """One line.

        Args:
            line: of the log.
            at: when it was written, in seconds since the epoch.
            now: what time it is, likewise.
        """
        self.keep(line)
        for name, value in self.reader.read(line).items():
            self._show(name, value, at, now)

    def keep(self, line: str) -> None:
        """Only remembers a line, of another machine say."""
        self.last_lines = [*self.last_lines, COLOUR.sub("", line).rstrip()][-LAST:]

    def close(self) -> None:
        """Ends whatever bar there is."""
        self._phase.close()
        self._is_reading = self._is_training = False

    def is_complete(self) -> bool:
        """Whether the last figure of a successful job is there."""
        last = "mean_rho" if self._hyperparameters.evaluation else "training_seconds"
        return last in self.reader.figures

    def _show(self, name: str, value: Any, at: float, now: float) -> None:
        match name:
            case "bytes":
                self._phase.enter_context(self._progress.reading(value))
                self._is_reading = True
            case "words":
                self._read(0, value)  # every ten million: how many bytes that was, nobody says
            case "vocabulary":
                self._end_reading()
                self._progress.vocabulary(value, self._hyperparameters.min_count)
                self._vocabulary_at = at
            case "step":
                self._step(value, at, now)
            case "training_seconds":
                self._end_training(value)

    def _read(self, size: int, words: int) -> None:
        if self._is_reading:
            self._progress.read(size, words)

    def _end_reading(self) -> None:
        figures = self.reader.figures
        self._read(figures.get("bytes", 0), self._words or figures.get("words", 0))
        self.close()

    def _step(self, step: Step, at: float, now: float) -> None:
        if not self._is_training:
            began = at if self._vocabulary_at is None else self._vocabulary_at
            ago = max(now - began, 0.0)
            self._phase.enter_context(self._progress.training(self._total(), ago))
            self._is_training = True
        self._progress.trained(round(step.share * self._total()))

    def _end_training(self, seconds: float) -> None:
        if self._is_training:
            self._progress.trained(self._total())
            self._progress.took(seconds)
            self.close()

    def _total(self) -> int:
        words = self._words or self.reader.figures.get("words", 0)
        return int(words) * self._hyperparameters.epochs


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
