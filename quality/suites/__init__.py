"""One suite for each dataset of `schemas/`, and one for each comparison.

A suite is two names: `CHECKS`, what is judged, and `figures`, the small table of counts that it is
judged by. The bounds are in `quality/thresholds.toml`.
"""
