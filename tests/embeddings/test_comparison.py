import csv
import io
import json
import re
from dataclasses import replace

import pytest
from made_up_runs import make_record, put_run

from embeddings.pictures.comparison_page import comparison_page
from embeddings.pictures.comparison_plots import Axis
from embeddings.runs.comparison import collect, constant, corpora, labels, varying
from embeddings.runs.comparison_table import comparison_csv, comparison_text
from embeddings.scoring.text_tables import show
from storage.errors import BadRunError, InputNotFoundError

OTHER = "bb" * 32


@pytest.fixture
def folder(tmp_path):
    """Four runs on two corpora; `middle` has the second one."""
    put_run(tmp_path / "x" / "worst", make_record("worst", 0.41, window_size=30))
    put_run(tmp_path / "none", make_record("none", None))
    put_run(tmp_path / "middle", make_record("middle", 0.5, OTHER, mode="cbow", price_usd=1.25))
    put_run(tmp_path / "y" / "best", make_record("best", 0.7, learning_rate=0.01, seed=2))
    return tmp_path


def refuse(line):
    raise AssertionError(line)


def test_best_first_and_runs_without_a_score_last(folder):
    rows = collect([folder], refuse)
    assert [row.record.name for row in rows] == ["best", "middle", "worst", "none"]
    assert [row.group for row in rows] == ["A", "B", "A", "A"]
    assert (rows[0].low, rows[0].high) == pytest.approx((0.6, 0.75))
    assert rows[0].missing == 6
    assert (rows[3].low, rows[3].missing) == (None, None)
    assert {letter: facts["sha256"] for letter, facts in corpora(rows).items()} == {
        "A": "aa" * 32,
        "B": OTHER,
    }


def test_a_run_below_two_of_the_folders_counts_once(folder):
    assert len(collect([folder, folder / "x", folder / "x" / ".." / "y"], refuse)) == 4


def test_a_run_that_did_not_complete_is_not_the_best(tmp_path):
    put_run(tmp_path / "a", make_record("stopped", 0.9, status="Stopped"))
    put_run(tmp_path / "b", make_record("good", 0.3))
    put_run(tmp_path / "c", make_record("remote", 0.4, status="Completed", backend="sagemaker"))
    assert [row.record.name for row in collect([tmp_path], refuse)] == ["remote", "good", "stopped"]


def test_what_varies_and_what_does_not(folder):
    rows = collect([folder], refuse)
    assert varying(rows) == ["mode", "learning_rate", "window_size", "seed"]
    same = constant(rows)
    assert (same["epochs"], same["vector_dim"]) == (5, 100)
    assert not same.keys() & {"mode", "learning_rate", "window_size"}
    assert varying([]) == []


