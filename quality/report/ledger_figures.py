"""The figures of the ledger: the flow, reasons of rejects, encodings, repairs."""

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup
from matplotlib.axes import Axes

from quality.report.figures import (
    Figure,
    Metrics,
    Table,
    count_table,
    count_text,
    share_of,
    share_text,
)
from quality.report.row_plots import Panel, bars, panels
from quality.report.svg import BAD, BAR, INK, PALE, WIDTH, make_figure, mark, style, to_svg

MARGIN, TEXT, STRIP, GAP = 4.0, 20.0, 16.0, 34.0
"""Pixels: around all, of the line above a strip, of a strip, and from there to the next line."""

THINNEST = 1.6
"""Pixels of a part of a strip, however small its share."""

GRAINS = (("files", "read"), ("posts", "kept"), ("sentences", "written"))
"""Branch of the ledger, and what of it goes on."""

BYTES = (("mark-up", "markup"), ("of posts", "posts"), ("of text outside posts", "stray"))
"""What the bytes of the files are, and their names in the ledger."""


@dataclass(frozen=True)
class Grain:
    """One grain of the ledger: what came in, what went on, and what was dropped for which reason.

    Attributes:
        name: files, posts or sentences.
        going_on: what those that go on are called: read, kept or written.
        found: how many came in.
        kept: how many went on.
        rejected: reason → how many, largest first.
    """

    name: str
    going_on: str
    found: int
    kept: int
    rejected: tuple[tuple[str, int], ...]

    @property
    def dropped(self) -> int:
        """How many were rejected, for whichever reason."""
        return sum(count for _, count in self.rejected)


def ledger_figures(ledger: Metrics) -> list[Figure]:
    """What came in and went out, what was rejected for which reason, encodings and repairs.

    Args:
        ledger: as `etl.ledger.Ledger.nested` gives it.
    """
    encodings = "Posts found, by what they were decoded as."
    repairs = "Posts that a repair changed; one post may have had several."
    return [
        _flow(ledger),
        _reasons(ledger),
        _of_posts("encodings", "Encodings", ledger, encodings),
        _of_posts("repairs", "Repairs", ledger, repairs),
    ]


def _flow(ledger: Metrics) -> Figure:
    rows = [row for grain in grains(ledger) for row in _rows(grain)] + _bytes(ledger["bytes"])
    caption = (
        "Each strip is all that was found, the red end of it what was rejected; no end is drawn "
        "so thin that it could not be seen."
    )
    table = Table("Ledger", ("", "count", "share of found"), tuple(rows))
    return Figure("flow", "From files to lines", ledger_flow(ledger), caption, table)


def _rows(grain: Grain) -> list[tuple[str, ...]]:
    parts = ((grain.going_on, grain.kept), ("rejected", grain.dropped))
    return [
        (f"{grain.name} found", count_text(grain.found), ""),
        *(
            (f"{grain.name} {reason}", count_text(n), share_of(n, grain.found))
            for reason, n in parts
        ),
    ]


def _bytes(counts: Metrics) -> list[tuple[str, ...]]:
    """What the files are made of; nothing for a ledger of before this was counted."""
    read = counts["read"]
    rows = [
        (f"bytes {says}", count_text(counts[key]), share_of(counts[key], read))
        for says, key in BYTES
        if key in counts
    ]
    return [("bytes read", count_text(read), ""), *rows] if rows else []


def _reasons(ledger: Metrics) -> Figure:
    parts = list(_panels(ledger))
    rows = [
        (f"{panel.name}: {reason}", count_text(count), share_of(count, panel.total))
        for panel in parts
        for reason, count in panel.counts
    ]
    title = "Rejected, by reason"
    drawing = panels("reasons", title, parts, BAD) if rows else Markup()
    caption = "Nothing was rejected."
    if rows:
        caption = "Shares of what was found of each kind, all on one scale; rejects/ has each."
    table = Table(title, ("reason", "count", "share of found"), tuple(rows))
    return Figure("reasons", title, drawing, caption, table)


def _panels(ledger: Metrics) -> Iterator[Panel]:
    """Of each grain; and of the bytes outside posts, where there are any."""
    for grain in grains(ledger):
        yield Panel(grain.name, grain.rejected, grain.found)
    if stray := ledger["bytes"].get("stray"):
        yield Panel("bytes", (("outside_post", stray),), ledger["bytes"]["read"])


def _of_posts(name: str, title: str, ledger: Metrics, caption: str) -> Figure:
    counts, posts = largest_first(ledger[name]), ledger["posts"]["found"]
    drawing = bars(name, title, counts, posts) if counts else Markup()
    table = count_table(title, name.removesuffix("s"), counts, posts, "posts found")
    return Figure(name, title, drawing, caption if counts else "None.", table)


def grains(ledger: Metrics) -> list[Grain]:
    """The grains of a nested ledger, from files to sentences."""
    branches = ((name, kept, ledger[name]) for name, kept in GRAINS)
    return [
        Grain(name, kept, branch["found"], branch[kept], largest_first(branch["rejected"]))
        for name, kept, branch in branches
    ]


def ledger_flow(ledger: Metrics) -> Markup:
    """A strip for each grain of a nested ledger: what went on, and what was rejected."""
    strips = grains(ledger)
    height = len(strips) * (TEXT + STRIP + GAP) - GAP + 2 * MARGIN + TEXT
    with style():
        axes = make_figure(height).add_axes((0, 0, 1, 1))
        axes.set_xlim(0, WIDTH)
        axes.set_ylim(height, 0)
        axes.set_axis_off()
        for place, grain in enumerate(strips):
            _strip(axes, grain, MARGIN + place * (TEXT + STRIP + GAP))
        return to_svg(axes, "flow", "Files, posts and sentences: what went on, what was rejected")


def _strip(axes: Axes, grain: Grain, top: float) -> None:
    """One strip, with what was found above, and what went on and what did not below."""
    share, dropped = _share(grain.kept, grain.found), _share(grain.dropped, grain.found)
    y, below = top + TEXT + STRIP / 2, top + TEXT + STRIP + TEXT / 2
    end = WIDTH - (max(THINNEST, WIDTH * dropped) if grain.dropped else 0)
    found = f"{grain.found:,} {grain.name} found"
    axes.text(0, top + TEXT / 2, found, va="center", color=INK, fontweight="bold")
    mark(axes.barh(y, WIDTH, STRIP, color=PALE)[0], f"{grain.name} found: {grain.found:,}")
    going_on = f"{grain.name} {grain.going_on}: {grain.kept:,} ({share_text(share)})"
    mark(axes.barh(y, end * (grain.kept > 0), STRIP, color=BAR)[0], going_on)
    said = f"{grain.kept:,} {grain.going_on} ({share_text(share)})"
    axes.text(0, below, said, va="center", fontsize=11.5)
    told = "none rejected"
    if grain.dropped:
        told = f"{grain.dropped:,} rejected ({share_text(dropped)})"
        bar = axes.barh(y, WIDTH - end, STRIP, left=end, color=BAD)[0]
        mark(bar, f"{grain.name} rejected: {grain.dropped:,} ({share_text(dropped)})")
    axes.text(WIDTH, below, told, va="center", ha="right", fontsize=11.5)


def largest_first(counts: dict[str, int]) -> tuple[tuple[str, int], ...]:
    """Names and counts, the largest first, those of the same count by name."""
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _share(part: int, total: int) -> float:
    return part / total if total else 0.0
