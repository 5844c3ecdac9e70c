"""Posts → links between those that are nearly the same, by MinHash-LSH on word shingles.

Spark ML's MinHashLSH hashes; its own `approxSimilarityJoin` is not used, since it joins whatever
shares a single hash value, and moves every vector once a hash. Here several values together make a
bucket (a "band": Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, 3.4), and the posts of
a bucket are compared with its first one only, so the work grows with the posts and not with their
square. Compared is the exact Jaccard similarity: what is linked is that similar, without error.
What is similar may be missed, rarely: see `rows_a_band`. Same posts and threshold, same links.
"""

from collections.abc import Iterable, Iterator
from functools import reduce

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812, as Spark's users know it

HASHES = 36
"""Values of a signature: a number with many divisors, so that thresholds find a fitting band."""

FEATURES = 2**30
"""Slots that shingles are hashed to; below MinHashLSH's prime of 2,038,074,743."""

SEED = 20040501
RECALL = 0.999
"""Least probability that two posts just at the threshold meet in a bucket."""

BAND_SIZES = (12, 9, 6, 4, 3, 2, 1)


def rows_a_band(threshold: float) -> int:
    """Values that make a band: as many as leave two posts at the threshold `RECALL` to meet.

    With r values a band and b bands, posts of similarity s meet with probability 1 - (1 - s^r)^b.

    >>> [rows_a_band(threshold) for threshold in (0.3, 0.5, 0.8, 0.95)]
    [1, 1, 3, 6]
    """

    def recall(rows: int) -> float:
        return float(1 - (1 - threshold**rows) ** (HASHES // rows))

    return next((rows for rows in BAND_SIZES if recall(rows) >= RECALL), 1)


def link_similar(posts: DataFrame, threshold: float) -> DataFrame:
    """Links between similar posts.

    Args:
        posts: one row per post: `position` and `shingles`, hashed, each once. Read several times.
        threshold: Jaccard similarity of the sets of shingles, above 0 to 1.

    Returns:
        `position` and `first`, which is smaller: one row per link, each only once. Posts too short
        to have shingles have no links.
    """
    posts = posts.select("position", "shingles").where(F.size("shingles") > 0)
    first = F.first("position").over(Window.partitionBy("bucket").orderBy("position"))
    pairs = _buckets(posts, rows_a_band(threshold)).withColumn("first", first)
    pairs = pairs.where("first < position").select("position", "first").distinct()
    firsts = posts.withColumnsRenamed({"position": "first", "shingles": "others"})
    both = pairs.join(posts.hint("merge"), "position").join(firsts.hint("merge"), "first")
    return both.where(_jaccard("shingles", "others") >= threshold).select("position", "first")


def _buckets(posts: DataFrame, rows: int) -> DataFrame:
    """`position` and `bucket`, one row per band of each post."""
    # Importing them takes seconds, with SciPy and pandas, which no other build needs.
    from pyspark.ml.feature import HashingTF, MinHashLSH
    from pyspark.ml.functions import vector_to_array

    count = HashingTF(
        numFeatures=FEATURES, binary=True, inputCol="shingles", outputCol="features"
    ).transform(posts)
    lsh = MinHashLSH(numHashTables=HASHES, seed=SEED, inputCol="features", outputCol="hashes")
    signed = lsh.fit(count).transform(count)
    values = [vector_to_array(F.element_at("hashes", n + 1))[0] for n in range(HASHES)]
    bands = [
        F.xxhash64(F.lit(start), *values[start : start + rows]) for start in range(0, HASHES, rows)
    ]
    return signed.select("position", F.explode(F.array(*bands)).alias("bucket"))


def _jaccard(left: str, right: str) -> Column:
    """Jaccard similarity of two columns of arrays without repeats, none of them empty."""
    shared = F.size(F.array_intersect(left, right))
    return shared / reduce(Column.__add__, (F.size(left), F.size(right), -shared))


def first_of_components(links: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Pairs of positions → (position, the smallest of its component), less the smallest itself.

    Union-find with path halving (Tarjan and van Leeuwen 1984); memory grows with the number of
    posts that have a link, not with that of all posts. Ascending, whatever the order of the links.

    >>> list(first_of_components([(5, 3), (9, 5), (8, 7)]))
    [(5, 3), (8, 7), (9, 3)]
    """
    parents: dict[int, int] = {}

    def root(position: int) -> int:
        while (parent := parents.setdefault(position, position)) != position:
            parents[position] = parents[parent]
            position = parents[position]
        return position

    for left, right in links:
        low, high = sorted((root(left), root(right)))
        parents[high] = low
    for position in sorted(parents):
        if (first := root(position)) != position:
            yield position, first
