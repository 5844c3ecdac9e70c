"""Tables of word pairs that people scored: WS-353 with its two halves, SimLex-999, a user's own."""

import csv
import math
from collections.abc import Container, Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from storage.errors import BadPairsError, InputNotFoundError, describe_os_error

WS353_ALL, WS353_REL, WS353_SIM = "EN-WS-353-ALL.txt", "EN-WS-353-REL.txt", "EN-WS-353-SIM.txt"
"""BlazingText's names of its three sets, the keys of eval.json."""

SIMLEX = "SimLex-999"


@dataclass(frozen=True)
class Pair:
    """Two words, lower-cased, and how alike people found them."""

    first: str
    second: str
    score: float


@dataclass(frozen=True)
class PairSet:
    """A named table; one row a pair, in the order of its source."""

    name: str
    pairs: tuple[Pair, ...]


def ws353() -> tuple[PairSet, PairSet, PairSet]:
    """WS-353: all 353 pairs, the 252 for relatedness, the 203 for similarity."""
    text = (resources.files("embeddings") / "data" / "wordsim353.tsv").read_text(encoding="utf-8")
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


def read_pairs(path: Path) -> PairSet:
    """A user's table: a line a pair, two words and a score, parted by tabs, commas or spaces.

    Lines with `#` are comments; a first line whose third field is no number is a header; further
    fields are left alone. Words are lower-cased.

    Raises:
        InputNotFoundError: the file can't be read.
        BadPairsError: names the first line that is none of the above; or there is no pair.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise BadPairsError(f"{path} is not UTF-8") from None
    except OSError as error:
        raise InputNotFoundError(f"can't read {path}: {describe_os_error(error)}") from error
    pairs: list[Pair] = []
    is_first = True
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            pairs.append(_pair(*_fields(line)))
        except (ValueError, TypeError):
            if not is_first:
                raise BadPairsError(
                    f"{path} line {number} is not two words and a score: {line[:60]!r}"
                ) from None
        is_first = False
    if not pairs:
        raise BadPairsError(f"{path} holds no pair of words with a score")
    return PairSet(path.name, tuple(pairs))


def _fields(line: str) -> list[str]:
    """The first three."""
    if "\t" in line:
        return line.split("\t")[:3]
    if "," in line:
        return next(iter(csv.reader([line])))[:3]
    return line.split()[:3]


def _pair(first: str, second: str, score: str) -> Pair:
    value = float(score)
    words = first.strip().lower(), second.strip().lower()
    if not all(words) or not math.isfinite(value):
        raise ValueError(score)
    return Pair(*words, value)


def found(pairs: Iterable[Pair], vocabulary: Container[str]) -> list[Pair]:
    """The pairs of which both words are known."""
    return [pair for pair in pairs if pair.first in vocabulary and pair.second in vocabulary]
