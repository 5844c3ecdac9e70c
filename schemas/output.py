"""Names inside an output of a build; nothing else spells them. Keys on S3 are the same names."""

CORPUS, POSTS, SENTENCES, REJECTS, REPORT = "corpus", "posts", "sentences", "rejects", "report"
MANIFEST, CARD = "manifest.json", "CORPUS_CARD.md"

CORPUS_NAME = "cleaned_sentences.csv"
CORPUS_FILE = f"{CORPUS}/{CORPUS_NAME}"
METRICS = f"{REPORT}/metrics.json"
TRACE = f"{REPORT}/trace.json"
PAGE = f"{REPORT}/index.html"
DATA_DOCS = f"{REPORT}/data_docs"

REFUSED = "refused"
"""What is left of the last build if the gate refused it: report and rejects, never a corpus."""

ENTRIES = (POSTS, SENTENCES, REJECTS, REPORT, REFUSED, CARD, MANIFEST, CORPUS)
"""Everything that an output may hold, in the order in which it is published: the corpus last."""

FILES = (CARD, MANIFEST)
"""Entries that are one file; all others are folders."""

FOLDERS = (POSTS, SENTENCES, REJECTS, REPORT, REFUSED)
"""Entries that are folders of files whose names tell nothing of who made them."""
