"""The shipped sample, what a build of it makes, and how to wait for one."""

import json
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
SAMPLE_SHA256 = "09a911fe8c1457c9e3dfe9a61880488b5573e792b1e343a9d119d9fbebd65907"
"""Of the corpus file of the shipped sample; the README shows it too."""

SECONDS = 240


class Output(NamedTuple):
    """What has to be the same, wherever a build ran."""

    corpus: bytes
    recorded: dict[str, Any]
    ledger: dict[str, Any]
    rejects: list[dict[str, Any]]


def end(process: "subprocess.Popen[str]") -> str:
    """What a job that has to succeed has printed."""
    try:
        printed = process.communicate(timeout=SECONDS)[0]
    finally:
        process.kill()
    assert process.returncode == 0, printed
    return printed


def read(output: Path) -> Output:
    manifest = json.loads((output / "manifest.json").read_text())
    assert [path.name for path in (output / "corpus").iterdir()] == ["cleaned_sentences.csv"]
    return Output(
        (output / "corpus" / "cleaned_sentences.csv").read_bytes(),
        manifest["corpus"],
        manifest["ledger"],
        pq.read_table(output / "rejects").to_pylist(),
    )
