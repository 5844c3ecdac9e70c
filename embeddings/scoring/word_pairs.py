"""Tables of word pairs that people scored: WS-353 with its two halves, SimLex-999, a user's own.

Tuning looks at WS-353. What it learned is told from what it guessed right by pairs that it never
sees: SimLex-999 without those in WS-353. Holding back a part of WS-353 instead would change the
objective: it would no longer be BlazingText's mean_rho, nor comparable with the reference's, and
each half would be too small (a rho over 100 pairs is known to about 0.15). SimLex-999 counts
likeness only, not relatedness, so its rho is lower; compare it between models.
"""

import csv
import hashlib
import math
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path

from storage.errors import BadPairsError, InputNotFoundError, describe_os_error

WS353_ALL, WS353_REL, WS353_SIM = "EN-WS-353-ALL.txt", "EN-WS-353-REL.txt", "EN-WS-353-SIM.txt"
"""BlazingText's names of its three sets, the keys of eval.json."""

SIMLEX = "SimLex-999"
SCORE_COLUMN, PART_OF_SPEECH = 2, "POS"
UNSEEN = "SimLex-999 without WS-353"


@dataclass(frozen=True)
class Pair:
    """Two words, lower-cased, and how alike people found them."""

    first: str
    second: str
    score: float


@dataclass(frozen=True)
class PairSet:
    """A named table; one row per pair, in the order of its source."""

    name: str
    pairs: tuple[Pair, ...]

    @property
    def sha256(self) -> str:
        """Digest of the pairs in their order, whatever the table is called."""
        return hashlib.sha256(repr(self.pairs).encode()).hexdigest()


def ws353() -> tuple[PairSet, PairSet, PairSet]:
    """WS-353: all 353 pairs, the 252 for relatedness, the 203 for similarity."""
    table = resources.files("embeddings.scoring") / "data" / "wordsim353.tsv"
    text = table.read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    pairs = [_pair(*row[:3]) for row in rows]
    related = [pair for pair, row in zip(pairs, rows, strict=True) if row[3] == "1"]
    similar = [pair for pair, row in zip(pairs, rows, strict=True) if row[4] == "1"]
    return (
        PairSet(WS353_ALL, tuple(pairs)),
        PairSet(WS353_REL, tuple(related)),
        PairSet(WS353_SIM, tuple(similar)),
    )


def simlex999() -> PairSet:
    """SimLex-999 (Hill et al. 2015), of similarity only, as gensim ships it for its tests."""
    from gensim.test.utils import datapath

    return PairSet(SIMLEX, read_pairs(Path(datapath("simlex999.txt"))).pairs)


def unseen_pairs() -> PairSet:
    """Pairs of SimLex-999 that are in no set of WS-353, in either order of words."""
    seen = {_unordered(pair) for table in ws353() for pair in table.pairs}
    pairs = tuple(pair for pair in simlex999().pairs if _unordered(pair) not in seen)
    return PairSet(UNSEEN, pairs)


def _unordered(pair: Pair) -> frozenset[str]:
    return frozenset((pair.first, pair.second))


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a user's table that are not blank, numbered from 1.

    Raises:
        InputNotFoundError: the file can't be read.
        BadPairsError: it is not UTF-8.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise BadPairsError(f"{path} is not UTF-8") from None
    except OSError as error:
        raise InputNotFoundError(f"can't read {path}: {describe_os_error(error)}") from error
    return ((number, line) for number, line in enumerate(lines, start=1) if line.strip())


def read_pairs(path: Path) -> PairSet:
    """A user's table: a line per pair, two words and a score, parted by tabs, commas or spaces.

    So are MEN, SimLex-999, RareWord, MTurk-287 and MTurk-771 as they are published. Lines with `#`
    are comments; a first line whose third field is no number is a header; the score is the third
    field, or the fourth if the header calls the third POS, as SimLex-999's does. Further fields are
    left alone. Words are lower-cased.

    Raises:
        InputNotFoundError: the file can't be read.
        BadPairsError: names the first line that is none of the above, or whose words are several;
            or there is no pair.
    """
    pairs: list[Pair] = []
    is_first, column = True, SCORE_COLUMN
    for number, line in numbered_lines(path):
        if line.startswith("#"):
            continue
        fields = _fields(line)
        try:
            pairs.append(_pair(*fields[:SCORE_COLUMN], *fields[column : column + 1]))
        except (ValueError, TypeError):
            if not is_first:
                raise BadPairsError(
                    f"{path} line {number} is not two words and a score: {line[:60]!r}"
                ) from None
            column += fields[column : column + 1] == [PART_OF_SPEECH]
        is_first = False
    if not pairs:
        raise BadPairsError(f"{path} holds no pair of words with a score")
    return PairSet(path.name, tuple(pairs))


def name_pairs(name: str, path: Path) -> PairSet:
    """The same by a name of the user's.

    Raises:
        InputNotFoundError, BadPairsError: as `read_pairs`.
    """
    return replace(read_pairs(path), name=name)


def _fields(line: str) -> list[str]:
    if "\t" in line:
        return line.split("\t")
    if "," in line:
        return next(iter(csv.reader([line])))
    return line.split()


def _pair(first: str, second: str, score: str) -> Pair:
    value = float(score)
    words = first.strip().lower(), second.strip().lower()
    if any(len(word.split()) != 1 for word in words) or not math.isfinite(value):
        raise ValueError(score)
    return Pair(*words, value)


def known_pairs(pairs: Iterable[Pair], vocabulary: Container[str]) -> list[Pair]:
    """The pairs of which both words are known."""
    return [pair for pair in pairs if pair.first in vocabulary and pair.second in vocabulary]
