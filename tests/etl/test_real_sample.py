"""A tenth of the real corpus: counts, and the fast path against the composition, post by post.

No assertion here compares text: only digests and counts, so that no post is ever printed.
"""

import hashlib
import os
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from composition import built, composed

from benchmarks import doors
from etl.chain import Chain
from etl.ledger import Ledger
from etl.options import ChainOptions
from etl.reading.chunks import cut, read_chunk
from etl.reading.layouts import Wanted
from etl.reading.recognition import with_layout
from etl.reading.sources import list_local

pytestmark = pytest.mark.real_sample

SAMPLE = Path(__file__).parents[2] / ".." / "shared" / "data" / "blogs-sample.zip"
FIRST_FILE = "1136785.male.17.Student.Pisces.xml"
FIRST_LINES_OF_THE_REFERENCE_RUN = (
    "bd9b35643d246825af795b17ecf96ce30e495f66f655ad4248c2ba4f92b1adec"
)
"""sha256 of its first five lines, each with its LF: FACTS.md quotes them."""


@pytest.fixture(scope="module")
def sample() -> zipfile.ZipFile:
    if not SAMPLE.is_file():
        if os.environ.get("CI"):
            pytest.fail("CI has to run this, and ../shared/data/blogs-sample.zip is missing")
        pytest.skip("../shared/data/blogs-sample.zip is missing: NOT tested on real data")
    return zipfile.ZipFile(SAMPLE)


def files_of(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    """(base name, bytes) of each file, in the order of their names."""
    for name in sorted(archive.namelist()):
        if not name.endswith("/"):
            yield Path(name).name, archive.read(name)


class Figures(NamedTuple):
    """What the sample became on the fast path."""

    ledger: Ledger
    digest: bytes
    words: Counter[bytes]
    reject_digest: bytes


@pytest.fixture(scope="module")
def figures(sample: zipfile.ZipFile) -> Figures:
    ledger, words = Ledger(), Counter[bytes]()
    lines = hashlib.sha256()
    rejects = []
    for part in Chain(ChainOptions()).build(files_of(sample)):
        ledger.update(part.ledger)
        lines.update(part.lines)
        words.update(part.lines.split())
        rejects.extend(part.rejects)
    return Figures(ledger, lines.digest(), words, digest_of(sorted(rejects, key=repr)))


def digest_of(rejects: list) -> bytes:
    return hashlib.sha256("\n".join(map(repr, map(tuple, rejects))).encode()).digest()


def test_files_and_posts_are_all_there(figures: Figures) -> None:
    ledger = figures.ledger
    assert (ledger["files.found"], ledger["files.read"]) == (1933, 1933)
    assert ledger["posts.found"] == 65_161
    assert ledger["bytes.read"] == 83_138_500
    assert ledger.discrepancies() == []


def test_tokens_and_vocabulary_are_those_of_the_independent_count(figures: Figures) -> None:
    assert figures.ledger["tokens.written"] == figures.words.total() == 14_602_481
    assert sum(count >= 40 for count in figures.words.values()) == 14_124
    assert sum(count >= 5 for count in figures.words.values()) == 48_542


@pytest.mark.parametrize("form", ["blogs.tar", "blogtext.csv", "blogs.jsonl", "blogs.parquet"])
def test_one_corpus_through_every_door(figures: Figures, form: str, tmp_path: Path) -> None:
    doors.WRITERS[form](SAMPLE, tmp_path / form)
    listing = list_local(str(tmp_path / form), 2**30, 2**30)
    ledger, lines = Ledger(), hashlib.sha256()
    for chunk in cut(with_layout(listing, Wanted(), None), 2, 7):
        for part in Chain(ChainOptions()).build(read_chunk(chunk)):
            ledger.update(part.ledger)
            lines.update(part.lines)
    assert lines.digest() == figures.digest
    for name in ("posts.found", "posts.kept", "sentences.written", "dates.read"):
        assert ledger[name] == figures.ledger[name]
    assert ledger["rows.read"] == (0 if form == "blogs.tar" else 65_161)


def test_marks_that_repairs_take_away_are_gone(figures: Figures) -> None:
    assert {word: figures.words[word] for word in (b"nbsp", b"urllink")} == {
        b"nbsp": 0,
        b"urllink": 0,
    }


def test_fast_path_is_the_composition_on_the_whole_sample(
    sample: zipfile.ZipFile, figures: Figures
) -> None:
    lines = hashlib.sha256()
    counts = Counter[str]()
    rejects = []
    for file in files_of(sample):
        whole = composed([file], ChainOptions())
        counts.update(whole.counts)
        lines.update(whole.lines)
        rejects.extend(whole.rejects)
    assert lines.digest() == figures.digest
    assert digest_of(sorted(rejects, key=repr)) == figures.reject_digest
    assert counts == {key: count for key, count in figures.ledger.items() if count}


def test_with_every_option_a_part_of_the_sample_stays_equal(sample: zipfile.ZipFile) -> None:
    files = [file for number, file in enumerate(files_of(sample)) if number % 40 == 0]
    options = ChainOptions(
        break_before="upper", fold_diacritics=True, keep_apostrophes=True, min_tokens=3
    )
    ours, theirs = built(files, options), composed(files, options)
    assert hashlib.sha256(ours.lines).digest() == hashlib.sha256(theirs.lines).digest()
    assert ours.counts == theirs.counts
    assert digest_of(ours.rejects) == digest_of(theirs.rejects)


def test_first_lines_of_the_reference_run_follow_each_other(sample: zipfile.ZipFile) -> None:
    [data] = [sample.read(name) for name in sample.namelist() if name.endswith(FIRST_FILE)]
    lines = built([(FIRST_FILE, data)], ChainOptions()).lines.splitlines(keepends=True)
    digests = [
        hashlib.sha256(b"".join(lines[place : place + 5])).hexdigest()
        for place in range(len(lines) - 4)
    ]
    assert digests.count(FIRST_LINES_OF_THE_REFERENCE_RUN) == 1
