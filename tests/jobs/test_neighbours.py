"""`neighbours.py`: what is printed of words that have a vector, beside those that have none."""

from pathlib import Path

import pytest

from jobs import neighbours
from jobs.neighbours import ALIKE

APART = "4 2\ncup 1 0\ntea 0.9 0.5\nmug 0 1\nsea -1 0\n"
TOGETHER = "4 2\ncup 1 0\ntea 1 0.01\nmug 1 0.02\nsea 1 0.03\n"


@pytest.fixture
def show(tmp_path: Path):
    def call(text: str, *arguments: str) -> int:
        (tmp_path / "vectors.txt").write_text(text)
        return neighbours.main(["--model", str(tmp_path / "vectors.txt"), *arguments])

    return call


def test_words_without_a_vector_are_named_behind_the_others_neighbours(show, capsys) -> None:
    assert show(APART, "zebra", "cup", "yak", "--count", "1") == 13
    shown = capsys.readouterr()
    assert shown.out == "cup  cosine\ntea  0.8742\n"
    assert "'zebra' is not among the 4 words" in shown.err
    assert "; 'yak' is not among" in shown.err and shown.err.count("\n") == 1
    assert show(APART, "zebra") == 13
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("text", "is_warned"), [(APART, False), (TOGETHER, True)])
def test_cosines_that_are_all_near_1_are_warned_of(show, capsys, text, is_warned) -> None:
    assert show(text, "cup") == 0
    assert (f"neighbours: warning: {ALIKE}\n" == capsys.readouterr().err) is is_warned
