"""Moves within one file system that are whole or not at all, and reach the disk."""

import ctypes
import errno
import os
from pathlib import Path

AT_FDCWD = -100
RENAME_EXCHANGE = 2
"""Flag of Linux's renameat2: both names swap what they stand for, in one step."""

UNSUPPORTED = (errno.ENOSYS, errno.EINVAL, errno.ENOTTY, errno.EOPNOTSUPP)


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


def _exchange(one: Path, other: Path) -> bool:
    """Swaps two names; False where the system can't."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    paths = os.fsencode(one), os.fsencode(other)
    if renameat2(AT_FDCWD, paths[0], AT_FDCWD, paths[1], RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in UNSUPPORTED:
        return False
    raise OSError(code, os.strerror(code), str(other))
