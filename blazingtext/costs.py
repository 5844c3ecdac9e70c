"""What training, search and endpoint take and cost, and whether they may. Estimates, of one run.

    words    = epochs × (tokens + lines)              a line counts one end of sentence
    work     = vector_dim × (window_size + 1) × (negative_samples + 1)
    speed    = 2.27 M words/s × vCPUs ÷ 4 × instances × work of the reference ÷ work
    seconds  = words ÷ speed
    price    = (seconds + 120) ÷ 3,600 × instances × price of an hour

A window is half of window_size + 1 words to each side on average (word2vec draws its size), and
each pair costs one dot product and update for itself and each negative sample, of vector_dim
numbers. cbow predicts once a window, so window and samples add up instead of being multiplied.

By this formula the reference run takes 655 s; it took 653.67 s. Its tuning of 12 jobs cost US$
2.84, so 60 minutes a job at the price of 2020; with the middle of its ranges (window 17, 15
negative samples, 75 dimensions, 10 epochs) the formula gives 65 minutes. vCPUs are taken to add up;
memory bandwidth says otherwise on large instances. Plain skipgram is taken to run as fast as
batch_skipgram, and is slower. GPUs have no anchor here.
"""

import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from blazingtext.requests.settings import JobSettings
from blazingtext.requests.tuning_request import Search
from embeddings.training.hyperparameters import TYPES, Hyperparameters
from embeddings.tuning.search_ranges import LOGARITHMIC, Choice, Range
from storage.errors import RequestError, TooExpensiveError
from storage.printable import elapsed

ANCHOR_SPEED = 2.27e6
"""Words a second on ml.c5.xlarge: "Average throughput in Million words/sec: 2.27", 27 June 2020."""

ANCHOR_VCPUS = 4
ANCHOR_WORK = 100 * (5 + 1) * (5 + 1)
"""vector_dim 100, window_size 5, negative_samples 5, in batch_skipgram."""

OVERHEAD_SECONDS = 120
"""Billed beside the training: download of the corpus, evaluation, upload of the model."""

PRICES_OF = "US East (N. Virginia), on demand, as of 2025; --price-per-hour overrides"
INSTANCES: dict[str, tuple[int, float]] = {
    "ml.c5.xlarge": (4, 0.204),
    "ml.c5.2xlarge": (8, 0.408),
    "ml.c5.4xlarge": (16, 0.816),
    "ml.c5.9xlarge": (36, 1.836),
    "ml.c5.18xlarge": (72, 3.672),
    "ml.m5.xlarge": (4, 0.23),
    "ml.m5.2xlarge": (8, 0.461),
    "ml.m5.4xlarge": (16, 0.922),
    "ml.m5.12xlarge": (48, 2.765),
    "ml.m5.24xlarge": (96, 5.53),
}
"""Instance type → vCPUs, US$ an hour of training (0.238 for ml.c5.xlarge in 2020)."""

HOSTING_PRICES = {
    "ml.t2.medium": 0.056,
    "ml.m5.large": 0.115,
    "ml.m5.xlarge": 0.23,
    "ml.m5.2xlarge": 0.461,
    "ml.c5.large": 0.102,
    "ml.c5.xlarge": 0.204,
    "ml.c5.2xlarge": 0.408,
}
"""US$ an hour of hosting, US East (N. Virginia), as of 2025. Two million n-grams of 100 dimensions
take 0.8 GB of memory, beside the words."""

COSTLY = ("mode", "epochs", "vector_dim", "window_size", "negative_samples")
"""Hyperparameters that decide how long a training takes."""


