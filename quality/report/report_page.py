"""The report as one HTML page that works alone, offline, without a script.

Everything is escaped that is not a drawing of this package: names of files and options come from
whoever made them.
"""

from collections.abc import Mapping, Sequence
from posixpath import relpath
from typing import Any, NamedTuple

from embeddings.pictures.pages import render_page
from etl.publishing.summary import human_bytes
from quality.report.figures import Metrics, Table, count_text, figure_text, place_text
from quality.report.option_rows import flat, split_options
from quality.report.report_sections import sections
from quality.report.verdict_texts import comparisons, gate_text, outcome, verdict_texts
from schemas.output import MANIFEST, REPORT

TITLE = "Corpus report"

ORIGINS = {
    "corpus": "Corpus file",
    "input": "Input",
    "options": "Options",
    "code": "Code",
    "environment": "Environment",
}
"""Parts of the manifest that say how the corpus was made, and their titles."""

STEPS = ("repair.", "mask", "split", "normalize", "dropped.")
"""What names of steps begin with, in the order in which a text meets them."""


class Example(NamedTuple):
    """What one step did to one text.

    Attributes:
        post: that it is from.
        before: what came in.
        after: what came out, a text or several; none where it was dropped.
    """

    post: str
    before: tuple[str, ...]
    after: tuple[str, ...]


class Step(NamedTuple):
    """A step with its examples, in file order."""

    name: str
    examples: tuple[Example, ...]


def report_page(
    metrics: Metrics,
    quality: Mapping[str, Any],
    manifest: Mapping[str, Any] | None = None,
    trace: Mapping[str, Any] | None = None,
    data_docs: str = "",
) -> str:
    """The page's HTML: a function of its arguments alone.

    Args:
        metrics: of the corpus, in the form of `quality.metrics`.
        quality: what the gate said; `{"gate": "off"}` where it was not asked.
        manifest: of the build; None for a file that is not from a build.
        trace: before-and-after examples of each step, the only text of posts here; None for none.
        data_docs: where Great Expectations' pages are, relative to this one; empty for none.
    """
    made, verdicts = manifest or {}, verdict_texts(quality)
    return render_page(
        "report.html",
        TITLE,
        "quality.report",
        subtitle=_subtitle(made),
        tiles=_tiles(metrics),
        gate=outcome(quality),
        gate_text=gate_text(quality),
        failed=verdicts["failed"],
        warned=verdicts["warning"],
        passed=verdicts["passed"],
        sections=sections(metrics),
        comparisons=comparisons(quality),
        steps=trace_steps(trace) if trace else [],
        origin=origin_tables(made),
        data_docs=data_docs,
        manifest=relpath(MANIFEST, REPORT),
    )


def _subtitle(manifest: Mapping[str, Any]) -> str:
    if not manifest:
        return "A file of sentences, one per line; how it was made is not known."
    source, finished = place_text(manifest["input"]["uri"]), manifest["finished"]
    return (
        f"From {source}, built {finished[:16].replace('T', ' ')} UTC "
        f"by version {manifest['code']['version']} in {manifest['seconds']:,} s."
    )


def _tiles(metrics: Metrics) -> list[tuple[str, str]]:
    """What a reader wants to know first: number and unit."""
    corpus, ledger, posts = metrics["corpus"], metrics["ledger"], metrics["posts"]
    bloggers = sum(group["bloggers"] for group in posts["by_gender"].values()) if posts else None
    known = [
        (count_text(corpus["lines"]), "lines"),
        (count_text(corpus["tokens"]), "tokens"),
        (human_bytes(corpus["bytes"]), "corpus file"),
        (count_text(metrics["vocabulary"]["types"]), "different tokens"),
    ]
    if ledger:
        known.append((count_text(ledger["posts"]["kept"]), "posts kept"))
    if bloggers is not None:
        known.append((count_text(bloggers), "bloggers"))
    return known


def origin_tables(manifest: Mapping[str, Any]) -> list[Table]:
    """A table for each part of the manifest that says how the corpus was made; defaults folded."""
    tables = []
    for part, title in ORIGINS.items():
        if not (content := manifest.get(part)):
            continue
        rows, usual = split_options(content) if part == "options" else (flat(content), ())
        opened, folded = (
            tuple((name, _said(name, value)) for name, value in it) for it in (rows, usual)
        )
        tables.append(Table(title, (title.lower(), "value"), opened, False, folded))
    return tables


def _said(name: str, value: Any) -> str:
    if name == "uri":
        return place_text(str(value))
    return "none" if value is None else figure_text(value)


def trace_steps(trace: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[Step]:
    """The steps that have examples, in the order in which a text meets them.

    Args:
        trace: step → examples, in the form of `etl.counting.traces`.
    """
    steps = [Step(name, tuple(map(_example, examples))) for name, examples in trace.items()]
    return sorted((step for step in steps if step.examples), key=_place)


def _place(step: Step) -> int:
    places = (place for place, start in enumerate(STEPS) if step.name.startswith(start))
    return next(places, len(STEPS))


def _example(traced: Mapping[str, Any]) -> Example:
    post = f"blogger {traced['blogger_id']}"
    if traced["post_ordinal"] is not None:
        post += f", post {traced['post_ordinal']}"
    return Example(post, _texts(traced["before"]), _texts(traced["after"]))


def _texts(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)
