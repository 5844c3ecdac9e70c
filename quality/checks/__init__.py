"""What a corpus is held to: tables of checks, one row each. `python -m quality.checks` prints them.

"A tenth" in a note is what a tenth of the Blog Authorship Corpus (14.6 M tokens) has.
"""
