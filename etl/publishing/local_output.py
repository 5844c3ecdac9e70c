"""An output folder on this machine, or one that all machines of the cluster share."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from etl.publishing.digest import Digest
from etl.publishing.local_moves import finish, publish_staged
from etl.publishing.output import (
    RAW,
    STAGED,
    STAGING,
    CorpusFile,
    Destination,
    is_made,
    part_order,
    run_name,
    set_aside,
)
from schemas.output import CORPUS_FILE, ENTRIES, FOLDERS
from storage.errors import OutputExistsError
from storage.output_folder import held_folder, output_errors

BLOCK_BYTES = 2**20


class LocalOutput:
    """An output folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __str__(self) -> str:
        return str(self.folder)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keeps other builds away, and tidies up after one that died.

        Raises:
            OutputBusyError: another build holds it.
            OutputNotWritableError: it can't be made or written to.
        """
        with held_folder(self.folder, "build"):
            with output_errors(self.folder):
                for folder in sorted(self.folder.iterdir()):
                    if STAGED.fullmatch(folder.name):
                        finish(folder)
            yield

    def read(self, name: str) -> bytes | None:
        """The bytes of a file; None if it can't be read."""
        try:
            return (self.folder / name).read_bytes()
        except OSError:
            return None

    def has(self, entry: str) -> bool:
        """Whether there is anything under the name of an entry."""
        return (self.folder / entry).exists()

    def has_corpus(self, corpus: dict[str, Any]) -> bool:
        """Whether the corpus file has the size that a manifest recorded."""
        path = self.folder / CORPUS_FILE
        return path.is_file() and path.stat().st_size == corpus["bytes"]

    def check_replaceable(self, entries: list[str], known: list[str], overwrite: bool) -> None:
        """Refuses to touch what is there already, unless it is an older build and may be replaced.

        Args:
            entries: names that the new build makes.
            known: names that an older build says it made.
            overwrite: whether an older build may be replaced.

        Raises:
            OutputExistsError: says what is in the way.
        """
        present = [name for name in ENTRIES if os.path.lexists(self.folder / name)]
        if not overwrite and (taken := [name for name in present if name in [*known, *entries]]):
            raise OutputExistsError(
                f"{self} holds {' and '.join(taken)} already: use --overwrite to replace an output"
            )
        for name in present:
            if name in known or name in entries:
                _check_ours(self.folder / name, is_known=name in known)

    @contextmanager
    def staging(self) -> Iterator["LocalPlace"]:
        """A staging folder, gone at the end in any case; published if its moves had begun."""
        place = LocalPlace(self.folder, run_name(str(os.getpid())))
        try:
            with output_errors(self.folder):
                place.final.mkdir(parents=True)
                place.scratch.mkdir()
                yield place
        finally:
            finish(place.folder)


@dataclass(frozen=True)
class LocalPart:
    """One file that a task wrote."""

    path: Path

    @property
    def size(self) -> int:
        """Bytes."""
        return self.path.stat().st_size

    def read(self) -> bytes:
        """All of it."""
        return self.path.read_bytes()


class LocalPlace:
    """The folder that a build fills: entries under `final`, whatever else under `scratch`."""

    def __init__(self, output: Path, run: str) -> None:
        self.output = output
        self.folder = output / f"{STAGING}{run}"
        self.final = self.folder / "final"
        self.scratch = self.folder / "scratch"

    def for_spark(self, spark: SparkSession, name: str) -> Destination:
        """A folder of this machine, or shared by all machines of the cluster."""
        folder = self.scratch if name == RAW else self.final
        return Destination(f"file://{(folder / name).absolute()}")

    def parts(self, kind: str) -> list[LocalPart]:
        """The part files of a kind, in file order."""
        paths = (self.scratch / RAW / f"kind={kind}").glob("chunk=*/part-*")
        return [LocalPart(path) for path in sorted(paths, key=lambda path: part_order(str(path)))]

    def join(self, spark: SparkSession) -> CorpusFile:
        """Moves all lines into one file, which is on the disk when this returns."""
        target = self.final / CORPUS_FILE
        target.parent.mkdir(parents=True, exist_ok=True)
        digest = Digest()
        with target.open("wb") as file:
            for part in self.parts("lines"):
                with part.path.open("rb") as lines:
                    while block := lines.read(BLOCK_BYTES):
                        file.write(block)
                        digest.update(block)
                part.path.unlink()  # the disk holds the corpus once, not twice
            file.flush()
            os.fsync(file.fileno())
        return digest.corpus_file()

    def publish(self, stale: list[str]) -> None:
        """Moves all entries under `final` to their names, and removes the stale ones.

        Raises:
            OSError: before the first move only; from there on the moves are completed, by the
                next run if need be.
        """
        shutil.rmtree(self.scratch)
        # Spark's local file system leaves a checksum beside every file.
        for checksum in self.final.rglob(".*.crc"):
            checksum.unlink()
        publish_staged(self.folder, stale)

    def refuse(self) -> None:
        """Moves report and rejects to `REFUSED`, and nothing else; as `publish`."""
        set_aside(self.final)
        self.publish(stale=[])


def _check_ours(path: Path, is_known: bool) -> None:
    """Refuses an entry that holds, or may hold, a file of somebody else's."""
    if not is_known and path.name in FOLDERS:
        raise OutputExistsError(f"{path} was not made by a build of this output: move it away")
    files = [file for file in (path, *path.rglob("*")) if not file.is_dir()]
    strange = [file for file in files if not is_made(file.relative_to(path.parent).as_posix())]
    if strange:
        raise OutputExistsError(f"{strange[0]} was not made by a build: move it away")
