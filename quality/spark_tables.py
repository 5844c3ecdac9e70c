"""The tables of an output for Spark, where they are too large for `quality.pandas_tables`."""

from functools import reduce

from pyspark import StorageLevel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812, as Spark's users know it

from etl.spark.source import LITERAL, settings
from etl.spark.tables import TABLE_SETTINGS, VOID
from quality.pandas_tables import POST_KEY
from quality.tables import Output
from schemas.ledger import LEDGER

ROWS_A_PART = 100_000
"""Of a table, in a partition: with Spark's default of 200 a small one's tasks are all overhead."""

SMALL_ROWS = 1_000_000
"""Up to which a table of keys and counts goes to each executor whole: some 100 MB. Else the texts
that it is joined to would be sorted."""

SENTENCE_KEY = [*POST_KEY, "sentence_ordinal"]


def read_tables(spark: SparkSession, output: Output, names: list[str]) -> dict[str, DataFrame]:
    """As `quality.pandas_tables.read_tables`, but for `line_again`: it would go through Python."""
    spark.conf.set("spark.sql.shuffle.partitions", max(2, _parts(output.rows)))
    with settings(spark, TABLE_SETTINGS):
        tables = {name: _read(spark, output, name) for name in names}
    posts, sentences = tables.get("posts"), tables.get("sentences")
    if posts is not None:
        decade = (F.floor(F.col("age") / 10) * 10).cast("int").cast("string")
        columns = {"year": F.year("date"), "age_decade": F.concat(decade, F.lit("s"))}
        tables["posts"] = posts.withColumns(columns)
    if sentences is not None:
        words = F.size(F.split("line", " "))
        columns = {"line_words": words, "line_bytes": F.octet_length("line").cast("long") + 1}
        tables["sentences"] = sentences.withColumns(columns)
    if posts is not None and sentences is not None:
        keyed = posts.groupBy(POST_KEY).agg(
            F.count("*").cast("int").alias("post_rows"),
            F.first("sentences").alias("post_sentences"),
            F.first("gender").alias("post_gender"),
            F.first("age_group").alias("post_age_group"),
        )
        is_small = output.counts["posts"] <= SMALL_ROWS
        keyed = F.broadcast(keyed) if is_small else keyed
        joined = tables["sentences"].join(keyed, POST_KEY, "left")
        tables["sentences"] = joined.fillna(0, ["post_rows"])
        counts = _count_rows(sentences, POST_KEY, "sentence_rows")
        tables["posts"] = _with_rows(tables["posts"], counts, is_small=is_small)
    if "rejects" in tables:
        tables["rejects"] = _relate_rejects(tables["rejects"], posts, sentences, output)
    tables["ledger"] = spark.createDataFrame([*output.ledger.items()], LEDGER)
    # Else each expectation would read and join anew, or go through partitions that are empty.
    return {
        name: table.coalesce(_parts(output.counts.get(name, 1))).persist(
            StorageLevel.MEMORY_AND_DISK
        )
        for name, table in tables.items()
    }


def _parts(rows: int) -> int:
    return max(1, rows // ROWS_A_PART)


def _read(spark: SparkSession, output: Output, name: str) -> DataFrame:
    table = spark.read.options(**LITERAL).parquet(str(output.folder.absolute() / name))
    nowhere = [field.name for field in table.schema if field.dataType == VOID]
    return table.withColumns({name: F.lit(None).cast("string") for name in nowhere})


def _count_rows(table: DataFrame, key: list[str], column: str) -> DataFrame:
    """A key, and how many rows have it."""
    return table.groupBy(key).agg(F.count("*").cast("int").alias(column))


def _with_rows(table: DataFrame, counts: DataFrame, *, is_small: bool) -> DataFrame:
    """A table with the last column of `_count_rows`, by the others."""
    *key, column = counts.columns
    counts = F.broadcast(counts) if is_small else counts
    return table.join(counts, key, "left").fillna(0, [column])


def _relate_rejects(
    rejects: DataFrame, posts: DataFrame | None, sentences: DataFrame | None, output: Output
) -> DataFrame:
    kept = [F.lit(0)]
    is_small = sum(number for *_, number in output.reason_counts()) <= SMALL_ROWS
    for stage, other, key in (("post", posts, POST_KEY), ("sentence", sentences, SENTENCE_KEY)):
        if other is not None:
            # Few rows have the key of a reject, and only those are counted.
            keys = rejects.select(key).distinct()
            same = other.join(F.broadcast(keys) if is_small else keys, key, "left_semi")
            counts = _count_rows(same, key, f"{stage}_rows")
            rejects = _with_rows(rejects, counts, is_small=is_small)
            kept.append(F.when(F.col("stage") == stage, F.col(f"{stage}_rows")).otherwise(0))
    rejects = rejects.withColumn("kept_rows", reduce(lambda a, b: a + b, kept))
    rejects = rejects.drop("post_rows", "sentence_rows")
    present = rejects.groupBy("stage", "reason").agg(F.count("*").alias("reason_rows"))
    schema = "stage string, reason string, reason_count long"
    counts = rejects.sparkSession.createDataFrame([*output.reason_counts()], schema)
    reasons = present.join(counts, ["stage", "reason"], "left").fillna(0, ["reason_count"])
    return rejects.join(reasons, ["stage", "reason"], "left")
