"""Sentences: as long as sentences are."""

from quality.figures import Check, Figures, Metrics, drop_unknown, share

LENGTHS = "tokens_per_sentence"
CHECKS = {
    "tokens_mean": Check("Sentences have some tokens on average", f"{LENGTHS}; the splitter"),
    "tokens_mean_usual": Check("Sentences are as long as English ones are", LENGTHS),
    "tokens_median": Check("Half of the sentences have some tokens", f"{LENGTHS}.quantiles"),
    "tokens_q99": Check("Very long sentences are rare", f"{LENGTHS}.quantiles"),
    "tokens_longest": Check("No sentence is a whole book", f"{LENGTHS}.longest"),
    "one_token_share": Check("Few sentences are one word", f"{LENGTHS}.histogram; --min-tokens"),
    "too_long_share": Check(
        "Hardly a sentence has over 1,000 tokens, where word2vec cuts it", "lines.too_long"
    ),
}


def figures(metrics: Metrics) -> Figures:
    """Tokens of a line."""
    lengths = metrics[LENGTHS]
    singles = sum(one["count"] for one in lengths["histogram"] if one["from"] == one["to"] == 1)
    return drop_unknown(
        {
            "tokens_mean": lengths["mean"],
            "tokens_mean_usual": lengths["mean"],
            "tokens_median": lengths["quantiles"]["0.5"],
            "tokens_q99": lengths["quantiles"]["0.99"],
            "tokens_longest": lengths["longest"],
            "one_token_share": share(singles, lengths["count"]),
            "too_long_share": share(metrics["lines"]["too_long"], lengths["count"]),
        }
    )
