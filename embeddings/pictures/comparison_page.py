"""The comparison of runs as one HTML page that works alone: table and plots."""

from collections.abc import Sequence

from embeddings.pictures.comparison_plots import COLOURS, Mark, plot_against, plot_by_run
from embeddings.pictures.pages import render_page
from embeddings.runs.comparison import Row, constant, labels, value, varying
from embeddings.runs.comparison_table import cells, corpus_lines
from embeddings.runs.run_record import now
from embeddings.scoring.text_tables import show
from storage.printable import printable

TITLE = "Runs by mean_rho"
LEGEND_FROM = 2
"""Corpora from which colours need explaining."""


def comparison_page(rows: Sequence[Row], title: str = TITLE, made: str = "") -> str:
    """The page's HTML.

    Args:
        rows: from `collect`, best first.
        title: heading, any text.
        made: when; now if empty.
    """
    plotted = [row for row in rows if row.record.mean_rho is not None]
    colours = _colours(plotted)
    names = {row.place: label for row, label in zip(rows, labels(rows), strict=True)}
    header, lines = cells(rows)
    return render_page(
        "comparison.html",
        title,
        subtitle=f"{len(rows):,} runs; made {made or now()}",
        header=header,
        lines=[(row.place, line[0], line[1:]) for row, line in zip(rows, lines, strict=True)],
        corpora=corpus_lines(rows),
        same=", ".join(f"{name} {show(values)}" for name, values in constant(rows).items()),
        legend=list(colours.items()) if len(colours) >= LEGEND_FROM else [],
        by_run=plot_by_run(_marks(plotted, names, colours)) if plotted else None,
        against=[
            plot_against(name, _marks(plotted, names, colours, name)) for name in varying(plotted)
        ],
        has_best=bool(plotted) and len({row.group for row in rows}) == 1,
    )


def _marks(
    rows: Sequence[Row], names: dict[str, str], colours: dict[str, int], name: str = ""
) -> list[Mark]:
    return [
        Mark(
            printable(names[row.place]),
            row.group,
            colours[row.group],
            value(row, name) if name else None,
            row.record.mean_rho or 0.0,
            row.low,
            row.high,
        )
        for row in rows
    ]


def _colours(rows: Sequence[Row]) -> dict[str, int]:
    """A colour per corpus, the same in all plots."""
    groups = sorted({row.group for row in rows}, key=lambda group: (len(group), group))
    return {group: number % COLOURS for number, group in enumerate(groups)}
