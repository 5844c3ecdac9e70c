"""A build with the gate: metrics of the whole pass, and nothing published where a check fails."""

import json
from dataclasses import replace
from pathlib import Path

import made_up
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

import etl.build as module
from commandline.quality_options import describe
from etl.build import run
from etl.ledger import Ledger
from etl.options import BuildOptions
from etl.spark import assemble
from quality.gate import CHECKS, Standard, make_gate
from storage.errors import LedgerError, QualityError

pytestmark = pytest.mark.spark
PAIRS = [("tiger", "cat"), ("home", "night")]


def strict() -> Standard:
    """Holds even a few lines to the longest sentence of three words."""
    sentences = [
        replace(check, at_most=3, severity="error") if check.name == "tokens_longest" else check
        for check in CHECKS["sentences"]
    ]
    return Standard({**CHECKS, "sentences": sentences})


def build(spark: SparkSession, blogs: Path, output: Path, standard: Standard, **given) -> dict:
    gate = make_gate(standard, PAIRS, enforce=given.pop("enforce", True))
    run(BuildOptions(str(blogs), output, **given), lambda: spark, gate)
    return json.loads((output / "report" / "metrics.json").read_text())


def test_the_metrics_are_those_of_the_corpus(spark, blogs, tmp_path):
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


def test_the_metrics_do_not_depend_on_partitions(spark, blogs, tmp_path):
    found = [
        build(spark, blogs, tmp_path / str(number), Standard(), partitions=number)
        for number in (1, 3)
    ]
    assert found[0] == found[1]


def test_a_failed_check_publishes_nothing_but_why_beside_what_is_there(spark, blogs, tmp_path):
    output = tmp_path / "out"
    for is_new in (True, False):
        if not is_new:
            build(spark, blogs, output, Standard())
            assert not (output / "refused").exists()
        before = {p: p.read_bytes() for p in output.rglob("[!.]*") if p.is_file()}
        said = r"sentences\.tokens_longest: found 5, .*/out/refused/report/index\.html"
        options = BuildOptions(str(blogs), output, overwrite=True, keep_rejected_text=True)
        with pytest.raises(QualityError, match=said) as error:
            run(options, lambda: spark, make_gate(strict(), PAIRS), describe)
        assert error.value.exit_code == 12
        after = {p: p.read_bytes() for p in output.rglob("[!.]*") if p.is_file()}
        refused = {str(p.relative_to(output)) for p in after.keys() - before.keys()}
        assert {path for path in refused if "data_docs" not in path} == {
            "refused/report/index.html",
            "refused/report/metrics.json",
            "refused/rejects/rejects.parquet",
        }
        assert before == {path: after[path] for path in before}
        page = (output / "refused" / "report" / "index.html").read_text()
        assert "The gate refused this build" in page


def test_text_outside_posts_is_seen_wherever_one_looks(spark, tmp_path):
    extra = {
        "1.male.17.Student.Leo.xml": b"<Blog><post>One.</post>\nLost words.\n<post>Two.",
        "2.male.17.Student.Leo.xml": b'Before. <BLOG x="1"><POST>Three.</post></Blog>',
        "3.male.17.Student.Leo.xml": b"<Blog>No post.</Blog>",
    }
    blogs, output = made_up.write_files(tmp_path / "blogs", made_up.FILES | extra), tmp_path / "out"
    options = BuildOptions(str(blogs), output, keep_rejected_text=True, max_rejected_files=0.5)
    result = run(options, lambda: spark, make_gate(Standard(), PAIRS), describe)
    lines = (output / "corpus" / "cleaned_sentences.csv").read_text().splitlines()
    assert {"one", "two", "three"} < set(lines) and "lost words" not in lines
    rows = pq.read_table(output / "rejects").to_pylist()
    assert [
        (row["file"][0], row["post_ordinal"], row["reason"], row["text"], row["bytes"])
        for row in rows
        if row["stage"] in ("file", "stray")
    ] == [
        ("1", 0, "outside_post", "Lost words.", 11),
        ("2", None, "outside_post", "Before.", 7),
        ("3", None, "no_post", None, None),
        ("3", None, "outside_post", "No post.", 8),
    ]
    manifest = json.loads((output / "manifest.json").read_text())
    ledger = manifest["ledger"]
    assert ledger["files"]["rejected"] == {"no_post": 1}
    assert ledger["strays"]["rejected"] == {"outside_post": 3}
    counts = ledger["bytes"]
    assert counts["stray"] == 26
    assert counts["read"] == sum(path.stat().st_size for path in blogs.iterdir())
    assert counts["read"] == counts["markup"] + counts["posts"] + counts["stray"]
    assert "text outside posts    26 B in 3 pieces, rejected" in result.message.splitlines()
    assert [
        (it["expectation"], it["found"])
        for it in manifest["quality"]["verdicts"]
        if it["dataset"] == "rejects" and not it["passed"]
    ] == [("files", 0.16666667), ("files_no_post", 0.16666667), ("strays", 3)]
    page = (output / "report" / "index.html").read_text()
    assert "bytes: outside_post" in page and "bytes of text outside posts" in page
    assert "| bytes | `outside_post` | 26 |" in (output / "CORPUS_CARD.md").read_text()


@pytest.mark.parametrize("kind", ["markup", "posts", "stray"])
def test_a_byte_that_is_lost_ends_the_build(spark, blogs, tmp_path, monkeypatch, kind):
    lost, real = Ledger({f"bytes.{kind}": -1}), assemble.sum_ledgers
    monkeypatch.setattr(module, "sum_ledgers", lambda place: Ledger.sum([real(place), lost]))
    with pytest.raises(LedgerError, match=r"bytes\.read = bytes\.markup \+ bytes\.posts") as error:
        build(spark, blogs, tmp_path / "out", Standard())
    assert error.value.exit_code == 9


def test_without_the_gate_the_manifest_says_so(spark, blogs, tmp_path):
    build(spark, blogs, tmp_path / "out", strict(), enforce=False)
    assert (tmp_path / "out" / "corpus" / "cleaned_sentences.csv").read_bytes() == made_up.CORPUS
    quality = json.loads((tmp_path / "out" / "manifest.json").read_text())["quality"]
    assert (quality["gate"], quality["errors"]) == ("failed", 1)
