"""What a search on SageMaker will cost, and whether it may."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from itertools import product
from typing import Any

from aws.remote_runs import elapsed
from blazingtext.machines import Machines
from blazingtext.search import Search
from embeddings.hyperparameters import TYPES, Hyperparameters
from embeddings.search_ranges import LOGARITHMIC, Choice, Range
from jobs.sagemaker_estimate import Planned, agree
from quality.training_time import OVERHEAD_SECONDS, Estimate, Work
from storage.errors import TooExpensiveError

COSTLY = tuple(one.name for one in fields(Work))
"""What decides how long a training takes."""


@dataclass(frozen=True)
class PlannedSearch:
    """A search that is to be started.

    Attributes:
        search: what is searched.
        machines: of each job.
        tokens: of the corpus; None if nobody has counted them.
        lines: likewise.
        price_per_hour: US$ of one machine; None for the listed price.
    """

    search: Search
    machines: Machines
    tokens: int | None
    lines: int | None
    price_per_hour: float | None

    def cheapest(self) -> Estimate | None:
        """Of one job, at the cheapest ends of the ranges."""
        return min(self._at_ends(), key=_dollars, default=None)

    def dearest(self) -> Estimate | None:
        """Of one job, at the dearest ends."""
        return max(self._at_ends(), key=_dollars, default=None)

    def middle(self) -> Estimate | None:
        """Of one job in the middle of the ranges, on the average of the choices."""
        jobs = [one for point in self._points(_middle) if (one := self._estimate(point))]
        if not jobs:
            return None
        seconds = sum(one.seconds for one in jobs) / len(jobs)
        return replace(jobs[0], seconds=seconds, dollars=sum(map(_dollars, jobs)) / len(jobs))

    def most(self) -> float | None:
        """US$ of all jobs, if each runs until its limit."""
        one = self._planned(self.search.common).most()
        return None if one is None else one * self.search.max_jobs

    def _at_ends(self) -> list[Estimate]:
        points = self._points(lambda one: one.ends())
        return [one for point in points if (one := self._estimate(point))]

    def _points(self, ends: Any) -> Iterator[dict[str, Any]]:
        """Combinations of the values that `ends` takes from each range and choice."""
        ranges = {name: self.search.ranges[name] for name in COSTLY if name in self.search.ranges}
        for values in product(*(ends(one) for one in ranges.values())):
            yield dict(zip(ranges, values, strict=True))

    def _estimate(self, point: dict[str, Any]) -> Estimate | None:
        typed = {name: round(one) if TYPES[name] is int else one for name, one in point.items()}
        return self._planned(replace(self.search.common, **typed)).estimate()

    def _planned(self, chosen: Hyperparameters) -> Planned:
        return Planned(chosen, self.machines, self.tokens, self.lines, self.price_per_hour)


def describe(planned: PlannedSearch) -> str:
    """One line: jobs, time and price in the middle and at the ends, and the most it could be."""
    search, machines = planned.search, planned.machines
    jobs = f"{search.max_jobs} jobs, {search.parallel} at a time"
    limit = f"each is stopped after {machines.max_run_seconds:,} s"
    most = planned.most()
    limit += "" if most is None else f", so US$ {most:,.2f} at most"
    low, middle, high = planned.cheapest(), planned.middle(), planned.dearest()
    where = f"{machines.instance_count} x {machines.instance_type}"
    if not (low and middle and high):
        return f"estimate: none for {jobs} on {where}; {limit}"
    rounds = math.ceil(search.max_jobs / search.parallel)
    cheap, usual, dear = (one.dollars * search.max_jobs for one in (low, middle, high))
    spot = " on demand, less on spot" if machines.spot else ""
    return (
        f"estimate: {jobs} on {where}, US$ {usual:,.2f} in the middle of the ranges "
        f"({cheap:,.2f} to {dear:,.2f} at their ends){spot}, "
        f"{elapsed(rounds * (middle.seconds + OVERHEAD_SECONDS))}; {limit}"
    )


def check_cost(planned: PlannedSearch, max_cost: float | None) -> None:
    """Nothing, if the search can't be estimated at more than may be spent.

    Raises:
        TooExpensiveError: at the dearest end it is more, or there is no estimate to compare.
    """
    if max_cost is None:
        return
    dearest = planned.dearest()
    if dearest is None or dearest.dollars * planned.search.max_jobs > max_cost:
        raise TooExpensiveError(f"not started, for --max-cost {max_cost:g}; {describe(planned)}")


def confirm(planned: PlannedSearch, yes: bool) -> None:
    """Says the estimate, and asks on a terminal whether to start.

    Raises:
        RequestError: the answer is no, or there is no terminal to ask on and no `--yes`.
    """
    agree(describe(planned), yes, "Start the search?")


def _middle(one: Range | Choice) -> tuple[Any, ...]:
    if isinstance(one, Choice):
        return one.values
    if one.scaling == LOGARITHMIC:
        return (math.sqrt(one.low * one.high),)
    return ((one.low + one.high) / 2,)


def _dollars(one: Estimate) -> float:
    return one.dollars
