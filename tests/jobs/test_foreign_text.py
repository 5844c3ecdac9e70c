"""What anyone may have written reaches terminal, page and spreadsheet as plain text."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
from made_up_runs import make_record, put_run

from jobs import (
    compare_models,
    evaluate_embeddings,
    map_embeddings,
    neighbours,
    serve_embeddings,
    tune_embeddings,
)

ROOT = Path(__file__).parents[2]
HOSTILE = "a\x1b]0;x\x07\b\r\x85\u202e\u2066\u2028\u200bz"
SHOWN = r"a\x1b]0;x\x07\x08\r\x85\u202e\u2066\u2028\u200bz"


def plain(text):
    assert all(line.isprintable() for line in text.split("\n")), ascii(text)
    return text


@pytest.fixture
def vectors(tmp_path):
    words = [HOSTILE, "cup", "tea", "pot", "jug"]
    lines = [f"{word} 1 {number}" for number, word in enumerate(words)]
    path = tmp_path / HOSTILE
    path.write_text("\n".join(["5 2", *lines]), newline="\n")
    return path


def test_words_and_paths_of_vectors(vectors, tmp_path, capsys):
    assert neighbours.main(["--model", str(vectors), "cup"]) == 0
    assert f"\n{SHOWN}  " in plain(capsys.readouterr().out)
    assert neighbours.main(["--model", str(vectors), "cup", "--json"]) == 0
    nearest = json.loads(plain(capsys.readouterr().out))[0]["nearest"]
    assert HOSTILE in dict(nearest)
    assert neighbours.main(["--model", str(vectors), HOSTILE + "\n"]) == 13
    assert plain(capsys.readouterr().err).count("\n") == 1
    assert evaluate_embeddings.main([str(vectors), "--resamples", "0"]) == 0
    assert f"{tmp_path}/{SHOWN}: 5 vectors of 2 dim" in plain(capsys.readouterr().out)
    assert evaluate_embeddings.main([f"{vectors}\udcff\n"]) == 3
    assert plain(capsys.readouterr().err) == (
        f"evaluate_embeddings: error: {tmp_path}/{SHOWN}\\xff\\n does not exist\n"
    )
    folder = tmp_path / "m"
    assert map_embeddings.main([str(vectors), "--output", str(folder), "--title", HOSTILE]) == 0
    page = (folder / "map.html").read_text()
    assert f"<h1>{SHOWN}</h1>" in page and plain(page)


@pytest.mark.parametrize(
    ("main", "arguments"),
    [
        (neighbours.main, ["--count", HOSTILE]),
        (tune_embeddings.main, ["--seed", HOSTILE]),
        (compare_models.main, ["--tag", HOSTILE]),
        (serve_embeddings.main, ["deploy", "run", "--expires", HOSTILE]),
    ],
)
def test_wrong_arguments(main, arguments, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert SHOWN in plain(capsys.readouterr().err)


def test_names_in_tables_pages_and_spreadsheets(tmp_path, capsys):
    names = [HOSTILE, "=cmd|calc!A0", "+1+1", "-0.5", "@x", "\t=1", "\r=1", " =1", "a=1", "＝1"]
    for number, name in enumerate(names):
        record = make_record(name, 0.9 - number / 100, learning_rate=-0.5, **{"=x": "-1+1"})
        put_run(tmp_path / "runs" / str(number), record)
    put_run(tmp_path / "runs" / HOSTILE, make_record("x", 0.5, seconds="long"))
    table, page = tmp_path / "t.csv", tmp_path / "t.html"
    options = ["--csv", str(table), "--html", str(page)]
    assert compare_models.main([str(tmp_path / "runs"), *options]) == 0
    said = capsys.readouterr()
    assert [line.split("  ")[0] for line in plain(said.out).splitlines()[1:3]] == [SHOWN, names[1]]
    assert f"/{SHOWN}/run.json: seconds of a wrong type" in plain(said.err)
    assert SHOWN in plain(page.read_text())
    rows = list(csv.DictReader(plain(table.read_text()).splitlines()))
    assert [row["name"] for row in rows] == [
        *(SHOWN, "'=cmd|calc!A0", "'+1+1", "-0.5", "'@x"),
        *(r"\t=1", r"\r=1", "' =1", "a=1", "'＝1"),
    ]
    assert (rows[0]["learning_rate"], rows[0]["'=x"]) == ("-0.5", "'-1+1")


def test_a_bar_moves_the_cursor_and_nobody_else():
    code = (
        "import sys; from commandline.running import run_command\n"
        "def show():\n"
        "    for text in ('\\r50%', '\\r\\033[K', '\\033[A', 'a\\rb\\033[Kc\\n'):\n"
        "        sys.stderr.write(text)\n"
        "run_command('x', show)"
    )
    process = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True)
    assert process.stderr == b"\r50%\r\033[K\033[Aa\\rb\\x1b[Kc\n"
