"""The jobs that map, compare and tune, by their command lines."""

import csv
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import made_up_runs
import pytest

from embeddings.scoring.word_pairs import ws353
from jobs import compare_cleaning, compare_models, map_embeddings, tune_embeddings

ROOT = Path(__file__).parents[2]
SMALL = [
    argument
    for change in ("epochs=1", "min_count=1:3", "vector_dim=8:12", "window_size=2:4")
    for argument in ("--set", change)
]


@pytest.fixture(scope="module")
def vectors(tmp_path_factory):
    path = tmp_path_factory.mktemp("v") / "vectors.txt"
    made_up_runs.make_vectors(50).save_word2vec_format(str(path))
    return path


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    path = tmp_path_factory.mktemp("c") / "corpus.txt"
    path.write_text("\n".join(made_up_runs.make_scored_lines(1000)) + "\n")
    return path


def run(job, *arguments):
    return job.main([str(argument) for argument in arguments])


def test_a_map_is_a_picture_and_a_page(vectors, tmp_path, capsys):
    assert run(map_embeddings, vectors, "--output", tmp_path / "m", "--words", 40) == 0
    assert sorted(path.name for path in (tmp_path / "m").iterdir()) == ["map.html", "map.png"]
    assert capsys.readouterr().out.splitlines() == [
        f"{tmp_path}/m/map.png",
        f"{tmp_path}/m/map.html",
        "t-SNE of 40 of 50 vectors of 12 dimensions, perplexity 13, seed 1",
    ]
    page = (tmp_path / "m" / "map.html").read_text()
    assert "<h1>40 most frequent words</h1>" in page
    mapped = re.findall(r'\["(\w+)",(\d+),', page)  # a neighbour has a cosine behind it, not a rank
    assert [int(rank) for _, rank in mapped] == list(range(1, 41))
    assert "pets37" in dict(mapped) and "pets40" not in dict(mapped)


def test_a_map_goes_to_the_projector_too(vectors, tmp_path, capsys):
    arguments = ("--output", tmp_path, "--words", 40, "--projector")
    assert run(map_embeddings, vectors, *arguments) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[2:4] == [f"{tmp_path}/projector-{name}.tsv" for name in ("vectors", "words")]
    words = (tmp_path / "projector-words.tsv").read_text().splitlines()
    rows = (tmp_path / "projector-vectors.tsv").read_text().splitlines()
    given = [line.split(" ") for line in vectors.read_text().splitlines()[1:]]
    assert words == [word for word, *_ in given]
    numbers = [[float(number) for number in row.split("\t")] for row in rows]
    assert numbers == [pytest.approx(list(map(float, row)), rel=1e-5) for _, *row in given]


def test_a_map_is_not_replaced_unasked(vectors, tmp_path, capsys):
    (tmp_path / "map.html").write_text("mine")
    arguments = (map_embeddings, vectors, "--output", tmp_path, "--title", "Mine & yours")
    assert run(*arguments) == 7
    error = capsys.readouterr().err
    assert error == f"map_embeddings: error: {tmp_path}/map.html exists already: use --overwrite\n"
    assert (tmp_path / "map.html").read_text() == "mine" and not (tmp_path / "map.png").exists()
    assert run(*arguments, "--overwrite") == 0
    assert "<h1>Mine &amp; yours</h1>" in (tmp_path / "map.html").read_text()


def test_a_map_says_in_one_line_what_is_wrong(vectors, tmp_path, capsys):
    few = tmp_path / "few.txt"
    few.write_text("2 2\na 1 0\nb 0 1\n")
    (tmp_path / "file").write_text("")
    assert run(map_embeddings, few, "--output", tmp_path / "m") == 16
    assert run(map_embeddings, tmp_path / "no", "--output", tmp_path / "m") == 3
    assert run(map_embeddings, vectors, "--output", tmp_path / "file") == 8
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "map_embeddings: error: a map needs 4 words, and there are 2"
    assert len(lines) == 3 and lines[2].startswith("map_embeddings: error: can't write ")
    assert not (tmp_path / "m").exists()
    with pytest.raises(SystemExit, match="2"):
        run(map_embeddings, vectors, "--output", tmp_path, "--words", 0)


