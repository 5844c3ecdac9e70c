"""What a training on SageMaker will cost, and whether it may."""

import sys
from dataclasses import dataclass

from blazingtext.machines import Machines
from embeddings.hyperparameters import Hyperparameters
from quality.training_time import INSTANCES, Estimate, Work, estimate, hourly
from storage.errors import RequestError, TooExpensiveError


@dataclass(frozen=True)
class Planned:
    """A job that is to be started.

    Attributes:
        hyperparameters: of the training.
        machines: where it runs.
        tokens: of the corpus; None if nobody has counted them.
        lines: likewise.
        price_per_hour: US$ of one machine; None for the listed price.
    """

    hyperparameters: Hyperparameters
    machines: Machines
    tokens: int | None
    lines: int | None
    price_per_hour: float | None

    def hourly(self) -> float | None:
        """US$ of an hour of one machine; None for a type that is not listed."""
        return hourly(self.machines.instance_type, self.price_per_hour)

    def estimate(self) -> Estimate | None:
        """Time and price; None where type or corpus is not known."""
        machines, chosen = self.machines, self.hyperparameters
        if self.tokens is None or self.lines is None or machines.instance_type not in INSTANCES:
            return None
        work = Work.of(chosen.to_dict())
        where = machines.instance_type, machines.instance_count, self.hourly()
        return estimate(self.tokens, self.lines, work, *where)

    def most(self) -> float | None:
        """US$ of a job that runs until its limit."""
        price, machines = self.hourly(), self.machines
        if price is None:
            return None
        return machines.max_run_seconds / 3600 * machines.instance_count * price


def describe(planned: Planned) -> str:
    """One line: time, machines, price, and what it could come to at most."""
    machines, found, most = planned.machines, planned.estimate(), planned.most()
    where = f"{machines.instance_count} x {machines.instance_type}"
    limit = f"stopped after {machines.max_run_seconds:,} s"
    limit += "" if most is None else f", so US$ {most:,.2f} at most"
    if found is None:
        why = "nobody has counted its words" if planned.tokens is None else "speed not known"
        return f"estimate: none for {where} ({why}); {limit}"
    spot = " on demand, less on spot" if machines.spot else ""
    return f"estimate: {found.seconds:,.0f} s on {where}, US$ {found.dollars:,.2f}{spot}; {limit}"


def check_cost(planned: Planned, max_cost: float | None) -> None:
    """Nothing, if the estimate is not more than may be spent, or nothing was said of that.

    Raises:
        TooExpensiveError: it is more, or there is no estimate to compare.
    """
    if max_cost is None:
        return
    found = planned.estimate()
    if found is None or found.dollars > max_cost:
        raise TooExpensiveError(f"not started, for --max-cost {max_cost:g}; {describe(planned)}")


def confirm(planned: Planned, yes: bool) -> None:
    """Says the estimate, and asks on a terminal whether to start.

    Raises:
        RequestError: the answer is no, or there is no terminal to ask on and no `--yes`.
    """
    agree(describe(planned), yes, "Start the training job?")


def agree(line: str, yes: bool, question: str) -> None:
    """Says a line, and asks on a terminal.

    Raises:
        RequestError: as for `confirm`.
    """
    if yes:
        print(line, flush=True)
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise RequestError(f"not started without --yes; {line}")
    print(line, file=sys.stderr)
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise RequestError("not started: the answer was no")
