"""From part files to one output that only ever shows whole builds, on disk or on S3."""
