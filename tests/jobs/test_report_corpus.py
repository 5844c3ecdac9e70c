"""The job that makes report and card anew, by its command line."""

import json
import subprocess
import sys
from pathlib import Path

from jobs import report_corpus
from storage.errors import ObjectNotFoundError

NOT_FOUND = ObjectNotFoundError.exit_code
ROOT = Path(__file__).parents[2]
METRICS = ROOT / "tests" / "quality" / "metrics.json"


def put_output(folder, sha256="5a3"):
    """An output of a build, as far as the job reads it."""
    metrics = json.loads(METRICS.read_text())
    (folder / "report").mkdir(parents=True)
    (folder / "report" / "metrics.json").write_text(json.dumps(metrics))
    manifest = {
        **{"format": 1, "tool": "blazing-corpus", "code": {"version": "0.1.0"}, "options": {}},
        **{"finished": "2024-05-01T10:00:06+00:00", "seconds": 6.1, "ledger": metrics["ledger"]},
        "corpus": {"path": "corpus/cleaned_sentences.csv", "sha256": sha256, **metrics["corpus"]},
        "input": {"uri": "blogs.zip", "kind": "zip", "files": 43, "bytes": 101801, "digest": "d1"},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def test_it_makes_both_and_says_where(tmp_path, capsys):
    output = put_output(tmp_path / "out")
    assert report_corpus.main([str(output)]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told == [f"{output}/report/index.html", f"{output}/CORPUS_CARD.md"]
    assert "From blogs.zip, built 2024-05-01 10:00 UTC" in Path(told[0]).read_text()
    assert "5a3  corpus/cleaned_sentences.csv" in Path(told[1]).read_text()


def test_it_replaces_what_it_made_and_leaves_the_rest(tmp_path):
    output = put_output(tmp_path / "out")
    (output / "corpus").mkdir()
    (output / "corpus" / "cleaned_sentences.csv").write_text("a line\n")
    assert report_corpus.main([str(output)]) == 0
    before = (output / "CORPUS_CARD.md").read_bytes(), (output / "report/index.html").read_bytes()
    (output / "CORPUS_CARD.md").write_text("old")
    assert report_corpus.main([str(output)]) == 0
    after = (output / "CORPUS_CARD.md").read_bytes(), (output / "report/index.html").read_bytes()
    assert before == after
    assert (output / "corpus" / "cleaned_sentences.csv").read_text() == "a line\n"
    assert sorted(path.name for path in output.rglob("*") if path.is_file()) == [
        *("CORPUS_CARD.md", "cleaned_sentences.csv", "index.html"),
        *("manifest.json", "metrics.json"),
    ]


def test_an_output_on_s3_gets_both(server, bucket, s3, tmp_path, capsys):
    output = put_output(tmp_path / "out")
    for path in (output / "manifest.json", output / "report" / "metrics.json"):
        key = f"blogs/{path.relative_to(output)}"
        server.client.put_object(Bucket=bucket, Key=key, Body=path.read_bytes())
    arguments = [f"s3a://{bucket}/blogs/", "--endpoint-url", s3.endpoint_url, "--path-style"]
    assert report_corpus.main(arguments) == 0
    places = [f"s3://{bucket}/blogs/report/index.html", f"s3://{bucket}/blogs/CORPUS_CARD.md"]
    assert capsys.readouterr().out.splitlines() == places
    assert report_corpus.main([str(output)]) == 0
    for name in ("report/index.html", "CORPUS_CARD.md"):
        found = server.client.get_object(Bucket=bucket, Key=f"blogs/{name}")
        assert found["Body"].read() == (output / name).read_bytes()
        assert (found["ContentType"] == "text/html") == name.endswith(".html")
    assert report_corpus.main([f"s3://{bucket}/nowhere", *arguments[1:]]) == NOT_FOUND
    assert f"s3://{bucket}/nowhere/manifest.json" in capsys.readouterr().err


def test_a_folder_that_is_no_output_is_refused_in_one_line(tmp_path, capsys):
    assert report_corpus.main([str(tmp_path)]) == 3
    error = f"can't read {tmp_path}/manifest.json: No such file or directory"
    assert capsys.readouterr().err == f"report_corpus: error: {error}\n"
    (put_output(tmp_path / "out") / "report" / "metrics.json").write_text("{}")
    assert report_corpus.main([str(tmp_path / "out")]) == 3
    assert capsys.readouterr().err.endswith("metrics.json is not of format 1\n")
    assert not (tmp_path / "out" / "CORPUS_CARD.md").exists()


def test_it_runs_from_any_folder_without_spark(tmp_path):
    output = put_output(tmp_path / "out")
    script = (
        "import runpy, sys; sys.modules['pyspark'] = None;"
        f"sys.argv[1:] = [{str(output)!r}];"
        f"runpy.run_path({str(ROOT / 'jobs' / 'report_corpus.py')!r}, run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[1] == f"{output}/CORPUS_CARD.md"
