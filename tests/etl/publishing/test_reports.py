"""What is said about a build: manifest, summary, one-line causes, code version, progress."""

import doctest
import json
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from py4j.protocol import Py4JError  # type: ignore[import-untyped]

from etl import failures
from etl.failures import LOG, spark_failures, summarize
from etl.ledger import Ledger
from etl.publishing import manifest, summary, version
from etl.publishing.local_output import LocalOutput
from schemas.output import MANIFEST
from storage.errors import JobError
from storage.pasted import job_command

WORKER = """org.apache.spark.SparkException: Job aborted due to stage failure
Caused by: org.apache.spark.api.python.PythonException: Traceback (most recent call last):
  File "worker.py", line 2, in main
    process()
RuntimeError: ValueError at fused.py:12 in file 1.xml or shortly before it

\tat org.apache.spark.api.python.BasePythonRunner.handle(PythonRunner.scala:572)
"""
JVM = """An error occurred while calling o61.text.
: org.apache.spark.SparkException: Job aborted
\tat org.apache.spark.Foo.bar(Foo.scala:1)
Caused by: java.lang.OutOfMemoryError: Java heap space
\tat java.base/java.util.Arrays.copyOf(Arrays.java:1)
"""


@pytest.mark.parametrize("module", [failures, manifest, summary])
def test_doctests(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (WORKER, "RuntimeError: ValueError at fused.py:12 in file 1.xml or shortly before it"),
        (JVM, "OutOfMemoryError: Java heap space"),
        ("", "Exception"),
    ],
)
def test_a_cause_is_one_line(text: str, expected: str) -> None:
    assert summarize(Exception(text)) == expected


S3A = """An error occurred while calling o61.text.
: org.apache.hadoop.fs.s3a.{}: PUT on out/.staging-1/part-0: {}
\tat org.apache.hadoop.fs.s3a.Invoker.once(Invoker.java:124)
"""
SERVICE = "software.amazon.awssdk.services.s3.model.S3Exception: no ({}, Status Code: {})"
REFUSED = "Connection refused"
NO_ROOM = "java.io.IOException: No space left on device\n\tat {}"


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (NO_ROOM.format("o.a.h.fs.RawLocalFileSystem.write"), 8, "no space left in {output} ("),
        (NO_ROOM.format("o.a.spark.storage.DiskStore.put"), 8, "no space left in {local} ("),
        (REFUSED, 11, "Spark failed: its JVM has ended, perhaps for want of memory"),
        ("An error occurred while calling o61.text", 11, "Spark failed: its JVM has ended, "),
        (WORKER, 11, "Spark failed: RuntimeError: ValueError at fused.py:12 in file 1.xml or"),
        (WORKER + S3A.format("X", "no"), 11, "Spark failed: RuntimeError: ValueError at fused"),
        (S3A.format("AWSBadRequestException", "specified parts could not be found"), 27, "{s3}"),
        (S3A.format("RemoteFileChangedException", SERVICE.format("S3", 412)), 27, "{s3}"),
        (S3A.format("X", "NoSuchUploadException"), 27, "{s3}"),
        (S3A.format("commit.ValidationFailure", "No etag list"), 27, "{s3}"),
        (S3A.format("X", "JsonParse\n\tat a.s3a.commit.files.PendingSet.load"), 27, "{s3}"),
        (S3A.format("X", SERVICE.format("S3", 403)), 21, "{s3}"),
        (S3A.format("UnknownStoreException", "NoSuchBucket"), 22, "{s3}"),
        (S3A.format("AWSNoResponseException", "Unable to execute HTTP request"), 23, "{s3}"),
        (S3A.format("AWSServiceThrottledException", SERVICE.format("S3", 503)), 24, "{s3}"),
        (S3A.format("AWSStatus500Exception", SERVICE.format("S3", 500)), 25, "{s3}"),
        (S3A.format("AWSStatus500Exception", SERVICE.format("S3", 507)), 8, "{s3}"),
        (S3A.format("X", NO_ROOM.format("S3ADataBlocks.create")), 8, "no space left in {local} ("),
    ],
)
def test_a_failure_has_the_code_of_its_cause_in_one_line_and_its_details_in_a_log(
    text: str, code: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log"
    monkeypatch.setattr(LOG, "path", log)
    monkeypatch.setenv("SPARK_LOCAL_DIRS", str(tmp_path / "none"))
    with pytest.raises(JobError) as error, spark_failures(tmp_path, 80 * 2**20):
        raise ConnectionError(text) if text == REFUSED else Py4JError(text)
    s3 = "Spark could not write to S3, and nothing was published: PUT on out/.staging-1/part-0: "
    places = {"output": tmp_path, "local": tempfile.gettempdir(), "s3": s3}
    line = str(error.value)
    assert error.value.exit_code == code
    assert line.startswith(said.format(**places))
    assert "\n" not in line and line.endswith(f"; details in {log}")
    assert log.read_text() == f"{text}\n"
    assert ("80.0 MiB" in line) is ("{output}" in said)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"tool": "another", "format": 1}'])
