"""Places the most frequent words on a plane, near each other where their vectors are.

t-SNE of unit vectors, for which near by distance is near by cosine, the measure of all else here.
Only near neighbours on the plane mean something; axes, and distances between far words, do not.
"""

import warnings
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from gensim.models.keyedvectors import KeyedVectors
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.manifold import TSNE

from embeddings.vectors.cosines import nearest_of_many, unit_vectors
from storage.errors import BadVectorsError
from storage.printable import printable

WORDS = 2000
ANSWERED = 20_000
"""Words whose neighbours the map's page tells, though not all of them are on it."""

PERPLEXITY = 40.0
SEED = 1
NEAREST, NEAREST_OUTSIDE = 8, 5
"""Neighbours that are told of a word on the map, and of one outside."""

CLUSTERS = 8
FEWEST_IN_CLUSTER = 5
"""Words, in the mean: few words make fewer clusters."""

FEWEST_WORDS = 4
"""Of three words, any map is as good as another."""

MOST_EXACT_WORDS = 1000
"""Up to here the exact gradient takes seconds, and ends at a lower cost than Barnes-Hut's."""

NEIGHBOURHOODS = 3
"""Times the perplexity: the neighbours that t-SNE looks at, so that many others there must be
(van der Maaten 2014)."""


Nearest = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class MapPoint:
    """One word on the map.

    Attributes:
        word: as the vectors file has it, made printable.
        rank: its place in the vectors file, from 1; word2vec's files go by frequency.
        x: to the right, from -1 to 1.
        y: upwards, from -1 to 1.
        nearest: other words, on the map or not, with their cosines, nearest first.
        cluster: number of its group of words that point the same way; that of the first word is 0.
    """

    word: str
    rank: int
    x: float
    y: float
    nearest: Nearest
    cluster: int = 0


class Outside(NamedTuple):
    """A word that is not on the map, and its neighbours with their cosines, nearest first."""

    word: str
    nearest: Nearest


def project(
    vectors: KeyedVectors,
    words: int = WORDS,
    perplexity: float = PERPLEXITY,
    seed: int = SEED,
) -> list[MapPoint]:
    """The first words of a vectors file, placed; the same arguments give the same map.

    Args:
        vectors: most frequent word first.
        words: at most so many.
        perplexity: t-SNE's, roughly the neighbours that each word heeds; see `usable_perplexity`.
        seed: of t-SNE, which starts from the first two principal components.

    Raises:
        BadVectorsError: there are fewer than `FEWEST_WORDS`, or all vectors are the same.
    """
    count = min(words, len(vectors))
    if count < FEWEST_WORDS:
        raise BadVectorsError(f"a map needs {FEWEST_WORDS} words, and there are {count}")
    units = unit_vectors(np.asarray(vectors.vectors[:count], np.float64))
    if not np.ptp(units, axis=0).any():
        raise BadVectorsError(f"the first {count:,} vectors all point the same way: no map of them")
    places = _tsne(units, usable_perplexity(perplexity, count), seed)
    words_of = zip(_neighbours(vectors, range(count), NEAREST), _clusters(units, seed), strict=True)
    return [
        MapPoint(printable(word), rank, float(x), float(y), nearest, cluster)
        for rank, (word, (x, y), (nearest, cluster)) in enumerate(
            zip(vectors.index_to_key[:count], places, words_of, strict=True), start=1
        )
    ]


def outside_words(vectors: KeyedVectors, mapped: int, answered: int = ANSWERED) -> list[Outside]:
    """The words that follow those on the map, most frequent first, up to `answered` in all."""
    indexes = range(mapped, min(answered, len(vectors)))
    nearest = _neighbours(vectors, indexes, NEAREST_OUTSIDE)
    return [
        Outside(printable(vectors.index_to_key[index]), words)
        for index, words in zip(indexes, nearest, strict=True)
    ]


def usable_perplexity(perplexity: float, words: int) -> float:
    """The perplexity, lowered where it asks each word to heed more than a third of the others."""
    return min(perplexity, (words - 1) / NEIGHBOURHOODS)


def describe_map(vectors: KeyedVectors, words: int, perplexity: float, seed: int) -> str:
    """One line that says what a map is of, and how to get it again."""
    return (
        f"t-SNE of {words:,} of {len(vectors):,} vectors of {vectors.vector_size} dimensions, "
        f"perplexity {usable_perplexity(perplexity, words):g}, seed {seed}"
    )


def _tsne(units: npt.NDArray[np.float64], perplexity: float, seed: int) -> npt.NDArray[np.float64]:
    """Shape (words, 2), each axis from -1 to 1: pictures have shapes of their own."""
    method = "exact" if len(units) <= MOST_EXACT_WORDS else "barnes_hut"
    tsne = TSNE(perplexity=perplexity, init="pca", random_state=seed, method=method)
    places = np.asarray(tsne.fit_transform(units), np.float64)
    places -= (places.min(axis=0) + places.max(axis=0)) / 2
    reach = np.abs(places).max(axis=0)
    scaled: npt.NDArray[np.float64] = places / np.where(reach > 0, reach, 1)
    return scaled


def _clusters(units: npt.NDArray[np.float64], seed: int) -> list[int]:
    """Groups by k-means of the vectors, not of their places: colours tell what the plane can't."""
    groups = max(1, min(CLUSTERS, len(units) // FEWEST_IN_CLUSTER))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=ConvergenceWarning)  # fewer vectors than groups
        labels = KMeans(groups, random_state=seed, n_init=4).fit_predict(units)
    first = {label: number for number, label in enumerate(dict.fromkeys(labels.tolist()))}
    return [first[label] for label in labels.tolist()]


def _neighbours(vectors: KeyedVectors, indexes: range, count: int) -> list[Nearest]:
    """Of each of some words."""
    words = vectors.index_to_key
    return [
        tuple((printable(words[other]), cosine) for other, cosine in row)
        for row in nearest_of_many(vectors, indexes, count)
    ]
