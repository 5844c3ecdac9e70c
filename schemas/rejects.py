"""What was dropped. Grain: one row a rejected file, post or sentence, or a stray."""

from pyspark.sql.types import IntegerType, LongType, StringType, StructField, StructType

REJECTS = StructType(
    [
        # base name of the file; bytes that are not UTF-8 are shown as \xNN
        StructField("file", StringType(), nullable=False),
        # the blogger that the name tells of; null where it is not in the corpus's layout
        StructField("blogger_id", LongType()),
        # place of the post in its file, from 0; of a stray, that of the post before it; null for a
        # whole file, and for a stray before the first post
        StructField("post_ordinal", IntegerType()),
        # place of the sentence in its post, from 0; null for a file, a post or a stray
        StructField("sentence_ordinal", IntegerType()),
        # what was dropped: "file", "post", "sentence", or "stray": text that belongs to no post
        StructField("stage", StringType(), nullable=False),
        # why, such as "blank" or "duplicate_blogger"; docs/rejects.md lists them
        StructField("reason", StringType(), nullable=False),
        # blogger of the post that is kept in place of a duplicate; null for any other reason
        StructField("twin_blogger_id", LongType()),
        # place of that post in its file, from 0; null for any other reason
        StructField("twin_post_ordinal", IntegerType()),
        # the text that was dropped; null unless --keep-rejected-text
        StructField("text", StringType()),
        # bytes of a stray in its file; null for any other stage
        StructField("bytes", LongType()),
    ]
)