@dataclass(frozen=True)
class Estimate:
    """What a training comes to.

    Attributes:
        words: that are passed, all epochs together.
        words_per_second: of all instances together.
        seconds: of training.
        dollars: US$, `OVERHEAD_SECONDS` included.
        instance_type: what it runs on.
        instance_count: and how many of them.
        price_per_hour: US$ for one instance.
    """

    words: int
    words_per_second: float
    seconds: float
    dollars: float
    instance_type: str
    instance_count: int
    price_per_hour: float

    def rows(self) -> Iterator[tuple[str, str]]:
        """Lines for people, each with its label."""
        shown = f"{self.seconds:,.0f} s" if self.seconds < 120 else f"{self.seconds / 60:,.0f} min"
        yield "estimated training", f"{shown} on {self.instance_count} × {self.instance_type}"
        speed = self.words_per_second / 1e6
        yield "", f"{self.words:,} words with their epochs ÷ {speed:,.2f} million a second;"
        yield "", f"by the reference run's {ANCHOR_SPEED / 1e6} on ml.c5.xlarge (docs/quality.md)"
        price = f"at US$ {self.price_per_hour} an hour, {OVERHEAD_SECONDS} s of start and end"
        yield "estimated price", f"US$ {self.dollars:,.2f}, {price}"


def hourly(instance_type: str | None, price_per_hour: float | None = None) -> float | None:
    """US$ for an hour of one instance: what is given, else what is listed; None for neither."""
    if price_per_hour is not None or instance_type not in INSTANCES:
        return price_per_hour
    return INSTANCES[instance_type][1]


def estimate(
    tokens: int,
    lines: int,
    chosen: Hyperparameters,
    instance_type: str,
    instance_count: int = 1,
    price_per_hour: float | None = None,
) -> Estimate:
    """Time and price by the formulas of this module; the instance type is one of `INSTANCES`."""
    vcpus, listed = INSTANCES[instance_type]
    price = listed if price_per_hour is None else price_per_hour
    words = chosen.epochs * (tokens + lines)
    speed = ANCHOR_SPEED * vcpus / ANCHOR_VCPUS * instance_count * ANCHOR_WORK / work(chosen)
    seconds = words / speed
    dollars = (seconds + OVERHEAD_SECONDS) / 3600 * instance_count * price
    return Estimate(words, speed, seconds, dollars, instance_type, instance_count, price)


def work(chosen: Hyperparameters) -> int:
    """Multiplications of a word, but for a factor."""
    if chosen.mode == "cbow":
        return chosen.vector_dim * (chosen.window_size + chosen.negative_samples + 2)
    return chosen.vector_dim * (chosen.window_size + 1) * (chosen.negative_samples + 1)


