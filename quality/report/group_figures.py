"""The figures of who wrote: gender, age group, age, industry."""

from markupsafe import Markup

from quality.report.figure import Figure, Metrics
from quality.report.plots import columns, paired_bars
from quality.report.tables import Table, count_text

KINDS = ("bloggers", "posts", "sentences", "tokens")
DRAWN = ("bloggers", "tokens")


def group_figures(posts: Metrics) -> list[Figure]:
    """Bloggers and what they wrote, by what the names of their files tell of them.

    Args:
        posts: the metrics of kept posts; each group has a count for each of `KINDS`.
    """
    return [
        _shares("gender", "Gender", posts["by_gender"]),
        _shares("age-group", "Age group", posts["by_age_group"]),
        _ages(posts["by_age"]),
        _shares("industry", "Industry", _most_first(posts["by_industry"])),
    ]


def _shares(name: str, title: str, groups: Metrics) -> Figure:
    totals = {kind: max(1, sum(group[kind] for group in groups.values())) for kind in DRAWN}
    one, two = DRAWN
    pairs = [
        (text, group[one] / totals[one], group[two] / totals[two]) for text, group in groups.items()
    ]
    drawing = paired_bars(name, title, pairs, DRAWN) if pairs else Markup()
    caption = "Share of the bloggers, and of the tokens that they wrote."
    return Figure(name, title, drawing, caption, _table(title, groups))


def _ages(groups: Metrics) -> Figure:
    counts = [(age, group["posts"]) for age, group in groups.items()]
    drawing = columns("age", "Posts by age", counts, "age", "posts") if counts else Markup()
    caption = "Posts by the age of the blogger; ages without any are left out."
    return Figure("age", "Age", drawing, caption, _table("Age", groups))


def _most_first(groups: Metrics) -> Metrics:
    return dict(sorted(groups.items(), key=lambda item: (-item[1]["tokens"], item[0])))


def _table(title: str, groups: Metrics) -> Table:
    rows = [(text, *(count_text(one[kind]) for kind in KINDS)) for text, one in groups.items()]
    return Table(f"By {title.lower()}", (title.lower(), *KINDS), tuple(rows))
