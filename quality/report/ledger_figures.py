"""The figures of the ledger: the flow, reasons of rejects, encodings, repairs.

In the flow what goes on flows down, and what was rejected branches off. A pipe for each grain: what
was found enters it on top over its whole width, what goes on leaves it at the bottom, and what was
rejected leaves it to the right, each in its share of the width.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from quality.report.figures import (
    Figure,
    Metrics,
    Table,
    count_table,
    count_text,
    share_of,
    share_text,
)
from quality.report.row_plots import bars
from quality.report.svg import BAD, BAR, INK, PALE, WIDTH, cut, make_figure, mark, style, to_svg

SINGULAR = {"files": "file", "posts": "post", "sentences": "sentence"}

LEFT, PIPE = 112.0, 92.0
"""Pixels: where the pipes begin, and how wide they are."""

BAR_HEIGHT, DROP, OPENING = 7.0, 62.0, 34.0
"""Pixels: of a bar, from the found to the kept ones, and from there to the next grain."""

MARGIN = 14.0
"""Pixels above and below: half a label."""

LABELS = LEFT + PIPE + 26
LABEL_ROW = 16.0
THINNEST = 1.6
"""Pixels of a ribbon, however small its share."""

MOST_REASONS = 5
"""Ribbons of a grain; the smallest reasons share the last."""

GRAINS = (("files", "read", ""), ("posts", "kept", "hold"), ("sentences", "written", "split into"))
"""Branch of the ledger, what of it goes on, and what the grain before does to become it."""


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
        *(
            (f"{grain.name} {reason}", count_text(n), share_of(n, grain.found))
            for reason, n in parts
        ),
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


def _reasons(ledger_grains: list[Grain], ledger: Metrics) -> Figure:
    counts = [
        (f"{SINGULAR[grain.name]}: {reason}", count)
        for grain in ledger_grains
        for reason, count in grain.rejected
    ]
    strays = ledger.get("strays", {}).get("rejected", {})
    counts += [(f"text: {reason}", count) for reason, count in largest_first(strays)]
    title = "Rejected, by reason"
    drawing = bars("reasons", title, counts, colour=BAD) if counts else Markup()
    caption = "Each is a row of rejects/, with its reason." if counts else "Nothing was rejected."
    return Figure("reasons", title, drawing, caption, count_table(title, "reason", counts))


def _of_posts(name: str, title: str, ledger: Metrics, caption: str) -> Figure:
    counts, posts = largest_first(ledger[name]), ledger["posts"]["found"]
    drawing = bars(name, title, counts, posts) if counts else Markup()
    table = count_table(title, name.removesuffix("s"), counts, posts, "posts found")
    return Figure(name, title, drawing, caption if counts else "None.", table)


def grains(ledger: Metrics) -> list[Grain]:
    """The grains of a nested ledger, from files to sentences."""
    branches = ((name, kept, ledger[name]) for name, kept, _ in GRAINS)
    return [
        Grain(name, kept, branch["found"], branch[kept], largest_first(branch["rejected"]))
        for name, kept, branch in branches
    ]


def ledger_flow(ledger: Metrics) -> Markup:
    """The drawing, of a nested ledger."""
    pipes = grains(ledger)
    drops = [max(DROP, LABEL_ROW * (min(len(pipe.rejected), MOST_REASONS) + 1)) for pipe in pipes]
    openings = OPENING * (len(pipes) - 1)
    height = sum(drops) + 2 * BAR_HEIGHT * len(pipes) + openings + 2 * MARGIN
    with style():
        figure = make_figure(height)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, WIDTH)
        axes.set_ylim(height, 0)
        axes.set_axis_off()
        y = MARGIN
        for place, (grain, drop) in enumerate(zip(pipes, drops, strict=True)):
            y = _grain(axes, grain, y, drop)
            if place + 1 < len(pipes):
                y = _opening(axes, grain, y, GRAINS[place + 1][2])
        return to_svg(axes, "flow", "Flow of files, posts and sentences, and what was rejected")


def _grain(axes: Axes, grain: Grain, y: float, drop: float) -> float:
    """One pipe; where it ends."""
    kept = PIPE * _share(grain.kept, grain.found)
    below, bottom = y + BAR_HEIGHT, y + BAR_HEIGHT + drop
    _name(axes, y + BAR_HEIGHT / 2, f"{grain.found:,}", f"{grain.name} found")
    _bar(axes, y, PIPE, f"{grain.name} found: {grain.found:,}")
    axes.add_patch(Rectangle((LEFT, below), kept, drop, facecolor=PALE))
    _ribbons(axes, grain, below)
    share = share_text(_share(grain.kept, grain.found))
    _bar(axes, bottom, kept, f"{grain.name} {grain.going_on}: {grain.kept:,} ({share})")
    _name(axes, bottom + BAR_HEIGHT / 2, f"{grain.kept:,}", grain.going_on)
    return bottom + BAR_HEIGHT


def _ribbons(axes: Axes, grain: Grain, top: float) -> None:
    """What was rejected, from the right edge of the pipe on; its reasons beside."""
    right = LEFT + PIPE
    for row, (reason, count) in enumerate(_merged(grain.rejected)):
        share = _share(count, grain.found)
        wide, y = max(THINNEST, PIPE * share), top + LABEL_ROW * (row + 0.9)
        text = f"{count:,} ({share_text(share)})"
        ribbon = PathPatch(_bend(right, wide, top, y), facecolor=BAD)
        mark(ribbon, f"{grain.name} rejected, {reason}: {text}")
        axes.add_patch(ribbon)
        axes.text(LABELS, y, cut(f"{reason} {count:,}", 22), va="center", color=INK, fontsize=11.5)
        right -= PIPE * share
    if not grain.rejected:
        axes.text(LABELS, top + LABEL_ROW * 0.9, "none rejected", va="center", fontsize=11.5)


def _bend(right: float, wide: float, top: float, y: float) -> Path:
    """A ribbon from below the bar to its label: down at first, then to the right."""
    end, left = LABELS - 6, right - wide
    half = min(wide, LABEL_ROW - 3) / 2
    points = [
        *((right, top), (right, y - half), (right, y - half), (end, y - half)),
        *((end, y + half), (left, y + half), (left, y + half), (left, top), (right, top)),
    ]
    curve, straight = Path.CURVE4, Path.LINETO
    codes = [Path.MOVETO, curve, curve, curve, straight, curve, curve, curve, Path.CLOSEPOLY]
    return Path(points, codes)


def _opening(axes: Axes, grain: Grain, y: float, verb: str) -> float:
    """From what went on of one grain to all of the next; where that begins."""
    kept = PIPE * _share(grain.kept, grain.found)
    corners = [(LEFT, y), (LEFT + kept, y), (LEFT + PIPE, y + OPENING), (LEFT, y + OPENING)]
    axes.add_patch(PathPatch(Path(corners), facecolor=PALE, alpha=0.45))
    axes.text(LEFT + PIPE / 2, y + OPENING / 2, verb, ha="center", va="center", fontsize=11.5)
    return y + OPENING


def _bar(axes: Axes, y: float, wide: float, title: str) -> None:
    bar = Rectangle((LEFT, y), wide, BAR_HEIGHT, facecolor=BAR)
    mark(bar, title)
    axes.add_patch(bar)


def _name(axes: Axes, y: float, count: str, text: str) -> None:
    axes.text(LEFT - 8, y - 6, count, ha="right", va="center", color=INK, fontweight="bold")
    axes.text(LEFT - 8, y + 8, text, ha="right", va="center", fontsize=11)


def _merged(rejected: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    if len(rejected) <= MOST_REASONS:
        return list(rejected)
    rest = rejected[MOST_REASONS - 1 :]
    return [*rejected[: MOST_REASONS - 1], (f"{len(rest)} others", sum(n for _, n in rest))]


def largest_first(counts: dict[str, int]) -> tuple[tuple[str, int], ...]:
    """Names and counts, the largest first, those of the same count by name."""
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _share(part: int, total: int) -> float:
    return part / total if total else 0.0
