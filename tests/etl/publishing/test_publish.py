"""Publishing: whole outputs only, whatever is killed when."""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

import etl.publishing.local_moves
from etl.publishing.local_moves import replace
from etl.publishing.local_output import LocalOutput
from etl.publishing.output import MARKER, STAGING, run_name
from schemas.output import ENTRIES
from storage.errors import OutputBusyError, OutputExistsError, OutputNotWritableError

FILES = {
    "posts": "posts/gender=male/part-0.parquet",
    "sentences": "sentences/gender=male/part-0.parquet",
    "rejects": "rejects/rejects.parquet",
    "report": "report/index.html",
    "refused": "refused/report/index.html",
    "CORPUS_CARD.md": "CORPUS_CARD.md",
    "manifest.json": "manifest.json",
    "corpus": "corpus/cleaned_sentences.csv",
}


def fill(folder: Path, text: str, entries: tuple[str, ...] = ENTRIES) -> None:
    for name in entries:
        path = folder / FILES[name]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def build(output: Path, text: str, stale: list[str] | None = None) -> None:
    entries = tuple(name for name in ENTRIES if name not in (stale or []))
    with LocalOutput(output).held(), LocalOutput(output).staging() as place:
        fill(place.final, text, entries)
        (place.scratch / "raw").mkdir()
        place.publish(stale or [])


def read(output: Path) -> dict[str, str]:
    """Every file of an output but the lock, with its text."""
    files = (path for path in output.rglob("*") if path.is_file() and path.name != ".lock")
    return {str(path.relative_to(output)): path.read_text() for path in files}


def whole(text: str, *without: str) -> dict[str, str]:
    return {path: text for name, path in FILES.items() if name not in without}


def test_a_build_is_published_and_replaced(tmp_path: Path) -> None:
    build(tmp_path / "new" / "out", "one")
    assert read(tmp_path / "new" / "out") == whole("one")
    build(tmp_path / "new" / "out", "two")
    assert read(tmp_path / "new" / "out") == whole("two")


def test_what_the_new_build_does_not_make_goes(tmp_path: Path) -> None:
    build(tmp_path, "one")
    (tmp_path / "notes.txt").write_text("mine")
    build(tmp_path, "two", stale=["posts", "sentences"])
    assert read(tmp_path) == whole("two", "posts", "sentences") | {"notes.txt": "mine"}


def test_a_build_that_fails_leaves_everything_as_it_was(tmp_path: Path) -> None:
    build(tmp_path, "one")
    with (
        pytest.raises(ZeroDivisionError),
        LocalOutput(tmp_path).held(),
        LocalOutput(tmp_path).staging() as place,
    ):
        fill(place.final, "two")
        raise ZeroDivisionError
    assert read(tmp_path) == whole("one")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*ENTRIES, ".lock"])


def die_after(steps: int, output: Path, exchange: bool) -> None:
    """In a process of its own: publishes, and is killed before the step of that number."""

    def counted(real: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **options: object) -> object:
            nonlocal steps
            if steps == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            steps -= 1
            return real(*args, **options)

        return call

    with LocalOutput(output).held(), LocalOutput(output).staging() as place:
        fill(
            place.final,
            "two",
            tuple(name for name in ENTRIES if name not in ("posts", "sentences")),
        )
        swap = etl.publishing.local_moves._exchange if exchange else lambda one, other: False
        setattr(etl.publishing.local_moves, "_exchange", counted(swap))  # noqa: B010, mypy forbids an assignment
        # Every system call by which publishing changes something.
        for name in ("rename", "rmdir", "unlink", "mkdir", "open", "fsync"):
            setattr(os, name, counted(getattr(os, name)))
        place.publish(["posts", "sentences"])


def was_killed(steps: int, output: Path, exchange: bool) -> bool:
    child = os.fork()
    if child == 0:
        try:
            die_after(steps, output, exchange)
            os._exit(0)
        except BaseException:
            os._exit(1)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


@pytest.mark.parametrize("exchange", [True, False], ids=["exchange", "rename aside"])
def test_killed_at_any_step_it_is_the_old_output_or_becomes_the_new(
    tmp_path: Path, exchange: bool
) -> None:
    old, new = whole("one"), whole("two", "posts", "sentences")
    outcomes = []
    for steps in range(500):
        output = tmp_path / f"out{steps}"
        build(output, "one")
        killed = was_killed(steps, output, exchange)
        had_begun = any(output.glob(f".staging-*/{MARKER}"))
        with LocalOutput(output).held():  # what the next run does first
            pass
        is_new = read(output) == new
        assert read(output) == (new if had_begun or is_new else old)
        assert not list(output.glob(".staging-*"))
        outcomes.append(is_new)
        if not killed:
            break
    assert not killed
    assert outcomes == sorted(outcomes)
    assert outcomes.count(True) > 5
    assert outcomes.count(False) > 5


