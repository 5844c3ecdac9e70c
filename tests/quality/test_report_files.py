"""Report and card as files of an output, made anew by the job's command line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from jobs import report_corpus
from quality.report.report_files import write_report
from quality.report.report_page import report_page
from storage.errors import OutputNotWritableError

ROOT = Path(__file__).parents[2]
TRACE = {"split": [{"blogger_id": 7, "post_ordinal": 2, "before": "urlLink it", "after": ["it"]}]}


@pytest.fixture
def output(tmp_path, metrics, quality, manifest):
    """What a build leaves for the report."""
    folder = tmp_path / "out"
    (folder / "report").mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps(manifest | {"quality": quality}))
    (folder / "report" / "metrics.json").write_text(json.dumps(metrics))
    return folder


def test_it_makes_both_says_where_replaces_what_it_made_and_leaves_the_rest(
    output, metrics, quality, manifest, capsys
):
    (output / "corpus").mkdir()
    (output / "corpus" / "cleaned_sentences.csv").write_text("a line\n")
    for _ in range(2):
        assert report_corpus.main([str(output)]) == 0
        paths = [output / "report/index.html", output / "CORPUS_CARD.md"]
        assert capsys.readouterr().out.splitlines() == list(map(str, paths))
        page, card = (path.read_text() for path in paths)
        assert page == report_page(metrics, quality, manifest)
        assert "5a3  corpus/cleaned_sentences.csv" in card and "1,288 lines" in card
        paths[1].write_text("old")
    assert (output / "corpus" / "cleaned_sentences.csv").read_text() == "a line\n"
    assert sorted(path.name for path in output.rglob("*") if path.is_file()) == [
        *("CORPUS_CARD.md", "cleaned_sentences.csv", "index.html"),
        *("manifest.json", "metrics.json"),
    ]


def test_a_page_links_what_lies_beside_it(output):
    (output / "report" / "data_docs").mkdir()
    (output / "report" / "data_docs" / "index.html").write_text("")
    (output / "report" / "trace.json").write_text(json.dumps(TRACE))
    assert report_corpus.main([str(output)]) == 0
    page = (output / "report" / "index.html").read_text()
    assert '<a href="data_docs/index.html">' in page and "urlLink it" in page
    assert sorted(path.name for path in (output / "report").iterdir()) == [
        *("data_docs", "index.html", "metrics.json", "trace.json")
    ]


def test_an_output_on_s3_gets_both(server, bucket, s3, output, capsys):
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
    assert report_corpus.main([f"s3://{bucket}/nowhere", *arguments[1:]]) == 3
    assert f"s3://{bucket}/nowhere/manifest.json" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("manifest.json", None, "can't read {}: No such file or directory"),
        ("manifest.json", "{", "{} is no JSON"),
        ("manifest.json", "[1]", "{} is not of format 1"),
        ("manifest.json", '{"format": 2}', "{} is not of format 1"),
        ("report/metrics.json", "{}", "{} is not of format 1"),
    ],
)
def test_a_folder_that_is_no_output_is_refused_in_one_line(output, capsys, name, content, error):
    (output / name).unlink()
    if content:
        (output / name).write_text(content)
    assert report_corpus.main([str(output)]) == 3
    line = f"report_corpus: error: {error.format(output / name)}\n"
    assert capsys.readouterr().err == line
    assert not (output / "CORPUS_CARD.md").exists()


def test_a_folder_that_can_not_be_written_is_told(output, manifest):
    (output / "report" / "index.html").mkdir()
    with pytest.raises(OutputNotWritableError, match=r"can't write .*index\.html: "):
        write_report(str(output), manifest)


def test_it_runs_from_any_folder_without_spark(output, tmp_path):
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
