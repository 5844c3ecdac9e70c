"""Analogies: of `man is to king as woman is to …`, how many a model completes.

The questions are Mikolov's questions-words.txt, which gensim ships for its tests; the rule is
word2vec's compute-accuracy: the word nearest to `b - a + c`, none of the three, must be the fourth.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from gensim.models.keyedvectors import KeyedVectors

from embeddings.scoring.word_pairs import numbered_lines
from embeddings.vectors.cosines import Floats, unit_vectors
from storage.errors import BadPairsError

BATCH = 256
"""Questions at a time: with 50,000 words a batch of cosines is 51 MB."""

TOTAL = "total"


@dataclass(frozen=True)
class AnalogyScore:
    """One section of the questions, or all of them.

    Attributes:
        section: its name; `total` for all.
        correct: questions completed rightly.
        asked: questions of which all four words have a vector.
        not_found: the others.
    """

    section: str
    correct: int
    asked: int
    not_found: int

    @property
    def accuracy(self) -> float | None:
        """Share of the questions asked; None if there were none."""
        return self.correct / self.asked if self.asked else None

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self) | {"accuracy": self.accuracy}


Question = tuple[str, str, str, str]


def default_questions() -> Path:
    """questions-words.txt: 19,544 questions in 14 sections."""
    from gensim.test.utils import datapath

    return Path(datapath("questions-words.txt"))


def read_questions(path: Path) -> dict[str, list[Question]]:
    """Questions by section, lower-cased: `: section` lines, then four words per line.

    Raises:
        InputNotFoundError: the file can't be read.
        BadPairsError: names the first line that is neither.
    """
    sections: dict[str, list[Question]] = {}
    current: list[Question] | None = None
    for number, line in numbered_lines(path):
        words = line.lower().split()
        if line.startswith(":"):
            current = sections.setdefault(line[1:].strip(), [])
        else:
            if current is None or len(words) != 4:
                raise BadPairsError(f"{path} line {number} is no analogy of four words")
            current.append((words[0], words[1], words[2], words[3]))
    return sections


def score_analogies(vectors: KeyedVectors, path: Path | None = None) -> list[AnalogyScore]:
    """Scores of every section, and of all questions at the end.

    Args:
        vectors: by lower-case words.
        path: a file of questions; gensim's questions-words.txt if None.
    """
    units = unit_vectors(vectors.vectors)
    scores = []
    for section, questions in read_questions(path or default_questions()).items():
        known = [
            [vectors.key_to_index[word] for word in question]
            for question in questions
            if all(word in vectors.key_to_index for word in question)
        ]
        correct = sum(
            _correct(units, np.array(known[start : start + BATCH]))
            for start in range(0, len(known), BATCH)
        )
        scores.append(AnalogyScore(section, correct, len(known), len(questions) - len(known)))
    total = (sum(getattr(score, name) for score in scores) for name in _COUNTS)
    return [*scores, AnalogyScore(TOTAL, *total)]


_COUNTS = ("correct", "asked", "not_found")


def _correct(units: Floats, questions: npt.NDArray[np.int64]) -> int:
    """How many of some questions, a row of four indices each, are completed rightly."""
    first, second, third, fourth = questions.T
    cosines = (units[second] - units[first] + units[third]) @ units.T
    rows = np.arange(len(questions))[:, None]
    cosines[rows, questions[:, :3]] = -np.inf
    return int((cosines.argmax(axis=1) == fourth).sum())
