"""The interval of a difference: the t-test's over seeds, a bootstrap's over pairs, and both."""

import math

import numpy as np
import pytest
from scipy import stats

from embeddings.scoring import crossed_intervals
from embeddings.scoring.crossed_intervals import effects

PAIRS = 60
PEOPLE = np.random.default_rng(1).normal(size=PAIRS)


def made_up(arms, seeds, noise=1.0):
    """Cosines, arms × seeds × pairs; each later arm agrees less with people."""
    random = np.random.default_rng(8)
    own = random.normal(size=(arms, 1, PAIRS)) + random.normal(size=(arms, seeds, PAIRS)) * noise
    return PEOPLE + own * np.arange(1, arms + 1)[:, None, None]


def rhos(cosines, people=PEOPLE):
    return np.array([[stats.spearmanr(people, row).statistic for row in arm] for arm in cosines])


def figures(effect):
    """Ends of the interval, then both errors."""
    return [float(x) for x in (effect.low, effect.high, effect.seed_error, effect.pair_error)]


def test_of_two_arms_and_the_same_pairs_it_is_the_paired_t_test(monkeypatch):
    monkeypatch.setattr(crossed_intervals, "_redrawn", lambda draw, parts, pairs: parts)
    cosines = made_up(2, 5)
    scores = rhos(cosines)
    first, second = effects(PEOPLE, cosines)
    expected = stats.ttest_rel(scores[1], scores[0]).confidence_interval(0.95)
    assert (first.rho, first.deviation) == pytest.approx((scores[0].mean(), scores[0].std(ddof=1)))
    assert second.difference == pytest.approx((scores[1] - scores[0]).mean())
    assert (second.low, second.high) == pytest.approx((expected.low, expected.high))
    assert second.pair_error == pytest.approx(0) and first.low is None


def test_seeds_and_pairs_add_up():
    """The seeds' part is that of an analysis of variance of all arms in blocks."""
    cosines = made_up(4, 3)
    scores = rhos(cosines)
    rest = scores - scores.mean(1, keepdims=True) - scores.mean(0) + scores.mean()
    random = np.random.default_rng(0)
    draws = [random.integers(0, PAIRS, PAIRS) for _ in range(200)]
    changes = [np.diff(rhos(cosines[[0, 2]][..., draw], PEOPLE[draw]).mean(1))[0] for draw in draws]
    effect = effects(PEOPLE, cosines)[2]
    assert effect.seed_error == pytest.approx(math.sqrt(2 * (rest**2).sum() / (3 * 2) / 3))
    assert effect.pair_error == pytest.approx(np.std(changes), rel=0.2)
    low, high, *errors = figures(effect)
    assert high - effect.difference == pytest.approx(effect.difference - low)
    assert 1.96 < (high - effect.difference) / np.hypot(*errors) < 2.5


def test_parts_are_averaged_and_drawn_together():
    cosines, parts = made_up(2, 2), [np.arange(PAIRS), np.arange(20), np.arange(15, 40)]
    first, second = effects(PEOPLE, cosines, parts)
    means = [rhos(cosines[..., part], PEOPLE[part]).mean(1) for part in parts]
    assert [first.rho, second.rho] == pytest.approx(np.mean(means, axis=0).tolist())
    alone = effects(PEOPLE[:20], cosines[..., :20])[1]
    assert 0 < figures(second)[3] < figures(alone)[3]


def test_one_seed_gives_no_interval_and_equal_arms_no_difference():
    one_seed = effects(PEOPLE, made_up(2, 1))[1]
    assert (one_seed.low, one_seed.seed_error, one_seed.is_clear) == (None, None, False)
    cosines = np.repeat(made_up(1, 3), 2, axis=0)
    equal = effects(PEOPLE, cosines)[1]
    assert (equal.difference, equal.low, equal.high) == (0, 0, 0)
