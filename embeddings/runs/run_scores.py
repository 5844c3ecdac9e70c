"""Scores of many runs as one CSV: a line per run and table of pairs, with the cosines of the pairs.

Small enough to be committed, and all that a comparison needs; vectors are not kept. Runs belong to
arms: an arm is a corpus and how it is trained, under a name.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

import numpy as np

from embeddings.corpus.corpus_check import CorpusFacts
from embeddings.runs.run_record import RunRecord
from embeddings.scoring.evaluation import Floats, spearman
from embeddings.scoring.pair_cosines import from_text, to_text
from embeddings.scoring.word_pairs import PairSet
from embeddings.training.hyperparameters import Hyperparameters
from storage.errors import BadRunError, InputNotFoundError, describe_os_error
from storage.output_folder import write_files

PACKAGES = ("gensim", "numpy")
DIGEST_DIGITS = 12


@dataclass(frozen=True)
class RunScore:
    """One run on one table of pairs: a line of the file.

    Attributes:
        arm: name of the arm.
        corpus: sha256 of its corpus.
        lines: of the corpus.
        words: of the corpus.
        settings: hyperparameters, `name=value`, those without a meaning left out.
        backend: `local` or `sagemaker`.
        seed: of the run; the repetition's number where the backend takes none.
        seconds: that it took.
        versions: of what the vectors depend on.
        pair_set: name of the table.
        pairs_sha256: first digits of its digest.
        pairs: in it.
        missing: pairs of them with a word that has no vector.
        rho: Spearman's over the others; None with too few.
        cosines: of all pairs, see `pair_cosines.to_text`.
    """

    arm: str
    corpus: str
    lines: int
    words: int
    settings: str
    backend: str
    seed: int
    seconds: float
    versions: str
    pair_set: str
    pairs_sha256: str
    pairs: int
    missing: int
    rho: float | None
    cosines: str

    @property
    def key(self) -> tuple[str, int, str]:
        """What there is one line of."""
        return self.arm, self.seed, self.pair_set

    @property
    def identity(self) -> tuple[str, str, str]:
        """What all runs of an arm have in common."""
        return self.corpus, self.settings, self.backend

    @classmethod
    def of(
        cls,
        arm: str,
        seed: int,
        facts: CorpusFacts,
        record: RunRecord,
        table: PairSet,
        cosines: Floats,
    ) -> Self:
        """The line of a run that is over.

        Args:
            arm: name of its arm.
            seed: or number of the repetition.
            facts: of its corpus.
            record: of the run.
            table: of pairs.
            cosines: of the table's pairs.
        """
        is_known = ~np.isnan(cosines)
        people = np.array([pair.score for pair in table.pairs])
        rho = spearman(people[is_known], cosines[is_known])
        return cls(
            arm=arm,
            corpus=facts.sha256,
            lines=facts.lines,
            words=facts.words,
            settings=settings_text(Hyperparameters(**record.hyperparameters)),
            backend=record.backend,
            seed=seed,
            seconds=record.seconds or 0.0,
            versions=", ".join(f"{name} {record.versions.get(name)}" for name in PACKAGES),
            pair_set=table.name,
            pairs_sha256=table.sha256[:DIGEST_DIGITS],
            pairs=len(table.pairs),
            missing=int((~is_known).sum()),
            rho=None if rho is None else round(rho, 4),
            cosines=to_text(cosines),
        )

    def known(self) -> Floats:
        """The cosines of all pairs, NaN where a word has no vector."""
        return from_text(self.cosines)


def settings_text(hyperparameters: Hyperparameters) -> str:
    """Hyperparameters as the file has them."""
    values = hyperparameters.to_blazingtext().items()
    return " ".join(f"{name}={value}" for name, value in values)


def read_scores(path: Path) -> list[RunScore]:
    """The lines of a file, in order; none if it is not there.

    Raises:
        InputNotFoundError: it can't be read.
        BadRunError: it is not one, or holds a run twice; the line says where.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    except UnicodeDecodeError:
        raise BadRunError(f"{path} is not UTF-8") from None
    except OSError as error:
        raise InputNotFoundError(f"can't read {path}: {describe_os_error(error)}") from error
    header, *lines = csv.reader(io.StringIO(text, newline="")) if text else [[]]
    if header != [column.name for column in fields(RunScore)]:
        raise BadRunError(f"{path} is no file of run scores: its first line is not the header")
    scores: dict[tuple[str, int, str], RunScore] = {}
    for number, line in enumerate(lines, start=2):
        try:
            score = _parse(line)
        except (ValueError, TypeError):
            raise BadRunError(f"{path} line {number} is no score of a run") from None
        if scores.setdefault(score.key, score) is not score:
            raise BadRunError(f"{path} line {number} is there twice: {score.arm}, {score.seed}")
    return [*scores.values()]


def write_scores(path: Path, scores: Iterable[RunScore]) -> None:
    """Writes the whole file, in one step.

    Raises:
        OutputNotWritableError: it can't be written; it is then as it was.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    names = [column.name for column in fields(RunScore)]
    writer.writerow(names)
    for score in scores:
        values = (getattr(score, name) for name in names)
        writer.writerow(["" if value is None else value for value in values])
    write_files({path: stream.getvalue().encode()}, overwrite=True)


def _figure(text: str) -> float | None:
    return float(text) if text else None


def _parse(line: Sequence[str]) -> RunScore:
    kinds: dict[Any, Any] = {int: int, float: float, float | None: _figure, str: str}
    named = zip(fields(RunScore), line, strict=True)
    score = RunScore(**{column.name: kinds[column.type](text) for column, text in named})
    cosines = score.known()
    if len(cosines) != score.pairs or int(np.isnan(cosines).sum()) != score.missing:
        raise ValueError(score.cosines)
    return score
