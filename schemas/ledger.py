"""The ledger. Grain: one row per count; `etl.ledger` lists the keys, and what has to add up."""

from pyspark.sql.types import LongType, StringType, StructField, StructType

LEDGER = StructType(
    [
        # dotted, such as "posts.rejected.blank"
        StructField("key", StringType(), nullable=False),
        # how many files, posts, sentences, tokens or bytes
        StructField("count", LongType(), nullable=False),
    ]
)
