"""The preflight: good and bad files, exit codes, one line for errors, JSON."""

import gzip
import io
import json
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from damages import in_line, of_stage
from made_outputs import sample_files, write_output

from blazingtext.costs import estimate
from commandline.preflight import preflight
from embeddings.corpus.corpus_file import find_corpus
from embeddings.training.hyperparameters import Hyperparameters
from embeddings.training.training_progress import LineProgress
from jobs import check_corpus, compare_cleaning, train_embeddings, tune_embeddings
from storage.errors import CorpusError

ROOT = Path(__file__).parents[2]
GOOD = b"the cat sat\nthe dog sat\nthe cat sat\n"
REFERENCE = Hyperparameters.of({}, "reference")


@pytest.fixture
def main(monkeypatch):
    """The job in this process."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    return lambda *arguments: check_corpus.main([str(argument) for argument in arguments])


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_bytes(GOOD)
    return path


def test_a_good_file_passes(main, corpus, capsys):
    assert main(corpus.parent, "--min_count", 1) == 0  # a folder with one file is that file
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "size                  36 B"
    assert "lines                 3" in out
    assert "tokens                9" in out
    assert "repeated lines        1 (33.3%)" in out
    assert "vocabulary            4 words that occur 1 times or more" in out
    assert "estimated training    0 s on 1 × ml.c5.xlarge" in out
    assert out[-1] == "22 of 22 checks passed"
    rows = [line.split() for line in out]  # words and pairs at several min_counts
    assert ["1", "4", "9", "100.00%", "353", "of", "353"] in rows
    assert ["2", "3", "8", "88.89%", "353", "of", "353"] in rows


LONG = b"a" * 100
FLAWS: list[tuple[bytes, str, str, str]] = [
    (b"a\n\xe9\n", "error", "not_utf8: found 1", "docs/quality.md; first in line 2)"),
    (b"one\r\ntwo\r\n", "error", "carriage_return: found 2", "first in line 1"),
    (b"good\n__label__1 good\n", "error", "label: found 1", "first in line 2"),
    (b"a\0b c\n", "error", "nul: found 1", "first in line 1"),
    (b"", "error", "lines: found 0", "corpus.lines"),
    (b'{"text": "a b"}\n' * 3, "error", "json: found 1.0", "take the text out; first in line 1"),
    (b"a b\n" * 9 + b' ["a b"]\n', "error", "json: found 0.1", "first in line 10"),
    (b"id,text,age\n1,a b,3\n", "error", "csv: found 1", "corpus.form, CSV: give a sentence a l"),
    (b"id\ttext\tage\n1\ta b\t3\n", "error", "csv: found 1", "corpus.form, TSV: "),
    (gzip.compress(b"a", mtime=0), "error", "form: found 1", "corpus.form, gzip: unpack it first"),
    ("a b\n".encode("utf-16"), "error", "form: found 1", "UTF-16 text: convert it to UTF-8"),
    (b"<html><p>a b</p></html>\n", "error", "form: found 1", "corpus.form, HTML: "),
    ("\ufeffa b\n".encode(), "warning", "bom: found 1", "first in line 1"),
    ("a b\na\xa0b\u3000c\n".encode(), "warning", "unicode_space: found 1", "first in line 2"),
    (b"a \x1b b\n", "warning", "control: found 1", "first in line 1"),
    (b"%b\na%b\n" % (LONG, LONG), "warning", "long_token: found 0.5", "first in line 2"),
    (b"a\n" + b"a " * 1000 + b"b\n", "warning", "too_long: found 1", "first in line 2"),
]  # fmt: skip
"""A corpus, and the severity, figure and place of its flaw."""


@pytest.mark.parametrize(("data", "severity", "figure", "look"), FLAWS)
def test_check_and_training_say_the_same_of_a_flaw(
    main, tmp_path, capsys, data, severity, figure, look
):
    path = tmp_path / "bad.txt"
    path.write_bytes(data)
    is_error = severity == "error"
    assert main(path, "--min_count", 1) == (12 if is_error else 0)
    out, err = capsys.readouterr()
    [line] = [
        line for line in out.splitlines() if line.startswith(f"{severity}: preflight.{figure}")
    ]
    assert look in line
    assert err.startswith("check_corpus: error: ") if is_error else not err
    stream = io.StringIO()
    chosen = Hyperparameters.of({"min_count": 1})
    if is_error:
        with pytest.raises(CorpusError) as error:
            preflight(find_corpus(str(path)), chosen, LineProgress(stream))
        assert line.removeprefix("error: ") in str(error.value)
        assert line.removeprefix("error: ") in err
        assert err.count("\n") == 1
    else:
        preflight(find_corpus(str(path)), chosen, LineProgress(stream))
        assert stream.getvalue().splitlines() == [line]


def test_training_is_refused_what_the_check_refuses(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    path = tmp_path / "labels.txt"
    path.write_bytes(b"__label__1 the cat sat\n" * 9)
    name = "preflight.label: found 9, expected at most 0"
    for job, more in (
        (train_embeddings, ["--corpus", path]),
        (tune_embeddings, ["--corpus", path, "--set", "min_count=1:5"]),
        (compare_cleaning, ["--corpus", path, "--yardstick", "epochs=2"]),
    ):
        assert job.main([*map(str, more), "--output", f"{tmp_path}/run"]) == 15
        assert name in capsys.readouterr().err
    assert [item.name for item in tmp_path.iterdir()] == ["labels.txt"]
    small = ["--output", f"{tmp_path}/run", "--epochs", "1", "--mode", "skipgram"]
    assert train_embeddings.main(["--corpus", str(path), *small, "--no-preflight"]) == 0


def test_words_too_rare_for_min_count_fail(main, corpus, capsys):
    assert main(corpus, "--min_count", 4) == 12
    assert "preflight.words: found 0, expected at least 1" in capsys.readouterr().err


def test_json_has_metrics_verdicts_and_training(main, corpus, capsys):
    assert main(corpus, "--json", "--preset", "reference", "--min_count", 1) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["metrics"]["corpus"]["lines"] == 3
    assert result["quality"]["passed"] is True
    assert result["training"]["words"] == 10 * (9 + 3)
    assert result["training"]["instance_type"] == "ml.c5.xlarge"


def output(folder: Path, sha256: str, data: bytes = GOOD) -> Path:
    """What a build leaves."""
    (folder / "corpus").mkdir(parents=True)
    (folder / "corpus" / "cleaned_sentences.csv").write_bytes(data)
    (folder / "manifest.json").write_text(json.dumps({"corpus": {"sha256": sha256}}))
    return folder


def test_our_own_output_is_held_to_what_a_build_has_to_pass(main, tmp_path, capsys):
    data = b"it's fine\nnot - this\n"
    import hashlib

    folder = output(tmp_path / "out", hashlib.sha256(data).hexdigest(), data)
    assert main(folder, "--min_count", 1) == 12
    assert "1 quality check failed: corpus.other_character: found 1" in capsys.readouterr().err
    plain = tmp_path / "plain.txt"
    plain.write_bytes(data)
    assert main(plain, "--min_count", 1) == 0
    assert main(plain, "--min_count", 1, "--strict") == 12


def test_a_file_that_its_manifest_does_not_describe_fails(main, tmp_path, capsys):
    assert main(output(tmp_path / "out", "00" * 32), "--min_count", 1) == 12
    assert "preflight.manifest_differs: found 1" in capsys.readouterr().err


def test_several_files_are_refused(main, tmp_path, capsys):
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_bytes(GOOD)
    assert main(tmp_path) == 2
    assert capsys.readouterr().err == (
        f"check_corpus: error: {tmp_path} holds 2 files, and BlazingText takes one: name it, or "
        "put several into one\n"
    )


def test_a_folder_with_one_file_beside_hidden_ones_is_that_file(main, corpus):
    for name in (
        "_SUCCESS",
        ".part-0.crc",
        "corpus.txt.crc",
        ".DS_Store",
        "_metadata",
        "Thumbs.db",
    ):
        (corpus.parent / name).write_bytes(b"x")
    assert main(corpus.parent, "--min_count", 1) == 0


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["nowhere.txt"], 3, "no corpus at nowhere.txt: nowhere.txt does not exist"),
        (["{corpus}", "--baseline", "nowhere.json"], 3, "can't read nowhere.json"),
        (["{corpus}", "--thresholds", "nowhere.toml"], 2, "can't read nowhere.toml"),
        (["{corpus}", "--min_count", "-3"], 2, "min_count is -3"),
        (["{corpus}", "--mode", "glove"], 2, "mode is 'glove', and may be one of"),
    ],
)
def test_what_a_user_got_wrong_is_one_line(main, corpus, capsys, arguments, code, message):
    assert main(*(argument.format(corpus=corpus) for argument in arguments)) == code
    err = capsys.readouterr().err
    assert err.startswith(f"check_corpus: error: {message}")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments", [["--processes", "0"], ["--price-per-hour", "nan"], ["--instance-type", "ml.x"]]
)
def test_wrong_arguments_exit_with_2(main, corpus, arguments):
    with pytest.raises(SystemExit) as caught:
        main(corpus, *arguments)
    assert caught.value.code == 2


def test_the_reference_run_takes_as_long_as_it_took():
    found = estimate(141_146_651, 7_480_869, REFERENCE, "ml.c5.xlarge")
    assert found.words == 1_486_275_200
    assert found.seconds == pytest.approx(653.67, rel=0.005)
    assert found.dollars == pytest.approx((654.7 + 120) / 3600 * 0.204, rel=0.001)


@pytest.mark.parametrize(
    ("changes", "times"),
    [
        ({"epochs": 20}, 2.0),
        ({"vector_dim": 200}, 2.0),
        ({"window_size": 11}, 2.0),
        ({"negative_samples": 11}, 2.0),
        ({"mode": "cbow"}, 12 / 36),
    ],
)
def test_time_grows_with_the_work(changes, times):
    plain = estimate(1000, 10, REFERENCE, "ml.c5.xlarge").seconds
    assert estimate(
        1000, 10, Hyperparameters.of(changes, "reference"), "ml.c5.xlarge"
    ).seconds == pytest.approx(plain * times)


def test_more_and_larger_instances_take_less_time_and_the_price_may_be_given():
    one = estimate(10**9, 0, REFERENCE, "ml.c5.xlarge", price_per_hour=1.0)
    two = estimate(10**9, 0, REFERENCE, "ml.c5.2xlarge", 2, price_per_hour=1.0)
    assert two.seconds == pytest.approx(one.seconds / 4)
    assert two.dollars == pytest.approx(2 * (two.seconds + 120) / 3600)


def test_it_runs_as_a_file_from_anywhere_without_spark(corpus, tmp_path):
    job = ROOT / "jobs" / "check_corpus.py"
    done = subprocess.run(
        [sys.executable, str(job), str(corpus), "--min_count", "1"],
        cwd=tmp_path,
        env={"PATH": "", "TMPDIR": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "checks passed" in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["corpus.txt"]


def test_a_file_on_s3(main, server, bucket, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    server.client.put_object(Bucket=bucket, Key="corpus.txt", Body=GOOD)
    cache = ("--cache", tmp_path / "cache", "--min_count", 1)
    assert main(f"s3://{bucket}/corpus.txt", *cache) == 0
    assert "lines                 3" in capsys.readouterr().out
    assert main(f"s3://{bucket}/gone.txt", *cache) == 3
    said = capsys.readouterr().err
    assert said.startswith(f"check_corpus: error: s3://{bucket}/gone.txt: does not exist")
    assert said.count("\n") == 1
    assert main("s3://no-such-bucket-here/gone.txt", *cache) in (3, 22)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The output of a build, with tables."""
    return write_output(tmp_path_factory.mktemp("built") / "out", sample_files(8))


