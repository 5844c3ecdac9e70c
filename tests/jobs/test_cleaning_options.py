"""The cleaning options on the command line: what they become, and what is refused in one line."""

import json

import made_up
import pyarrow.parquet as pq
import pytest

from commandline import cleaning_options
from etl.build import run
from etl.cleaning import detection
from etl.cleaning.filters import GROUPS
from etl.cleaning.options import Cleaning
from jobs.build_corpus import parse


def cleaning_of(*arguments: str) -> Cleaning:
    return parse(["--input", "in", "--output", "out", *arguments]).chain.cleaning


def test_none_is_on_by_default():
    assert cleaning_of() == Cleaning()
    assert not Cleaning().screens


def test_each_option_reaches_its_place():
    assert cleaning_of(
        *("--dedup", "near", "--dedup-threshold", "0.7", "--mask", "pii"),
        *("--filter", "min_doc_words=10", "--filter", "top_2_gram", "--trace", "3"),
    ) == Cleaning(
        dedup="near",
        dedup_threshold=0.7,
        mask="pii",
        filters={"min_doc_words": 10, "top_2_gram": 0.2},
        trace=3,
    )


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_is_all_its_filters_and_a_later_one_wins(group):
    name, rule = next(iter(GROUPS[group].items()))
    filters = {one: rule.threshold for one, rule in GROUPS[group].items()}
    assert cleaning_of("--filter", group).filters == filters
    changed = cleaning_of("--filter", group, "--filter", f"{name}={rule.threshold + 1}")
    assert changed.filters == filters | {name: rule.threshold + 1}


def test_the_order_of_filters_is_that_of_the_table():
    one = cleaning_of("--filter", "min_stop_words", "--filter", "min_doc_words")
    assert list(one.filters) == ["min_doc_words", "min_stop_words"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--dedup", "fuzzy"], "argument --dedup: invalid choice: 'fuzzy'"),
        (
            ["--splitter", "spacy", "--break-before", "upper"],
            "--break-before upper: not with --splitter spacy",
        ),
        (["--dedup-threshold", "80"], "80 is not above 0 and at most 1"),
        (["--dedup-threshold", "0"], "0 is not above 0 and at most 1"),
        (["--filter", "short"], "no filter short; there are gopher_quality, gopher_repetition, c4"),
        (["--filter", "c4=2"], "no filter c4; there are"),
        (["--filter", "top_2_gram=much"], "'much' is no number for top_2_gram"),
        (["--trace", "-1"], "-1 is not a number from 0"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_makes_no_sense_is_refused(capsys, arguments, message):
    with pytest.raises(SystemExit) as stop:
        cleaning_of(*arguments)
    assert stop.value.code == 2
    assert message in capsys.readouterr().err.splitlines()[-1]


def test_a_language_without_its_package_is_one_line(capsys, monkeypatch):
    monkeypatch.setattr(cleaning_options, "find_spec", lambda _: None)
    with pytest.raises(SystemExit) as stop:
        cleaning_of("--language", "en")
    assert stop.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        "build_corpus: error: argument --language: "
        "--language needs py3langid: pip install 'blazing-corpus[language]'"
    )


def test_a_language_that_the_model_does_not_know_is_refused(capsys, monkeypatch):
    monkeypatch.setattr(cleaning_options, "find_spec", lambda _: object())
    monkeypatch.setattr(detection, "known_languages", lambda: frozenset({"en"}))
    with pytest.raises(SystemExit):
        cleaning_of("--language", "english")
    assert "english is no code of a known language" in capsys.readouterr().err
    assert cleaning_of("--language", "en").language == "en"


@pytest.mark.spark
def test_a_build_with_the_options_on(spark, tmp_path):
    date, name = "01,May,2004", made_up.FIRST
    texts = [b"Mail me@example.com now.", b"mail YOU@example.com, now", b"Go.", b"We went home."]
    made_up.write_files(tmp_path / "in", {name: made_up.blog(*((date, one) for one in texts))})
    arguments = ["--input", str(tmp_path / "in"), "--output", str(tmp_path / "out"), "--tables"]
    cleaning = ["--dedup", "near", "--mask", "pii", "--filter", "min_doc_words=2", "--trace", "1"]
    options = parse([*arguments, *cleaning])
    message = run(options, lambda: spark).message
    corpus = (tmp_path / "out/corpus/cleaned_sentences.csv").read_text()
    assert corpus == "mail xxemail now\nwe went home\n"
    assert "masked                email 2" in message
    rejects = pq.read_table(tmp_path / "out/rejects").to_pylist()
    columns = ("post_ordinal", "reason", "twin_blogger_id", "twin_post_ordinal")
    assert [tuple(row[column] for column in columns) for row in rejects] == [
        (1, "duplicate", 1000001, 0),
        (2, "min_doc_words", None, None),
    ]
    assert {row["text"] for row in rejects} == {None}
    assert spark.read.parquet(f"{tmp_path}/out/posts").count() == 2
    assert run(options, lambda: spark).message.startswith("already built")
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    assert manifest["options"]["cleaning"]["filters"] == {"min_doc_words": 2.0}
    assert manifest["ledger"]["masks"] == {"email": 2}
    trace = json.loads((tmp_path / "out/report/trace.json").read_text())
    assert trace["mask"] == [
        {
            "blogger_id": 1000001,
            "post_ordinal": 0,
            "before": "Mail me@example.com now.",
            "after": "Mail xxemail now.",
        }
    ]
