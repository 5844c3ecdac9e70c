"""How much better some vectors agree with people than others: an interval over seeds and pairs.

An experiment has arms (corpora, settings), each trained with the same seeds and scored on the same
pairs. Two kinds of chance are in its figures: another seed gives other vectors, and other pairs
would have given another rho. For the difference of two arms' means over n seeds:

- **Seeds.** Arms and seeds are a randomized complete block design, a block per seed: of what is
  left of the scores when each arm's and each seed's mean is taken away, the mean square s² has
  (arms - 1)(n - 1) degrees of freedom, and the difference has the variance 2 s²/n. With two arms
  that is the paired t-test. All arms are taken to vary alike by seed, which makes up for few seeds.
  (Montgomery, Design and Analysis of Experiments, section 4.1.)
- **Pairs.** The difference's variance over `RESAMPLES` bootstrap samples of the pairs, the same
  ones for all arms and seeds. (Efron and Tibshirani 1993, An Introduction to the Bootstrap.)

Both are added up, as for crossed random effects, which errs to the side of wider intervals: what a
seed does to a single pair is in either. (Owen 2007, The Pigeonhole Bootstrap, Annals of Applied
Statistics 1(2), 386-411.) The interval is Student's t with Satterthwaite's (1946) degrees of
freedom. Intervals are not made wider for being many: of twenty, one misses by chance.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from embeddings.scoring.evaluation import CONFIDENCE, SEED, Floats

RESAMPLES = 500
"""Give a standard error to 3 % of itself (1/√(2 · 500))."""

Indices = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Effect:
    """One arm, and how it differs from the first.

    Attributes:
        rho: mean over the seeds.
        deviation: standard deviation over the seeds; None with one.
        difference: of rho to the first arm's; 0 for that itself.
        low: lower end of the difference's 95 % interval; None with one seed, and for the first arm.
        high: its upper end.
        seed_error: standard error of the difference by the seeds; None likewise.
        pair_error: by the pairs; None for the first arm.
    """

    rho: float
    deviation: float | None
    difference: float = 0.0
    low: float | None = None
    high: float | None = None
    seed_error: float | None = None
    pair_error: float | None = None

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def effects(people: Floats, cosines: Floats, parts: Sequence[Indices] = ()) -> list[Effect]:
    """The effect of each arm.

    Args:
        people: scores of the pairs; not all alike.
        cosines: of the model, arms × seeds × pairs, none missing.
        parts: the score is the mean of Spearman's rho over these parts of the pairs; one part, all
            of them, if there is none.
    """
    arms, _, pairs = cosines.shape
    parts = parts or [np.arange(pairs)]
    scores = _scores(people, cosines, parts)
    means = scores.mean(axis=1)
    differences = means - means[0]
    draws = np.random.default_rng(SEED).integers(0, pairs, size=(RESAMPLES, pairs))
    resampled = [_scores(people, cosines, _redrawn(draw, parts, pairs)).mean(1) for draw in draws]
    pair_variances = np.var(np.array(resampled) - np.array(resampled)[:, :1], axis=0, ddof=1)
    results = [Effect(float(means[0]), _deviation(scores[0]))]
    seed_variance, freedom = _seed_variance(scores)
    for arm in range(1, arms):
        pair_variance = float(pair_variances[arm])
        effect = Effect(float(means[arm]), _deviation(scores[arm]), float(differences[arm]))
        results.append(_with_interval(effect, seed_variance, freedom, pair_variance, pairs - 1))
    return results


def _with_interval(
    effect: Effect,
    seed_variance: float | None,
    seed_freedom: int,
    pair_variance: float,
    pair_freedom: int,
) -> Effect:
    pair_error = math.sqrt(pair_variance)
    if seed_variance is None:
        return Effect(effect.rho, effect.deviation, effect.difference, pair_error=pair_error)
    variance = seed_variance + pair_variance
    reach = 0.0
    if variance:
        shares = seed_variance**2 / seed_freedom + pair_variance**2 / pair_freedom
        freedom = variance**2 / shares
        reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, freedom)) * math.sqrt(variance)
    return Effect(
        effect.rho,
        effect.deviation,
        effect.difference,
        effect.difference - reach,
        effect.difference + reach,
        math.sqrt(seed_variance),
        pair_error,
    )


def _seed_variance(scores: Floats) -> tuple[float | None, int]:
    """Variance of the difference of two arms' means by the seeds, and its degrees of freedom."""
    arms, seeds = scores.shape
    freedom = (arms - 1) * (seeds - 1)
    if not freedom:
        return None, 0
    rest = scores - scores.mean(axis=1, keepdims=True) - scores.mean(axis=0) + scores.mean()
    return 2 * float((rest**2).sum()) / freedom / seeds, freedom


def _scores(people: Floats, cosines: Floats, parts: Sequence[Indices]) -> Floats:
    """Mean of Spearman's rho over the parts: arms × seeds."""
    rhos = [_spearman(people[part], cosines[..., part]) for part in parts]
    mean: Floats = np.mean(rhos, axis=0)
    return mean


def _spearman(people: Floats, cosines: Floats) -> Floats:
    """Of many rows of cosines at once; 0 where all are alike."""
    first, others = (stats.rankdata(values, axis=-1) for values in (people, cosines))
    first, others = first - first.mean(), others - others.mean(axis=-1, keepdims=True)
    lengths = np.sqrt((first**2).sum() * (others**2).sum(axis=-1))
    products = others @ first
    rhos: Floats = np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)
    return rhos


def _redrawn(draw: Indices, parts: Sequence[Indices], pairs: int) -> list[Indices]:
    """The parts within a resample: each pair is in them as often as it was drawn."""
    is_inside = np.zeros((len(parts), pairs), np.bool_)
    for inside, part in zip(is_inside, parts, strict=True):
        inside[part] = True
    return [draw[inside[draw]] for inside in is_inside]


def _deviation(scores: Floats) -> float | None:
    return float(scores.std(ddof=1)) if scores.size > 1 else None
