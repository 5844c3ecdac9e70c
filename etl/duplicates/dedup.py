"""`--dedup`: which posts repeat another one, in the whole corpus.

A pass of its own over the input, before the one that builds. Everything stays on the executors:
posts are grouped by the digest of their text, and what is found is grouped by chunk, for
`etl.spark.corpus` to hand each task its own list. The post that is kept is the first in file order,
however the corpus is cut into chunks.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa
from pyspark import StorageLevel
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812, as Spark's users know it

from etl.chain import Chain
from etl.cleaning.twins import DUPLICATE, FIELDS, NEAR_DUPLICATE
from etl.duplicates.fingerprints import ORDINAL_BITS, seen_posts
from etl.duplicates.near_duplicates import first_of_components, link_similar
from etl.spark.source import Batches, ChunkFiles, Source, settings
from etl.spark.tables import batch_rows

SEEN = "position long, blogger_id long, post_ordinal int, digest binary, shingles array<long>"
"""Grain: one row per post that may have a duplicate; see `etl.duplicates.fingerprints.Seen`."""

SEEN_ARROW = pa.schema(
    [
        ("position", pa.int64()),
        ("blogger_id", pa.int64()),
        ("post_ordinal", pa.int32()),
        ("digest", pa.binary()),
        ("shingles", pa.list_(pa.int64())),
    ]
)
LINKS = "position long, first long"


@contextmanager
def find_twins(source: Source) -> Iterator[DataFrame | None]:
    """The posts to drop as duplicates, a list a chunk; None without `--dedup`.

    Yields:
        One row per chunk that has any: `chunk` and `twins`, which `twins.unpack_twins` reads.
        Nothing runs before the first job that asks for it; what it found then stays on the
        executors' disks as long as the block runs.
    """
    if source.options.chain.cleaning.dedup is None or not source.chunks:
        yield None
        return
    # As many as read the input: Spark's 200 would mostly be empty. A cached plan is made when
    # it is marked as such, so it is marked under these settings.
    with settings(source.spark, {"spark.sql.shuffle.partitions": str(len(source.chunks))}):
        cached = _plan(source)
        try:
            yield cached[-1]
        finally:
            for frame in cached:
                frame.unpersist()


def _plan(source: Source) -> list[DataFrame]:
    """Everything that is read more than once, marked to be cached; the lists to drop come last."""
    cleaning, disk = source.options.chain.cleaning, StorageLevel.DISK_ONLY
    if cleaning.dedup == "exact":
        ranked = rank(_seen(source, with_shingles=False))
        return [list_by_chunk(repeats(ranked)).persist(disk)]
    ranked = rank(_seen(source, with_shingles=True)).persist(disk)
    distinct = ranked.where("rank = 1")
    near = near_repeats(distinct, cleaning.dedup_threshold).persist(disk)
    lists = list_by_chunk(add_near(repeats(ranked), near)).persist(disk)
    return [ranked, near, lists]


def _seen(source: Source, with_shingles: bool) -> DataFrame:
    """The rows of `SEEN`."""
    chain = Chain(source.options.chain)

    def to_rows(chunk: ChunkFiles) -> Batches:
        return batch_rows(seen_posts(chunk, chain, with_shingles), SEEN_ARROW)

    return source.map_chunks(to_rows, SEEN)


def rank(seen: DataFrame) -> DataFrame:
    """Adds `rank`, from 1 among the posts with one text, and `first`, the one with rank 1."""
    same_text = Window.partitionBy("digest").orderBy("position")
    first = F.first(F.struct("position", "blogger_id", "post_ordinal")).over(same_text)
    return seen.withColumns({"rank": F.row_number().over(same_text), "first": first})


def repeats(ranked: DataFrame) -> DataFrame:
    """The posts whose text an earlier one has: `position`, `FIELDS` and `twin_position`."""
    return ranked.where("rank > 1").select(
        "position",
        "blogger_id",
        "post_ordinal",
        F.lit(DUPLICATE).alias("reason"),
        F.col("first.blogger_id").alias("twin_blogger_id"),
        F.col("first.post_ordinal").alias("twin_post_ordinal"),
        F.col("first.position").alias("twin_position"),
    )


def near_repeats(distinct: DataFrame, threshold: float) -> DataFrame:
    """The posts that are nearly the same as an earlier one, with the columns of `repeats`.

    Of posts that are linked, directly or through others, the first in file order is kept.

    Args:
        distinct: rows of `SEEN`, each with a text of its own. Read several times.
        threshold: Jaccard similarity.
    """
    links = link_similar(distinct, threshold)
    firsts = links.repartition(1).mapInArrow(_first_of_components, LINKS)  # type: ignore[arg-type]
    keys = distinct.select("position", "blogger_id", "post_ordinal")
    twins = keys.toDF("first", "twin_blogger_id", "twin_post_ordinal")
    near = firsts.join(keys.hint("merge"), "position").join(twins.hint("merge"), "first")
    near = near.withColumn("reason", F.lit(NEAR_DUPLICATE))
    return near.select("position", *FIELDS, F.col("first").alias("twin_position"))


def add_near(exact: DataFrame, near: DataFrame) -> DataFrame:
    """Exact and near repeats together. An exact repeat of a near one is a near one too.

    Its twin is then the other's, so that a twin is always a post that is kept.
    """
    moved = near.select(
        F.col("position").alias("twin_position"), F.struct(*FIELDS[2:]).alias("moved")
    )
    exact = exact.join(moved.hint("merge"), "twin_position", "left").withColumns(
        {name: F.coalesce(f"moved.{name}", name) for name in FIELDS[2:]}
    )
    return exact.select("position", *FIELDS).unionByName(near.select("position", *FIELDS))


def list_by_chunk(dropped: DataFrame) -> DataFrame:
    """Repeats → one row per chunk, as `find_twins` gives them."""
    chunk = F.shiftright("position", ORDINAL_BITS).cast("int").alias("chunk")
    lists = dropped.groupBy(chunk).agg(F.collect_list(F.struct(*FIELDS)).alias("rows"))
    return lists.select("chunk", F.to_json("rows").cast("binary").alias("twins"))


def _first_of_components(batches: Batches) -> Iterator[pa.RecordBatch]:
    links = (
        pair
        for batch in batches
        for pair in zip(*(column.to_pylist() for column in batch.columns), strict=True)
    )
    schema = pa.schema([("position", pa.int64()), ("first", pa.int64())])
    return batch_rows(first_of_components(links), schema)
