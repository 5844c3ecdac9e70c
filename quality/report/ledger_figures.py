"""The figures of the ledger: the flow, reasons of rejects, encodings, repairs."""

from markupsafe import Markup

from quality.report.figure import Figure, Metrics
from quality.report.flow import Grain, grains, largest_first, ledger_flow
from quality.report.plots import bars
from quality.report.svg import BAD
from quality.report.tables import Table, count_table, count_text, share_of

SINGULAR = {"files": "file", "posts": "post", "sentences": "sentence"}


def ledger_figures(ledger: Metrics) -> list[Figure]:
    """What came in and went out, what was rejected for which reason, encodings and repairs.

    Args:
        ledger: as `etl.ledger.Ledger.nested` gives it.
    """
    encodings = "Posts found, by what they were decoded as."
    repairs = "Posts that a repair changed; one post may have had several."
    return [
        _flow(ledger),
        _reasons(grains(ledger), ledger),
        _of_posts("encodings", "Encodings", ledger, encodings),
        _of_posts("repairs", "Repairs", ledger, repairs),
    ]


def _flow(ledger: Metrics) -> Figure:
    rows = [row for grain in grains(ledger) for row in _rows(grain)] + _bytes(ledger["bytes"])
    caption = (
        "Widths are shares of what was found, for each kind by itself; the thinnest ribbons are "
        "drawn wider than they are, to be seen at all."
    )
    table = Table("Ledger", ("", "count", "share of found"), tuple(rows))
    return Figure("flow", "From files to lines", ledger_flow(ledger), caption, table)


def _rows(grain: Grain) -> list[tuple[str, ...]]:
    rejected = sum(count for _, count in grain.rejected)
    parts = ((grain.going_on, grain.kept), ("rejected", rejected))
    return [
        (f"{grain.name} found", count_text(grain.found), ""),
        *((f"{grain.name} {it}", count_text(n), share_of(n, grain.found)) for it, n in parts),
    ]


def _bytes(counts: Metrics) -> list[tuple[str, ...]]:
    """What the files are made of; nothing for a ledger of before this was counted."""
    kinds = (("mark-up", "markup"), ("of posts", "posts"), ("of text outside posts", "stray"))
    read = counts["read"]
    rows = [
        (f"bytes {says}", count_text(counts[key]), share_of(counts[key], read))
        for says, key in kinds
        if key in counts
    ]
    return [("bytes read", count_text(read), ""), *rows] if rows else []


def _reasons(found: list[Grain], ledger: Metrics) -> Figure:
    counts = [
        (f"{SINGULAR[grain.name]}: {reason}", count)
        for grain in found
        for reason, count in grain.rejected
    ]
    strays = ledger.get("strays", {}).get("rejected", {})
    counts += [(f"text: {reason}", count) for reason, count in largest_first(strays)]
    title = "Rejected, by reason"
    drawing = bars("reasons", title, counts, colour=BAD) if counts else Markup()
    caption = "Each is a row of rejects/, with its reason." if counts else "Nothing was rejected."
    return Figure("reasons", title, drawing, caption, count_table(title, "reason", counts))


def _of_posts(name: str, title: str, ledger: Metrics, caption: str) -> Figure:
    counts, found = largest_first(ledger[name]), ledger["posts"]["found"]
    drawing = bars(name, title, counts, found) if counts else Markup()
    table = count_table(title, name.removesuffix("s"), counts, found, "posts found")
    return Figure(name, title, drawing, caption if counts else "None.", table)
