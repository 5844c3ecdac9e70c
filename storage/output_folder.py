"""Output folders: one job at a time writes to one, and each file appears whole or not at all."""

import errno
import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from storage.errors import (
    OutputBusyError,
    OutputExistsError,
    OutputNotWritableError,
    describe_os_error,
)

LOCK = ".lock"
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What the system says of a full disk: also a full stdout, or folder for temporary files."""


@contextmanager
def held_folder(folder: Path, job: str = "job") -> Iterator[None]:
    """A folder, made if it is missing, that no other job uses meanwhile.

    Where nothing comes into it, or an error ends what is done inside, its lock goes again if it is
    new, and so do folders that were made for it and hold nothing.

    Args:
        folder: on a file system that knows locks.
        job: what the error calls the other one: "build", "run".

    Raises:
        OutputBusyError: another job holds it; the line says which process, and since when.
        OutputNotWritableError: it can't be made or written to.
    """
    missing = [path for path in (folder, *folder.parents) if not os.path.lexists(path)]
    is_new = not os.path.lexists(folder / LOCK)
    with output_errors(folder):
        try:
            lock = _lock(folder, job)
        except BaseException:
            _remove_empty(missing)
            raise
    is_done = False
    with lock:
        try:
            yield
            is_done = any(path.name != LOCK for path in folder.iterdir())
        finally:
            if is_new and not is_done:
                with suppress(OSError):
                    (folder / LOCK).unlink(missing_ok=True)
                _remove_empty(missing)


@contextmanager
def output_errors(output: Path) -> Iterator[None]:
    """Turns what the system raises inside into one line about an output.

    Raises:
        OutputNotWritableError: for any `OSError`.
    """
    try:
        yield
    except OSError as error:
        raise OutputNotWritableError(f"can't write {output}: {describe_os_error(error)}") from error


def check_replaceable(paths: Iterable[Path], overwrite: bool) -> None:
    """To be called before work that takes long.

    Raises:
        OutputExistsError: one of the files is there, and may not be replaced.
    """
    present = [str(path) for path in paths if os.path.lexists(path)]
    if present and not overwrite:
        raise OutputExistsError(f"{' and '.join(present)} exists already: use --overwrite")


def write_files(files: Mapping[Path, bytes], overwrite: bool = False) -> None:
    """Writes all files under other names first, then renames them; makes missing folders.

    Raises:
        OutputExistsError: as `check_replaceable`.
        OutputNotWritableError: one can't be written; then none is.
    """
    check_replaceable(files, overwrite)
    parts = {path: path.with_name(f".{path.name}.{os.getpid()}.part") for path in files}
    try:
        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with parts[path].open("wb") as part:
                part.write(content)
                part.flush()
                os.fsync(part.fileno())
        for path, written in parts.items():
            written.replace(path)
    except OSError as error:
        names = error.filename2 or error.filename or ", ".join(map(str, files))
        raise OutputNotWritableError(f"can't write {names}: {describe_os_error(error)}") from error
    finally:
        for written in parts.values():
            with suppress(OSError):  # a parent that is a file, say: there is nothing to remove
                written.unlink(missing_ok=True)


def _lock(folder: Path, job: str) -> IO[str]:
    """The lock file of a folder, locked until it is closed or the process ends."""
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / LOCK).open("a+")
        try:
            _take(lock, folder, job)
            # The job that held it before may have removed it, and with it the folder.
            if os.path.samestat(os.fstat(lock.fileno()), (folder / LOCK).stat()):
                return lock
        except FileNotFoundError:
            pass
        except BaseException:
            lock.close()
            raise
        lock.close()


def _take(lock: IO[str], folder: Path, job: str) -> None:
    """Locks the open lock file, and writes into it who holds it since when."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        holder = lock.read().strip() or "just started"
        raise OutputBusyError(f"another {job} is writing to {folder}: {holder}") from None
    lock.truncate(0)
    lock.write(f"process {os.getpid()}, since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC\n")
    lock.flush()


def _remove_empty(folders: list[Path]) -> None:
    """Removes folders, each of which lies in the next one, for as long as they are empty."""
    with suppress(OSError):
        for folder in folders:
            folder.rmdir()
