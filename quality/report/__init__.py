"""The report: what a build counted and checked, as one page that works alone, offline."""
