"""An output of a build → verdicts on its corpus file, its ledger and its tables, together."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from quality.checks.check import Checks, Metrics
from quality.gate import Standard, conclude
from quality.judge import Verdict, judge_plainly
from quality.preflight import place_checks
from quality.tables import Output, schema_problems

PANDAS_ROWS = 1_200_000
"""Of posts and sentences, up to which tables are read into memory: some 1,700 bytes a row."""


class Judged(NamedTuple):
    """An output that was judged.

    Attributes:
        quality: the verdicts as a manifest has them.
        checks: that gave them, by dataset.
        ranges: gives "dataset.check" → least and largest value of a column with two bounds, which
            is a look at each of these columns.
    """

    quality: dict[str, Any]
    checks: Checks
    ranges: Callable[[], Mapping[str, tuple[float, float]]]


def describe_output(output: Output, metrics: Metrics) -> dict[str, Any]:
    """The metrics of the file as it is now, with what only the build can have counted."""
    of_build = {name: output.metrics.get(name) for name in ("posts", "sentences_per_post")}
    return {**metrics, **of_build, "ledger": output.manifest["ledger"]}


def judge_output(
    output: Output,
    metrics: Metrics,
    standard: Standard,
    *,
    start_spark: Callable[[], Any] | None = None,
    docs: Path | None = None,
) -> Judged:
    """The verdicts on a corpus file, its ledger and its tables.

    Args:
        output: of a build.
        metrics: of `describe_output`.
        standard: what it is held to.
        start_spark: gives the session that reads the tables; None to read them for pandas.
        docs: folder of pages, to which this run is added.
    """
    from quality.expectations import judging  # takes seconds, which not everybody needs

    checks = standard.checks_of(metrics)
    preflight = place_checks({"preflight": standard.checks["preflight"]}, metrics)
    verdicts = judge_plainly("preflight", preflight["preflight"], metrics)
    problems = {name: schema_problems(output, name) for name in output.tables}
    for name, text in problems.items():
        of_columns = [check for check in standard.checks[name] if check.name == "columns"]
        verdicts += [
            Verdict.of(name, check, 1, is_passed=False).at(text) for check in of_columns if text
        ]
    sound = [name for name, text in problems.items() if not text]
    tables = _read(output, sound, start_spark)
    rows = judging.Tables(tables, standard.checks, output.parameters(), not start_spark)
    verdicts += judging.judge(judging.Figures(metrics, checks), rows, docs)
    quality = conclude(verdicts, metrics, standard, checks)
    return Judged(quality, {**standard.checks, **checks}, rows.ranges)


def _read(
    output: Output, names: list[str], start_spark: Callable[[], Any] | None
) -> Mapping[str, Any]:
    """By the engine that is asked for; importing the other one takes its time."""
    if start_spark:
        from quality import spark_tables

        return spark_tables.read_tables(start_spark(), output, names)
    from quality import pandas_tables

    return pandas_tables.read_tables(output, names)
