"""The corpus file. Grain: one row per line, so a sentence, in the order of files and posts.

It is text: UTF-8, LF behind every line, words in lower case with one space between them, nothing
else. Spark reads it with `spark.read.text`.
"""

from pyspark.sql.types import StringType, StructField, StructType

CORPUS_LINES = StructType(
    [
        # the line without its LF; never empty
        StructField("value", StringType(), nullable=False),
    ]
)
