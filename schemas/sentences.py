"""Sentences. Grain: one row per line of the corpus; partitioned by gender and age_group.

(blogger_id, post_ordinal) joins a sentence with its row of `schemas.posts`, and so with age,
industry, sign and date; (…, sentence_ordinal) is the key.
"""

from pyspark.sql.types import IntegerType, LongType, StringType, StructField, StructType

SENTENCES = StructType(
    [
        # the blogger: the number that the file's name begins with
        StructField("blogger_id", LongType(), nullable=False),
        # place of the post in its file, from 0
        StructField("post_ordinal", IntegerType(), nullable=False),
        # place of the sentence in its post, from 0; dropped sentences are counted
        StructField("sentence_ordinal", IntegerType(), nullable=False),
        # the sentence as the splitter cut it from the repaired text
        StructField("sentence", StringType(), nullable=False),
        # the line of the corpus
        StructField("line", StringType(), nullable=False),
        # words of the line
        StructField("tokens", IntegerType(), nullable=False),
        # as in posts
        StructField("gender", StringType()),
        # decade of the age, "10s", "20s" …
        StructField("age_group", StringType()),
    ]
)

PARTITIONS = ("gender", "age_group")
"""Columns that are folders of the Parquet tables, as for posts."""