def test_a_manifest_of_nobody_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / MANIFEST).write_text(text)
    assert manifest.read_manifest(LocalOutput(tmp_path)) == {}


def test_the_listing_of_a_manifest_is_one_line_a_file(tmp_path: Path) -> None:
    made = {"a": 1, "input": {"files": 2, "listing": [["1.xml", 3, "x"], ["2.xml", 4, "y"]]}}
    manifest.write_manifest(tmp_path / MANIFEST, made)
    text = (tmp_path / MANIFEST).read_text()
    assert json.loads(text) == made
    assert '\n      ["1.xml", 3, "x"],\n      ["2.xml", 4, "y"]\n' in text


def test_the_code_version_depends_on_the_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = version.sources_digest()
    assert version.sources_digest() == before
    (tmp_path / "one.py").write_text("x = 1")
    monkeypatch.setattr("etl.publishing.version.resources.files", lambda package: tmp_path)
    first = version.sources_digest()
    (tmp_path / "one.py").write_text('"""Doc."""\n\nx = 1  # why\n"""Of x."""\n')
    assert version.sources_digest() == first
    (tmp_path / "one.py").write_text("x = 2")
    assert len({before, first, version.sources_digest()}) == 3


def test_the_summary_lists_reasons_largest_first() -> None:
    ledger = Ledger({"files.found": 5, "files.read": 2, "files.rejected.empty": 1})
    ledger["files.rejected.not_a_blog"] = 2
    corpus = {"lines": 1000, "tokens": 5, "bytes": 2048, "sha256": "ab"}
    manifest = {"corpus": corpus, "input": {"form": "blogs"}, "entries": ["corpus"]}
    lines = summary.summarize_build("here", manifest, ledger, 1.5).splitlines()
    corpus_file = "corpus                here/corpus/cleaned_sentences.csv"
    assert lines[:2] == [corpus_file, "lines                 1,000"]
    assert lines[3] == "size                  2.0 KiB of 0 B read"
    assert lines[5:8] == [
        "form                  blogs",
        "files                 5 found = 2 read + 3 rejected",
        "  rejected            not_a_blog 2, empty 1",
    ]
    assert not [line for line in lines if line.startswith(("checks", "report", "card"))]


def test_the_summary_ends_with_what_the_checks_said_where_to_look_and_what_to_do_next() -> None:
    def verdict(name: str, severity: str, *, passed: bool) -> dict[str, Any]:
        row = {"dataset": "corpus", "expectation": name, "found": 1234, "expected": "at most 3"}
        return row | {"severity": severity, "passed": passed}

    verdicts = [
        verdict("lines", "error", passed=True),
        verdict("types", "warning", passed=False),
        verdict("words", "warning", passed=False),
    ]
    manifest = {
        "corpus": {"lines": 1, "tokens": 5, "bytes": 2, "sha256": "ab"},
        "input": {"form": "blogs"},
        "entries": ["report", "CORPUS_CARD.md"],
        "quality": {"verdicts": verdicts},
    }
    lines = summary.summarize_build("my corpus", manifest, Ledger(), 1234.5).splitlines()
    assert [line[summary.LABEL_WIDTH :] for line in lines[-5:]] == [
        "1 of 3 passed, 2 warnings: corpus.types 1,234, expected at most 3; "
        "corpus.words 1,234, expected at most 3",
        "my corpus/report/index.html",
        "my corpus/CORPUS_CARD.md",
        "1,234.5",
        f"{job_command('train_embeddings.py')} --corpus 'my corpus' --output build/run",
    ]
