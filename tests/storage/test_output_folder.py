"""Output folders: held by one job, gone again if nothing came of it; files whole or not at all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from storage.errors import OutputBusyError, OutputExistsError, OutputNotWritableError
from storage.output_folder import LOCK, check_replaceable, held_folder, write_files


def test_a_folder_that_was_not_there_goes_again_with_its_parents(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), held_folder(tmp_path / "a" / "b"):
        assert (tmp_path / "a" / "b" / LOCK).exists()
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_what_was_there_or_came_stays(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "mine").touch()
    with pytest.raises(ZeroDivisionError), held_folder(tmp_path / "old"):
        raise ZeroDivisionError
    assert [path.name for path in (tmp_path / "old").iterdir()] == ["mine"]
    with held_folder(tmp_path / "old"):
        pass
    assert (tmp_path / "old" / LOCK).exists()
    with pytest.raises(ZeroDivisionError), held_folder(tmp_path / "new" / "x"):
        (tmp_path / "new" / "x" / "file").touch()
        (tmp_path / "new" / "mine").touch()
        raise ZeroDivisionError
    assert (tmp_path / "new" / "x" / "file").exists() and (tmp_path / "new" / "mine").exists()


def test_another_process_holds_it_until_it_ends(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from storage.output_folder import held_folder\n"
        "with held_folder(Path(sys.argv[1])): print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, tmp_path / "x"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None and other.stdout.readline() == b"\n"
        with pytest.raises(OutputBusyError) as error, held_folder(tmp_path / "x", "run"):
            pass
        text = f"another run is writing to {tmp_path}/x: process {other.pid}, since 20"
        assert str(error.value).startswith(text)
        other.kill()
    with held_folder(tmp_path / "x"):  # which the killed one could not tidy up
        pass


def test_a_lock_that_its_holder_removes_meanwhile_holds_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, real = tmp_path / "x", os.fstat
    removed: list[bool] = []

    def remove_first(handle: int) -> os.stat_result:
        if not removed:
            removed.append(True)
            (folder / LOCK).unlink()
            folder.rmdir()
        return real(handle)

    monkeypatch.setattr(os, "fstat", remove_first)
    with held_folder(folder), pytest.raises(OutputBusyError), held_folder(folder):
        pass
    assert removed and not folder.exists()


@pytest.mark.parametrize("path", ["file", "file/x"])
def test_a_folder_that_can_not_be(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").write_text("mine")
    said = f"^can't write {tmp_path}/{path}: "
    with pytest.raises(OutputNotWritableError, match=said), held_folder(tmp_path / path):
        pass
    assert (tmp_path / "file").read_text() == "mine"


def test_all_files_or_none(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("mine")
    (tmp_path / "folder").mkdir()
    new = {tmp_path / "b": b"1", tmp_path / "folder": b"2"}
    with pytest.raises(OutputExistsError, match=f"^{tmp_path}/folder exists already"):
        write_files(new)
    with pytest.raises(OutputNotWritableError, match="folder"):
        write_files({tmp_path / "folder": b"2", tmp_path / "b": b"1"}, overwrite=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "folder"]
    write_files({tmp_path / "a": b"new", tmp_path / "deep" / "c": b"3"}, overwrite=True)
    assert [(tmp_path / name).read_bytes() for name in ("a", "deep/c")] == [b"new", b"3"]
    with pytest.raises(OutputExistsError, match=f"{tmp_path}/a and {tmp_path}/b"):
        (tmp_path / "b").symlink_to("nowhere")
        check_replaceable([tmp_path / "a", tmp_path / "b"], overwrite=False)