BROKEN = {
    "no JSON": "{",
    "another tool": json.dumps({"tool": "x", "format": 1}),
    "scores": make_record("x", 0.5, scores=["rho"]).to_json(),
    "evaluation": replace(make_record("x", 0.5), evaluation=[1]).to_json(),
    "name": replace(make_record("x", 0.5), name=3).to_json(),
    "seconds": make_record("x", 0.5, seconds="long").to_json(),
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_broken_run_is_named_and_left_out_unless_none_is_left(folder, text):
    bad = folder / "bad"
    bad.mkdir()
    (bad / "run.json").write_text(text)
    told: list[str] = []
    assert len(collect([folder], told.append)) == 4
    assert len(told) == 1 and str(bad / "run.json") in told[0] and "\n" not in told[0]
    with pytest.raises(BadRunError, match=r"^all 1 runs below .*bad are broken$"):
        collect([bad], told.append)


def test_no_run_at_all_and_no_folder(tmp_path):
    with pytest.raises(InputNotFoundError, match=r"^no run.json below "):
        collect([tmp_path], refuse)
    with pytest.raises(InputNotFoundError, match=r"^no folder at "):
        collect([tmp_path / "nowhere"], refuse)


def test_runs_on_s3_stand_beside_local_ones(folder, server, bucket, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    text = make_record("remote", 0.6).to_json().encode()
    objects = {"m/job/run.json": text, "m/job/model.tar.gz": b"", "m/bad/run.json": b"{"}
    for key, body in objects.items():
        server.client.put_object(Bucket=bucket, Key=key, Body=body)
    told: list[str] = []
    rows = collect([folder, f"s3://{bucket}/m"], told.append)
    assert [row.record.name for row in rows][:2] == ["best", "remote"]
    assert rows[1].place == f"s3://{bucket}/m/job/run.json"
    assert told == [f"s3://{bucket}/m/bad/run.json is no run.json of blazing-corpus"]


def test_the_table_has_a_line_a_run_and_explains_its_letters(folder):
    lines = comparison_text(collect([folder], refuse)).splitlines()
    assert lines[0].split() == [
        *("run", "corpus", "mean_rho", "95", "%", "interval", "missing"),
        *("mode", "learning_rate", "window_size", "seed", "seconds", "words/s", "US$"),
    ]
    assert lines[1].split() == [
        *("best", "A", "0.7000", "0.600", "to", "0.750", "6"),
        *("batch_skipgram", "0.01", "5", "2", "61", "654,321", "-"),
    ]
    assert lines[2].split()[-1] == "1.25"
    assert lines[4].split()[:5] == ["none", "A", "-", "-", "-"]
    assert lines[6] == "corpus A: sha256 aaaaaaaaaaaa…, 10 lines, 1,234 words, aa.txt"
    assert lines[7].startswith("corpus B: sha256 bbbbbbbbbbbb…")
    assert lines[8] == "compare runs of one corpus only, unless the corpus is what you compare"
    assert lines[9].startswith("the same in all: batch_size 11, buckets 2000000, epochs 5")


def test_one_corpus_needs_no_warning_and_a_name_can_not_steer_a_terminal(tmp_path):
    put_run(tmp_path / "a", make_record("a\x1b[2J\nb", 0.5))
    text = comparison_text(collect([tmp_path], refuse))
    assert r"a\x1b[2J\nb" in text and "compare runs of one corpus" not in text


def test_csv_has_everything(folder):
    rows = list(csv.DictReader(io.StringIO(comparison_csv(collect([folder], refuse)))))
    assert [row["name"] for row in rows] == ["best", "middle", "worst", "none"]
    assert float(rows[0]["mean_rho_low"]) == pytest.approx(0.6)
    assert (rows[1]["mode"], rows[1]["price_usd"], rows[1]["corpus_sha256"]) == (
        *("cbow", "1.25"),
        OTHER,
    )
    assert (rows[3]["mean_rho"], rows[3]["epochs"], rows[0]["ws353_all_not_found"]) == (
        "",
        "5",
        "6",
    )


@pytest.mark.parametrize(
    ("found", "text"),
    [(0.0001, "0.0001"), (0.05, "0.05"), (1e-7, "1e-07"), (0.0, "0"), (None, "-"), (True, "True")],
)
def test_values_as_people_write_them(found, text):
    assert show(found) == text


def test_the_page_shows_every_run_and_a_plot_a_hyperparameter(folder):
    put_run(folder / "evil", make_record("<script>x</script>", 0.45))
    page = comparison_page(collect([folder], refuse), "Runs & more", made="now")
    assert "<title>Runs &amp; more</title>" in page and "5 runs; made now" in page
    assert "<script" not in page and "&lt;script&gt;x&lt;/script&gt;" in page
    assert "://" not in page
    plots = re.findall(r'<svg [^>]*aria-label="([^"]*)".*?</svg>', page, re.DOTALL)
    assert plots == ["mean_rho by run"] + [
        f"mean_rho against {name}" for name in ("mode", "learning_rate", "window_size", "seed")
    ]
    by_run = re.findall(r'aria-label="mean_rho by run".*?</svg>', page, re.DOTALL)[0]
    assert by_run.count("<circle") == 4  # `none` has no mean_rho
    assert "<title>best, corpus A: 0.7000, 95 % interval 0.600 to 0.750</title>" in by_run
    assert len(re.findall(r'<line class="c[01]"', by_run)) == 4
    assert page.count("corpus B</span>") == 1


def test_dots_stand_where_their_values_say(folder):
    page = comparison_page(collect([folder], refuse))
    plot = re.findall(r'aria-label="mean_rho against window_size".*?</svg>', page, re.DOTALL)[0]
    dots = re.findall(r'cx="([\d.]+)" cy="([\d.]+)".*?<title>window_size \d+, (\w+),', plot)
    place = {name: (float(x), float(y)) for x, y, name in dots}
    assert place["worst"][0] > place["best"][0] == place["middle"][0]
    assert place["best"][1] < place["middle"][1] < place["worst"][1]


def test_a_page_of_one_run_without_a_score(tmp_path):
    put_run(tmp_path / "none", make_record("none", None))
    assert ">none</th>" in comparison_page(collect([tmp_path], refuse))


def test_axes_are_linear_logarithmic_or_of_kinds():
    linear = Axis([0, 10], 0, 110)
    assert not linear.is_log and linear.place(5) == pytest.approx(55)
    log = Axis([0.001, 0.1], 0, 110)
    assert log.is_log and log.place(0.01) == pytest.approx(55)
    assert [text for _, text in log.ticks] == ["0.001", "0.01", "0.1"]
    wide = Axis([0.001, 0.1], 0, 600)
    assert [text for _, text in wide.ticks][::2] == ["0.001", "0.005", "0.02", "0.1"]
    kinds = Axis(["cbow", "skipgram", "cbow"], 0, 200)
    assert kinds.ticks == [(50, "cbow"), (150, "skipgram")]
    assert Axis(["cbow", "batch_skipgram"], 0, 120).ticks[0] == (30, "bat…ram")
    assert Axis([True, False], 0, 100).kinds == ["False", "True"]
    assert Axis([7, 7], 0, 100).place(7) == pytest.approx(50)


def test_mean_rho_is_linear_and_ticks_are_whole_and_apart():
    assert not Axis([0.05, 0.7], 0, 300, is_linear=True).is_log
    assert all("." not in text for _, text in Axis([1, 2, 3], 0, 300).ticks)
    for values in ([0.00001, 0.0005, 0.02, 0.9], [100_000, 100_001], ["cbow", "batch_skipgram"]):
        ticks = Axis(values, 0, 200).ticks
        rights = [x + 3.5 * len(text) for x, text in ticks]
        lefts = [x - 3.5 * len(text) for x, text in ticks]
        assert ticks and all(right < left for right, left in zip(rights, lefts[1:], strict=False))


def test_no_run_is_the_best_over_different_corpora(folder):
    assert 'class="best"' not in comparison_page(collect([folder], refuse))
    page = comparison_page(collect([folder / "x", folder / "y"], refuse))
    assert re.findall(r'<tr class="best"><th [^>]*>(\w+)<', page) == ["best"]


def test_runs_of_one_name_are_told_apart_by_their_paths(tmp_path):
    for number, place in enumerate(("a/job-0", "b/job-0", "b/own")):
        name = "job-0" if number < 2 else "own"
        put_run(tmp_path / place, make_record(name, 0.5 - number / 10))
    rows = collect([tmp_path], refuse)
    assert labels(rows) == ["a/job-0", "b/job-0", "own"]
    page = comparison_page(rows)
    assert "<title>a/job-0, corpus A" in page and ">b/job-0</th>" in page
    assert comparison_text(rows).splitlines()[1].startswith("a/job-0")


def test_many_corpora_have_letters_of_their_own(tmp_path):
    for number in range(28):
        record = make_record(f"r{number:02}", 0.9 - number / 100, f"{number:064x}")
        put_run(tmp_path / record.name, record)
    rows = collect([tmp_path], refuse)
    assert [row.group for row in rows][24:] == ["Y", "Z", "A1", "B1"]
