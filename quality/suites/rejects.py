"""Rejects: which share of files, posts and sentences was dropped and why, and text of no post."""

from quality.figures import Check, Figures, Metrics, share

STAGES = ("files", "posts", "sentences")

CHECKS = {
    stage: Check(
        f"Few {stage} were rejected", f"rejects/ of the stage {stage[:-1]}; ledger.{stage}"
    )
    for stage in STAGES
} | {
    "strays": Check(
        "All text belongs to a post", "rejects/ of the stage stray; ledger.strays; docs/rejects.md"
    ),
    "strays_share": Check(
        "Little of the input is text that belongs to no post",
        "rejects/ of the stage stray; ledger.bytes",
    ),
}


def figures(metrics: Metrics) -> Figures:
    """Shares of what was found, "posts" for all reasons and "posts_blank" for one.

    Of strays, their number and their share of the bytes read.
    """
    ledger, found = metrics["ledger"], Figures()
    for stage in STAGES:
        counts = ledger[stage]
        found[stage] = share(sum(counts["rejected"].values()), counts["found"])
        for reason, count in counts["rejected"].items():
            found[f"{stage}_{reason}"] = share(count, counts["found"])
    found["strays"] = sum(ledger["strays"]["rejected"].values())
    found["strays_share"] = share(ledger["bytes"]["stray"], ledger["bytes"]["read"])
    return found


def check_of(name: str) -> Check:
    """The check of a stage, or of one reason."""
    if name in CHECKS:
        return CHECKS[name]
    stage, _, reason = name.partition("_")
    look = f"rejects/ of the stage {stage[:-1]} and the reason {reason}; docs/rejects.md"
    return Check(f"Few {stage} were rejected for being {reason}", look)


def threshold_of(name: str) -> str:
    """The entry of the thresholds that stands for a reason without one of its own."""
    stage, _, reason = name.partition("_")
    return f"{stage}_other" if reason else stage
