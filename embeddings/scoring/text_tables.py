"""Figures, scores and neighbours as text for people."""

from collections.abc import Iterable, Sequence
from typing import Any

from embeddings.scoring.analogies import AnalogyScore
from embeddings.scoring.nearest_words import Neighbours
from storage.printable import printable

NONE = "-"
GAP = "  "


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Aligned columns of printable text, the first to the left, the others, figures, to the right.

    >>> print(table(["set", "pairs"], [["ALL", "353"]]))
    set  pairs
    ALL    353
    """
    lines = [[*map(printable, line)] for line in (header, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    return "\n".join(
        GAP.join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def score_table(scores: Iterable[dict[str, Any]], source: str = "") -> str:
    """Scores, as `Score.to_dict()` gives them: name, N, missing, rho, interval."""
    rows = [
        [
            score["name"],
            f"{score['total_pairs']:,}",
            f"{score['not_found']:,}",
            figure(score["rho"]),
            interval(score["low"], score["high"]),
        ]
        for score in scores
    ]
    return table([source or "set", "pairs", "missing", "rho", "95 % interval"], rows)


def analogy_table(scores: Iterable[AnalogyScore]) -> str:
    """Analogies: section, questions asked, missing, correct, share."""
    rows = [
        [
            score.section,
            f"{score.asked:,}",
            f"{score.not_found:,}",
            f"{score.correct:,}",
            figure(score.accuracy, 3),
        ]
        for score in scores
    ]
    return table(["analogies", "asked", "missing", "correct", "share"], rows)


def neighbour_table(neighbours: Neighbours) -> str:
    """A word's neighbours, nearest first; says so if the word is not in the vocabulary."""
    title = neighbours.word
    if not neighbours.is_known:
        title += " (made from its n-grams)"
    return table([title, "cosine"], [[word, figure(cosine)] for word, cosine in neighbours.nearest])


def figure(value: float | None, digits: int = 4) -> str:
    """A figure of so many digits, or a dash where there is none."""
    return NONE if value is None else f"{value:.{digits}f}"


def interval(low: float | None, high: float | None) -> str:
    """Two ends of three digits."""
    return NONE if low is None or high is None else f"{low:.3f} to {high:.3f}"


def show(value: Any) -> str:
    """A hyperparameter as people write it: 0.0001, not 1e-04; a dash for none."""
    if value is None:
        return NONE
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".") if abs(value) >= 1e-5 else f"{value:g}"
    return printable(value)
