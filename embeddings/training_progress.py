"""Progress of a training: bars on a terminal, a line now and then elsewhere.

gensim tells how far it is at the end of an epoch only. Within one, Linux says how far its workers
have read the corpus file; elsewhere progress goes in steps of an epoch.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any, TextIO

from gensim.models.callbacks import CallbackAny2Vec
from tqdm import tqdm

MILLION = 1_000_000
POLL_SECONDS = 0.5
LINE_SECONDS = 10.0
"""Between two lines where there is no terminal."""

OPEN_FILES, POSITIONS = Path("/proc/self/fd"), Path("/proc/self/fdinfo")


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
    def training(self, words: int) -> Iterator[None]:
        """Around the epochs, over so many words in all."""
        yield

    def trained(self, words: int) -> None:
        """Words trained on so far, of all epochs."""

    def say(self, line: str) -> None:
        """Anything else worth a line."""


class LineProgress(Progress):
    """Lines for a log: what was read, and every `LINE_SECONDS` how far training is."""

    def __init__(self, stream: TextIO | None = None, every: float = LINE_SECONDS) -> None:
        self._stream, self._every = stream or sys.stderr, every
        self._started = self._next = 0.0
        self._words = self._total = 0

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
    def training(self, words: int) -> Iterator[None]:
        """Starts the clock; ends in a line with the speed."""
        self._started, self._total = time.monotonic(), words
        self._next = self._started + self._every
        yield
        seconds = max(time.monotonic() - self._started, 1e-9)
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
    def training(self, words: int) -> Iterator[None]:
        """A bar of words."""
        with super().training(words), self._bar("training", words, " words"):
            yield

    def trained(self, words: int) -> None:
        """Moves the bar."""
        self._tqdm.update(words - self._tqdm.n)

    @contextmanager
    def _bar(self, what: str, total: int, unit: str) -> Iterator[None]:
        with tqdm(
            total=total, desc=what, unit=unit, unit_scale=True, leave=False, file=self._stream
        ) as self._tqdm:
            yield


def make_progress() -> Progress:
    """Bars if stderr is a terminal, else lines."""
    return BarProgress() if sys.stderr.isatty() else LineProgress()


class EpochListener(CallbackAny2Vec):  # type: ignore[misc]
    """Counts epochs for the watcher."""

    def __init__(self) -> None:
        self.done = 0

    def on_epoch_end(self, model: Any) -> None:
        """Called by gensim."""
        self.done += 1


@contextmanager
def watch_training(
    path: Path, words: int, epochs: int, workers: int, progress: Progress
) -> Iterator[EpochListener]:
    """Tells how far gensim is with its epochs over a corpus file, from a thread of its own.

    Args:
        path: the corpus file.
        words: in it.
        epochs: over it.
        workers: gensim's threads.
        progress: what is told.

    Yields:
        The callback that gensim's `train` needs.
    """
    listener, stop = EpochListener(), Event()

    def watch() -> None:
        shown = 0.0
        while not stop.wait(POLL_SECONDS):
            epoch = listener.done
            shown = max(shown, epoch + min(share_read(path, workers), 1.0))
            progress.trained(round(words * min(shown, epoch + 1, epochs)))

    with progress.training(words * epochs):
        watcher = Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield listener
            stop.set()
            watcher.join()
            progress.trained(words * epochs)
        finally:
            stop.set()
            watcher.join()


def share_read(path: Path, workers: int) -> float:
    """How much of their parts of a file the workers of this process have read, 0 to 1.

    Worker k of n starts at the k-th n-th of the file. One that has finished has closed it, which
    counts as all of its part; none open at all means that an epoch starts or ends, and counts as 0.
    """
    size, positions = path.stat().st_size, _positions(path)
    if not positions or not size:
        return 0.0
    part = size / workers
    open_shares = [position % part / part for position in positions]
    finished = max(0, workers - len(positions))
    return (finished + sum(open_shares)) / workers


def _positions(path: Path) -> list[int]:
    """Where this process stands in each of its open descriptors of a file; none but on Linux."""
    target, positions = str(path.resolve()), []
    try:
        for link in OPEN_FILES.iterdir():
            try:
                if str(link.readlink()) == target:
                    first = (POSITIONS / link.name).read_text().split("\n", 1)[0]
                    positions.append(int(first.removeprefix("pos:")))
            except (OSError, ValueError):  # closed meanwhile
                continue
    except OSError:
        return []
    return positions
