"""The comparison of runs as one HTML page that works alone: table and plots."""

import html
from collections.abc import Sequence

from embeddings.comparison import Row, constant, value, varying
from embeddings.comparison_table import cells, corpus_lines, one_line, show
from embeddings.page_template import fill_page
from embeddings.plots import COLOURS, Mark, plot_against, plot_by_run
from embeddings.run_environment import now

TEMPLATE = "comparison.html"
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
    values = {
        "SUBTITLE": html.escape(f"{len(rows):,} runs; made {made or now()}"),
        "TABLE": _table(rows),
        "CORPORA": "".join(f"<li>{html.escape(line)}</li>" for line in corpus_lines(rows)),
        "SAME": html.escape(", ".join(f"{name} {show(it)}" for name, it in constant(rows).items())),
        "LEGEND": _legend(rows),
        "RUNS": plot_by_run(_marks(plotted, "")) if plotted else "",
        "AGAINST": "".join(plot_against(name, _marks(plotted, name)) for name in varying(plotted)),
    }
    return fill_page(TEMPLATE, title, values)


def _table(rows: Sequence[Row]) -> str:
    header, lines = cells(rows)
    head = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in header)
    body = "".join(
        f"<tr>{_row_head(row, line[0])}"
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in line[1:])
        + "</tr>"
        for row, line in zip(rows, lines, strict=True)
    )
    return f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"


def _row_head(row: Row, name: str) -> str:
    place = html.escape(one_line(row.place))
    return f'<th scope="row" title="{place}">{html.escape(name)}</th>'


def _marks(rows: Sequence[Row], name: str) -> list[Mark]:
    colours = _colours(rows)
    return [
        Mark(
            one_line(row.record.name),
            row.group,
            colours[row.group],
            value(row, name) if name else None,
            row.record.mean_rho,
            row.low,
            row.high,
        )
        for row in rows
        if row.record.mean_rho is not None
    ]


def _colours(rows: Sequence[Row]) -> dict[str, int]:
    """A colour a corpus, the same in all plots."""
    groups = sorted({row.group for row in rows}, key=lambda group: (len(group), group))
    return {group: number % COLOURS for number, group in enumerate(groups)}


def _legend(rows: Sequence[Row]) -> str:
    colours = _colours([row for row in rows if row.record.mean_rho is not None])
    if len(colours) < LEGEND_FROM:
        return ""
    return " ".join(
        f'<span><svg viewBox="0 0 10 10"><circle class="c{colour}" cx="5" cy="5" r="4.5"/></svg> '
        f"corpus {html.escape(group)}</span>"
        for group, colour in colours.items()
    )
