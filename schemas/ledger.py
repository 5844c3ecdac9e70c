"""The ledger as a table. Grain: one row a key of `etl.ledger.Ledger`."""

from pyspark.sql.types import LongType, StringType, StructField, StructType

LEDGER = StructType(
    [
        # flat dotted key, such as "posts.rejected.blank"
        StructField("key", StringType(), nullable=False),
        # how often it was counted in the whole run
        StructField("count", LongType(), nullable=False),
    ]
)