def test_models_as_table_csv_and_page(tmp_path, capsys):
    made_up_runs.put_run(tmp_path / "r" / "a", made_up_runs.make_record("first", 0.4))
    made_up_runs.put_run(tmp_path / "r" / "b", made_up_runs.make_record("second", 0.6, epochs=9))
    broken = made_up_runs.put_run(tmp_path / "r" / "c", made_up_runs.make_record("x", 0.1))
    (broken / "run.json").write_text("{")
    files = ["--csv", tmp_path / "o" / "runs.csv", "--html", tmp_path / "o" / "runs.html"]
    assert run(compare_models, tmp_path / "r", *files) == 0
    output, error = capsys.readouterr()
    assert [line.split()[0] for line in output.splitlines()[:3]] == ["run", "second", "first"]
    assert error == (
        f"compare_models: left out: {tmp_path}/r/c/run.json is no run.json of blazing-corpus\n"
    )
    with (tmp_path / "o" / "runs.csv").open() as file:
        assert [row["epochs"] for row in csv.DictReader(file)] == ["9", "5"]
    assert "mean_rho against epochs" in (tmp_path / "o" / "runs.html").read_text()
    assert run(compare_models, tmp_path / "r", *files) == 7
    assert run(compare_models, tmp_path / "r" / "c") == 18
    assert run(compare_models, tmp_path / "o") == 3


def test_a_search_prints_its_table_and_goes_on(corpus, tmp_path, capsys):
    arguments = ("--corpus", corpus, "--output", tmp_path / "t", *SMALL)
    assert run(tune_embeddings, *arguments, "--max-jobs", 1) == 0
    output, error = capsys.readouterr()
    assert [line.split()[0] for line in output.splitlines()[:2]] == ["job", "job-000"]
    assert f"best: {tmp_path}/t/job-000, mean_rho " in output
    assert error.startswith("job-000: started, mode ")
    assert run(tune_embeddings, *arguments, "--max-jobs", 1) == 0
    again = capsys.readouterr()
    assert again.out == output and again.err == f"{tmp_path}/t: 1 of 1 jobs are there already\n"
    assert run(tune_embeddings, *arguments, "--seed", 2) == 7
    assert "holds a search with other settings (seed)" in capsys.readouterr().err


def test_a_search_that_can_not_begin(corpus, tmp_path, capsys):
    here = ("--corpus", corpus, "--output", tmp_path / "t")
    assert run(tune_embeddings, *here, "--set", "window=3") == 2
    assert run(tune_embeddings, *here, "--preset", "best") == 2
    assert run(tune_embeddings, "--corpus", tmp_path / "no", "--output", tmp_path / "t") == 3
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3 and all(line.startswith("tune_embeddings: error: ") for line in lines)
    assert not (tmp_path / "t").exists()


PATIENCE_SECONDS = 250  # for processes of their own, on a machine that is busy
STOPS = {"told": signal.SIGTERM, "killed": signal.SIGKILL, "Ctrl-C": signal.SIGINT}


