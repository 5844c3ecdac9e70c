"""The comparison of runs as a text table and as CSV."""

import csv
import io
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from embeddings.runs.comparison import Row, constant, corpora, labels, value, varying
from embeddings.runs.run_record import COMPLETED
from embeddings.scoring.text_tables import NONE, figure, interval, show, table
from storage.printable import printable

DIGEST_DIGITS = 12
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""Begin a formula in spreadsheets (OWASP, CSV Injection); tabs and CR are escapes by then."""

CORPUS_FACTS = ("sha256", "uri", "bytes", "lines", "words", "manifest_sha256", "input_digest")
RECORD_FIELDS = (
    "seed", "workers", "seconds", "training_seconds", "words_per_second", "vocabulary",
    "peak_memory_bytes", "price_usd", "backend", "status", "started", "finished",
)  # fmt: skip


def comparison_text(rows: Sequence[Row]) -> str:
    """The table, then what its letters stand for, then what is the same in all runs."""
    lines = [table(*cells(rows)), "", *corpus_lines(rows)]
    if same := constant(rows):
        pairs = ", ".join(f"{name} {show(same[name])}" for name in same)
        lines.append(printable(f"the same in all: {pairs}"))
    return "\n".join(lines)


def cells(rows: Sequence[Row]) -> tuple[list[str], list[list[str]]]:
    """Header and cells of the table.

    Hyperparameters only where they are not all the same, the status where some did not complete.
    """
    names = varying(rows)
    header = ["run", "corpus", "mean_rho", "95 % interval", "missing", *names]
    header += ["seconds", "words/s", "US$"]
    lines = [_cells(row, label, names) for row, label in zip(rows, labels(rows), strict=True)]
    if all(row.record.status.lower() == COMPLETED for row in rows):
        return header, lines
    states = [row.record.status.lower() for row in rows]
    return [*header, "status"], [[*line, state] for line, state in zip(lines, states, strict=True)]


def corpus_lines(rows: Sequence[Row]) -> list[str]:
    """One line per corpus, and a warning if there are several."""
    lines = [
        f"corpus {letter}: {describe_corpus(facts)}" for letter, facts in corpora(rows).items()
    ]
    if len(lines) > 1:
        lines.append("compare runs of one corpus only, unless the corpus is what you compare")
    return lines


def describe_corpus(facts: Mapping[str, Any]) -> str:
    """A corpus in one line: digest, size, where it was."""
    digest = str(facts.get("sha256") or "")[:DIGEST_DIGITS]
    parts = [f"sha256 {digest}…" if digest else "digest not known"]
    for name in ("lines", "words"):
        if isinstance(facts.get(name), int):
            parts.append(f"{facts[name]:,} {name}")
    return printable(", ".join([*parts, str(facts.get("uri") or NONE)]))


def comparison_csv(rows: Sequence[Row]) -> str:
    """All runs with all hyperparameters, a line each, best first; empty where nothing is known."""
    names = list(dict.fromkeys(name for row in rows for name in row.record.hyperparameters))
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    corpus = [f"corpus_{name}" for name in CORPUS_FACTS]
    scores = ["mean_rho", "mean_rho_low", "mean_rho_high", "ws353_all_not_found"]
    header = ["name", "run", "corpus", *scores, *names, *RECORD_FIELDS, *corpus]
    writer.writerow(map(csv_cell, header))
    for row in rows:
        record = row.record
        values = [
            *(record.name, row.place, row.group),
            *(record.mean_rho, row.low, row.high, row.missing),
            *(record.hyperparameters.get(name) for name in names),
            *(getattr(record, name) for name in RECORD_FIELDS),
            *(record.corpus.get(name) for name in CORPUS_FACTS),
        ]
        writer.writerow(map(csv_cell, values))
    return stream.getvalue()


def csv_cell(value: Any) -> Any:
    """A value as it is; text printable, and with an apostrophe where a spreadsheet would run it.

    >>> [csv_cell(value) for value in (-0.5, "-0.5", "=1+1", "run")]
    [-0.5, '-0.5', "'=1+1", 'run']
    """
    if value is None or isinstance(value, int | float):
        return value
    text = printable(value)
    with suppress(ValueError):
        float(text)
        return text
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text


def _cells(row: Row, label: str, names: Sequence[str]) -> list[str]:
    record = row.record
    return [
        label,
        row.group,
        figure(record.mean_rho),
        interval(row.low, row.high),
        NONE if row.missing is None else str(row.missing),
        *(show(value(row, name)) for name in names),
        _number(record.seconds),
        _number(record.words_per_second),
        figure(record.price_usd, 2),
    ]


def _number(value: float | None) -> str:
    return NONE if value is None else f"{value:,.0f}"
