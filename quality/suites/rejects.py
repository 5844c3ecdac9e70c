"""Rejects: which share of files, posts and sentences was dropped, and why."""

from quality.figures import Check, Figures, Metrics, share

STAGES = ("files", "posts", "sentences")

CHECKS = {
    stage: Check(
        f"Few {stage} were rejected", f"rejects/ of the stage {stage[:-1]}; ledger.{stage}"
    )
    for stage in STAGES
}


def figures(metrics: Metrics) -> Figures:
    """Shares of what was found, "posts" for all reasons and "posts_blank" for one."""
    found: Figures = {}
    for stage in STAGES:
        counts = metrics["ledger"][stage]
        found[stage] = share(sum(counts["rejected"].values()), counts["found"])
        for reason, count in counts["rejected"].items():
            found[f"{stage}_{reason}"] = share(count, counts["found"])
    return found


def check_of(name: str) -> Check:
    """The check of a stage, or of one reason."""
    stage, _, reason = name.partition("_")
    if not reason:
        return CHECKS[stage]
    look = f"rejects/ of the stage {stage[:-1]} and the reason {reason}; docs/rejects.md"
    return Check(f"Few {stage} were rejected for being {reason}", look)


def threshold_of(name: str) -> str:
    """The entry of the thresholds that stands for a reason without one of its own."""
    stage, _, reason = name.partition("_")
    return f"{stage}_other" if reason else stage
