"""`--trace`: which examples are kept, of which steps, and that there are none without it."""

import json
from pathlib import Path

import pytest
from composition import NAME, blog_of, files_of

from etl.chain import Chain
from etl.cleaning.options import Cleaning
from etl.cleaning.twins import Twin
from etl.counting.traces import CONTEXT, CUT, MAX_CHARACTERS, Trace, merge_traces, write_trace
from etl.options import ChainOptions
from etl.spark.corpus import chunk_rows
from etl.spark.source import ChunkFiles

ID = 1136785


def traced(limit: int, files: list[tuple[str, bytes]], **cleaning: object) -> dict[str, list]:
    options = ChainOptions(min_tokens=2, cleaning=Cleaning(**cleaning))  # type: ignore[arg-type]
    trace = Trace(limit)
    twins = {(ID, 4): Twin("duplicate", ID, 0)}
    for _ in Chain(options).build(files, twins=twins, trace=trace):
        pass
    return json.loads(trace.dump())


def example(ordinal: int, before: object, after: object) -> dict[str, object]:
    return {"blogger_id": ID, "post_ordinal": ordinal, "before": before, "after": after}


POSTS = [
    b"R&amp;B night. So good!",
    b"",
    b"Mail me@a.com or urlLink http://b.org/c &amp;nbsp; now. Yes.",
    b"???",
    b"R&amp;B night, so good",
    b"A&amp;B it is. Ok.",
]


def test_first_example_of_each_step_in_file_order() -> None:
    assert traced(1, [(NAME, blog_of(POSTS))], mask="pii") == {
        "repair.references": [example(0, "R&amp;B night. So good!", "R&B night. So good!")],
        "repair.escaped_twice": [
            example(
                2,
                "Mail me@a.com or urlLink http://b.org/c &amp;nbsp; now. Yes.",
                "Mail me@a.com or urlLink http://b.org/c &nbsp; now. Yes.",
            )
        ],
        "repair.link": [
            example(
                2,
                "Mail me@a.com or urlLink http://b.org/c \xa0 now. Yes.",
                "Mail me@a.com or   http://b.org/c \xa0 now. Yes.",
            )
        ],
        "mask": [
            example(
                2,
                "Mail me@a.com or   http://b.org/c \xa0 now. Yes.",
                "Mail xxemail or   xxurl \xa0 now. Yes.",
            )
        ],
        "split": [example(0, "R&B night. So good!", ["R&B night.", "So good!"])],
        "normalize": [example(0, "R&B night.", "r b night")],
        "dropped.post.blank": [example(1, "", None)],
        "dropped.post.duplicate": [example(4, "R&B night, so good", None)],
        "dropped.post.no_word": [example(3, "???", None)],
        "dropped.sentence.too_short": [example(2, "Yes.", None)],
    }


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_no_step_has_more_than_asked_for(limit: int) -> None:
    found = traced(limit, files_of(*["R&amp;B one. Two words."] * 5))
    assert {step: len(examples) for step, examples in found.items()} == {
        **dict.fromkeys(["repair.references", "split", "normalize"], limit),
        "dropped.post.duplicate": 1,
    }


def test_long_texts_are_cut_and_a_change_is_shown_with_what_is_before_it() -> None:
    trace = Trace(1)
    trace.add("split", (1, 0), "x" * 1000, ["y" * 1000] * 50)
    trace.add_change("mask", (1, 0), "a" * 1000 + "old end", "a" * 1000 + "new end")
    [split], [mask] = trace.steps["split"], trace.steps["mask"]
    assert split["before"] == "x" * MAX_CHARACTERS + CUT
    assert split["after"] == ["y" * MAX_CHARACTERS + CUT] * 20
    assert mask["before"] == "a" * CONTEXT + "old end"
    assert mask["after"] == "a" * CONTEXT + "new end"


def test_merging_keeps_the_first_ones_in_file_order(tmp_path: Path) -> None:
    dumps = []
    for blogger in range(3):
        trace = Trace(2)
        trace.add("split", (blogger, 0), "é♥", ["é♥"])
        dumps.append(trace.dump())
    assert [one["blogger_id"] for one in merge_traces(dumps, 2)["split"]] == [0, 1]
    write_trace(dumps, 2, tmp_path / "report" / "trace.json")
    text = (tmp_path / "report" / "trace.json").read_text("utf-8")
    assert json.loads(text) == merge_traces(dumps, 2)
    assert "é♥" in text


def test_a_chunk_has_a_trace_only_with_the_option() -> None:
    files = files_of("Hello there. Ok.")
    for count, kinds in ((0, ["lines", "ledger"]), (1, ["lines", "ledger", "trace"])):
        chain = Chain(ChainOptions(cleaning=Cleaning(trace=count)))
        rows = list(chunk_rows(ChunkFiles(0, files, {}), chain, keep_text=False))
        assert [kind for row in rows if (kind := row.column(0)[0].as_py()) in kinds] == kinds
        assert ("trace" in {row.column(0)[0].as_py() for row in rows}) == bool(count)


def test_tracing_changes_neither_lines_nor_rejects() -> None:
    files, chain = files_of("Hello there. Ok.", "", "R&amp;B"), Chain(ChainOptions(min_tokens=2))
    plain = list(chain.build(files))
    traced = list(chain.build(files, trace=Trace(5)))
    assert [built[:3] for built in traced] == [built[:3] for built in plain]
