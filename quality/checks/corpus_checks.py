"""The corpus file: sentences as long as sentences are, nothing that normalization takes away.

And the preflight: what BlazingText's word2vec modes need of any training file, ours or not.
"""

from collections.abc import Container
from functools import partial
from typing import Any

from etl.reading.file_kinds import Kind
from quality.checks.check import OFF, REPORTED, WARNING, Check, Metrics, at, share, share_of

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
    "bom": "No line has a byte order mark, U+FEFF",
    "unicode_space": "No line has a Unicode space such as NBSP or U+3000, which parts no tokens",
    "other_character": "No line has punctuation or symbols",
    "apostrophe": "No line has an apostrophe",
    "label": "No line has __label__, which is for supervised mode",
    "unterminated": "The last line ends in LF",
    "too_long": "No line has over 1,000 tokens, where word2vec cuts it",
}
"""Flaws that lines are counted for, by `etl.counting.line_counts`."""

PER = 1_000_000
"""Tokens that leftovers are counted for; a smaller corpus counts as one of so many."""

VOCABULARY_COUNT = 5
"""BlazingText's default min_count."""

LENGTHS, REPEATED, WORDS = "tokens_per_sentence", "repeated_lines", "vocabulary"
LARGE: dict[str, Any] = {"severity": WARNING, "from_tokens": 1_000_000}


def _flaw(name: str, **settings: Any) -> Check:
    """A flaw that no line may have."""
    look = f"lines.{name}; docs/quality.md"
    return Check(name, FLAWS[name], at("lines", name), look, at_most=0, **settings)


def _leftover(name: str, tokens: tuple[str, ...], at_most: float, **settings: Any) -> Check:
    """Some tokens that mark-up leaves, per million."""

    def figure(metrics: Metrics) -> float:
        total = sum(metrics["leftovers"][token] for token in tokens)
        return round(float(total * PER / max(PER, metrics["corpus"]["tokens"])), 3)

    says = f"Mark-up leaves hardly a token such as {tokens[0]} (per million)"
    look = "leftovers; etl/text/repairs.py"
    return Check(f"leftover_{name}", says, figure, look, at_most=at_most, **settings)


def _one_token_share(metrics: Metrics) -> float:
    lengths = metrics[LENGTHS]
    singles = sum(row["count"] for row in lengths["histogram"] if row["from"] == row["to"] == 1)
    return share(singles, lengths["count"])


def _new_types_last_tenth(metrics: Metrics) -> float | None:
    types, tokens, growth = (metrics[WORDS][name] for name in ("types", "tokens", "growth"))
    before = [seen for place, seen in growth if place <= 0.9 * tokens]
    return share(types - before[-1], types) if before else None


def row_of(rows: Any, min_count: int) -> Any:
    """The row of a min_count."""
    return next(row for row in rows if row["min_count"] == min_count)


def _words_missing(metrics: Metrics) -> int:
    return len(row_of(metrics[WORDS]["ws353"]["by_min_count"], VOCABULARY_COUNT)["missing"])


FORM = "corpus.form"
"""Where the kind of a file stands, as `etl.reading.file_kinds` tells it."""

TABLES = (Kind.CSV, Kind.TSV)
TEXTS = (Kind.TEXT, Kind.EMPTY, Kind.JSON_LINES, *TABLES)
OTHER_FORMS = tuple(kind for kind in Kind if kind not in TEXTS)


def _is_form(forms: Container[str], metrics: Metrics) -> int:
    return int(metrics["corpus"]["form"] in forms)


