"""Objects on S3: locations, a client, errors in one line, ranged reads, concatenation, a lease."""
