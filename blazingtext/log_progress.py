"""A job's log lines → the same bars and lines as those of a training on this machine."""

from contextlib import ExitStack
from typing import Any

from blazingtext.log_lines import COLOUR, LogReader, Step
from embeddings.hyperparameters import Hyperparameters
from embeddings.training_progress import Progress

LAST = 20
"""Lines that are kept."""


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
