"""An output folder that only ever shows whole builds.

A build makes everything in `OUTPUT/.staging-<run>/`, on the same file system, and then moves it to
its final names, the corpus last. Before the first move a marker says which entries these are, so a
run that was killed among the moves is completed by the next one; a staging folder without a marker
is what is left of a build that died, and is removed. Only names of `ENTRIES` are ever replaced.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from etl.publishing.exchange import replace, sync_folder, sync_tree
from etl.publishing.output import LOCK, MARKER, STAGED, is_made
from schemas.output import ENTRIES, FOLDERS
from storage.errors import (
    OutputBusyError,
    OutputExistsError,
    OutputNotWritableError,
    describe_os_error,
)


@contextmanager
def locked(output: Path) -> Iterator[None]:
    """Holds an output folder, which is made if missing, against other builds; tidies it first.

    Raises:
        OutputBusyError: another build holds it.
        OutputNotWritableError: it can't be made or written to.
    """
    with output_errors(output):
        output.mkdir(parents=True, exist_ok=True)
        lock = (output / LOCK).open("a+")
    with lock:
        _take(lock, output)
        with output_errors(output):
            for folder in sorted(output.iterdir()):
                if STAGED.fullmatch(folder.name):
                    finish(folder)
        yield


def publish_staged(folder: Path, stale: list[str]) -> None:
    """Moves the entries in `final` of a staging folder to their names, and removes the stale ones.

    Raises:
        OSError: before the first move only; from there on the moves are completed, by the next
            run if need be.
    """
    sync_tree(folder / "final")
    moves = {path.name: path.lstat().st_ino for path in (folder / "final").iterdir()}
    marker = folder / f"{MARKER}.part"
    marker.write_text(json.dumps({"moves": moves, "stale": stale}))
    sync_tree(marker)
    marker.rename(folder / MARKER)
    sync_folder(folder)
    finish(folder)


def finish(folder: Path) -> None:
    """Completes the moves of a staging folder if they had begun, and removes it.

    May be repeated, after a kill at any point of it: an entry is told by its inode.
    """
    marker = folder / MARKER
    if marker.exists():
        plan = json.loads(marker.read_text())
        _move(folder, plan["moves"], plan["stale"])
        # The marker goes last: without it a half-removed folder would count as a dead build.
        for path in folder.iterdir():
            if path != marker:
                _remove(path)
    shutil.rmtree(folder, ignore_errors=True)


def check_replaceable(output: Path, entries: list[str], known: list[str], overwrite: bool) -> None:
    """Refuses to touch what is there already, unless it is an older build and may be replaced.

    Args:
        output: the output folder.
        entries: names that the new build makes.
        known: names that an older build says it made.
        overwrite: whether an older build may be replaced.

    Raises:
        OutputExistsError: says what is in the way.
    """
    present = [name for name in ENTRIES if os.path.lexists(output / name)]
    if not overwrite and (taken := [name for name in present if name in [*known, *entries]]):
        raise OutputExistsError(
            f"{output} holds {' and '.join(taken)} already: use --overwrite to replace an output"
        )
    for name in present:
        if name in known or name in entries:
            _check_ours(output / name, is_known=name in known)


@contextmanager
def output_errors(output: Path) -> Iterator[None]:
    """Turns the system's errors inside into one line.

    Raises:
        OutputNotWritableError: for any `OSError`.
    """
    try:
        yield
    except OSError as error:
        raise OutputNotWritableError(f"can't write {output}: {describe_os_error(error)}") from error


def _take(lock: IO[str], output: Path) -> None:
    """Locks the open lock file, and writes into it who holds it since when."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        raise OutputBusyError(
            f"another build is writing to {output}: {lock.read().strip() or 'just started'}"
        ) from None
    except OSError as error:
        raise OutputNotWritableError(f"can't lock {output}: {describe_os_error(error)}") from error
    with output_errors(output):
        lock.truncate(0)
        lock.write(f"process {os.getpid()}, since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC\n")
        lock.flush()


def _move(folder: Path, moves: dict[str, int], stale: list[str]) -> None:
    output, aside = folder.parent, folder / "old"
    aside.mkdir(exist_ok=True)
    for name in stale:
        if os.path.lexists(output / name):
            (output / name).rename(aside / name)
    for name in ENTRIES:
        new = folder / "final" / name
        # After an exchange the old entry is where the new one was, and must stay there.
        if name in moves and os.path.lexists(new) and new.lstat().st_ino == moves[name]:
            replace(new, output / name, aside / name)
    sync_folder(output)


def _check_ours(path: Path, is_known: bool) -> None:
    """Refuses an entry that holds, or may hold, a file of somebody else's."""
    if not is_known and path.name in FOLDERS:
        raise OutputExistsError(f"{path} was not made by a build of this output: move it away")
    files = [found for found in (path, *path.rglob("*")) if not found.is_dir()]
    strange = [one for one in files if not is_made(one.relative_to(path.parent).as_posix())]
    if strange:
        raise OutputExistsError(f"{strange[0]} was not made by a build: move it away")


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