@pytest.fixture
def damaged(built, tmp_path):
    """The same with a line in upper case."""
    folder = shutil.copytree(built, tmp_path / "damaged")
    in_line(" Hers")(folder)
    return folder


def test_an_output_is_checked_with_its_tables_and_rows_are_called_by_their_keys(
    main, damaged, capsys
):
    assert main(damaged, "--min_count", 1) == 12
    out, err = capsys.readouterr()
    [line] = [line for line in out.splitlines() if "sentences.line_upper_case: 1 row fails" in line]
    assert re.search(r"rows blogger_id \d+, post_ordinal \d+, sentence_ordinal \d+\)$", line)
    assert "Hers" not in out + err
    assert main(damaged, "--min_count", 1, "--no-tables") == 0


def test_data_docs_keep_all_runs_ask_for_nothing_and_show_no_text(
    main, built, damaged, tmp_path, capsys
):
    docs = tmp_path / "docs"
    for folder, code in ((built, 0), (damaged, 12)):
        assert main(folder, "--min_count", 1, "--docs", docs) == code
    pages = sorted(docs.rglob("validations/**/*.html"))
    suites = {path.relative_to(docs).parts[1] for path in pages}
    assert suites == {"posts", "sentences", "rejects", "ledger", "corpus_metrics"}
    assert len(pages) == 2 * len(suites)
    index = (docs / "index.html").read_text()
    assert all(path.relative_to(docs).as_posix() in index for path in pages)
    text = index + "".join(path.read_text() for path in pages)
    text += "".join(path.read_text() for path in (docs / "results").rglob("*.json"))
    assert not re.findall(r"(?:src|href)=[\"']?(?:https?:)?//", text)
    assert {path.suffix for path in docs.rglob("[!.]*") if path.is_file()} == {".html", ".json"}
    for path in pages:
        links = re.findall(r"href=\"([^\"#]+)\"", path.read_text())
        assert [link for link in links if not link.startswith("data:")] == [
            "../../../../index.html"
        ]
        assert (path.parent / "../../../../index.html").resolve() == docs / "index.html"
    manifest = json.loads((built / "manifest.json").read_bytes())
    assert {path.relative_to(docs).parts[2] for path in pages} == {
        manifest["corpus"]["sha256"][:12]
    }
    assert "Hers" not in text
    assert re.search(r"blogger_id \d+, post_ordinal \d+, sentence_ordinal \d+", text)


