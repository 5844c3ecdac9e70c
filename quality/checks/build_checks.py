"""What only a build has: a ledger that adds up, few rejects, posts that are like posts."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from etl.ledger import Ledger
from quality.checks.check import REPORTED, WARNING, Check, Figure, Metrics, at, other_reason, share

LENGTHS = "sentences_per_post"
STAGES = ("files", "posts", "sentences")


def _equations_broken(metrics: Metrics) -> int:
    return len(Ledger.of_nested(metrics["ledger"]).discrepancies())


def _unaccounted(grain: str, unit: str) -> Check:
    """The file has as many of a unit as the ledger counted."""
    return Check(
        f"{unit}_unaccounted",
        f"The file has the {unit} that the ledger counted",
        lambda metrics: abs(metrics["ledger"][grain]["written"] - metrics["corpus"][unit]),
        f"ledger.{grain}.written, corpus.{unit}",
        at_most=0,
    )


def _rejected_share(stage: str, reason: str, metrics: Metrics) -> float:
    """Of what a stage found, for one reason or for all."""
    counts = metrics["ledger"][stage]
    rejected = counts["rejected"]
    return share(rejected.get(reason, 0) if reason else sum(rejected.values()), counts["found"])


def _strays(metrics: Metrics) -> int:
    return int(sum(metrics["ledger"]["strays"]["rejected"].values()))


def _strays_share(metrics: Metrics) -> float:
    return share(metrics["ledger"]["bytes"]["stray"], metrics["ledger"]["bytes"]["read"])


def _share_of_posts(*keys: str) -> Figure:
    """Posts that the ledger counted under some keys, as a share of those found."""

    def figure(metrics: Metrics) -> float:
        counts = metrics["ledger"]
        for key in keys:
            counts = counts.get(key, 0)
        return share(counts, metrics["ledger"]["posts"]["found"])

    return figure


def _bloggers_unaccounted(metrics: Metrics) -> int:
    if "rows" in metrics["ledger"]:  # of a table, where a blogger's posts may stand anywhere
        return 0
    groups = metrics["posts"]["by_gender"].values()
    bloggers = sum(group["bloggers"] for group in groups)
    return max(0, int(bloggers - metrics["ledger"]["files"]["read"]))


def _stage(stage: str, **bounds: Any) -> Check:
    says, look = f"Few {stage} were rejected", f"rejects/ of the stage {stage[:-1]}; ledger.{stage}"
    return Check(stage, says, partial(_rejected_share, stage, ""), look, **bounds)


def _reason(stage: str, reason: str, **bounds: Any) -> Check:
    return Check(
        f"{stage}_{reason}",
        f"Few {stage} were rejected for being {reason}",
        partial(_rejected_share, stage, reason),
        f"rejects/ of the stage {stage[:-1]} and the reason {reason}; docs/rejects.md",
        **bounds,
    )


# fmt: off
LEDGER = (
    Check("equations_broken", "What came in went out or was rejected",
          _equations_broken, "manifest: ledger; etl.ledger.EQUATIONS",
          at_most=0, note="else something was lost, or counted twice"),
    _unaccounted("sentences", "lines"),
    _unaccounted("tokens", "tokens"),
    _unaccounted("bytes", "bytes"),
    Check("files_read", "Files were read",
          at("ledger", "files", "read"), "ledger.files", at_least=1),
)

REJECTS = (
    _stage("files", at_most=0.05, severity=WARNING,
           note="a tenth: none; --max-rejected-files has stopped a build with more than it"),
    _stage("posts", at_most=0.5, from_tokens=10_000, note="a tenth: 0.007"),
    _stage("sentences", at_most=0.5, from_tokens=10_000, note="a tenth: 0.003"),
    _reason("files", "other", at_most=0.02, severity=WARNING),
    _reason("posts", "blank", at_most=0.03, **REPORTED),
    _reason("posts", "no_word", at_most=0.02, **REPORTED),
    _reason("posts", "other", at_most=0.3, note="the whole corpus: 0.108 repeat another",
            **REPORTED),
    _reason("sentences", "no_word", at_most=0.05, **REPORTED),
    _reason("sentences", "other", at_most=0.4, **REPORTED),
    Check("strays", "All text belongs to a post",
          _strays, "rejects/ of the stage stray; ledger.strays; docs/rejects.md",
          at_most=0, severity=WARNING, note="pieces of text that belong to no post; a tenth: none"),
    Check("strays_share", "Little of the input is text that belongs to no post",
          _strays_share, "rejects/ of the stage stray; ledger.bytes",
          at_most=0.01, from_tokens=10_000, note="of the bytes read"),
)
"""Shares of what a stage found; a reason without a row is judged by that of `<stage>_other`."""

POSTS = (
    Check("kept", "Posts were kept",
          at("ledger", "posts", "kept"), "ledger.posts", at_least=1),
    Check("windows_1252_share", "Few posts had to be read as Windows-1252",
          _share_of_posts("encodings", "windows-1252"), "ledger.encodings; the input's encoding",
          at_most=0.25, note="since they were no UTF-8", **REPORTED),
    Check("undated_share", "The dates of posts could be read",
          _share_of_posts("dates", "unreadable"), "ledger.dates; etl/text/months.py",
          at_most=0.05, **REPORTED),
    Check("sentences_mean", "Posts have some sentences on average",
          at(LENGTHS, "mean"), f"{LENGTHS}; the splitter",
          at_least=2.0, at_most=60.0, from_tokens=10_000,
          note="a tenth: 14.8; else the splitter misses or invents boundaries"),
    Check("sentences_median", "Half of the posts have some sentences",
          at(LENGTHS, "quantiles", "0.5"), f"{LENGTHS}.quantiles",
          at_least=2, at_most=20, severity=WARNING, from_tokens=1_000_000, note="a tenth: 8"),
    Check("sentences_q99", "Very long posts are rare",
          at(LENGTHS, "quantiles", "0.99"), f"{LENGTHS}.quantiles",
          at_most=300, severity=WARNING, note="a tenth: 98"),
    Check("sentences_longest", "No post is a whole book",
          at(LENGTHS, "longest"), f"{LENGTHS}.longest",
          at_most=20_000, severity=WARNING, note="a tenth: 2,084"),
    Check("bloggers_unaccounted", "No blogger is counted twice",
          _bloggers_unaccounted, "posts.by_gender; reject reason duplicate_blogger",
          at_most=0, note="bloggers with kept posts beyond the files read"),
)
# fmt: on


def reject_checks(rows: Sequence[Check], metrics: Metrics) -> Iterator[Check]:
    """The rows of rejects, those of reasons by those that occur."""
    by_name = {row.name: row for row in rows}
    for row in rows:
        stage, _, reason = row.name.partition("_")
        if stage not in STAGES:
            yield row
        elif not reason:
            yield row
            for reason in metrics["ledger"][stage]["rejected"]:
                made = _reason(stage, reason)
                like = by_name.get(made.name) or by_name[other_reason(made.name)]
                yield replace(
                    like, name=made.name, says=made.says, figure=made.figure, look=made.look
                )
