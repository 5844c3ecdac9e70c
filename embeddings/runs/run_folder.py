"""The folder of a run: it holds a run.json only with everything that this one speaks of.

All is made in `OUTPUT/.staging-<run>/` and moved at the end, run.json last, so a folder without a
run.json is no run, however it came about.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from embeddings.runs.run_record import RUN_FILE, STAGED, STAGING, RunRecord, write_run
from embeddings.vectors.vectors_file import MODEL, SUBWORDS
from storage.errors import OutputExistsError
from storage.output_folder import held_folder, output_errors

ENTRIES = (RUN_FILE, MODEL, SUBWORDS)
"""What a run may hold; whatever else is in its folder is the user's, and stays."""


class RunFolder:
    """Where a run puts its files until they are complete."""

    def __init__(self, output: Path) -> None:
        self.output = output
        self.staging = output / f"{STAGING}{os.getpid()}"

    def publish(self, record: RunRecord) -> None:
        """Moves what was staged to its names, and then writes run.json."""
        (self.output / RUN_FILE).unlink(missing_ok=True)
        for name in ENTRIES:
            staged, final = self.staging / name, self.output / name
            if staged.exists():
                staged.replace(final)
            elif name != RUN_FILE:
                final.unlink(missing_ok=True)
        write_run(record, self.output)


@contextmanager
def run_folder(output: Path, overwrite: bool = False) -> Iterator[RunFolder]:
    """A folder for a run, held against other runs; as it was if the run does not get to its end.

    Args:
        output: made if it is missing.
        overwrite: whether an older run may be replaced, once the new one is complete.

    Raises:
        OutputExistsError: there is a run already.
        OutputBusyError: another run writes to it.
        OutputNotWritableError: it can't be written to, now or at any time inside.
    """
    place = RunFolder(output)
    with held_folder(output, "run"), output_errors(output):
        _check_replaceable(output, overwrite)
        for stale in output.iterdir():
            if STAGED.fullmatch(stale.name):
                shutil.rmtree(stale, ignore_errors=True)
        place.staging.mkdir()
        try:
            yield place
        finally:
            shutil.rmtree(place.staging, ignore_errors=True)


def _check_replaceable(output: Path, overwrite: bool) -> None:
    present = [name for name in ENTRIES if os.path.lexists(output / name)]
    if present and not overwrite:
        raise OutputExistsError(
            f"{output} holds {' and '.join(present)} already: use --overwrite to replace a run"
        )
