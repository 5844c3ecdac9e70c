"""The figures of the text: how long posts and sentences are, its words, who wrote when."""

from collections import Counter
from itertools import pairwise

from markupsafe import Markup

from quality.metrics import UNKNOWN
from quality.report.figures import Figure, Metrics, Table, count_table, count_text, share_text
from quality.report.row_plots import bars, months, paired_bars
from quality.report.scale_plots import columns, density, line, log_points

LENGTHS = (
    ("sentences_per_post", "Sentences in a post", "posts"),
    ("tokens_per_sentence", "Tokens in a line", "lines"),
)
"""Key of the metrics, title, and what is counted."""

MARKED = {"median": "0.5", "95 %": "0.95"}
"""Quantiles that a plot of lengths marks, by what it calls them."""

MOST_FREQUENT = 30
"""Tokens that are drawn; the table has all."""

MOST_GROUPS = 12
"""Industries that are drawn one by one."""

KINDS = ("bloggers", "posts", "sentences", "tokens")
DRAWN = ("bloggers", "tokens")


def length_figures(metrics: Metrics) -> list[Figure]:
    """How long posts and sentences are; a file without posts has no lengths of these."""
    return [
        _lengths(key.replace("_", "-"), title, unit, metrics[key])
        for key, title, unit in LENGTHS
        if metrics[key] and metrics[key]["count"]
    ]


def time_figures(posts: Metrics) -> list[Figure]:
    """Posts by year, and by month; none where no date is known."""
    by_month, dated, years = posts["by_month"], posts["dated"], Counter[str]()
    if not by_month:
        return []
    for month, count in by_month.items():
        years[month[:4]] += count
    by_year = sorted(years.items())
    caption = f"Kept posts with a date; {posts['undated']:,} have none that could be read."
    shades = "The fuller the colour, the more posts, on a logarithmic scale."
    title, grid = "Posts by year", "Posts by month"
    table = count_table(title, "year", by_year, dated, "dated posts")
    cells = count_table(grid, "month", list(by_month.items()), dated, "dated posts")
    return [
        Figure("years", title, bars("years", title, by_year, dated), caption, table),
        Figure("months", grid, months("months", grid, by_month), shades, cells),
    ]


def vocabulary_figures(words: Metrics) -> list[Figure]:
    """Growth of the vocabulary, frequency by rank, the most frequent tokens."""
    return [_growth(words), _zipf(words), _frequent(words)] if words["tokens"] else []


def group_figures(posts: Metrics) -> list[Figure]:
    """Bloggers and what they wrote, by what the names of their files tell of them.

    Args:
        posts: the metrics of kept posts; each group has a count for each of `KINDS`.
    """
    return [
        _shares("gender", "Gender", posts["by_gender"]),
        _shares("age-group", "Age group", posts["by_age_group"]),
        _ages(posts["by_age"]),
        _shares("industry", "Industry", _most_first(posts["by_industry"]), MOST_GROUPS),
    ]


def _lengths(name: str, title: str, unit: str, lengths: Metrics) -> Figure:
    last = max(place for place, bin_ in enumerate(lengths["histogram"]) if bin_["count"])
    classes = lengths["histogram"][: last + 1]
    counts = [(_class(bin_), bin_["count"]) for bin_ in classes]
    drawn = [(bin_["from"], bin_["to"] or lengths["longest"], bin_["count"]) for bin_ in classes]
    drawn = [(low, high, count) for low, high, count in drawn if low]
    at, along = lengths["quantiles"], title.lower()
    caption = (
        f"Mean {lengths['mean']:.2f}; half of the {unit} have at most {at['0.5']:,}, 95 % at most "
        f"{at['0.95']:,}; shortest {lengths['shortest']:,}, longest {lengths['longest']:,}. "
        "The scale is logarithmic, and a share is an area."
    )
    if none := next((it["count"] for it in classes if not it["from"]), 0):
        caption += f" {none:,} {unit} with none have no place on it."
    marked = {text: at[level] for text, level in MARKED.items() if at[level]}
    drawing = density(name, title, drawn, marked, along, unit) if drawn else Markup()
    table = count_table(title, along, counts, lengths["count"], unit)
    return Figure(name, title, drawing, caption, table)


def _class(row: Metrics) -> str:
    low, high = row["from"], row["to"]
    if high is None:
        return f"{low:,}+"
    return f"{low:,}" if low == high else f"{low:,}–{high:,}"


