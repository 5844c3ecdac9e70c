"""The report of `deploy.smoke_aws`: how each step ended, and which doubts that settles. Pure."""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from deploy.smoke_steps import DOUBTS, Step

TRUE, FALSE, OPEN = "true", "false", "not settled"


@dataclass(frozen=True)
class Outcome:
    """How a step ended.

    Attributes:
        name: of the step.
        command: as it was run.
        seconds: that it took.
        code: its exit code.
        line: why it failed, or what was seen.
    """

    name: str
    command: str
    seconds: float
    code: int
    line: str


def verdicts(steps: Sequence[Step], outcomes: Sequence[Outcome]) -> dict[str, tuple[str, str]]:
    """Doubt → whether it holds, and by what; open as long as no step failed and one is missing."""
    ended = {outcome.name: outcome for outcome in outcomes}
    settled = {}
    for doubt in DOUBTS:
        names = [step.name for step in steps if doubt in step.settles]
        known = [ended[name] for name in names if name in ended]
        failed = [f"{each.name}: {each.line}" for each in known if each.code]
        seen = [each.name + (f": {each.line}" if each.line else "") for each in known]
        verdict = FALSE if failed else TRUE if names and len(known) == len(names) else OPEN
        settled[doubt] = verdict, "; ".join(failed or seen) or "no step of it was run"
    return settled


def as_json(
    stack: str, steps: Sequence[Step], done: Sequence[Outcome], cleaned: Sequence[Outcome]
) -> dict[str, Any]:
    """All of it."""
    return {
        "stack": stack,
        "steps": [asdict(each) for each in done],
        "clean_up": [asdict(each) for each in cleaned],
        "doubts": {
            name: {"claim": DOUBTS[name], "holds": holds, "by": reason}
            for name, (holds, reason) in verdicts(steps, done).items()
        },
    }


def verdict_text(report: dict[str, Any]) -> str:
    """A line a doubt."""
    return "\n".join(f"{name:<16}{each['holds']}" for name, each in report["doubts"].items())


def as_markdown(report: dict[str, Any]) -> str:
    """The same for people."""
    doubts = [
        [name, doubt["claim"], doubt["holds"], doubt["by"]]
        for name, doubt in report["doubts"].items()
    ]
    lines = [f"# Smoke test on AWS: {report['stack']}", ""]
    lines += [*_table(["doubt", "claim", "holds", "by"], doubts), ""]
    for title, name in (("Steps", "steps"), ("Clean-up", "clean_up")):
        rows = [
            [each["name"], f"{each['seconds']:.1f}", str(each["code"]), each["line"]]
            for each in report[name]
        ]
        lines += [f"## {title}", "", *_table(["step", "seconds", "exit code", "said"], rows), ""]
    return "\n".join(lines)


def plan_text(steps: Sequence[Step], cleaning: Sequence[Step], variables: dict[str, str]) -> str:
    """What would be done, for the dry run and the question."""
    lines = []
    for step in (*steps, *cleaning):
        price = f"US$ {step.dollars:.2f}" if step.dollars else "-"
        lines.append(f"{step.name:<22} {step.minutes:>4g} min  {price:>8}")
        lines.append(f"    {shlex.join(step.filled(variables))}".replace("'", '"'))
    minutes = sum(step.minutes for step in (*steps, *cleaning))
    dollars = sum(step.dollars for step in steps)
    total = f"about US$ {dollars:.2f} and {minutes:.0f} minutes, at list prices of US East"
    made = (
        f"makes, and removes at the end, a stack {variables['STACK']}: a bucket, roles, "
        "policies, an EMR Serverless application, a database; two builds, a training job, "
        "two endpoints; lines in CloudWatch's log groups of SageMaker stay"
    )
    return "\n".join([*lines, made, total])


def _table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for row in (names, ["---"] * len(names), *rows):
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
