"""Moves of a staged output to its final names that are whole or not at all, and reach the disk.

A build makes everything in `OUTPUT/.staging-<run>/`, on the same file system, and then moves it to
its final names, the corpus last. Before the first move a marker says which entries these are, so a
run that was killed among the moves is completed by the next one; a staging folder without a marker
is what is left of a build that died, and is removed. Only names of `ENTRIES` are ever replaced.
"""

import ctypes
import errno
import json
import os
import shutil
import time
from pathlib import Path

from etl.publishing.output import MARKER
from schemas.output import ENTRIES

AT_FDCWD = -100
RENAME_EXCHANGE = 2
"""Flag of Linux's renameat2: both names swap what they stand for, in one step."""

REMOVALS, SECONDS_BETWEEN_REMOVALS = 20, 0.1

UNSUPPORTED = (errno.ENOSYS, errno.EINVAL, errno.ENOTTY, errno.EOPNOTSUPP)


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
    for _ in range(REMOVALS):  # a task of Spark that is ending may still make a file
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(SECONDS_BETWEEN_REMOVALS)


def replace(new: Path, final: Path, aside: Path) -> None:
    """Puts `new` under the name `final`; what was there ends at `new` or at `aside`.

    Where the file system can exchange two names there is no moment without a `final`.
    """
    if os.path.lexists(final):
        if _exchange(new, final):
            return
        final.rename(aside)
    new.rename(final)


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder outlast a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_tree(top: Path) -> None:
    """Makes a file, or all that is below a folder, outlast a power cut."""
    if top.is_dir():
        for child in top.iterdir():
            sync_tree(child)
        sync_folder(top)
        return
    with top.open("rb") as file:
        os.fsync(file.fileno())


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


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _exchange(old: Path, new: Path) -> bool:
    """Swaps two names; False where the system can't."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    paths = os.fsencode(old), os.fsencode(new)
    if renameat2(AT_FDCWD, paths[0], AT_FDCWD, paths[1], RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in UNSUPPORTED:
        return False
    raise OSError(code, os.strerror(code), str(new))