# fmt: off
SENTENCES = (
    Check("tokens_mean", "Sentences have some tokens on average",
          at(LENGTHS, "mean"), f"{LENGTHS}; the splitter",
          at_least=5.0, at_most=40.0, from_tokens=10_000,
          note="a tenth: 15.3, the reference run 18.9"),
    Check("tokens_mean_usual", "Sentences are as long as English ones are",
          at(LENGTHS, "mean"), LENGTHS, at_least=10.0, at_most=25.0, **REPORTED),
    Check("tokens_median", "Half of the sentences have some tokens",
          at(LENGTHS, "quantiles", "0.5"), f"{LENGTHS}.quantiles",
          at_least=5, at_most=20, note="a tenth: 12", **REPORTED),
    Check("tokens_q99", "Very long sentences are rare",
          at(LENGTHS, "quantiles", "0.99"), f"{LENGTHS}.quantiles",
          at_most=200, severity=WARNING, note="a tenth: 66"),
    Check("tokens_longest", "No sentence is a whole book",
          at(LENGTHS, "longest"), f"{LENGTHS}.longest",
          at_most=100_000, severity=WARNING, note="a tenth: 1,991"),
    Check("one_token_share", "Few sentences are one word",
          _one_token_share, f"{LENGTHS}.histogram; --min-tokens",
          at_most=0.15, note="a tenth: 0.046", **REPORTED),
    Check("too_long_share", "Hardly a sentence has over 1,000 tokens, where word2vec cuts it",
          share_of(at("lines", "too_long"), at(LENGTHS, "count")), "lines.too_long",
          at_most=0.0001, severity=WARNING, note="a tenth: 8 lines, 8e-6"),
)

CORPUS = (
    Check("lines", "There are lines",
          at("corpus", "lines"), "corpus.lines", at_least=1),
    Check("tokens", "There are tokens",
          at("corpus", "tokens"), "corpus.tokens", at_least=1),
    _flaw("empty"),
    _flaw("double_space"),
    _flaw("outer_space"),
    _flaw("tab"),
    _flaw("carriage_return"),
    _flaw("nul"),
    _flaw("control"),
    _flaw("upper_case"),
    _flaw("not_utf8"),
    _flaw("replacement"),
    _flaw("bom"),
    _flaw("unicode_space"),
    _flaw("other_character"),
    _flaw("apostrophe", severity=OFF, note="--keep-apostrophes keeps them"),
    _flaw("label"),
    _flaw("unterminated", note="1 where the last line has no LF"),
    Check("non_ascii_share", "Most characters are ASCII",
          share_of(at("characters", "non_ascii"), at("characters", "total")),
          "characters; the language of the input",
          at_most=0.05, note="a tenth: 0.0006", **REPORTED),
    _leftover("urllink", ("urllink",), 0.1, note="a tenth: 0"),
    _leftover("nbsp", ("nbsp",), 5.0, note="the whole corpus: 0.06; unescaped once only: 19"),
    _leftover("quot", ("quot",), 20.0, note="a tenth: 0"),
    _leftover("amp", ("amp",), 50.0, note="a tenth: 3.8"),
    _leftover("lt", ("lt",), 50.0, severity=WARNING, note="a tenth: 3.4"),
    _leftover("gt", ("gt",), 100.0, severity=WARNING, note="a tenth: 12, many are drawn arrows"),
    _leftover("references", ("apos", "mdash", "ndash", "hellip", "eacute",
                             "lsquo", "rsquo", "ldquo", "rdquo"),
              5.0, severity=WARNING,
              note="apos mdash ndash hellip lsquo rsquo ldquo rdquo eacute; a tenth: 0.07"),
    _leftover("tags", ("href", "div", "span", "img"), 100.0, severity=WARNING,
              note="href div span img; a tenth: 14"),
    _leftover("addresses", ("http", "www"), 2000.0, severity=WARNING,
              note="http www; a tenth: 266"),
    Check("repeated_share", "Most lines are no repetition",
          at(REPEATED, "share"), "repeated_lines; --dedup",
          at_most=0.5, from_tokens=10_000, note="lines that repeat another; a tenth: 0.087"),
    Check("repeated_share_usual", "No more lines repeat others than usual",
          at(REPEATED, "share"), "repeated_lines", at_most=0.25, **REPORTED),
    Check("top_100_share", "No template or spam makes up the corpus",
          at(REPEATED, "top_share"), "repeated_lines.top_counts; --dedup",
          at_most=0.10, from_tokens=100_000,
          note="lines that are one of the 100 most repeated; a tenth: 0.023"),
    Check("type_token_ratio", "Types and tokens are in proportion",
          at(WORDS, "type_token_ratio"), "vocabulary.type_token_ratio",
          at_least=0.001, at_most=0.05, note="a tenth: 0.0119; falls as a corpus grows", **LARGE),
    Check("hapax_share", "About half of the types occur once",
          share_of(at(WORDS, "hapaxes"), at(WORDS, "types")), "vocabulary.hapaxes",
          at_least=0.3, at_most=0.7, note="a tenth: 0.49, as in most corpora", **LARGE),
    Check("new_types_last_tenth", "The vocabulary grows ever more slowly",
          _new_types_last_tenth, "vocabulary.growth; the last files of the input",
          at_most=0.15, note="types first seen in the last tenth of the tokens; a tenth: 0.05",
          **LARGE),
    Check("zipf_slope", "Frequencies follow Zipf's law",
          at(WORDS, "zipf", "slope"), "vocabulary.zipf, rank_frequency",
          at_least=-1.5, at_most=-0.8, note="a tenth: -1.14", **LARGE),
    Check("zipf_r2", "They do so over all ranks",
          at(WORDS, "zipf", "r2"), "vocabulary.zipf, rank_frequency",
          at_least=0.97, note="a tenth: 0.997", **LARGE),
    Check("ws353_missing", "The words of WS-353 are there",
          _words_missing, "vocabulary.ws353",
          at_most=60, from_tokens=10_000_000, note="of its 437, rarer than 5; a tenth: 9"),
    Check("vocabulary", f"There are words that occur {VOCABULARY_COUNT} times",
          lambda metrics: row_of(metrics[WORDS]["min_count"], VOCABULARY_COUNT)["words"],
          "vocabulary.min_count",
          at_least=1000, note="BlazingText's default min_count", **LARGE),
)
"""Lines with a flaw; leftovers differ in their bounds, since as many are words of somebody."""

