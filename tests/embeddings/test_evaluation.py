"""Vectors in the plane, at angles that make every correlation known beforehand."""

import math
from pathlib import Path

import numpy as np
import pytest
from gensim.models.keyedvectors import KeyedVectors
from gensim.test.utils import datapath
from scipy.stats import spearmanr

from embeddings.scoring.evaluation import Score, eval_json, evaluate, score, spearman
from embeddings.scoring.word_pairs import Pair, PairSet, ws353


def planar(degrees):
    """One unit vector a word, at an angle to the word `origin`."""
    made = KeyedVectors(2)
    angles = {"origin": 0.0} | degrees
    made.add_vectors(
        list(angles),
        np.array([[math.cos(math.radians(a)), math.sin(math.radians(a))] for a in angles.values()]),
    )
    return made


def table(scores):
    return PairSet("t", tuple(Pair("origin", word, value) for word, value in scores.items()))


ANGLES = {"w10": 10, "w20": 20, "w30": 30, "w40": 40, "w50": 50}


@pytest.mark.parametrize(
    ("scores", "rho"),
    [
        ({"w10": 9, "w20": 8, "w30": 5, "w40": 2, "w50": 1}, 1.0),
        ({"w10": 1, "w20": 2, "w30": 5, "w40": 8, "w50": 9}, -1.0),
        # One swap of neighbours among 5: 1 - 6 * 2 / (5 * 24).
        ({"w10": 9, "w20": 8, "w30": 5, "w40": 1, "w50": 2}, 0.9),
        # Ranks 5, 3.5, 3.5, 1.5, 1.5 against 5 to 1: sqrt(0.9), by Pearson on the ranks.
        ({"w10": 9, "w20": 5, "w30": 5, "w40": 1, "w50": 1}, math.sqrt(0.9)),
    ],
    ids=["same order", "reversed", "one swap", "ties"],
)
def test_rho_of_known_orders(scores, rho):
    found = score(planar(ANGLES), table(scores), resamples=0)
    assert found.rho == pytest.approx(rho, abs=1e-12)
    assert (found.name, found.total_pairs, found.not_found) == ("t", 5, 0)
    assert (found.low, found.high) == (None, None)


def test_length_does_not_matter_and_a_zero_vector_is_like_nothing():
    vectors = planar(ANGLES)
    vectors.vectors *= np.arange(1, 7)[:, None]
    vectors.add_vectors(["zero"], np.zeros((1, 2)))
    scores = {"w10": 9, "w20": 8, "w30": 5, "w40": 2, "zero": 1}
    assert score(vectors, table(scores)).rho == pytest.approx(1)


@pytest.mark.parametrize(
    "scores",
    [{}, {"gone": 1, "lost": 2}, {"w10": 1, "w20": 2}, {"w10": 3, "w20": 3, "w30": 3}],
    ids=["no pairs", "none found", "two pairs", "all alike"],
)
def test_no_score_where_there_is_none(scores):
    found = score(planar(ANGLES), table(scores))
    assert (found.rho, found.low, found.high) == (None, None, None)


def test_spearman_is_scipys_on_random_data_with_ties():
    random = np.random.default_rng(5)
    for _ in range(20):
        first = random.integers(0, 8, 30).astype(float)
        second = first + random.normal(0, 4, 30).round()
        assert spearman(first, second) == pytest.approx(spearmanr(first, second).statistic)


def test_the_interval_covers_the_score_narrows_with_pairs_and_repeats_with_its_seed():
    random = np.random.default_rng(1)
    widths = []
    for pairs in (30, 300):
        angles = {f"w{i}": a for i, a in enumerate(random.uniform(0, 180, pairs))}
        noisy = {word: -a + random.normal(0, 40) for word, a in angles.items()}
        found = score(planar(angles), table(noisy))
        assert found.rho is not None and found.low is not None and found.high is not None
        assert found.low < found.rho < found.high
        assert score(planar(angles), table(noisy)) == found
        assert score(planar(angles), table(noisy), seed=2) != found
        widths.append(found.high - found.low)
        # Fisher's approximation of the same interval.
        width = 2 * 1.96 * (1 - found.rho**2) / math.sqrt(pairs - 3)
        assert found.high - found.low == pytest.approx(width, rel=0.35)
    assert widths[1] < widths[0] / 2


def test_ws353_is_blazingtexts_three_sets():
    tables = ws353()
    assert [(one.name, len(one.pairs)) for one in tables] == [
        ("EN-WS-353-ALL.txt", 353),
        ("EN-WS-353-REL.txt", 252),
        ("EN-WS-353-SIM.txt", 203),
    ]
    assert tables[0].pairs[0] == Pair("love", "sex", 6.77)
    assert Pair("jerusalem", "israel", 8.46) in tables[1].pairs
    assert Pair("tiger", "cat", 7.35) in tables[2].pairs
    assert Pair("tiger", "cat", 7.35) not in tables[1].pairs


def test_ws353_has_the_scores_that_gensim_ships():
    lines = Path(datapath("wordsim353.tsv")).read_text().lower().splitlines()
    rows = [line.split("\t") for line in lines if line[0] != "#"]
    gensims = {(first, second): float(value) for first, second, value in rows}
    ours = {(pair.first, pair.second): pair.score for pair in ws353()[0].pairs}
    assert {pair: ours[pair] for pair in gensims} == gensims


def perfect():
    """Vectors that order the pairs of WS-353 in which `tiger` comes first as people do."""
    degrees = {"tiger": 0.0}
    for pair in ws353()[0].pairs:
        if pair.first == "tiger" and pair.second != "tiger":
            degrees[pair.second] = 10 * (10 - pair.score)
    return planar(degrees)


def test_eval_json_is_the_reference_runs_layout():
    scores = evaluate(perfect(), resamples=0)
    content = eval_json(scores)
    assert list(content) == [
        "EN-WS-353-ALL.txt", "EN-WS-353-REL.txt", "EN-WS-353-SIM.txt", "mean_rho",
    ]  # fmt: skip
    assert content["EN-WS-353-ALL.txt"] == {
        "not_found": 342,
        "spearmans_rho": pytest.approx(1, abs=0.05),
        "total_pairs": 353,
    }
    assert content["EN-WS-353-SIM.txt"]["spearmans_rho"] == scores[2].rho


def test_mean_rho_is_the_plain_mean_and_none_where_a_set_has_none():
    vectors = KeyedVectors(5)
    words = sorted({word for pair in ws353()[0].pairs for word in (pair.first, pair.second)})
    vectors.add_vectors(words[::2], np.random.default_rng(3).normal(size=(len(words[::2]), 5)))
    *parts, mean = evaluate(vectors, resamples=50)
    assert mean.name == "mean_rho"
    assert mean.rho is not None and mean.low is not None and mean.high is not None
    assert mean.rho == pytest.approx(np.mean([part.rho for part in parts]))
    assert mean.low < mean.rho < mean.high
    assert [part.not_found for part in parts] == [
        sum(not {p.first, p.second} <= set(words[::2]) for p in table.pairs) for table in ws353()
    ]
    assert evaluate(planar(ANGLES))[3] == Score("mean_rho", 353, 353, None)
