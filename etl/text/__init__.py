"""Bytes of one file → posts → sentences → lines. Pure Python and numpy: no Spark, no S3."""
