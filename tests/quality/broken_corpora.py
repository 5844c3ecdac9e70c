"""Metrics of a good corpus, and each of the ways to break it."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from etl.counting.line_counts import FLAWS

Metrics = dict[str, Any]

TOKENS = 141_146_651
"""As the reference corpus has: every check is judged."""


def distribution(mean: float, median: int, q99: int, longest: int, count: int) -> Metrics:
    quantiles = {"0.01": 1, "0.05": 2, "0.25": 6, "0.5": median, "0.75": 20, "0.95": 38}
    singles = {"from": 1, "to": 1, "count": count // 20}
    rest = {"from": 2, "to": None, "count": count - count // 20}
    return {
        "count": count,
        "total": round(mean * count),
        "mean": mean,
        "shortest": 1,
        "longest": longest,
        "quantiles": {**quantiles, "0.99": q99},
        "histogram": [singles, rest],
    }


def good_metrics() -> Metrics:
    """A corpus like that of the reference run."""
    lines = 7_480_869
    return {
        "format": 1,
        "source": "build",
        "corpus": {
            "bytes": 708_533_153,
            "lines": lines,
            "tokens": TOKENS,
            "is_manifests": True,
            "form": "plain text",
        },
        "ledger": {
            "files": {"found": 19_320, "read": 19_320, "rejected": {}},
            "posts": {"found": 681_288, "kept": 675_000, "rejected": {"blank": 6_288}},
            "sentences": {
                "found": lines + 3_000,
                "written": lines,
                "rejected": {"no_word": 2_000, "too_short": 1_000},
            },
            "encodings": {"ascii": 620_000, "utf-8": 41_288, "windows-1252": 20_000},
            "dates": {"read": 681_000, "unreadable": 288},
            "tokens": {"written": TOKENS},
            "strays": {"rejected": {}},
            "bytes": {
                **{"read": 806_000_000, "markup": 31_000_000, "posts": 775_000_000, "stray": 0},
                "written": 708_533_153,
            },
            "repairs": {},
        },
        "sentences_per_post": distribution(11.0, 8, 98, 2_084, 675_000),
        "tokens_per_sentence": distribution(18.9, 14, 66, 1_991, lines),
        "lines": {**dict.fromkeys([*FLAWS, "unterminated"], 0), "longest_bytes": 6_477},
        "characters": {"total": 708_000_000, "non_ascii": 400_000},
        "leftovers": dict.fromkeys(
            [
                *("urllink", "nbsp", "amp", "quot", "lt", "gt", "apos", "mdash", "ndash"),
                *("hellip", "lsquo", "rsquo", "ldquo", "rdquo", "eacute", "href", "http"),
                *("www", "div", "span", "img"),
            ],
            5,
        ),
        "repeated_lines": {"distinct": lines - 700_000, "share": 0.09, "top_share": 0.02},
        "posts": {"by_gender": {"male": {"bloggers": 9_660}, "female": {"bloggers": 9_660}}},
        "vocabulary": {
            "tokens": TOKENS,
            "types": 700_000,
            "hapaxes": 350_000,
            "type_token_ratio": 0.005,
            "growth": [[TOKENS * i // 50, 560_000 + 2_800 * i] for i in range(1, 51)],
            "zipf": {"slope": -1.1, "r2": 0.99},
            "min_count": [{"min_count": 5, "words": 170_000}, {"min_count": 40, "words": 50_298}],
            "ws353": {
                "by_min_count": [
                    {"min_count": 5, "missing": ["one"], "pairs_missing": 1},
                    {"min_count": 40, "missing": ["one"] * 6, "pairs_missing": 6},
                ]
            },
        },
        "min_count": {"min_count": 40, "words": 50_298, "ws353_missing": ["one"] * 6},
    }


def setter(path: str, value: Any) -> Callable[[Metrics], None]:
    """Sets what a dotted path names; a number in it is an index."""

    def set_value(metrics: Metrics) -> None:
        *rooms, last = path.split(".") if "|" not in path else path.split("|")
        target: Any = metrics
        for room in rooms:
            target = target[int(room)] if isinstance(target, list) else target[room]
        target[last] = value

    return set_value


def broken(path: str, value: Any) -> Metrics:
    """A good corpus, broken in one place."""
    metrics = deepcopy(good_metrics())
    setter(path, value)(metrics)
    return metrics


LENGTHS, POSTS = "tokens_per_sentence", "sentences_per_post"
BREAKS: dict[str, list[tuple[str, Any]]] = {
    "ledger.equations_broken": [("ledger.posts.kept", 674_000), ("ledger.bytes.stray", 1)],
    "ledger.lines_unaccounted": [("corpus.lines", 7_480_868)],
    "ledger.tokens_unaccounted": [("corpus.tokens", TOKENS - 1)],
    "ledger.bytes_unaccounted": [("corpus.bytes", 708_533_154)],
    "ledger.files_read": [("ledger.files.read", 0)],
    "rejects.files": [("ledger.files.rejected", {"empty": 2_000})],
    "rejects.posts": [("ledger.posts.rejected", {"blank": 400_000})],
    "rejects.sentences": [("ledger.sentences.rejected", {"no_word": 5_000_000})],
    "rejects.files_empty": [("ledger.files.rejected", {"empty": 500})],
    "rejects.posts_blank": [("ledger.posts.rejected", {"blank": 30_000})],
    "rejects.posts_no_word": [("ledger.posts.rejected", {"no_word": 20_000})],
    "rejects.posts_duplicate": [("ledger.posts.rejected", {"duplicate": 300_000})],
    "rejects.sentences_no_word": [("ledger.sentences.rejected", {"no_word": 500_000})],
    "rejects.sentences_too_short": [("ledger.sentences.rejected", {"too_short": 3_500_000})],
    "rejects.strays": [("ledger.strays.rejected", {"outside_post": 1})],
    "rejects.strays_share": [("ledger.bytes.stray", 9_000_000)],
    "posts.kept": [("ledger.posts.kept", 0)],
    "posts.windows_1252_share": [("ledger|encodings|windows-1252", 300_000)],
    "posts.undated_share": [("ledger.dates.unreadable", 100_000)],
    "posts.sentences_mean": [(f"{POSTS}.mean", 1.0), (f"{POSTS}.mean", 70.0)],
    "posts.sentences_median": [(f"{POSTS}|quantiles|0.5", 1), (f"{POSTS}|quantiles|0.5", 50)],
    "posts.sentences_q99": [(f"{POSTS}|quantiles|0.99", 5_000)],
    "posts.sentences_longest": [(f"{POSTS}.longest", 50_000)],
    "posts.bloggers_unaccounted": [("posts.by_gender.male.bloggers", 9_661)],
    "sentences.tokens_mean": [(f"{LENGTHS}.mean", 2.0), (f"{LENGTHS}.mean", 99.0)],
    "sentences.tokens_mean_usual": [(f"{LENGTHS}.mean", 7.0), (f"{LENGTHS}.mean", 30.0)],
    "sentences.tokens_median": [(f"{LENGTHS}|quantiles|0.5", 2), (f"{LENGTHS}|quantiles|0.5", 40)],
    "sentences.tokens_q99": [(f"{LENGTHS}|quantiles|0.99", 500)],
    "sentences.tokens_longest": [(f"{LENGTHS}.longest", 1_000_000)],
    "sentences.one_token_share": [(f"{LENGTHS}.histogram.0.count", 3_000_000)],
    "sentences.too_long_share": [("lines.too_long", 5_000)],
    "corpus.lines": [("corpus.lines", 0)],
    "corpus.tokens": [("corpus.tokens", 0)],
    **{
        f"corpus.{name}": [(f"lines.{name}", 1)]
        for name in (
            *("empty", "double_space", "outer_space", "tab", "carriage_return", "nul", "control"),
            *("upper_case", "not_utf8", "replacement", "other_character", "label", "unterminated"),
            *("bom", "unicode_space"),
        )
    },
    "corpus.non_ascii_share": [("characters.non_ascii", 100_000_000)],
    "corpus.leftover_urllink": [("leftovers.urllink", 15)],
    "corpus.leftover_nbsp": [("leftovers.nbsp", 2_685)],
    "corpus.leftover_quot": [("leftovers.quot", 3_000)],
    "corpus.leftover_amp": [("leftovers.amp", 8_000)],
    "corpus.leftover_lt": [("leftovers.lt", 8_000)],
    "corpus.leftover_gt": [("leftovers.gt", 15_000)],
    "corpus.leftover_references": [("leftovers.eacute", 800)],
    "corpus.leftover_tags": [("leftovers.div", 15_000)],
    "corpus.leftover_addresses": [("leftovers.http", 300_000)],
    "corpus.repeated_share": [("repeated_lines.share", 0.6)],
    "corpus.repeated_share_usual": [("repeated_lines.share", 0.3)],
    "corpus.top_100_share": [("repeated_lines.top_share", 0.2)],
    "corpus.type_token_ratio": [("vocabulary.type_token_ratio", 0.2)],
    "corpus.hapax_share": [("vocabulary.hapaxes", 690_000), ("vocabulary.hapaxes", 1)],
    "corpus.new_types_last_tenth": [("vocabulary.types", 900_000)],
    "corpus.zipf_slope": [("vocabulary.zipf.slope", -0.2), ("vocabulary.zipf.slope", -3.0)],
    "corpus.zipf_r2": [("vocabulary.zipf.r2", 0.5)],
    "corpus.ws353_missing": [("vocabulary.ws353.by_min_count.0.missing", ["x"] * 200)],
    "corpus.vocabulary": [("vocabulary.min_count.0.words", 10)],
    "reference.bytes_per_token": [("corpus.bytes", 800_000_000)],
    "reference.tokens_per_line": [("corpus.lines", 20_000_000)],
    "reference.tokens": [("corpus.tokens", 2 * TOKENS)],
    "reference.lines": [("corpus.lines", 1_000_000)],
    "reference.vocabulary": [("vocabulary.min_count.1.words", 40_000)],
    "reference.ws353_pairs_missing": [("vocabulary.ws353.by_min_count.1.pairs_missing", 50)],
}
"""Dataset and check → (path, value) that make it fail."""
