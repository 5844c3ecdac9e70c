"""Writes results so that each file appears whole or not at all, and none is replaced by mistake."""

import errno
import os
from collections.abc import Mapping
from pathlib import Path

from storage.errors import OutputExistsError, OutputNotWritableError, describe_os_error

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What the system says of a full disk: also a full stdout, or folder for temporary files."""


def check_replaceable(paths: list[Path], overwrite: bool) -> None:
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
    check_replaceable(list(files), overwrite)
    parts = {path: path.with_name(f".{path.name}.{os.getpid()}.part") for path in files}
    try:
        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            parts[path].write_bytes(content)
        for path, part in parts.items():
            part.replace(path)
    except OSError as error:
        where = error.filename2 or error.filename or ", ".join(map(str, files))
        raise OutputNotWritableError(f"can't write {where}: {describe_os_error(error)}") from error
    finally:
        for part in parts.values():
            _remove(part)


def _remove(part: Path) -> None:
    try:
        part.unlink(missing_ok=True)
    except OSError:  # a parent that is a file, say: there is nothing to remove
        return
