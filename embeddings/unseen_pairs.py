"""Word pairs that tuning never sees, to tell what it learned from what it guessed right.

SimLex-999 without the pairs that it shares with WS-353. Holding back a part of WS-353 instead would
change the objective: it would no longer be BlazingText's mean_rho, nor comparable with the
reference's, and each half would be too small (a rho over 100 pairs is known to about 0.15).
SimLex-999 counts likeness only, not relatedness, so its rho is lower; compare it between models.
"""

from embeddings.word_pairs import Pair, PairSet, simlex999, ws353

UNSEEN = "SimLex-999 without WS-353"


def unseen_pairs() -> PairSet:
    """Pairs of SimLex-999 that are in no set of WS-353, in either order of words."""
    seen = {_unordered(pair) for table in ws353() for pair in table.pairs}
    pairs = tuple(pair for pair in simlex999().pairs if _unordered(pair) not in seen)
    return PairSet(UNSEEN, pairs)


def _unordered(pair: Pair) -> frozenset[str]:
    return frozenset((pair.first, pair.second))