def test_with_exchange_there_is_always_a_corpus(tmp_path: Path) -> None:
    (tmp_path / "new").write_text("new")
    (tmp_path / "final").write_text("old")
    replace(tmp_path / "new", tmp_path / "final", tmp_path / "aside")
    assert read(tmp_path) == {"final": "new", "new": "old"}


def test_without_it_the_old_one_is_set_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("etl.publishing.local_moves._exchange", lambda one, other: False)
    (tmp_path / "new").write_text("new")
    (tmp_path / "final").write_text("old")
    replace(tmp_path / "new", tmp_path / "final", tmp_path / "aside")
    assert read(tmp_path) == {"final": "new", "aside": "old"}


def test_a_second_build_is_told_who_holds_the_output(tmp_path: Path) -> None:
    with (
        LocalOutput(tmp_path).held(),
        pytest.raises(OutputBusyError) as error,
        LocalOutput(tmp_path).held(),
    ):
        pass
    expected = f"another build is writing to {tmp_path}: process {os.getpid()}, since 20"
    assert str(error.value).startswith(expected)
    with LocalOutput(tmp_path).held():
        pass


def test_a_dead_build_of_nothing_is_removed(tmp_path: Path) -> None:
    fill(tmp_path / f"{STAGING}{run_name('1')}" / "final", "dead")
    with LocalOutput(tmp_path).held():
        assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_a_damaged_plan_moves_nothing_that_is_not_its_own(tmp_path: Path) -> None:
    build(tmp_path, "one")
    folder = tmp_path / f"{STAGING}{run_name('1')}"
    fill(folder / "final", "two")
    (folder / MARKER).write_text(json.dumps({"moves": {"corpus": 1}, "stale": []}))
    with LocalOutput(tmp_path).held():
        assert read(tmp_path) == whole("one")


def test_an_output_is_refused_without_overwrite(tmp_path: Path) -> None:
    build(tmp_path, "one", stale=["posts", "sentences"])
    made = ["rejects", "manifest.json", "corpus"]
    with pytest.raises(OutputExistsError) as error:
        LocalOutput(tmp_path).check_replaceable(made, made, overwrite=False)
    assert str(error.value) == (
        f"{tmp_path} holds rejects and manifest.json and corpus already: "
        "use --overwrite to replace an output"
    )
    LocalOutput(tmp_path).check_replaceable(made, made, overwrite=True)


def test_a_table_that_no_build_made_is_never_replaced(tmp_path: Path) -> None:
    fill(tmp_path, "mine", ("posts",))
    LocalOutput(tmp_path).check_replaceable(["corpus"], [], overwrite=False)
    with pytest.raises(OutputExistsError) as error:
        LocalOutput(tmp_path).check_replaceable(["posts", "corpus"], [], overwrite=True)
    expected = f"{tmp_path}/posts was not made by a build of this output: move it away"
    assert str(error.value) == expected


def test_a_file_of_the_users_inside_an_entry_is_never_removed(tmp_path: Path) -> None:
    build(tmp_path, "one")
    for path in ("corpus/notes.txt", "corpus/old/cleaned_sentences.csv", "posts/mine.csv"):
        mine = tmp_path / path
        mine.parent.mkdir(exist_ok=True)
        mine.write_text("mine")
        with pytest.raises(OutputExistsError) as error:
            LocalOutput(tmp_path).check_replaceable(list(ENTRIES), list(ENTRIES), overwrite=True)
        assert str(error.value) == f"{mine} was not made by a build: move it away"
        mine.unlink()
    LocalOutput(tmp_path).check_replaceable(list(ENTRIES), list(ENTRIES), overwrite=True)


@pytest.mark.parametrize(("mine", "file"), [("corpus", "corpus"), ("manifest.json", "notes.txt")])
def test_a_file_for_a_folder_and_a_folder_for_a_file_are_not_ours(
    tmp_path: Path, mine: str, file: str
) -> None:
    path = tmp_path / mine if mine == file else tmp_path / mine / file
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine")
    with pytest.raises(OutputExistsError, match=f"^{path} was not made by a build: move it away$"):
        LocalOutput(tmp_path).check_replaceable(list(ENTRIES), [], overwrite=True)


def test_an_output_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    for path, said in [("out", "File exists"), ("out/below", "Not a directory")]:
        with pytest.raises(OutputNotWritableError) as error, LocalOutput(tmp_path / path).held():
            pass
        assert str(error.value) == f"can't write {tmp_path}/{path}: {said}"
