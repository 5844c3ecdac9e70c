"""The training, evaluation and neighbours jobs, by their command lines."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import made_up_company
import numpy as np
import pytest
from gensim.models.keyedvectors import KeyedVectors
from scipy.stats import spearmanr

from commandline.running import EPILOG
from embeddings.vectors.vectors_file import load_vectors
from jobs import evaluate_embeddings, map_embeddings, neighbours, train_embeddings
from storage.errors import EXIT_CODES

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 300  # for a process of its own, on a machine that is busy with other things
SMALL = ["--vector_dim", "20", "--epochs", "2", "--workers", "1", "--min-count", "2"]
SUBWORDS = ["--mode", "skipgram", "--subwords", "True", "--buckets", "5000"]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    path = tmp_path_factory.mktemp("c") / "corpus.txt"
    path.write_text("\n".join(made_up_company.make_lines(1000)) + "\n")
    return path


@pytest.fixture(scope="module")
def trained(corpus, tmp_path_factory):
    output = tmp_path_factory.mktemp("run") / "plain"
    assert run("--corpus", corpus, "--output", output, *SMALL) == 0
    return output


def run(*arguments):
    return train_embeddings.main([str(argument) for argument in arguments])


def job(name, *arguments, **options):
    return subprocess.Popen(
        [sys.executable, ROOT / "jobs" / f"{name}.py", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def test_a_run_leaves_model_and_record_and_says_what_it_did(corpus, tmp_path, capsys):
    output = tmp_path / "run"
    assert run("--corpus", corpus, "--output", output, "--preset", "reference", *SMALL) == 0
    assert sorted(path.name for path in output.iterdir()) == [".lock", "model.tar.gz", "run.json"]
    with tarfile.open(output / "model.tar.gz") as tar:
        assert tar.getnames() == ["vectors.txt", "vectors.bin", "eval.json"]
        for name in tar.getnames():
            member = tar.extractfile(name)
            assert member is not None
            (tmp_path / name).write_bytes(member.read())
    text, binary = (
        KeyedVectors.load_word2vec_format(str(tmp_path / f"vectors.{kind}"), binary=kind == "bin")
        for kind in ("txt", "bin")
    )
    assert text.index_to_key == binary.index_to_key
    np.testing.assert_array_equal(text.vectors, binary.vectors)
    assert text.vectors.shape == (20, 20)
    evaluation = json.loads((tmp_path / "eval.json").read_text())
    totals = {
        name: entry["total_pairs"] for name, entry in evaluation.items() if name != "mean_rho"
    }
    assert totals == {
        "EN-WS-353-ALL.txt": 353, "EN-WS-353-REL.txt": 252, "EN-WS-353-SIM.txt": 203,
    }  # fmt: skip
    record = json.loads((output / "run.json").read_text())
    assert record["evaluation"] == evaluation
    assert (record["name"], record["backend"], record["status"]) == ("run", "local", "completed")
    assert record["hyperparameters"]["vector_dim"] == 20
    assert record["hyperparameters"]["mode"] == "batch_skipgram"
    assert record["corpus"]["uri"] == str(corpus)
    assert (record["corpus"]["lines"], record["corpus"]["words"]) == (1000, 10_000)
    assert record["artifacts"] == {"model.tar.gz": (output / "model.tar.gz").stat().st_size}
    assert set(record["host"]) == {"system", "machine", "cpus"}
    printed = capsys.readouterr()
    assert "run: 20 vectors of 20 dimensions\ntrained on 20,000 words in " in printed.out
    assert "note: batch_size: 11 has no local meaning\n" in printed.out
    assert printed.err.startswith("read 10,000 words\nvocabulary: 20 words that occur at least 2")


def test_the_same_command_gives_the_same_archive(corpus, trained, tmp_path):
    assert run("--corpus", corpus, "--output", tmp_path / "again", *SMALL) == 0
    first, again = ((path / "model.tar.gz").read_bytes() for path in (trained, tmp_path / "again"))
    assert first == again


def test_without_evaluation_there_is_no_eval_json(corpus, tmp_path):
    output = tmp_path / "r"
    assert run("--corpus", corpus, "--output", output, "--evaluation", "False", *SMALL) == 0
    with tarfile.open(output / "model.tar.gz") as tar:
        assert tar.getnames() == ["vectors.txt", "vectors.bin"]
    record = json.loads((output / "run.json").read_text())
    assert (record["evaluation"], record["scores"]) == (None, [])


def test_with_subwords_unknown_words_have_neighbours(corpus, tmp_path, capsys):
    output = tmp_path / "r"
    assert run("--corpus", corpus, "--output", output, *SMALL, *SUBWORDS) == 0
    assert (output / "subwords.bin").is_file()
    with tarfile.open(output / "model.tar.gz") as tar:
        assert "subwords.bin" not in tar.getnames()
    capsys.readouterr()
    words = ["cofffee", "Coffee"]
    assert neighbours.main(["--model", str(output), "--count", "3", "--json", *words]) == 0
    unknown, known = json.loads(capsys.readouterr().out)
    assert (unknown["word"], unknown["is_known"]) == ("cofffee", False)
    assert "coffee" in [word for word, _ in unknown["nearest"]]
    assert (known["word"], known["is_known"], len(known["nearest"])) == ("coffee", True, 3)


def test_evaluation_of_several_files_as_json_and_as_tables(trained, tmp_path, capsys):
    pairs = tmp_path / "mine.tsv"
    pairs.write_text("coffee tea 9\ncat dog 8\ncoffee dog 1\nmonday cat 2\nmonday zebra 5\n")
    arguments = [str(trained), str(trained / "model.tar.gz"), "--pairs", str(pairs)]
    assert evaluate_embeddings.main([*arguments, "--json", "--resamples", "50"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert first["scores"] == second["scores"]
    assert [score["name"] for score in first["scores"]] == [
        "EN-WS-353-ALL.txt", "EN-WS-353-REL.txt", "EN-WS-353-SIM.txt", "mean_rho", "SimLex-999",
        "mine.tsv",
    ]  # fmt: skip
    mine = first["scores"][-1]
    assert (mine["total_pairs"], mine["not_found"]) == (5, 1)
    vectors = load_vectors(trained)
    known = [("coffee", "tea"), ("cat", "dog"), ("coffee", "dog"), ("monday", "cat")]
    cosines = [vectors.similarity(*pair) for pair in known]
    assert mine["rho"] == pytest.approx(spearmanr([9, 8, 1, 2], cosines).statistic)
    assert evaluate_embeddings.main([*arguments, "--analogies"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"{trained}: 20 vectors of 20 dimensions\nset ")
    assert "total                            0   19,544        0      -" in printed


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["--epochs", "0"], 2, "epochs is 0, and must be from 1 to 2147483647"),
        (["--patience", "3"], 2, "patience belongs to BlazingText's supervised mode, not to word2"),
        (["--subwords", "1"], 2, "subwords can't be learned in mode batch_skipgram"),
        (["--preset", "best"], 2, "preset is 'best', and may be one of default, reference"),
        (["--corpus", "none.txt"], 3, "no corpus at none.txt: none.txt does not exist"),
        (["--corpus", "latin.txt", "--no-preflight"], 15, "latin.txt is not UTF-8: line 1, byte 3"),
        (["--corpus", "empty.txt", "--no-preflight"], 15, "empty.txt is empty"),
        (["--output", "old"], 7, "old holds run.json already: use --overwrite"),
        (["--output", "empty.txt/x"], 8, "can't write empty.txt/x: Not a directory"),
        (["--min_count", "9999999"], 17, "{}: 1 quality check failed: preflight.words: found 0"),
        (["--min_count", "9999999", "--no-preflight"], 17, "no word occurs min_count, 9,999,999,"),
        (["--backend", "sagemaker", "--corpus", "a"], 2, "a is no object on S3: --output-path or"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_is_one_line_and_an_exit_code(
    tmp_path, monkeypatch, corpus, capsys, arguments, code, text
):
    monkeypatch.chdir(tmp_path)
    Path("empty.txt").touch()
    Path("latin.txt").write_bytes(b"caf\xe9\n")
    Path("old").mkdir()
    Path("old/run.json").write_text("{}")
    before = sorted(tmp_path.rglob("*"))
    assert run("--corpus", corpus, "--output", "new", *arguments) == code
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith(f"train_embeddings: error: {text.format(corpus)}")
    assert sorted(tmp_path.rglob("*")) == before
    assert code in EXIT_CODES


@pytest.mark.parametrize(
    ("job_main", "arguments", "code", "text"),
    [
        (evaluate_embeddings.main, ["none"], 3, "none does not exist"),
        (evaluate_embeddings.main, ["cut.tar.gz"], 5, "cut.tar.gz is cut off or no tar.gz: "),
        (
            evaluate_embeddings.main,
            ["text.txt"],
            16,
            "text.txt has a wrong header: not a number of",
        ),
        (evaluate_embeddings.main, ["nan.txt"], 16, "nan.txt holds values that are no numbers"),
        (evaluate_embeddings.main, ["ok.txt", "--pairs", "text.txt"], 14, "text.txt holds no pair"),
        (neighbours.main, ["--model", "ok.txt", "zebra"], 13, "'zebra' is not among the 1 words"),
    ],
    ids=["missing", "truncated archive", "header", "NaN", "pairs", "unknown word"],
)
def test_bad_vectors_are_one_line_and_an_exit_code(
    tmp_path, monkeypatch, trained, capsys, job_main, arguments, code, text
):
    monkeypatch.chdir(tmp_path)
    Path("cut.tar.gz").write_bytes((trained / "model.tar.gz").read_bytes()[:500])
    Path("text.txt").write_text("hello\n")
    Path("nan.txt").write_text("1 2\na nan 1\n")
    Path("ok.txt").write_text("1 2\na 1 1\n")
    assert job_main(arguments) == code
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert f"error: {text}" in lines[0]


def test_a_save_of_gensim_takes_an_option(trained, tmp_path, capsys):
    path = tmp_path / "words.kv"
    load_vectors(trained).save(str(path))
    jobs = (
        ("evaluate_embeddings", evaluate_embeddings.main, [str(path), "--resamples", "0"]),
        ("neighbours", neighbours.main, ["--model", str(path), "coffee"]),
        ("map_embeddings", map_embeddings.main, [str(path), "--output", str(tmp_path / "map")]),
    )
    for name, main, arguments in jobs:
        assert main(arguments) == 16
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith(f"{name}: error: {path} is a pickle, ") and "--trust-pickle" in line
        assert main([*arguments, "--trust-pickle"]) == 0
        assert capsys.readouterr().err.startswith(
            f"warning: {path} is a pickle: loading it runs the code in it\n"
        )


C_LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.mark.parametrize(
    ("name", "environment", "shown"),
    [(b"caf\xff", {}, "caf\\xff"), ("café".encode(), C_LOCALE, "café")],
    ids=["no UTF-8", "C locale"],
)
def test_a_corpus_and_an_output_with_any_name(tmp_path, corpus, name, environment, shown):
    folder = os.fsencode(tmp_path) + b"/" + name
    Path(os.fsdecode(folder)).mkdir()
    shutil.copyfile(os.fsencode(corpus), folder + b"/" + name)
    environment = os.environ | environment
    for output, options in ((b"plain", SMALL), (b"subwords", [*SMALL, *SUBWORDS])):
        paths = [b"--corpus", folder + b"/" + name, b"--output", folder + b"/" + output + name]
        command = [sys.executable, str(ROOT / "jobs/train_embeddings.py"), *options, *paths]
        done = subprocess.run(
            command, env=environment, capture_output=True, timeout=PATIENCE_SECONDS
        )
        assert (done.returncode, b"Traceback" in done.stderr) == (0, False), done.stderr
        record = json.loads(Path(os.fsdecode(paths[-1]), "run.json").read_text(encoding="utf-8"))
        assert record["corpus"]["uri"] == f"{tmp_path}/{shown}/{shown}"
        assert record["name"] == f"{output.decode()}{shown}"
        model = [sys.executable, str(ROOT / "jobs/neighbours.py"), "--model", paths[-1], "coffee"]
        done = subprocess.run(model, env=environment, capture_output=True, timeout=PATIENCE_SECONDS)
        assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("existing", [False, True])
@pytest.mark.parametrize(
    ("content", "code"), [(b"", 15), (b"caf\xe9\n", 15), (b"rare\n", 17), (None, 3)]
)
def test_a_failed_training_leaves_no_lock_and_no_folder(tmp_path, content, code, existing, capsys):
    if content is not None:
        (tmp_path / "corpus").write_bytes(content)
    output = tmp_path / "a" / "b" / "run"
    if existing:
        output.mkdir(parents=True)
    before = sorted(tmp_path.rglob("*"))
    assert run("--corpus", tmp_path / "corpus", "--output", output) == code
    assert sorted(tmp_path.rglob("*")) == before
    assert len(capsys.readouterr().err.splitlines()) <= 2


@pytest.mark.parametrize("error", [ValueError, MemoryError, SystemExit])
@pytest.mark.parametrize("workers", [1, 2])
def test_a_worker_that_fails_is_one_line_and_an_exit_code(tmp_path, corpus, workers, error):
    """In a process of its own, so that a training that waits for ever fails the test."""
    script = f"""