@pytest.fixture
def endless_search(corpus, tmp_path):
    """A search with two jobs under way, neither of which will ever end by itself."""
    here = ["--corpus", str(corpus), "--output", str(tmp_path / "t"), *SMALL]
    with subprocess.Popen(
        [sys.executable, ROOT / "jobs" / "tune_embeddings.py", *here, "--set", "epochs=1000000"],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as job:
        try:
            wait_for(lambda: len(list(tmp_path.glob("t/job-*/.staging-*"))) == 2)
            yield job
        finally:
            job.kill()


@pytest.mark.parametrize("how", STOPS.values(), ids=STOPS)
def test_a_search_that_is_stopped_leaves_no_process(endless_search, tmp_path, how):
    workers = [int(path.name.rpartition("-")[2]) for path in tmp_path.glob("t/job-*/.staging-*")]
    send = os.killpg if how == signal.SIGINT else os.kill  # as a terminal does
    send(endless_search.pid, how)
    error = endless_search.communicate(timeout=PATIENCE_SECONDS)[1]
    assert endless_search.returncode == (-how if how == signal.SIGKILL else 128 + how)
    wait_for(lambda: not any(is_alive(worker) for worker in workers))
    assert "Traceback" not in error
    if how != signal.SIGKILL:
        assert error.splitlines()[-1] == (
            "tune_embeddings: interrupted; the jobs that have ended stay: the same command goes on"
        )
        assert not list(tmp_path.glob("t/job-*/.staging-*"))


def wait_for(condition):
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def is_alive(process):
    try:
        os.kill(process, 0)
        return "zombie" not in Path(f"/proc/{process}/status").read_text()
    except (ProcessLookupError, FileNotFoundError):  # perhaps between the two questions
        return False


def test_corpora_are_compared_over_seeds_and_pairs(corpus, tmp_path, capsys):
    pairs = tmp_path / "men.txt"
    words = [(pair.first, pair.second) for pair in ws353()[0].pairs[:40]]
    pairs.write_text("".join(f"{a} {b} {n}.000000\n" for n, (a, b) in enumerate(words)))
    first = ("--corpus", f"all words={corpus}")
    arguments = [*first, "--output", tmp_path / "c", "--seeds", 1, "--pairs", f"MEN={pairs}"]
    arguments += ["--epochs", 1, "--min_count", 1, "--vector_dim", 8, "--parallel", 2]
    assert run(compare_cleaning, *arguments, "--yardstick", "window_size=2") == 0
    output, error = capsys.readouterr()
    lines = output.splitlines()
    assert lines[0].startswith("mean_rho (") and lines[1].startswith("all words ")
    assert lines[2].startswith("window_size=2 ") and lines[2].endswith("one seed gives no interval")
    assert any(line.startswith("MEN (") for line in lines)
    assert "all words-seed-1: started" in error and "2 of 2 runs, 00 s left" in error
    files = sorted(path.name for path in (tmp_path / "c").glob("[!.]*.*"))
    assert files == [
        *(f"comparison.{end}" for end in ("csv", "html", "json", "md", "svg")),
        "runs.csv",
    ]
    assert run(compare_cleaning, "--output", tmp_path / "c", "--no-training") == 0
    again, note = capsys.readouterr()
    assert "MEN (" not in again and lines[0] in again and not note


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (["--corpus", "CORPUS"], 2, "two of --corpus and --yardstick are needed"),
        (["--corpus", "CORPUS", "--corpus", "CORPUS"], 2, "two corpora are called corpus"),
        (["--corpus", "CORPUS", "--yardstick", "window=9"], 2, "'window=9' is not NAME=VALUE"),
        (["--corpus", "CORPUS", "--yardstick", "epochs=0"], 2, "epochs is 0"),
        (["--corpus", "CORPUS", "--corpus", "x=CORPUS"], 15, "corpus and x hold the same bytes"),
        (
            ["--corpus", "CORPUS", "--yardstick", "epochs=2", "--pairs", "x=none"],
            3,
            "can't read no",
        ),
        (["--corpus", "CORPUS", "--yardstick", "epochs=2", "--pairs", "none"], 2, "not NAME=FILE"),
        (["--corpus", "CORPUS", "--yardstick", "epochs=2", "--spot"], 2, "--spot: with --backend"),
        (["--no-training"], 3, "runs.csv holds no run"),
    ],
)
def test_a_comparison_that_can_not_begin(corpus, tmp_path, capsys, arguments, code, reason):
    given = [argument.replace("CORPUS", str(corpus)) for argument in arguments]
    try:
        ended = run(compare_cleaning, *given, "--output", tmp_path / "c")
    except SystemExit as stop:
        ended = stop.code
    error = capsys.readouterr().err.splitlines()
    assert ended == code and reason in error[-1]
    assert not (tmp_path / "c").exists()
