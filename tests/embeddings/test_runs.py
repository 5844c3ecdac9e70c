import json
import os
import sys
import types
from dataclasses import replace
from pathlib import Path

import pytest

from embeddings.runs.run_copies import metrics, track
from embeddings.runs.run_folder import ENTRIES, run_folder
from embeddings.runs.run_record import RunRecord, read_run, read_runs, write_run
from embeddings.training.training_progress import LineProgress
from storage.errors import (
    BadRunError,
    InputNotFoundError,
    OutputBusyError,
    OutputExistsError,
    OutputNotWritableError,
)
from storage.output_folder import LOCK

RECORD = RunRecord(
    name="first",
    backend="local",
    status="completed",
    started="2026-01-01T00:00:00+00:00",
    finished="2026-01-01T00:01:00+00:00",
    hyperparameters={"epochs": 5, "mode": "cbow"},
    corpus={"uri": "c.txt", "sha256": "ab"},
    seconds=60.0,
    evaluation={"mean_rho": 0.5},
    scores=[
        {"name": "EN-WS-353-ALL.txt", "rho": 0.6},
        {"name": "mean_rho", "rho": 0.5},
        {"name": "x", "rho": None},
    ],
    seed=1,
    workers=2,
)


def listing(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_record_survives_its_file(tmp_path):
    write_run(RECORD, tmp_path)
    assert read_run(tmp_path) == RECORD
    assert listing(tmp_path) == ["run.json"]
    content = json.loads((tmp_path / "run.json").read_text())
    assert (content["tool"], content["format"], content["price_usd"]) == ("blazing-corpus", 1, None)
    assert RECORD.mean_rho == 0.5
    assert replace(RECORD, evaluation=None).mean_rho is None


def test_fields_of_later_versions_are_left_out_and_missing_ones_have_defaults(tmp_path):
    content = json.loads(RECORD.to_json()) | {"colour": "red"}
    del content["scores"]
    assert RunRecord.from_json(json.dumps(content), "x") == replace(RECORD, scores=[])


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", "3", '{"tool": "blazing-corpus", "format": 1}', '{"tool": 1,"format":1}'],
)
def test_what_is_no_run_is_named(tmp_path, text):
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(BadRunError, match=f"^{tmp_path}/run.json is "):
        read_run(tmp_path)


def test_runs_below_a_folder_are_found_sorted_and_unfinished_ones_are_not(tmp_path):
    for name in ("b/2", "a", "b/1", "c/.staging-7"):
        (tmp_path / name).mkdir(parents=True)
        write_run(replace(RECORD, name=name), tmp_path / name)
    (tmp_path / "empty").mkdir()
    found = list(read_runs(tmp_path))
    assert [record.name for _, record in found] == ["a", "b/1", "b/2"]
    assert found[0][0] == f"{tmp_path}/a/run.json"
    with pytest.raises(InputNotFoundError, match="no folder at"):
        list(read_runs(tmp_path / "none"))
    with pytest.raises(InputNotFoundError, match="can't read"):
        read_run(tmp_path / "empty")


def stage(folder, text, subwords=False):
    (folder.staging / "model.tar.gz").write_text(text)
    if subwords:
        (folder.staging / "subwords.bin").write_text(text)


def test_a_run_is_replaced_only_if_asked_and_the_users_files_stay(tmp_path):
    with run_folder(tmp_path) as folder:
        stage(folder, "m1", subwords=True)
        folder.publish(RECORD)
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(OutputExistsError) as caught, run_folder(tmp_path):
        pass
    assert str(caught.value) == (
        f"{tmp_path} holds run.json and model.tar.gz and subwords.bin already: "
        f"use --overwrite to replace a run"
    )
    with run_folder(tmp_path, overwrite=True) as folder:
        stage(folder, "m2")
        folder.publish(replace(RECORD, name="second"))
    assert listing(tmp_path) == [".lock", "model.tar.gz", "notes.txt", "run.json"]
    assert (tmp_path / "model.tar.gz").read_text() == "m2"
    assert read_run(tmp_path).name == "second"


