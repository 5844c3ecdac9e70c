"""What a user sees of a training: bars on a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from tqdm import tqdm

MILLION = 1_000_000
LINE_SECONDS = 10.0
"""Between two lines where there is no terminal."""


class Progress:
    """Says nothing; the base of what does."""

    @contextmanager
    def reading(self, size: int) -> Iterator[None]:
        """Around the first pass over a corpus of so many bytes."""
        yield

    def read(self, size: int, words: int) -> None:
        """Bytes and words read so far."""

    def vocabulary(self, words: int, min_count: int) -> None:
        """Distinct words that are left."""

    @contextmanager
    def training(self, words: int, ago: float = 0.0) -> Iterator[None]:
        """Around the epochs, over so many words in all; they began so many seconds ago."""
        yield

    def trained(self, words: int) -> None:
        """Words trained on so far, of all epochs."""

    def took(self, seconds: float) -> None:
        """Seconds that the epochs took by another clock than ours; to be told within `training`."""

    def say(self, line: str) -> None:
        """Anything else worth a line."""


class LineProgress(Progress):
    """Lines for a log: what was read, and every `LINE_SECONDS` how far training is."""

    def __init__(self, stream: TextIO | None = None, every: float = LINE_SECONDS) -> None:
        self._stream, self._every = stream or sys.stderr, every
        self._started = self._next = 0.0
        self._words = self._total = 0
        self._took: float | None = None

    @contextmanager
    def reading(self, size: int) -> Iterator[None]:
        """Ends in a line with the words."""
        yield
        self.say(f"read {self._words:,} words")

    def read(self, size: int, words: int) -> None:
        """Remembers the words."""
        self._words = words

    def vocabulary(self, words: int, min_count: int) -> None:
        """One line."""
        self.say(f"vocabulary: {words:,} words that occur at least {min_count:,} times")

    @contextmanager
    def training(self, words: int, ago: float = 0.0) -> Iterator[None]:
        """Starts the clock; ends in a line with the speed."""
        now = time.monotonic()
        self._started, self._total, self._took = now - ago, words, None
        self._next = now + self._every
        yield
        measured = time.monotonic() - self._started if self._took is None else self._took
        seconds = max(measured, 1e-9)
        speed = words / seconds
        self.say(f"trained on {words:,} words in {seconds:.1f} s, {speed:,.0f} words/s")

    def trained(self, words: int) -> None:
        """A line, if it is time for one."""
        now = time.monotonic()
        if now < self._next or not words:
            return
        self._next = now + self._every
        speed = words / (now - self._started)
        self.say(
            f"training: {words / self._total:.0%} of {self._total:,} words, "
            f"{speed:,.0f} words/s, {(self._total - words) / speed:,.0f} s left"
        )

    def took(self, seconds: float) -> None:
        """Remembers it for the line of the end."""
        self._took = seconds

    def say(self, line: str) -> None:
        """One line."""
        print(line, file=self._stream, flush=True)


class BarProgress(LineProgress):
    """Bars on a terminal, which leave the lines of their ends behind."""

    @contextmanager
    def reading(self, size: int) -> Iterator[None]:
        """A bar of bytes."""
        with super().reading(size), self._bar("reading", size, "B"):
            yield

    def read(self, size: int, words: int) -> None:
        """Moves the bar, and shows the words beside it."""
        super().read(size, words)
        self._tqdm.set_postfix_str(f"{words / MILLION:.1f} M words", refresh=False)
        self._tqdm.update(size - self._tqdm.n)

    @contextmanager
    def training(self, words: int, ago: float = 0.0) -> Iterator[None]:
        """A bar of words."""
        with super().training(words, ago), self._bar("training", words, " words"):
            self._tqdm.start_t -= ago
            yield

    def trained(self, words: int) -> None:
        """Moves the bar; also where many steps come at once, and then none for a while."""
        self._tqdm.update(words - self._tqdm.n)
        self._tqdm.refresh()

    def say(self, line: str) -> None:
        """One line, above the bar if there is one."""
        tqdm.write(line, file=self._stream)

    @contextmanager
    def _bar(self, label: str, total: int, unit: str) -> Iterator[None]:
        with tqdm(
            total=total,
            desc=label,
            unit=unit,
            unit_scale=True,
            leave=False,
            file=self._stream,
            smoothing=0,  # the speed since the start
        ) as self._tqdm:
            yield


def make_progress() -> Progress:
    """Bars if stderr is a terminal, else lines."""
    return BarProgress() if sys.stderr.isatty() else LineProgress()
