"""What is said about a build: manifest, summary, one-line causes, code version, progress."""

import doctest
import json
from pathlib import Path
from types import ModuleType

import pytest

from etl import failures
from etl.failures import spark_failures, summarize
from etl.ledger import Ledger
from etl.publishing import manifest, summary, version
from etl.publishing.local_output import LocalOutput
from schemas.output import MANIFEST
from storage.errors import JobError

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


def test_a_full_disk_is_told_from_other_failures() -> None:
    with pytest.raises(JobError) as error, spark_failures():
        raise ConnectionError("Caused by: java.io.IOException: No space left on device")
    assert error.value.exit_code == 8
    with pytest.raises(JobError) as error, spark_failures():
        raise ConnectionRefusedError("Connection refused")
    assert error.value.exit_code == 11
    assert str(error.value) == "Spark failed: ConnectionRefusedError: Connection refused"


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
    lines = summary.summarize_build("here", {"corpus": corpus, "seconds": 1.5}, ledger).splitlines()
    assert lines[:2] == ["corpus                here", "lines                 1,000"]
    assert lines[3] == "size                  2.0 KiB of 0 B read"
    assert lines[5:7] == [
        "files                 5 found = 2 read + 3 rejected",
        "  rejected            not_a_blog 2, empty 1",
    ]
