"""The gate: every expectation fails on a corpus that is broken in just its way, and only a good
corpus gets through.
"""

import doctest
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from broken_corpora import (  # type: ignore[import-not-found]
    BREAKS,
    Metrics,
    broken,
    good_metrics,
)
from damages import DAMAGES, damage_table

from etl.built_corpus import BuiltCorpus
from etl.counting.profile import Profile
from etl.ledger import Ledger
from etl.publishing.output import CorpusFile
from quality.baseline import read_baseline
from quality.checks import check as check_module
from quality.checks.__main__ import check_table
from quality.checks.check import OFF, Check, Checks, read_thresholds
from quality.checks.ratio_checks import REFERENCE, SAYS
from quality.gate import CHECKS, Standard, explain, judge, make_gate, read_standard
from storage.errors import InputNotFoundError, ObjectNotFoundError, QualityError, UsageError

ROOT = Path(__file__).parents[2]
PREFLIGHT = {
    "lines": ("corpus.lines", 0),
    "words": ("min_count.words", 0),
    "manifest_differs": ("corpus.is_manifests", False),
    "ws353_missing": ("min_count.ws353_missing", ["x"] * 200),
    "json": ("lines.json", 80_000),
    "long_token": ("lines.long_token", 800),
    "csv": ("corpus.form", "TSV"),
    "form": ("corpus.form", "gzip"),
}
PREFLIGHT |= {
    row.name: (f"lines.{row.name}", 1) for row in CHECKS["preflight"] if row.name not in PREFLIGHT
}
IMPLIED = ("_type", "_null", "rows", "unique", "columns", "apostrophe")
"""Ends of checks of rows that need no damage of their own: each has been seen in another column."""

CASES = [(name, path, value) for name, breaks in BREAKS.items() for path, value in breaks]
CASES += [(f"preflight.{name}", *change) for name, change in PREFLIGHT.items()]


def failed_names(metrics: Metrics, standard: Standard | None = None, **given: Any) -> list[str]:
    verdicts = judge(metrics, standard or Standard(), **given)["verdicts"]
    return [f"{it['dataset']}.{it['expectation']}" for it in verdicts if not it["passed"]]


def row(checks: Checks, dataset: str, name: str) -> Check:
    [found] = [check for check in checks[dataset] if check.name == name]
    return found


def test_a_good_corpus_passes_everything():
    quality = judge(good_metrics(), Standard())
    assert (quality["passed"], quality["errors"], quality["warnings"]) == (True, 0, 0)
    assert {one["dataset"] for one in quality["verdicts"]} == set(CHECKS) - {
        "baseline",
        "preflight",
    }


@pytest.mark.parametrize(("name", "path", "value"), CASES)
def test_a_corpus_that_is_broken_in_one_way_fails_the_check_of_it(name, path, value):
    dataset, metrics = name.partition(".")[0], broken(path, value)
    checks = Standard().checks_of(metrics) | {"preflight": list(CHECKS["preflight"])}
    failed = failed_names(metrics, checks={dataset: checks[dataset]})
    assert failed == [name] if dataset == "preflight" else name in failed


def test_great_expectations_judges_as_the_plain_judge(tmp_path):
    for metrics in (good_metrics(), broken("corpus.lines", 0), broken("lines.too_long", 5_000)):
        plain, pages = (judge(metrics, Standard(), docs=docs) for docs in (None, tmp_path))
        assert plain == pages
        assert len(plain["verdicts"]) > 70


def test_every_check_is_shown_to_fail():
    shown = {name for name, _, _ in CASES}
    other = {"files_other": "files_empty", "posts_other": "posts_duplicate"}
    other |= {"sentences_other": "sentences_too_short"}
    caught = {check for _, _, check in DAMAGES}
    for dataset, checks in CHECKS.items():
        for check in checks if dataset != "baseline" else ():
            if check.of_rows:
                assert f"{dataset}.{check.name}" in caught or check.name.endswith(IMPLIED)
                continue
            name = other.get(check.name, check.name)
            assert f"{dataset}.{name}" in shown or check.severity == OFF
        assert len({check.name for check in checks}) == len(checks)


