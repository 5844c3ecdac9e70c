"""Posts: decoded, dated, and of a length that posts have."""

from quality.figures import Check, Figures, Metrics, drop_unknown, share

LENGTHS = "sentences_per_post"
CHECKS = {
    "kept": Check("Posts were kept", "ledger.posts"),
    "windows_1252_share": Check(
        "Few posts had to be read as Windows-1252", "ledger.encodings; the input's encoding"
    ),
    "undated_share": Check("The dates of posts could be read", "ledger.dates; etl/text/months.py"),
    "sentences_mean": Check("Posts have some sentences on average", f"{LENGTHS}; the splitter"),
    "sentences_median": Check("Half of the posts have some sentences", f"{LENGTHS}.quantiles"),
    "sentences_q99": Check("Very long posts are rare", f"{LENGTHS}.quantiles"),
    "sentences_longest": Check("No post is a whole book", f"{LENGTHS}.longest"),
    "bloggers_unaccounted": Check(
        "No blogger is counted twice", "posts.by_gender; reject reason duplicate_blogger"
    ),
}


def figures(metrics: Metrics) -> Figures:
    """Shares of the posts found, and the lengths of those kept."""
    ledger, lengths, posts = metrics["ledger"], metrics[LENGTHS], metrics["posts"]
    found = ledger["posts"]["found"]
    bloggers = sum(group["bloggers"] for group in posts["by_gender"].values())
    return drop_unknown(
        {
            "kept": ledger["posts"]["kept"],
            "windows_1252_share": share(ledger["encodings"].get("windows-1252", 0), found),
            "undated_share": share(ledger["dates"]["unreadable"], found),
            "sentences_mean": lengths["mean"],
            "sentences_median": lengths["quantiles"]["0.5"],
            "sentences_q99": lengths["quantiles"]["0.99"],
            "sentences_longest": lengths["longest"],
            "bloggers_unaccounted": max(0, bloggers - ledger["files"]["read"]),
        }
    )
