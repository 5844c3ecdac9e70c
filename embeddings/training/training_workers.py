"""gensim's workers: how far they are, and that a training in which one fails ends with an error.

gensim tells of its progress at the end of an epoch only. Within one, Linux says how far its workers
have read the corpus file; elsewhere progress goes in steps of an epoch.

gensim counts on each of its threads to report its end, and waits for ever for one that dies. It
also reads for ever what it could not open, since its reader waits for the end of the file; so each
worker first tries to open the corpus, and on Linux gets it by a descriptor that this process holds,
which opens whatever becomes of the path meanwhile.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any, BinaryIO

from gensim.models.callbacks import CallbackAny2Vec

from embeddings.corpus.corpus_file import CorpusFile
from embeddings.training.training_progress import Progress
from storage.errors import CorpusError, InputNotFoundError, JobError, describe_os_error

POLL_SECONDS = 0.5
OPEN_FILES, POSITIONS = Path("/proc/self/fd"), Path("/proc/self/fdinfo")


class WorkerGuard(CallbackAny2Vec):  # type: ignore[misc]
    """Turns whatever befalls gensim's workers, or the corpus meanwhile, into one error.

    To be made before the corpus is first read, given to gensim's `train` as a callback, and closed.

    Raises:
        InputNotFoundError: the corpus can't be read.
    """

    def __init__(self, corpus: CorpusFile) -> None:
        self._corpus = corpus
        self._file = self._open()
        self._state = _read_state(self._file)
        self._failures: list[BaseException] = []
        self._epochs = 0

    @property
    def descriptor(self) -> int:
        """Of the corpus, as this holds it open."""
        return self._file.fileno()

    @property
    def size(self) -> int:
        """Bytes of the corpus."""
        return self._state[0]

    @property
    def path(self) -> bytes:
        """What gensim is to open: it would encode a str as UTF-8, which not all paths are."""
        held = OPEN_FILES / str(self.descriptor)
        return os.fsencode(held if held.exists() else self._corpus.path)

    def close(self) -> None:
        """Lets go of the corpus."""
        self._file.close()

    def check_corpus(self) -> None:
        """Whether the corpus is still what it was when this was made.

        Raises:
            CorpusError: it has changed.
            InputNotFoundError: it can't be read any more.
        """
        with self._open() as file:
            if _read_state(file) != self._state:
                raise CorpusError(f"{self._corpus.uri} changed during training")

    @contextmanager
    def around(self, model: Any) -> Iterator[None]:
        """Around the training of a model.

        Raises:
            CorpusError, InputNotFoundError: as `check_corpus`, at any time inside.
            JobError: gensim failed, in one of its threads or in this one.
        """
        work = model._worker_loop_corpusfile

        def guarded(
            path: bytes, number: int, offset: float, vocabulary: Any, reports: Any, **options: Any
        ) -> None:
            try:
                self.check_corpus()
                work(path, number, offset, vocabulary, reports, **options)
            except BaseException as error:
                self._failures.append(error)
                reports.put(None)  # what gensim waits for

        model._worker_loop_corpusfile = guarded
        try:
            yield
        except JobError:
            raise
        except Exception as error:
            self.check_corpus()
            raise _failed(error) from error
        finally:
            del model._worker_loop_corpusfile

    def on_epoch_end(self, model: Any) -> None:
        """Called by gensim, when all workers have reported."""
        for error in self._failures:
            if isinstance(error, JobError):
                raise error
        self.check_corpus()
        for error in self._failures:
            raise _failed(error) from error
        self._epochs += 1

    @contextmanager
    def watch(self, words: int, epochs: int, workers: int, progress: Progress) -> Iterator[None]:
        """Around the training: tells how far gensim is, from a thread of its own.

        Args:
            words: in the corpus.
            epochs: over it.
            workers: gensim's threads.
            progress: what is told.
        """
        stop = Event()

        def watch() -> None:
            shown = 0.0
            while not stop.wait(POLL_SECONDS):
                epoch = self._epochs
                share = share_read(self._corpus.path, workers, self.descriptor)
                shown = max(shown, epoch + min(share, 1.0))
                progress.trained(round(words * min(shown, epoch + 1, epochs)))

        with progress.training(words * epochs):
            watcher = Thread(target=watch, daemon=True)
            watcher.start()
            try:
                yield
                stop.set()
                watcher.join()
                progress.trained(words * epochs)
            finally:
                stop.set()
                watcher.join()

    def _open(self) -> BinaryIO:
        try:
            return self._corpus.path.open("rb")
        except OSError as error:
            uri = self._corpus.uri
            raise InputNotFoundError(f"can't read {uri}: {describe_os_error(error)}") from error


def _read_state(file: BinaryIO) -> tuple[int, int]:
    """Size and time of the last change; not the inode, which some network file systems vary."""
    state = os.fstat(file.fileno())
    return state.st_size, state.st_mtime_ns


def _failed(error: BaseException) -> JobError:
    text = (str(error).splitlines() or [""])[0]
    return JobError(f"gensim failed during training: {type(error).__name__}: {text}")


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
