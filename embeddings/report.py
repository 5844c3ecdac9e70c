"""Scores and neighbours as text tables for people."""

from collections.abc import Iterable, Sequence
from typing import Any

from embeddings.analogies import AnalogyScore
from embeddings.neighbours import Neighbours
from embeddings.run_record import RunRecord

NONE = "-"
GAP = "  "


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Aligned columns, the first to the left, the others, which are figures, to the right.

    >>> print(table(["set", "pairs"], [["ALL", "353"]]))
    set  pairs
    ALL    353
    """
    lines = [list(header), *(list(row) for row in rows)]
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


def neighbour_table(found: Neighbours) -> str:
    """A word's neighbours, nearest first; says so if the word is not in the vocabulary."""
    title = found.word if found.is_known else f"{found.word} (made from its n-grams)"
    return table([title, "cosine"], [[word, figure(cosine)] for word, cosine in found.nearest])


def describe_run(record: RunRecord) -> str:
    """What a finished run is, in a few lines."""
    words = (record.corpus.get("words") or 0) * record.hyperparameters["epochs"]
    lines = [f"{record.name}: {record.vocabulary:,} vectors of {_dimensions(record)} dimensions"]
    if record.training_seconds is not None and record.words_per_second:
        lines.append(
            f"trained on {words:,} words in {record.training_seconds:,.1f} s: "
            f"{record.words_per_second:,.0f} words/s"
        )
    if record.peak_memory_bytes:
        lines.append(f"peak memory: {record.peak_memory_bytes / 2**20:,.0f} MiB")
    lines += [f"note: {note}" for note in record.notes]
    return "\n".join(lines)


def figure(value: float | None, digits: int = 4) -> str:
    """A figure of so many digits, or a dash where there is none."""
    return NONE if value is None else f"{value:.{digits}f}"


def interval(low: float | None, high: float | None) -> str:
    """Two ends of three digits."""
    return NONE if low is None or high is None else f"{low:.3f} to {high:.3f}"


def _dimensions(record: RunRecord) -> int:
    return int(record.hyperparameters["vector_dim"])