def test_a_run_that_dies_among_its_moves_is_no_run(tmp_path, monkeypatch):
    with run_folder(tmp_path) as folder:
        stage(folder, "m1")
        folder.publish(RECORD)
    monkeypatch.setattr("embeddings.runs.run_folder.write_run", lambda *_: Path("/none").stat())
    with (
        pytest.raises(OutputNotWritableError, match="No such file"),
        run_folder(tmp_path, overwrite=True) as folder,
    ):
        stage(folder, "m2")
        folder.publish(RECORD)
    assert list(read_runs(tmp_path)) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_whatever_happens_inside_leaves_the_output_as_it_was(tmp_path, error):
    with pytest.raises(error), run_folder(tmp_path / "new/run") as folder:
        stage(folder, "half")
        raise error
    assert not (tmp_path / "new").exists()
    (tmp_path / "empty").mkdir()
    with pytest.raises(error), run_folder(tmp_path / "empty") as folder:
        raise error
    assert listing(tmp_path / "empty") == []
    with run_folder(tmp_path / "old") as folder:
        stage(folder, "whole")
        folder.publish(RECORD)
    with pytest.raises(error), run_folder(tmp_path / "old", overwrite=True) as folder:
        stage(folder, "half")
        raise error
    assert (tmp_path / "old/model.tar.gz").read_text() == "whole"
    assert read_run(tmp_path / "old") == RECORD


def test_what_a_killed_run_left_is_tidied_by_the_next(tmp_path):
    (tmp_path / ".staging-1").mkdir()
    (tmp_path / ".staging-1/vectors.txt").write_text("half")
    with run_folder(tmp_path) as folder:
        assert listing(tmp_path) == [".lock", folder.staging.name]


def test_what_only_looks_like_a_rest_stays(tmp_path):
    mine = [".staging-1.bak", ".staging-20250101T000000Z-1", ".staging-old", ".staging.1"]
    mine += [f"{name}.bak" for name in (*ENTRIES, LOCK)]
    for name in mine:
        (tmp_path / name).mkdir()
        (tmp_path / name / "x").write_text("mine")
    for text in ("one", "two"):
        with run_folder(tmp_path, overwrite=True) as folder:
            stage(folder, text)
            folder.publish(RECORD)
    kept = {path.parent.name: path.read_text() for path in tmp_path.glob("*/x")}
    assert kept == dict.fromkeys(mine, "mine")


def test_two_runs_do_not_share_an_output(tmp_path):
    output = tmp_path / "new"
    with run_folder(output) as folder:
        with pytest.raises(OutputBusyError, match="another run is writing to"), run_folder(output):
            pass
        assert listing(output) == [".lock", folder.staging.name]
        stage(folder, "m", subwords=True)
        assert not (output / "run.json").exists()
        folder.publish(RECORD)
    assert listing(output) == [".lock", "model.tar.gz", "run.json", "subwords.bin"]
    assert read_run(output) == RECORD


def test_errors_of_the_system_come_in_one_line(tmp_path):
    (tmp_path / "file").write_text("x")
    error = OutputNotWritableError
    with pytest.raises(error, match="run: Not a directory"), run_folder(tmp_path / "file/run"):
        pass
    with pytest.raises(error, match="No space left on device"), run_folder(tmp_path / "full"):
        raise OSError(28, os.strerror(28))
    assert not (tmp_path / "full").exists()


CORPUS_TAGS = {"corpus.uri": "c.txt", "corpus.sha256": "ab"}


class FakeMlflow(types.ModuleType):
    """What mlflow is told, in order."""

    def __init__(self):
        super().__init__("mlflow")
        self.told = []

    def start_run(self, run_name):
        from contextlib import nullcontext

        self.told.append(("start_run", run_name))
        return nullcontext()

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *values: self.told.append((name, *values))


def test_runs_go_to_mlflow_only_when_there_is_one(monkeypatch, capsys):
    fake = FakeMlflow()
    monkeypatch.setitem(sys.modules, "mlflow", fake)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    track(RECORD, LineProgress())
    assert fake.told == []
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    track(RECORD, LineProgress())
    assert fake.told == [
        ("set_experiment", "blazing-corpus"),
        ("start_run", "first"),
        ("log_params", {"epochs": 5, "mode": "cbow", "seed": 1, "workers": 2}),
        ("log_metrics", {"seconds": 60.0, "rho.EN-WS-353-ALL.txt": 0.6, "mean_rho": 0.5}),
        ("set_tags", {"backend": "local", "status": "completed"} | CORPUS_TAGS),
        ("log_text", RECORD.to_json(), "run.json"),
    ]
    assert "x" not in metrics(RECORD)
    assert capsys.readouterr().err == ""


def test_a_tracker_that_fails_costs_a_line_and_no_run(monkeypatch, capsys):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "mlflow", None)
    track(RECORD, LineProgress())
    line = "warning: not logged to MLflow: import of mlflow halted; None in sys.modules\n"
    assert capsys.readouterr().err == line
