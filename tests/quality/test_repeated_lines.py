"""Repeated lines, counted across runs and passes; a file, counted by segments as by the whole."""

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.counting.line_block import LineBlock
from etl.counting.line_hashes import Hashes, hash_lines
from etl.counting.token_counts import in_order, merge
from quality import preflight, repeated_lines
from quality.repeated_lines import RepeatedLines

LINES = st.lists(st.sampled_from([b"yes", b"no", b"", b"a b", b"caf\xc3\xa9"]), max_size=30)


def hashes_of(lines: Sequence[bytes]) -> Hashes:
    return hash_lines(LineBlock.of(b"".join(line + b"\n" for line in lines)))


@given(st.lists(LINES, max_size=4), st.integers(1, 8))
def test_repeated_lines_are_counted_across_runs_and_passes(runs, pass_hashes):
    repeated = RepeatedLines()
    for run in runs:
        repeated.add(hashes_of(run))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("quality.repeated_lines.PASS_HASHES", pass_hashes)
        found = repeated.describe()
    lines = [line for run in runs for line in run]
    counts = Counter(lines)
    assert (found["distinct"], found["repeats"]) == (len(counts), len(lines) - len(counts))
    assert (found["top_lines"], found["top_counts"]) == (
        len(lines),
        sorted(counts.values(), reverse=True),
    )


def test_a_pass_holds_few_hashes_however_many_lines_there_are(monkeypatch):
    held: list[int] = []

    def repeats(runs: Sequence[Hashes]) -> object:
        held.append(sum(run.size for run in runs))
        return count(runs)

    count = repeated_lines._repeats
    monkeypatch.setattr(repeated_lines, "_repeats", repeats)
    monkeypatch.setattr(repeated_lines, "PASS_HASHES", 500)
    repeated = RepeatedLines()
    for run in range(10):
        repeated.add(hashes_of([b"line %d" % (run * 900 + number) for number in range(1000)]))
    found = repeated.describe()
    assert (found["distinct"], found["repeats"]) == (9100, 900)
    assert (len(held), sum(held)) == (20, 10_000)
    assert max(held) < 600


def test_only_the_hundred_most_repeated_are_counted_together():
    lines = [b"%d" % number for number in range(150) for _ in range(1 + number // 50)]
    repeated = RepeatedLines()
    repeated.add(hashes_of(lines))
    found = repeated.describe()
    assert found["top_counts"] == [3] * 50 + [2] * 50
    assert (found["distinct"], found["repeats"], found["top_lines"]) == (150, 150, 250)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 1000])
@pytest.mark.parametrize("data", [b"", b"a", b"a\n", b"one\ntwo three\n\nfour", b"\n\n\n"])
def test_segments_of_a_file_are_whole_lines_in_order(tmp_path, data, size):
    path = tmp_path / "corpus.csv"
    path.write_bytes(data)
    segments = list(preflight.cut_segments(path, size))
    assert b"".join(data[start:end] for start, end in segments) == data
    assert all(data[:end].endswith(b"\n") or end == len(data) for _, end in segments)


def test_a_file_is_counted_the_same_by_several_processes(tmp_path, monkeypatch):
    data = b"".join(b"line %d of many\n" % (number % 90) for number in range(300))
    path = tmp_path / "corpus.csv"
    path.write_bytes(data)
    monkeypatch.setattr(preflight, "SEGMENT_BYTES", 1000)
    monkeypatch.setattr(preflight, "ALONE_BYTES", 0)
    monkeypatch.setattr(preflight.cut_segments, "__defaults__", (1000,))
    segments = list(preflight.count_file(path, 2))
    assert len(segments) == 5
    merged = merge(in_order((one.lines.tokens, one.tokens) for one in segments))
    counts = dict(zip(merged["token"].to_pylist(), merged["count"].to_pylist(), strict=True))
    assert counts == Counter(data.split())
    assert sum(one.lines.lines for one in segments) == 300
    assert [one.hashes.size for one in segments] == [one.lines.lines for one in segments]