def test_data_docs_on_s3(main, built, server, bucket, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    for path in filter(Path.is_file, built.rglob("*")):
        key = f"out/{path.relative_to(built).as_posix()}"
        server.client.put_object(Bucket=bucket, Key=key, Body=path.read_bytes())
    given = ("--min_count", 1, "--cache", tmp_path / "cache", "--docs", f"s3://{bucket}/docs")
    for _ in range(2):
        assert main(f"s3://{bucket}/out/", *given) == 0
    assert "checks passed" in capsys.readouterr().out
    pages = server.client.list_objects_v2(Bucket=bucket, Prefix="docs/validations/")["Contents"]
    assert len(pages) == 2 * 5
    index = server.client.get_object(Bucket=bucket, Key="docs/index.html")
    assert index["ContentType"] == "text/html"
    assert index["Body"].read().decode().count("validations/posts/") >= 2


def test_an_output_passes_what_is_suggested_for_it(main, damaged, tmp_path, capsys):
    main(damaged, "--min_count", 1, "--suggest")
    suggested = tmp_path / "mine.toml"
    suggested.write_text(capsys.readouterr().out)
    assert main(damaged, "--min_count", 1, "--thresholds", suggested) == 0
    checks = tomllib.loads(suggested.read_text())
    assert checks["sentences"]["tokens_q99"].keys() == {"at_most"}
    assert checks["posts"]["age"] == {"at_least": 16, "at_most": 41}
    assert checks["sentences"]["line_upper_case"] == {"severity": "off"}
    assert "empty" not in checks["corpus"]


@pytest.mark.parametrize("option", [["--docs", "docs"], ["--suggest"]])
def test_what_needs_an_output_refuses_a_file(main, corpus, capsys, option):
    assert main(corpus, *option) == 2
    assert "need the output of a build" in capsys.readouterr().err


def test_who_wants_it_is_notified_of_what_fails(main, built, damaged, monkeypatch, capsys):
    said = []

    class Slack(BaseHTTPRequestHandler):
        def do_POST(self):
            said.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_):
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Slack) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("GX_SLACK_WEBHOOK", f"http://127.0.0.1:{server.server_port}/hook")
        assert main(built, "--min_count", 1) == 0
        assert main(damaged, "--min_count", 1) == 12
        server.shutdown()
    assert len(said) == 1
    assert "Hers" not in said[0]


@pytest.mark.spark
def test_spark_judges_as_pandas(spark, main, damaged, capsys):
    of_stage("post", "reason", "no_word")(damaged)
    found = []
    for engine in ("pandas", "spark"):
        assert main(damaged, "--min_count", 1, "--engine", engine, "--json") == 12
        verdicts = json.loads(capsys.readouterr().out)["quality"]["verdicts"]
        found.append({
            (it["dataset"], it["expectation"]): (it["passed"], it["found"], it["look"])
            for it in verdicts
            if it["expectation"] != "line_normalized"
        })  # fmt: skip
    assert found[0] == found[1]
    failing = [name for name, (passed, *_) in found[0].items() if not passed]
    assert ("sentences", "line_upper_case") in failing
    assert ("rejects", "reason_rows") in failing