PREFLIGHT = (
    Check("lines", "There are lines",
          at("corpus", "lines"), "corpus.lines", at_least=1),
    Check("words", "Words occur min_count times",
          at("min_count", "words"), "vocabulary.min_count; --min_count",
          at_least=1, note="none is an empty vocabulary"),
    _flaw("not_utf8"),
    _flaw("carriage_return", note="part of the last word of each line, or a word of its own"),
    _flaw("label"),
    _flaw("nul", note="ends a word in C"),
    Check("json", "Lines are no JSON",
          share_of(at("lines", "json"), at("corpus", "lines")), "lines.json; take the text out",
          at_most=0.01, note="a line that begins as an object or array does; keys become words"),
    Check("csv", "The file is no CSV or TSV",
          partial(_is_form, TABLES), FORM,
          at_most=0, note="by its first 64 KiB, as the next; the other columns become words"),
    Check("form", "The file is plain text, neither packed nor binary nor mark-up",
          partial(_is_form, OTHER_FORMS), FORM, at_most=0, note="gzip, Parquet, UTF-16, HTML …"),
    Check("manifest_differs", "The file is the one that its manifest describes",
          lambda metrics: int(metrics["corpus"]["is_manifests"] is False), "build it again",
          at_most=0, note="1 where the sha256 is not the manifest's"),
    _flaw("control", severity=WARNING),
    _flaw("replacement", severity=WARNING),
    _flaw("bom", severity=WARNING, note="part of the word that follows it"),
    _flaw("unicode_space", severity=WARNING, note="makes one token of two words"),
    _flaw("empty", severity=WARNING),
    _flaw("double_space", severity=WARNING),
    _flaw("outer_space", severity=WARNING),
    _flaw("tab", severity=WARNING),
    _flaw("upper_case", severity=WARNING, note="The and the are two words"),
    _flaw("unterminated", severity=WARNING),
    _flaw("too_long", severity=WARNING, note="what is behind is cut"),
    Check("long_token", "Hardly a line has a token of over 100 bytes, where word2vec cuts it",
          share_of(at("lines", "long_token"), at("corpus", "lines")), "lines.long_token",
          at_most=0.0001, severity=WARNING, note="a tenth: 18 lines, 1.9e-5"),
    Check("ws353_missing", "Most words of WS-353 get a vector",
          lambda metrics: len(metrics["min_count"]["ws353_missing"]),
          "vocabulary.ws353; --min_count",
          at_most=110, severity=WARNING, from_tokens=10_000_000,
          note="of its 437, rarer than min_count"),
)
# fmt: on
"""What BlazingText's word2vec modes need of any training file (jobs/check_corpus.py)."""
