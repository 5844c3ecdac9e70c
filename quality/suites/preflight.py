"""The preflight: what BlazingText's word2vec modes need of any training file, ours or not."""

from quality.figures import Check, Figures, Metrics

FLAWS = {
    "not_utf8": "All lines are UTF-8",
    "carriage_return": "Lines end in LF, without a carriage return",
    "label": "No line has __label__, which is for supervised mode",
    "nul": "No line has a NUL",
    "control": "No line has a control character",
    "replacement": "No line has a replacement character, U+FFFD",
    "empty": "No line is empty",
    "double_space": "No line has two spaces in a row",
    "outer_space": "No line begins or ends with a space",
    "tab": "No line has a tab",
    "upper_case": "No line has an upper-case letter",
    "unterminated": "The last line ends in LF",
    "too_long": "No line has over 1,000 tokens, where word2vec cuts it",
}

CHECKS = {
    "lines": Check("There are lines", "corpus.lines"),
    **{name: Check(says, f"lines.{name}; docs/quality.md") for name, says in FLAWS.items()},
    "words": Check("Words occur min_count times", "vocabulary.min_count; --min_count"),
    "ws353_missing": Check("Most words of WS-353 get a vector", "vocabulary.ws353; --min_count"),
    "manifest_differs": Check("The file is the one that its manifest describes", "build it again"),
}


def figures(metrics: Metrics) -> Figures:
    """Counts of lines, and what the vocabulary is at the min_count of the training."""
    chosen = metrics["min_count"]
    return {
        "lines": metrics["corpus"]["lines"],
        **{name: metrics["lines"][name] for name in FLAWS},
        "words": chosen["words"],
        "ws353_missing": len(chosen["ws353_missing"]),
        "manifest_differs": int(metrics["corpus"]["is_manifests"] is False),
    }
