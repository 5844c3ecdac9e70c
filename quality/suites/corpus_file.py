"""The corpus file: nothing in it that normalization takes away, and a vocabulary that is one."""

from typing import Any

from quality.figures import Check, Figures, Metrics, drop_unknown, share

FLAWS = {
    "empty": "No line is empty",
    "double_space": "No line has two spaces in a row",
    "outer_space": "No line begins or ends with a space",
    "tab": "No line has a tab",
    "carriage_return": "Lines end in LF, without a carriage return",
    "nul": "No line has a NUL",
    "control": "No line has a control character",
    "upper_case": "No line has an upper-case letter",
    "not_utf8": "All lines are UTF-8",
    "replacement": "No line has a replacement character, U+FFFD",
    "other_character": "No line has punctuation or symbols",
    "apostrophe": "No line has an apostrophe",
    "label": "No line has __label__, which is for supervised mode",
    "unterminated": "The last line ends in LF",
}

LEFTOVERS = {
    "urllink": ("urllink",),
    "nbsp": ("nbsp",),
    "quot": ("quot",),
    "amp": ("amp",),
    "lt": ("lt",),
    "gt": ("gt",),
    "references": (
        *("apos", "mdash", "ndash", "hellip", "eacute"),
        *("lsquo", "rsquo", "ldquo", "rdquo"),
    ),
    "tags": ("href", "div", "span", "img"),
    "addresses": ("http", "www"),
}
"""Checks, and the tokens that each of them counts together."""

PER = 1_000_000
"""Tokens that leftovers are counted for; a smaller corpus counts as one of so many."""

VOCABULARY_COUNT = 5
"""BlazingText's default min_count."""

CHECKS = {
    "lines": Check("There are lines", "corpus.lines"),
    "tokens": Check("There are tokens", "corpus.tokens"),
    **{name: Check(says, f"lines.{name}; docs/quality.md") for name, says in FLAWS.items()},
    "non_ascii_share": Check("Most characters are ASCII", "characters; the language of the input"),
    **{
        f"leftover_{name}": Check(
            f"Mark-up leaves hardly a token such as {tokens[0]} (per million)",
            "leftovers; etl/text/repairs.py",
        )
        for name, tokens in LEFTOVERS.items()
    },
    "repeated_share": Check("Most lines are no repetition", "repeated_lines; --dedup"),
    "repeated_share_usual": Check("No more lines repeat others than usual", "repeated_lines"),
    "top_100_share": Check(
        "No template or spam makes up the corpus", "repeated_lines.top_counts; --dedup"
    ),
    "type_token_ratio": Check("Types and tokens are in proportion", "vocabulary.type_token_ratio"),
    "hapax_share": Check("About half of the types occur once", "vocabulary.hapaxes"),
    "new_types_last_tenth": Check(
        "The vocabulary grows ever more slowly", "vocabulary.growth; the last files of the input"
    ),
    "zipf_slope": Check("Frequencies follow Zipf's law", "vocabulary.zipf, rank_frequency"),
    "zipf_r2": Check("They do so over all ranks", "vocabulary.zipf, rank_frequency"),
    "ws353_missing": Check("The words of WS-353 are there", "vocabulary.ws353"),
    "vocabulary": Check(
        f"There are words that occur {VOCABULARY_COUNT} times", "vocabulary.min_count"
    ),
}


def figures(metrics: Metrics) -> Figures:
    """Counts of lines, tokens and types."""
    corpus, lines, repeated = metrics["corpus"], metrics["lines"], metrics["repeated_lines"]
    return drop_unknown(
        {
            "lines": corpus["lines"],
            "tokens": corpus["tokens"],
            **{name: lines[name] for name in FLAWS},
            "non_ascii_share": share(
                metrics["characters"]["non_ascii"], metrics["characters"]["total"]
            ),
            **_leftovers(metrics),
            "repeated_share": repeated["share"],
            "repeated_share_usual": repeated["share"],
            "top_100_share": repeated["top_share"],
            **_vocabulary(metrics["vocabulary"]),
        }
    )


def _leftovers(metrics: Metrics) -> Figures:
    found, tokens = metrics["leftovers"], max(PER, metrics["corpus"]["tokens"])
    return {
        f"leftover_{name}": round(sum(found[token] for token in group) * PER / tokens, 3)
        for name, group in LEFTOVERS.items()
    }


def _vocabulary(vocabulary: Metrics) -> dict[str, float | int | None]:
    types, growth = vocabulary["types"], vocabulary["growth"]
    before = [seen for tokens, seen in growth if tokens <= 0.9 * vocabulary["tokens"]]
    return {
        "type_token_ratio": vocabulary["type_token_ratio"],
        "hapax_share": share(vocabulary["hapaxes"], types),
        "new_types_last_tenth": share(types - before[-1], types) if before else None,
        "zipf_slope": vocabulary["zipf"]["slope"],
        "zipf_r2": vocabulary["zipf"]["r2"],
        "ws353_missing": len(_row(vocabulary["ws353"]["by_min_count"])["missing"]),
        "vocabulary": _row(vocabulary["min_count"])["words"],
    }


def _row(rows: Any) -> Any:
    return next(row for row in rows if row["min_count"] == VOCABULARY_COUNT)
