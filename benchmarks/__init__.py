"""Measurements of quality, speed and memory; `docs/performance.md` says how to run them."""