def _growth(words: Metrics) -> Figure:
    points = [(tokens, types) for tokens, types in words["growth"]]
    caption = (
        f"{words['types']:,} different tokens (types) in {words['tokens']:,}; {words['hapaxes']:,} "
        f"of them occur once. Types are {share_text(words['type_token_ratio'])} of the tokens."
    )
    title, names = "Growth of the vocabulary", ("tokens read", "different tokens")
    table = _pairs(title, names, points)
    return Figure("growth", title, line("growth", title, points, names), caption, table)


def _zipf(words: Metrics) -> Figure:
    zipf, points = words["zipf"], [(rank, count) for rank, count in words["rank_frequency"]]
    fit, caption = None, "Too few types to fit a line."
    if zipf["slope"] is not None:
        fit = (zipf["slope"], zipf["first_rank"], zipf["last_rank"])
        caption = (
            f"The line has slope {zipf['slope']:.3f}, R² {zipf['r2']:.4f} ({zipf['how']}); dashed, "
            "where it was not fitted."
        )
    title = "Frequency by rank (Zipf)"
    names = ("rank, the most frequent token first", "occurrences")
    drawing = log_points("zipf", title, points, names, fit)
    return Figure("zipf", title, drawing, caption, _pairs(title, names, points))


def _frequent(words: Metrics) -> Figure:
    counts = [(token, count) for token, count in words["most_frequent"]]
    title, drawn = "Most frequent tokens", counts[:MOST_FREQUENT]
    drawing = bars("frequent", title, drawn) if drawn else Markup()
    caption = f"The first {len(drawn)}; the table has {len(counts)}."
    table = count_table(title, "token", counts, words["tokens"], "tokens")
    return Figure("frequent", title, drawing, caption, table)


def _pairs(title: str, names: tuple[str, str], points: list[tuple[int, int]]) -> Table:
    return Table(title, names, tuple((count_text(x), count_text(y)) for x, y in points))


def _shares(name: str, title: str, groups: Metrics, most: int = 0) -> Figure:
    """Shares of each group; of the first ones and of the rest together if there are too many."""
    drawn, caption = groups, "Share of the bloggers, and of the tokens that they wrote."
    if most and len(groups) > most + 1:
        rest = list(groups.items())[most:]
        sums = {kind: sum(group[kind] for _, group in rest) for kind in KINDS}
        drawn = dict(list(groups.items())[:most]) | {f"the other {len(rest)}": sums}
        caption += f" The first {most} by tokens; the table has all {len(groups)}."
    totals = {kind: max(1, sum(group[kind] for group in groups.values())) for kind in DRAWN}
    first, second = DRAWN
    pairs = [
        (text, group[first] / totals[first], group[second] / totals[second])
        for text, group in drawn.items()
    ]
    drawing = paired_bars(name, title, pairs, DRAWN) if pairs else Markup()
    return Figure(name, title, drawing, caption, _group_table(title, groups))


def _ages(groups: Metrics) -> Figure:
    counts = sorted((int(age), group["posts"]) for age, group in groups.items() if age != UNKNOWN)
    drawing = (
        columns("age", "Posts by age", counts, "age in years", "posts") if counts else Markup()
    )
    caption = "Posts by the age of the blogger."
    if gaps := _gaps([age for age, _ in counts]):
        caption += f" Nobody is {gaps}."
    return Figure("age", "Age", drawing, caption, _group_table("Age", groups))


def _gaps(ages: list[int]) -> str:
    """The ages between the least and the greatest that are missing.

    >>> _gaps([13, 17, 18, 20]), _gaps([1, 2])
    ('14–16 or 19', '')
    """
    gaps = [(last + 1, following - 1) for last, following in pairwise(ages) if following > last + 1]
    return " or ".join(str(low) if low == high else f"{low}–{high}" for low, high in gaps)


def _most_first(groups: Metrics) -> Metrics:
    return dict(sorted(groups.items(), key=lambda item: (-item[1]["tokens"], item[0])))


def _group_table(title: str, groups: Metrics) -> Table:
    rows = [(text, *(count_text(group[kind]) for kind in KINDS)) for text, group in groups.items()]
    return Table(f"By {title.lower()}", (title.lower(), *KINDS), tuple(rows))
