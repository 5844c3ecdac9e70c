"""Posts. Grain: one row per kept post; partitioned by gender and age_group.

The key is (blogger_id, post_ordinal); `schemas.sentences` has the same columns to join by, and the
same partitions.
"""

from pyspark.sql.types import (
    DateType,
    IntegerType,
    LongType,
    StringType,
    StructField,
    StructType,
)

POSTS = StructType(
    [
        # the blogger: the number that the file's name begins with, or that of the row
        StructField("blogger_id", LongType(), nullable=False),
        # place of the post in its file, of a row in all of the input; from 0, with rejected ones
        StructField("post_ordinal", IntegerType(), nullable=False),
        # from the `<date>` before the post; null where that can't be read
        StructField("date", DateType()),
        # age of the blogger in years, from the file's name or the row; null where a row has none
        StructField("age", IntegerType()),
        # industry of the blogger, "indUnk" where unknown; null where a row has none
        StructField("industry", StringType()),
        # astrological sign of the blogger; null where a row has none
        StructField("sign", StringType()),
        # what the bytes were decoded as: "ascii", "utf-8", "windows-1252" or "mixed" of both
        StructField("encoding", StringType(), nullable=False),
        # ISO 639 code of its language, "zxx" for none, "unsure"; null without --language
        StructField("language", StringType()),
        # number of sentences, dropped ones included
        StructField("sentences", IntegerType(), nullable=False),
        # the repaired text
        StructField("text", StringType(), nullable=False),
        # "male" or "female"; of a table what its rows have, null where they have none
        StructField("gender", StringType()),
        # decade of the age, "10s", "20s" …: the groups of Schler et al. (2006)
        StructField("age_group", StringType()),
    ]
)

PARTITIONS = ("gender", "age_group")
"""Columns that are folders of the Parquet tables, as for sentences."""
