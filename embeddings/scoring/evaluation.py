"""Scores of vectors on word pairs: Spearman's rho with N, what is missing, and an interval.

BlazingText's definitions, from the reference run's log and from the script it prints the lines of
(Faruqui and Dyer 2014, wordvectors.org): words lower-cased, cosine, pairs with a missing word left
out, ties by their mean rank, mean_rho the plain mean of the three sets of WS-353.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from gensim.models.keyedvectors import KeyedVectors
from scipy.stats import rankdata

from embeddings.scoring.word_pairs import PairSet, known_pairs, ws353
from embeddings.vectors.cosines import unit_vectors

Floats = npt.NDArray[np.float64]

RESAMPLES = 1000
CONFIDENCE = 0.95
SEED = 1
FEWEST_PAIRS = 3
"""Two pairs are always in perfect order, one way or the other."""


@dataclass(frozen=True)
class Score:
    """How well vectors agree with people on one table of pairs.

    Attributes:
        name: of the table; `mean_rho` for the mean of WS-353's three.
        total_pairs: in the table.
        not_found: pairs of them with a word that has no vector.
        rho: Spearman's, over the others; None if these are fewer than `FEWEST_PAIRS` or all alike.
        low: lower end of the 95 % percentile bootstrap interval over pairs; None as above.
        high: its upper end.
    """

    name: str
    total_pairs: int
    not_found: int
    rho: float | None
    low: float | None = None
    high: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def evaluate(
    vectors: KeyedVectors,
    sets: Iterable[PairSet] = (),
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> list[Score]:
    """Scores on WS-353 (ALL, REL, SIM, mean_rho), then on further tables.

    Args:
        vectors: by lower-case words.
        sets: further tables.
        resamples: of the bootstrap; 0 for no intervals.
        seed: of the bootstrap.
    """
    halves = ws353()
    scores = [score(vectors, table, resamples, seed) for table in halves]
    scores.append(_mean_rho(vectors, halves, scores, resamples, seed))
    return scores + [score(vectors, table, resamples, seed) for table in sets]


def score(
    vectors: KeyedVectors, table: PairSet, resamples: int = RESAMPLES, seed: int = SEED
) -> Score:
    """The score on one table."""
    people, cosines = _columns(vectors, table)
    draws = _draws(len(people), resamples, seed)
    low, high = _interval([spearman(people[draw], cosines[draw]) for draw in draws])
    missing = len(table.pairs) - len(people)
    return Score(table.name, len(table.pairs), missing, spearman(people, cosines), low, high)


def spearman(first: Floats, second: Floats) -> float | None:
    """Spearman's rank correlation; None where there is none."""
    if len(first) < FEWEST_PAIRS or np.ptp(first) == 0 or np.ptp(second) == 0:
        return None
    # Pearson's correlation of the ranks: a third of the time of scipy's spearmanr, which finds a
    # p-value as well.
    return float(np.corrcoef(rankdata(first), rankdata(second))[0, 1])


def eval_json(scores: Sequence[Score]) -> dict[str, Any]:
    """What BlazingText writes as eval.json: each set of WS-353, and mean_rho."""
    content: dict[str, Any] = {
        score.name: {
            "not_found": score.not_found,
            "spearmans_rho": score.rho,
            "total_pairs": score.total_pairs,
        }
        for score in scores[:3]
    }
    return content | {"mean_rho": scores[3].rho}


def cosine_similarities(vectors: KeyedVectors, pairs: Iterable[tuple[str, str]]) -> Floats:
    """Cosine of each pair of known words; 0 where a vector is all zeros."""
    first, second = zip(*pairs, strict=True)
    left, right = (
        unit_vectors(
            np.asarray(vectors.vectors[[*map(vectors.key_to_index.get, words)]], np.float64)
        )
        for words in (first, second)
    )
    cosines: Floats = (left * right).sum(axis=1)
    return cosines


def _columns(vectors: KeyedVectors, table: PairSet) -> tuple[Floats, Floats]:
    """People's scores and cosines of the pairs that are found, in order."""
    known = known_pairs(table.pairs, vectors.key_to_index)
    if not known:
        return np.empty(0), np.empty(0)
    people = np.array([pair.score for pair in known])
    return people, cosine_similarities(vectors, [(pair.first, pair.second) for pair in known])


def _mean_rho(
    vectors: KeyedVectors,
    tables: Sequence[PairSet],
    scores: Sequence[Score],
    resamples: int,
    seed: int,
) -> Score:
    """The mean of three scores, with the interval from drawing all three tables anew together.

    REL and SIM are parts of ALL: a draw of ALL's pairs draws theirs, so the three move together.
    """
    everything = scores[0]
    people, cosines = _columns(vectors, tables[0])
    members = [_members(vectors, table, tables[0]) for table in tables]
    means = []
    for draw in _draws(len(people), resamples, seed):
        parts = [draw[member[draw]] for member in members]
        means.append(_mean([spearman(people[part], cosines[part]) for part in parts]))
    low, high = _interval(means)
    rho = _mean([score.rho for score in scores])
    return Score("mean_rho", everything.total_pairs, everything.not_found, rho, low, high)


def _members(vectors: KeyedVectors, part: PairSet, whole: PairSet) -> npt.NDArray[np.bool_]:
    """Which of the found pairs of a table are in a part of it."""
    inside = set(part.pairs)
    return np.array(
        [pair in inside for pair in known_pairs(whole.pairs, vectors.key_to_index)], bool
    )


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if len(known) == len(values) else None


def _draws(pairs: int, resamples: int, seed: int) -> list[npt.NDArray[np.intp]]:
    if pairs < FEWEST_PAIRS:
        return []
    random = np.random.default_rng(seed)
    return list(random.integers(0, pairs, size=(resamples, pairs)))


def _interval(values: Sequence[float | None]) -> tuple[float | None, float | None]:
    """Percentile interval; none if hardly any resample had a value."""
    known = [value for value in values if value is not None]
    if len(known) * 2 < len(values) or not known:
        return None, None
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(known, [tail, 1 - tail])
    return float(low), float(high)