import sys
from gensim.models import Word2Vec
from jobs import train_embeddings
work = Word2Vec._do_train_epoch
def fail(self, path, number, *args, **options):
    if number == {workers - 1}:
        raise {error.__name__}("no such luck\\nat all")
    return work(self, path, number, *args, **options)
Word2Vec._do_train_epoch = fail
sys.exit(train_embeddings.main(sys.argv[1:]))
"""
    arguments = ["--corpus", corpus, "--output", tmp_path / "runs/one", *SMALL]
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments), "--workers", str(workers)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode == 1
    read, vocabulary, last = done.stderr.splitlines()
    assert read.startswith("read ") and vocabulary.startswith("vocabulary: ")
    assert last == (
        f"train_embeddings: error: gensim failed during training: {error.__name__}: no such luck"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_an_interrupt_leaves_nothing_behind(tmp_path, corpus, number):
    path = tmp_path / "big.txt"
    path.write_text(corpus.read_text() * 100)
    arguments = ["--corpus", path, "--output", tmp_path / "run", "--epochs", "200"]
    process = job(
        "train_embeddings",
        *(*arguments, "--workers", 2),
        # A shell starts what runs in its background, these tests perhaps, deaf to Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    for line in process.stderr:
        if line.startswith("vocabulary"):
            break
    time.sleep(0.3)
    process.send_signal(number)
    _, stderr = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 128 + number
    lines = [line for line in stderr.splitlines() if not line.startswith("training: ")]
    assert lines == ["train_embeddings: interrupted; nothing was written"]
    assert not (tmp_path / "run").exists()


def test_a_full_disk_is_one_line_and_leaves_nothing_behind(tmp_path, corpus):
    """A limit on the size of files fails the same call as a full disk, in the same place."""
    process = job(
        "train_embeddings",
        *("--corpus", corpus, "--output", tmp_path / "run", *SMALL),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000)),
    )
    _, stderr = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 8
    assert stderr.splitlines()[-1] == (
        f"train_embeddings: error: can't write {tmp_path}/run: File too large"
    )
    assert not (tmp_path / "run").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has it")
@pytest.mark.parametrize("name", ["evaluate_embeddings", "neighbours"])
def test_a_stdout_without_room_is_one_line(trained, name):
    words = ["--model", trained, "coffee"] if name == "neighbours" else [trained]
    command = [sys.executable, ROOT / "jobs" / f"{name}.py", *words]
    with Path("/dev/full").open("w") as full:
        found = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=PATIENCE_SECONDS
        )
    error = f"{name}: error: can't write: No space left on device\n"
    assert (found.returncode, found.stderr) == (8, error)


def test_no_room_to_unpack_is_one_line(trained, tmp_path):
    process = job(
        "neighbours",
        *("--model", trained, "coffee"),
        env=os.environ | {"TMPDIR": str(tmp_path)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)),
    )
    _, stderr = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, stderr) == (
        8,
        f"neighbours: error: can't unpack {trained}/model.tar.gz into {tmp_path}: File too large; "
        f"TMPDIR may name a folder with room\n",
    )
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_goes_away_is_no_error(trained):
    process = job("evaluate_embeddings", trained, "--resamples", "0")
    process.stdout.close()
    assert (process.wait(timeout=PATIENCE_SECONDS), process.stderr.read()) == (0, "")


def test_help_needs_no_gensim_and_names_every_exit_code(tmp_path):
    (tmp_path / "gensim.py").write_text("raise ImportError('no')")
    for name in ("train_embeddings", "evaluate_embeddings", "neighbours"):
        process = job(name, "--help", env=os.environ | {"PYTHONPATH": str(tmp_path)})
        stdout, stderr = process.communicate(timeout=PATIENCE_SECONDS)
        assert (process.returncode, stderr) == (0, "")
        assert "".join(EPILOG.split()) in "".join(stdout.split())
