"""The one file that a trainer reads: found, fetched, checked."""