@dataclass(frozen=True)
class Plan:
    """A training that is to be started, or a search.

    Attributes:
        order: hyperparameters of a training; or a search.
        settings: of the job, or of each of them.
        tokens: of the corpus; None if nobody has counted them.
        lines: likewise.
        price_per_hour: US$ of one machine; None for the listed price.
    """

    order: Hyperparameters | Search
    settings: JobSettings
    tokens: int | None
    lines: int | None
    price_per_hour: float | None

    def jobs(self) -> int:
        """How many trainings it is."""
        return self.order.max_jobs if isinstance(self.order, Search) else 1

    def cheapest(self) -> Estimate | None:
        """Of one job, at the cheapest ends of the ranges."""
        return min(self._estimates(_ends), key=_dollars, default=None)

    def dearest(self) -> Estimate | None:
        """Of one job, at the dearest ends; None where type or corpus is not known."""
        return max(self._estimates(_ends), key=_dollars, default=None)

    def middle(self) -> Estimate | None:
        """Of one job in the middle of the ranges, on the average of the choices."""
        jobs = self._estimates(_middle)
        if not jobs:
            return None
        seconds = sum(job.seconds for job in jobs) / len(jobs)
        return replace(jobs[0], seconds=seconds, dollars=sum(map(_dollars, jobs)) / len(jobs))

    def dollars(self) -> float | None:
        """US$ of all jobs at the dearest ends."""
        dearest = self.dearest()
        return None if dearest is None else dearest.dollars * self.jobs()

    def most(self) -> float | None:
        """US$ of all jobs, if each runs until its limit."""
        settings = self.settings
        price = hourly(settings.instance_type, self.price_per_hour)
        if price is None:
            return None
        return settings.max_run_seconds / 3600 * settings.instance_count * price * self.jobs()

    def describe(self) -> str:
        """One line: jobs, time and price, and what it could come to at most."""
        settings, most = self.settings, self.most()
        machines = f"{settings.instance_count} x {settings.instance_type}"
        limit = f"stopped after {settings.max_run_seconds:,} s"
        limit += "" if most is None else f", so US$ {most:,.2f} at most"
        spot = " on demand, less on spot" if settings.spot else ""
        if isinstance(self.order, Search):
            return f"estimate: {self._describe_search(self.order, machines, spot)}; each is {limit}"
        job = self.dearest()
        if job is None:
            why = "nobody has counted its words" if self.tokens is None else "speed not known"
            return f"estimate: none for {machines} ({why}); {limit}"
        return (
            f"estimate: {job.seconds:,.0f} s on {machines}, US$ {job.dollars:,.2f}{spot}; {limit}"
        )

    def _describe_search(self, search: Search, machines: str, spot: str) -> str:
        jobs = f"{search.max_jobs} jobs, {search.parallel} at a time on {machines}"
        low, middle, high = self.cheapest(), self.middle(), self.dearest()
        if not (low and middle and high):
            return f"none for {jobs}"
        cheap, usual, dear = (
            estimated.dollars * search.max_jobs for estimated in (low, middle, high)
        )
        rounds = math.ceil(search.max_jobs / search.parallel)
        return (
            f"{jobs}, US$ {usual:,.2f} in the middle of the ranges "
            f"({cheap:,.2f} to {dear:,.2f} at their ends){spot}, "
            f"{elapsed(rounds * (middle.seconds + OVERHEAD_SECONDS))}"
        )

    def _estimates(self, values: Callable[[Range | Choice], tuple[Any, ...]]) -> list[Estimate]:
        """Of one job for each combination of the values taken from each range; none if unknown."""
        settings = self.settings
        if self.tokens is None or self.lines is None or settings.instance_type not in INSTANCES:
            return []
        machines = settings.instance_type, settings.instance_count, self.price_per_hour
        return [
            estimate(self.tokens, self.lines, chosen, *machines) for chosen in self._points(values)
        ]

    def _points(
        self, values: Callable[[Range | Choice], tuple[Any, ...]]
    ) -> Iterator[Hyperparameters]:
        if not isinstance(self.order, Search):
            yield self.order
            return
        ranges = {name: self.order.ranges[name] for name in COSTLY if name in self.order.ranges}
        for point in product(*map(values, ranges.values())):
            named = zip(ranges, point, strict=True)
            typed = {name: round(value) if TYPES[name] is int else value for name, value in named}
            yield replace(self.order.common, **typed)


@dataclass(frozen=True)
class Budget:
    """What may be paid.

    Attributes:
        price_per_hour: US$ of one machine; None for the listed price.
        max_cost: US$ in all; None for any.
        yes: start without asking.
    """

    price_per_hour: float | None = None
    max_cost: float | None = None
    yes: bool = False

    def agree(self, line: str, dollars: float | None, verb: str, question: str) -> None:
        """Says what something costs, and asks on a terminal whether to go on.

        Args:
            line: what it is and costs.
            dollars: of it; None if not known.
            verb: what would be done to it: "started", say.
            question: for the terminal.

        Raises:
            TooExpensiveError: it is more than may be spent, or there is a limit and no price.
            RequestError: the answer is no, or there is no terminal to ask on and no `--yes`.
        """
        if self.max_cost is not None and (dollars is None or dollars > self.max_cost):
            raise TooExpensiveError(f"not {verb}, for --max-cost {self.max_cost:g}; {line}")
        if self.yes:
            print(line, flush=True)
            return
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise RequestError(f"not started without --yes; {line}")
        print(line, file=sys.stderr)
        print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            raise RequestError("not started: the answer was no")


def _ends(searched: Range | Choice) -> tuple[Any, ...]:
    return searched.ends()


def _middle(searched: Range | Choice) -> tuple[Any, ...]:
    if isinstance(searched, Choice):
        return searched.values
    if searched.scaling == LOGARITHMIC:
        return (math.sqrt(searched.low * searched.high),)
    return ((searched.low + searched.high) / 2,)


def _dollars(estimated: Estimate) -> float:
    return estimated.dollars