def test_the_guide_has_the_table_of_checks():
    guide = (ROOT / "docs" / "quality.md").read_text(encoding="utf-8")
    assert "\n".join(check_table()) in guide
    assert "\n".join(damage_table()) in guide


def test_a_small_corpus_is_not_judged_by_what_depends_on_size():
    metrics = broken("vocabulary.zipf.slope", -0.1)
    metrics["corpus"]["tokens"] = metrics["ledger"]["tokens"]["written"] = 500
    assert "corpus.zipf_slope" not in failed_names(metrics)


def test_a_verdict_says_what_was_found_and_expected_and_where_to_look():
    quality = judge(broken("lines.empty", 1_234), Standard())
    assert explain(quality) == (
        "1 quality check failed: corpus.empty: found 1,234, expected at most 0 "
        "(see lines.empty; docs/quality.md)"
    )


def test_a_warning_alone_keeps_nothing_back():
    quality = judge(broken("lines.too_long", 5_000), Standard())
    assert (quality["passed"], quality["errors"], quality["warnings"]) == (True, 0, 1)


class Part:
    """One file of a task."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.size = len(data)

    def read(self) -> bytes:
        return self.data


def built(tmp_path: Path, lines: bytes) -> BuiltCorpus:
    """What a build of two tasks would hand to the gate."""
    half = lines.index(b"\n") + 1
    rows = []
    for piece in (lines[:half], lines[half:]):
        profile = Profile()
        profile.add_lines(piece)
        rows.append(dict(profile.rows()))
    ledger = Ledger({"files.found": 1, "files.read": 1, "posts.found": 1, "posts.kept": 1})
    ledger.update({"encodings.ascii": 1, "dates.read": 1, "bytes.written": len(lines)})
    count = lines.count(b"\n")
    ledger.update({"sentences.found": count, "sentences.written": count})
    ledger.update({"tokens.written": len(lines.split())})
    parts = {kind: [Part(row[kind] + b"\n") for row in rows] for kind in rows[0]}
    return BuiltCorpus(
        ledger, CorpusFile(len(lines), count, "0f" * 32), lambda kind: parts[kind], tmp_path
    )


def test_a_good_build_gets_through_with_metrics_and_pages(tmp_path):
    quality = make_gate(Standard(), [("tiger", "cat")])(built(tmp_path, b"a cat\nno dog\n"))
    assert (quality["gate"], quality["passed"]) == ("passed", True)
    metrics = json.loads((tmp_path / "report" / "metrics.json").read_text())
    assert metrics["corpus"] == {"bytes": 13, "lines": 2, "tokens": 4, "sha256": "0f" * 32}
    assert metrics["vocabulary"]["types"] == 4
    index = (tmp_path / "report" / "data_docs" / "index.html").read_text()
    assert "validations/corpus_metrics/" in index and "http" not in index


def test_a_bad_build_is_kept_back_with_exit_code_12(tmp_path):
    with pytest.raises(QualityError, match=r"1 quality check failed: corpus\.upper_case") as caught:
        make_gate(Standard(), [("tiger", "cat")])(built(tmp_path, b"a cat\nNo dog\n"))
    assert caught.value.exit_code == 12
    assert "\n" not in str(caught.value)


def test_without_enforcing_the_verdict_is_told_and_nothing_is_kept_back(tmp_path):
    gate = make_gate(Standard(), [("tiger", "cat")], enforce=False)
    quality = gate(built(tmp_path, b"a cat\nNo dog\n"))
    assert (quality["gate"], quality["passed"], quality["errors"]) == ("failed", False, 1)


def test_lines_that_the_ledger_does_not_know_fail(tmp_path):
    given = built(tmp_path, b"a cat\nno dog\n")
    given.ledger["sentences.written"] -= 1
    given.ledger["sentences.found"] -= 1
    with pytest.raises(QualityError, match=r"ledger\.lines_unaccounted: found 1, expected at most"):
        make_gate(Standard(), [("tiger", "cat")])(given)


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_overrides_single_settings(tmp_path):
    given = "[corpus.empty]\nat_most = 5\n[corpus.tab]\nseverity = 'warning'\n"
    standard = read_standard(write(tmp_path / "t.toml", given))
    empty, tab = (row(standard.checks, "corpus", name) for name in ("empty", "tab"))
    assert (empty.at_most, empty.severity) == (5, "error")
    assert (tab.at_most, tab.severity) == (0, "warning")
    assert standard.checks["sentences"] == CHECKS["sentences"]
    assert failed_names(broken("lines.empty", 5), standard) == []
    quality = judge(broken("lines.tab", 1), standard)
    assert (quality["passed"], quality["thresholds"]["source"]) == (True, str(tmp_path / "t.toml"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[corpus.empti]\nat_most = 5", "no check corpus.empti (perhaps empty)"),
        ("[corpse.empty]\nat_most = 5", "no dataset corpse (perhaps corpus), only ledger, "),
        ("[corpus.empty]\nmost = 5", "corpus.empty.most is not a setting (perhaps at_most)"),
        ("[corpus.empty]\nx = 5", "corpus.empty.x is not a setting, only at_least, at_most, sev"),
        ("[corpus.empty]\nat_most = 'few'", "corpus.empty.at_most is 'few', not a number"),
        ("[corpus.empty]\nat_most = true", "corpus.empty.at_most is True, not a number"),
        ("[corpus.empty]\nat_most = nan", "corpus.empty.at_most is nan, not a number"),
        ("[corpus.empty]\nseverity = 'fatal'", "not one of error, warning, off"),
        ("[corpus.empty]\nat_least = 3", "corpus.empty wants at least 3 and at most 0"),
        ("[corpus.empty\n", "is no TOML"),
        ("corpus = 3", "no dataset corpus"),
        (
            "[corpus.empti]\nat_most = 5\n[corpus.tab]\nmost = 1",
            "no check corpus.empti (perhaps empty); corpus.tab.most is not a setting",
        ),
    ],
)
def test_a_bad_file_of_thresholds_is_refused(tmp_path, text, message):
    with pytest.raises(UsageError, match=re.escape(message)) as caught:
        read_thresholds(write(tmp_path / "t.toml", text), CHECKS)
    assert caught.value.exit_code == 2


def test_a_reason_of_its_own_may_have_bounds(tmp_path):
    given = write(tmp_path / "t.toml", "[rejects.posts_blank]\nat_most = 0.001\n")
    assert failed_names(good_metrics(), read_standard(given)) == ["rejects.posts_blank"]
    given = write(tmp_path / "t.toml", "[rejects.posts_duplicate]\nat_most = 0.001\n")
    metrics = broken("ledger.posts.rejected", {"duplicate": 6_288})
    assert failed_names(metrics) == []
    assert failed_names(metrics, read_standard(given)) == ["rejects.posts_duplicate"]


@pytest.mark.parametrize("is_first", [True, False])
def test_a_reason_of_its_own_inherits_what_it_does_not_name(tmp_path, is_first):
    entries = [
        "[rejects.posts_other_language]\nat_most = 0.01\n",
        "[rejects.posts_other]\nseverity = 'error'\n",
    ]
    text = "".join(entries if is_first else reversed(entries))
    standard = read_standard(write(tmp_path / "t.toml", text))
    made = row(standard.checks, "rejects", "posts_other_language")
    other = row(CHECKS, "rejects", "posts_other")
    assert (made.at_most, made.severity) == (0.01, "error")
    assert (made.at_least, made.from_tokens) == (other.at_least, other.from_tokens)
    metrics = broken("ledger.posts.rejected", {"other_language": 12_000})
    assert "rejects.posts_other_language: found 0.0176" in explain(judge(metrics, standard))


@pytest.mark.parametrize("name", ["lines", "tokens", "bytes", "posts_kept", "types"])
def test_a_corpus_unlike_the_baseline_is_reported(tmp_path, name):
    paths = {"posts_kept": "ledger.posts.kept", "types": "vocabulary.types"}
    path = paths.get(name, f"corpus.{name}")
    other = broken(path, 3)
    before = write(tmp_path / "metrics.json", json.dumps(other))
    standard = read_standard(baseline=str(before))
    assert f"baseline.{name}" in failed_names(good_metrics(), standard)
    same = read_standard(baseline=str(write(tmp_path / "same.json", json.dumps(good_metrics()))))
    assert failed_names(good_metrics(), same) == []


def test_a_baseline_may_be_an_output_or_its_manifest(tmp_path):
    good = good_metrics()
    manifest = {name: good[name] for name in ("corpus", "ledger")} | {"format": 7}
    write(tmp_path / "manifest.json", json.dumps(manifest))
    assert read_baseline(str(tmp_path / "manifest.json")).figures["posts_kept"] == 675_000
    assert "types" not in read_baseline(str(tmp_path)).figures
    (tmp_path / "report").mkdir()
    write(tmp_path / "report" / "metrics.json", json.dumps(good))
    assert read_baseline(str(tmp_path)).figures["types"] == 700_000


@pytest.mark.parametrize("scheme", ["s3", "s3a", "s3a://key:secret@"])
def test_a_baseline_may_be_on_s3(server, bucket, s3, scheme):
    good = good_metrics()
    manifest = {name: good[name] for name in ("corpus", "ledger")} | {"format": 7}
    uri = f"{scheme}{'' if '://' in scheme else '://'}{bucket}/blogs"
    server.client.put_object(Bucket=bucket, Key="blogs/manifest.json", Body=json.dumps(manifest))
    assert "types" not in read_baseline(uri, s3).figures
    server.client.put_object(
        Bucket=bucket, Key="blogs/report/metrics.json", Body=json.dumps(good).encode()
    )
    for location in (uri, f"{uri}/", f"{uri}/manifest.json", f"{uri}/report/metrics.json"):
        found = read_baseline(location, s3)
        assert found.figures["types"] == 700_000
        assert "secret" not in found.source
    with pytest.raises(ObjectNotFoundError, match=r"elsewhere/manifest\.json"):
        read_baseline(f"{uri}/elsewhere", s3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "can't read .*metrics.json: No such file"),
        ("{", "is no JSON"),
        ("[]", "is no JSON object"),
        ("{}", "is neither a manifest nor metrics"),
        ('{"ledger": {}, "corpus": {}}', "lacks figures of a corpus"),
        ('{"ledger": {}, "corpus": {}, "vocabulary": {}, "format": 9}', "has format 9, not 1"),
    ],
)
def test_a_baseline_that_is_none_is_refused(tmp_path, text, message):
    path = tmp_path / "metrics.json"
    if text is not None:
        write(path, text)
    with pytest.raises(InputNotFoundError, match=message) as caught:
        read_baseline(str(path))
    assert caught.value.exit_code == 3


def test_comparisons_have_every_figure_judged_or_not():
    [rows] = [one["rows"] for one in judge(good_metrics(), Standard())["comparisons"]]
    by_name = {row["figure"]: row for row in rows}
    assert set(by_name) == set(REFERENCE.figures) < set(SAYS)
    assert (by_name["vocabulary"]["ratio"], by_name["vocabulary"]["passed"]) == (1.0, True)
    assert (by_name["bytes"]["ratio"], by_name["bytes"]["passed"]) == (0.9996, None)


def test_doctests():
    found = doctest.testmod(check_module)
    assert found.attempted and not found.failed


@pytest.mark.parametrize(
    "then", ["", "from quality.expectations.project import Project; Project()"]
)
def test_an_import_in_the_background_is_waited_for_only_where_it_is_needed(then):
    code = (
        "from threading import Thread; from commandline.quality_options import import_packages; "
        f"Thread(target=import_packages, daemon=True).start(); {then}"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
