"""A build with the gate: metrics of the whole pass, and nothing published where a check fails."""

import json
from dataclasses import replace
from pathlib import Path

import made_up
import pytest
from pyspark.sql import SparkSession

from etl.build import run
from etl.options import BuildOptions
from quality.gate import Standard, make_gate
from quality.thresholds import default_thresholds
from storage.errors import QualityError

pytestmark = pytest.mark.spark
PAIRS = [("tiger", "cat"), ("home", "night")]


def strict() -> Standard:
    """Holds even a few lines to the longest sentence of three words."""
    thresholds = {dataset: dict(checks) for dataset, checks in default_thresholds().items()}
    longest = replace(thresholds["sentences"]["tokens_longest"], at_most=3, severity="error")
    thresholds["sentences"]["tokens_longest"] = longest
    return Standard(thresholds)


def build(spark: SparkSession, blogs: Path, output: Path, standard: Standard, **given) -> dict:
    gate = make_gate(standard, PAIRS, enforce=given.pop("enforce", True))
    run(BuildOptions(str(blogs), output, **given), lambda: spark, gate)
    return json.loads((output / "report" / "metrics.json").read_text())


def test_the_metrics_are_those_of_the_corpus(
    spark: SparkSession, blogs: Path, tmp_path: Path
) -> None:
    metrics = build(spark, blogs, tmp_path / "out", Standard())
    lines = made_up.CORPUS.decode().splitlines()
    tokens = [token for line in lines for token in line.split()]
    assert metrics["corpus"]["lines"] == len(lines)
    assert metrics["corpus"]["bytes"] == len(made_up.CORPUS)
    assert metrics["vocabulary"]["tokens"] == len(tokens)
    assert metrics["vocabulary"]["types"] == len(set(tokens))
    assert metrics["repeated_lines"]["repeats"] == len(lines) - len(set(lines))
    assert metrics["sentences_per_post"]["total"] == len(lines)
    assert metrics["lines"]["non_ascii"] == sum(not line.isascii() for line in lines)
    female = metrics["posts"]["by_gender"]["female"]
    written = [line for name in (made_up.SECOND, made_up.THIRD) for line in made_up.LINES[name]]
    assert female == {
        "bloggers": 2,
        "posts": 3,
        "sentences": len(written),
        "tokens": sum(len(line.split()) for line in written),
    }
    assert metrics["posts"]["by_month"] == {"2004-05": 1, "2004-06": 1, "2004-07": 1}
    assert metrics["posts"]["undated"] == 1
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert (manifest["quality"]["gate"], manifest["quality"]["errors"]) == ("passed", 0)


def test_the_metrics_do_not_depend_on_partitions(
    spark: SparkSession, blogs: Path, tmp_path: Path
) -> None:
    found = [
        build(spark, blogs, tmp_path / str(number), Standard(), partitions=number)
        for number in (1, 3)
    ]
    assert found[0] == found[1]


def test_a_failed_check_publishes_nothing(spark: SparkSession, blogs: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    with pytest.raises(QualityError, match=r"sentences\.tokens_longest: found 5, expected at most"):
        build(spark, blogs, output, strict())
    assert [path.name for path in output.iterdir() if path.name != ".lock"] == []


def test_a_failed_check_leaves_the_last_build_as_it_was(
    spark: SparkSession, blogs: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out"
    build(spark, blogs, output, Standard())
    before = {p: p.read_bytes() for p in output.rglob("[!.]*") if p.is_file()}
    with pytest.raises(QualityError):
        build(spark, blogs, output, strict(), overwrite=True, keep_rejected_text=True)
    assert {p: p.read_bytes() for p in output.rglob("[!.]*") if p.is_file()} == before


def test_without_the_gate_the_manifest_says_so(
    spark: SparkSession, blogs: Path, tmp_path: Path
) -> None:
    build(spark, blogs, tmp_path / "out", strict(), enforce=False)
    assert (tmp_path / "out" / "corpus" / "cleaned_sentences.csv").read_bytes() == made_up.CORPUS
    quality = json.loads((tmp_path / "out" / "manifest.json").read_text())["quality"]
    assert (quality["gate"], quality["errors"]) == ("failed", 1)
