"""F1 of sentence boundaries inside paragraphs, splitter by splitter, on a CoNLL-U file.

A boundary is told by the number of characters before it that are not white space, so a splitter
may strip or join white space as it likes. The end of a paragraph is no boundary: it costs nothing
to find. Run as `python -m benchmarks.splitters`.
"""

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.competitors import BLINGFIRE, ICU, NUPUNKT, SENTENCEX, SPACY, Competitor, Split
from benchmarks.real_posts import SAMPLE, TREEBANK, choose_files, post_texts
from benchmarks.report import MEGABYTE, setting, table
from etl.text.english import english
from etl.text.sentences import CAPITALS, SentenceSplitter, default_splitter

NEW_DOCUMENT, NEW_PARAGRAPH = "# newdoc id", "# newpar"
TEXT = "# text = "
NO_SPACE_AFTER = "SpaceAfter=No"
ALL = "all"
WEBLOG = "weblog"
SPEED_BYTES = 5 * MEGABYTE
"""Posts that the speed is taken on."""

OURS = Competitor("blazing-corpus, default rules", "numpy", lambda: default_splitter().split)
COARSE = Competitor(
    "the same, --break-before upper",
    "numpy",
    lambda: SentenceSplitter(english(), CAPITALS).split,
)
SPLITTERS = (OURS, COARSE, SPACY, BLINGFIRE, NUPUNKT, SENTENCEX, ICU)


class Paragraph(NamedTuple):
    """One paragraph of a treebank.

    Attributes:
        genre: the part of its document's id before the first dash.
        text: its sentences, joined as they stood.
        boundaries: inner ends of sentences, as counts of the characters before them that are not
            white space.
    """

    genre: str
    text: str
    boundaries: frozenset[int]


class Score(NamedTuple):
    """How well boundaries were found: F1, and counts of right, wrong and missed ones."""

    f1: float
    tp: int
    fp: int
    fn: int


def read_paragraphs(path: Path) -> list[Paragraph]:
    """The paragraphs of a CoNLL-U file, in order."""
    with path.open(encoding="utf-8") as lines:
        return [_paragraph(genre, sentences) for genre, sentences in _group(lines)]


def score(split: Split, paragraphs: Iterable[Paragraph]) -> dict[str, Score]:
    """The scores of a splitter: one per genre, and one of all under "all"."""
    right, wrong, missed = Counter[str](), Counter[str](), Counter[str]()
    for genre, text, boundaries in paragraphs:
        predicted = _boundaries(split(text))
        for key in (genre, ALL):
            right[key] += len(predicted & boundaries)
            wrong[key] += len(predicted - boundaries)
            missed[key] += len(boundaries - predicted)
    return {key: _score(right[key], wrong[key], missed[key]) for key in right}


def speed(split: Split, texts: Sequence[str]) -> float:
    """MB of posts a CPU second."""
    size = sum(len(text.encode()) for text in texts)
    split(texts[0])
    start = time.process_time()
    for text in texts:
        split(text)
    return size / MEGABYTE / (time.process_time() - start)


def _group(lines: Iterable[str]) -> Iterator[tuple[str, list[tuple[str, bool]]]]:
    """(genre, its sentences as (text, whether a space follows)) of each paragraph."""
    genre = ""
    sentences: list[tuple[str, bool]] = []
    text, is_spaced, last_of_range = "", True, 0
    for line in lines:
        if line.startswith((NEW_DOCUMENT, NEW_PARAGRAPH)) and sentences:
            yield genre, sentences
            sentences = []
        if line.startswith(NEW_DOCUMENT):
            genre = line.partition("=")[2].strip().split("-")[0]
        elif line.startswith(TEXT):
            text, last_of_range = line.removeprefix(TEXT).rstrip("\n"), 0
        elif line[:1].isdigit():
            columns = line.rstrip("\n").split("\t")
            first, _, last = columns[0].partition("-")
            # the words of a multi-word token say nothing of the space behind it
            if last or ("." not in first and int(first) > last_of_range):
                is_spaced = NO_SPACE_AFTER not in columns[9]
                last_of_range = int(last or 0)
        elif not line.strip() and text:
            sentences.append((text, is_spaced))
            text = ""
    if text:
        sentences.append((text, is_spaced))
    if sentences:
        yield genre, sentences


def _paragraph(genre: str, sentences: list[tuple[str, bool]]) -> Paragraph:
    text = "".join(sentence + " " * is_spaced for sentence, is_spaced in sentences).rstrip()
    return Paragraph(genre, text, frozenset(_boundaries([sentence for sentence, _ in sentences])))


def _boundaries(sentences: Iterable[str]) -> set[int]:
    """Where sentences end, the last one excepted."""
    ends = [0]
    for sentence in sentences:
        ends.append(ends[-1] + len("".join(sentence.split())))
    return set(ends) - {0, ends[-1]}


def _score(tp: int, fp: int, fn: int) -> Score:
    return Score(2 * tp / (2 * tp + fp + fn) if tp else 0.0, tp, fp, fn)


def _rows(
    competitors: Iterable[Competitor], measure: Callable[[Split], list[str]]
) -> Iterator[list[str]]:
    for competitor in competitors:
        try:
            split = competitor.load()
        except ImportError:
            note = f"{competitor.name}: not installed, `uv pip install {competitor.package}`"
            yield [note, "", "", ""]
        else:
            yield [competitor.name, *measure(split)]


def main() -> None:
    parser = argparse.ArgumentParser(description="F1 and speed of sentence splitters")
    parser.add_argument("treebank", nargs="?", type=Path, default=TREEBANK, help="CoNLL-U file")
    parser.add_argument("--input", type=Path, default=SAMPLE, help="zip of blogs, for the speed")
    options = parser.parse_args()
    paragraphs = read_paragraphs(options.treebank)
    texts = post_texts(choose_files(options.input, SPEED_BYTES))

    def measure(split: Split) -> list[str]:
        scores = score(split, paragraphs)
        f1 = [f"{scores[key].f1:.3f}" if key in scores else "" for key in (WEBLOG, ALL)]
        return [*f1, f"{speed(split, texts):.1f}"]

    print(setting(["spacy", "blingfire", "nupunkt", "sentencex"]), end="\n\n")
    header = ["splitter", "F1 weblog", "F1 all genres", "MB a CPU second"]
    print(table(header, _rows(SPLITTERS, measure)))


if __name__ == "__main__":
    main()
