"""How far gensim is with a training.

It tells so itself at the end of an epoch only. Within one, Linux says how far its workers have read
the corpus file; elsewhere progress goes in steps of an epoch.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

from gensim.models.callbacks import CallbackAny2Vec

from embeddings.training_progress import Progress

POLL_SECONDS = 0.5
OPEN_FILES, POSITIONS = Path("/proc/self/fd"), Path("/proc/self/fdinfo")


class EpochListener(CallbackAny2Vec):  # type: ignore[misc]
    """Counts epochs for the watcher."""

    def __init__(self) -> None:
        self.done = 0

    def on_epoch_end(self, model: Any) -> None:
        """Called by gensim."""
        self.done += 1


@contextmanager
def watch_training(
    path: Path, words: int, epochs: int, workers: int, progress: Progress, held: int | None = None
) -> Iterator[EpochListener]:
    """Tells how far gensim is with its epochs over a corpus file, from a thread of its own.

    Args:
        path: the corpus file.
        words: in it.
        epochs: over it.
        workers: gensim's threads.
        progress: what is told.
        held: see `share_read`.

    Yields:
        The callback that gensim's `train` needs.
    """
    listener, stop = EpochListener(), Event()

    def watch() -> None:
        shown = 0.0
        while not stop.wait(POLL_SECONDS):
            epoch = listener.done
            shown = max(shown, epoch + min(share_read(path, workers, held), 1.0))
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


def share_read(path: Path, workers: int, held: int | None = None) -> float:
    """How much of their parts of a file the workers of this process have read, 0 to 1.

    Worker k of n starts at the k-th n-th of the file. One that has finished has closed it, which
    counts as all of its part; none open at all means that an epoch starts or ends, and counts as 0,
    as does a file that is gone. A descriptor that is held open, but by no worker, is left out.
    """
    size, positions = _size(path), _positions(path, held)
    if not positions or not size:
        return 0.0
    part = size / workers
    open_shares = [position % part / part for position in positions]
    finished = max(0, workers - len(positions))
    return (finished + sum(open_shares)) / workers


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _positions(path: Path, held: int | None) -> list[int]:
    """Where this process stands in each of its open descriptors of a file; none but on Linux."""
    target, positions = str(path.resolve()), []
    try:
        for link in OPEN_FILES.iterdir():
            try:
                if link.name != str(held) and str(link.readlink()) == target:
                    first = (POSITIONS / link.name).read_text().split("\n", 1)[0]
                    positions.append(int(first.removeprefix("pos:")))
            except (OSError, ValueError):  # closed meanwhile
                continue
    except OSError:
        return []
    return positions
