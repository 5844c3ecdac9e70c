"""Numbers of chunks, each with its list of repeats, in the tasks that read the chunks themselves.

For input on this machine, where a task gets no more than the number of its chunk; what Spark reads
gets its lists in `etl.spark.remote.scan_chunks`.
"""

from collections.abc import Iterator
from itertools import groupby

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812, as Spark's users know it


def place_lists(numbers: DataFrame, twins: DataFrame | None, chunks: int) -> DataFrame:
    """`chunk` and `content`: each number, and its list if it has one, side by side in one task.

    Args:
        numbers: one column, the numbers of the chunks, one a partition.
        twins: see `etl.duplicates.dedup.find_twins`; None leaves the numbers where they are.
        chunks: how many there are.
    """
    alone = numbers.select(F.col("id").cast("int").alias("chunk"), F.lit(None).cast("binary"))
    alone = alone.toDF("chunk", "content")
    if twins is None:
        return alone
    both = alone.unionByName(twins.select("chunk", "content"))
    return both.repartition(chunks, "chunk").sortWithinPartitions("chunk")


def read_numbers(batches: Iterator[pa.RecordBatch]) -> Iterator[tuple[int, bytes | None]]:
    """The rows of `place_lists` → number and list of each chunk, None where it has no list."""
    rows = (
        row
        for batch in batches
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True)
    )
    for number, same_chunk in groupby(rows, key=lambda row: row[0]):
        yield number, next((content for _, content in list(same_chunk) if content), None)
