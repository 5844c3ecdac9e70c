"""F1 of the default splitter on the treebank (FACTS.md has other splitters' figures)."""

import os
from pathlib import Path

import pytest

from benchmarks.splitters import Score, read_paragraphs, score
from etl.text.sentences import split_sentences

TREEBANK = Path(__file__).parents[3] / ".." / "shared" / "data" / "ud-ewt-dev.conllu"


@pytest.fixture(scope="module")
def scores() -> dict[str, Score]:
    if not TREEBANK.is_file():
        if os.environ.get("CI"):
            pytest.fail("CI has to run this, and ../shared/data/ud-ewt-dev.conllu is missing")
        pytest.skip("../shared/data/ud-ewt-dev.conllu is missing: F1 is NOT tested")
    return score(split_sentences, read_paragraphs(TREEBANK))


@pytest.mark.parametrize(("genre", "least"), [("weblog", 0.975), ("all", 0.89)])
def test_f1_is_above_every_other_splitter(
    scores: dict[str, Score], genre: str, least: float
) -> None:
    assert scores[genre].f1 >= least


def test_all_of_the_treebank_is_scored(scores: dict[str, Score]) -> None:
    everything = scores.pop("all")
    assert everything.tp == sum(one.tp for one in scores.values())
    assert everything.tp + everything.fn > 1000
    assert set(scores) == {"answers", "email", "newsgroup", "reviews", "weblog"}
