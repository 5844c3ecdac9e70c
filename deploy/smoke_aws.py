"""The sample from stack to vectors and back to nothing, on AWS, for less than a dollar.

Whatever happens, what was made is removed at the end: after an error and after Ctrl-C too. The
report says how long each step took, and which doubts about AWS are settled by it.
"""

import argparse
import json
import math
import secrets
import shlex
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from commandline.argument_types import path
from commandline.process import SIGNALS
from commandline.running import EPILOG, CommandParser, confirm, run_command
from deploy import smoke_deeds
from deploy.smoke_report import Outcome, as_json, as_markdown, plan_text, verdict_text
from deploy.smoke_steps import Step, clean_up, make_steps
from storage.errors import INTERRUPTED, JobFailedError, LeftRunningError

NAME = "smoke_aws"
REPORT = Path("build/smoke-aws")
GONE = 3
"""Exit code of a removal of what is not there any more."""


class SmokeTest:
    """One go, from the stack to its end.

    Attributes:
        steps: to be done.
        done: how those ended that were.
        cleaned: how the removals ended.
        variables: that the steps' words have, as they become known.
    """

    def __init__(self, given: argparse.Namespace) -> None:
        stack = new_name()
        self.steps = list(make_steps(given.with_image))
        self.done: list[Outcome] = []
        self.cleaned: list[Outcome] = []
        self.folder: Path = given.report
        self.variables = {
            "STACK": stack,
            "DATABASE": stack.replace("-", "_"),
            "INPUT": str(given.input),
            "RUN": str((given.report / stack).absolute()),
        }

    def plan(self) -> str:
        """What would be done, with prices."""
        everything = {"APPLICATION": "$APPLICATION", "BUCKET": "$BUCKET"}
        return plan_text(self.steps, list(clean_up(self.variables | everything)), self.variables)

    def run(self) -> None:
        """Does it all, removes it all, and writes the report.

        Raises:
            JobFailedError: a step failed, or something could not be removed.
            LeftRunningError: the latter, after a signal.
        """
        try:
            for step in self.steps:
                self.done.append(outcome := self._take(step))
                if outcome.code and not step.may_fail:
                    raise _failure(step, outcome)
        finally:
            deaf_until, SIGNALS.deaf_until = SIGNALS.deaf_until, math.inf
            try:
                self._clean_up()
            finally:
                SIGNALS.deaf_until = deaf_until
                self._report()

    def _clean_up(self) -> None:
        print(f"{NAME}: removing all that was made; signals are ignored", file=sys.stderr)
        if any(outcome.name == "train" and not outcome.code for outcome in self.done):
            self.variables.pop("TRAIN_JOB", None)
        failures = []
        for step in clean_up(self.variables):
            self.cleaned.append(outcome := self._take(step, shielded=True))
            if outcome.code not in (0, GONE) and not step.may_fail:
                failures.append(_failure(step, outcome))
        if failures:
            names = "; ".join(map(str, failures))
            stack = self.variables["STACK"]
            text = f"stack {stack} or some of it is still there, and may cost money: {names}"
            if SIGNALS.number:
                raise LeftRunningError(text)
            raise JobFailedError(text, failures[0].exit_code)

    def _take(self, step: Step, shielded: bool = False) -> Outcome:
        words = step.filled(self.variables)
        print(f"\n== {step.name}: {shlex.join(words)}", flush=True)
        begun, command = time.monotonic(), shlex.join(words)
        try:
            ended = smoke_deeds.run(words, lambda line: self._heed(step.name, line), shielded)
        except KeyboardInterrupt:
            seconds = time.monotonic() - begun
            self.done.append(Outcome(step.name, command, seconds, INTERRUPTED, "interrupted"))
            raise
        return Outcome(step.name, command, time.monotonic() - begun, *ended)

    def _heed(self, name: str, line: str) -> None:
        """Takes variables, jobs and their logs from what a command says."""
        kind, _, value = line.partition(" ")
        value, prefix = value.strip(), name.upper()
        if kind == "export" and "=" in value:
            variable, _, content = value.partition("=")
            self.variables[variable] = content
        elif kind == "job":
            self.variables[f"{prefix}_JOB"] = value
        elif kind == "logs" and value.endswith("stderr.gz"):
            self.variables[f"{prefix}_LOG"] = value

    def _report(self) -> None:
        report = as_json(self.variables["STACK"], self.steps, self.done, self.cleaned)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "report.json").write_text(json.dumps(report, indent=1) + "\n")
        (self.folder / "report.md").write_text(as_markdown(report))
        print(verdict_text(report), self.folder / "report.md", sep="\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the smoke test; the exit code."""
    given = make_parser().parse_args(arguments)
    return run_command(NAME, lambda: smoke(given), "all that was made has been removed")


def smoke(given: argparse.Namespace) -> None:
    """Says what it would do, asks, and does it."""
    test = SmokeTest(given)
    print(test.plan(), flush=True)
    if given.dry_run:
        return
    if not given.yes:
        without = "it costs money, and there is no terminal to ask on; --yes is an answer"
        question = "Do all this, in the account of your credentials?"
        confirm(question, without, "nothing was made")
    test.run()


def new_name() -> str:
    """Of stack, bucket and roles; nobody has any so called, so that nothing else is removed."""
    return f"blazing-corpus-smoke-{datetime.now(UTC):%y%m%d-%H%M}-{secrets.token_hex(3)}"


def make_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = CommandParser(prog=NAME, description=__doc__, epilog=EPILOG)
    add = parser.add_argument
    add("--dry-run", action="store_true", help="print steps and prices; nothing is sent to AWS")
    add("--yes", action="store_true", help="do not ask")
    text = "folder of blogs or archive; default: the shipped sample"
    add("--input", type=path, default=smoke_deeds.ROOT / "data" / "sample", help=text)
    add("--report", type=path, default=REPORT, metavar="FOLDER", help=f"default: {REPORT}")
    text = "also build, push and run an image of one's own, which takes docker"
    add("--with-image", action="store_true", help=text)
    return parser


def _failure(step: Step, outcome: Outcome) -> JobFailedError:
    return JobFailedError(f"{step.name}: {outcome.line or 'failed'}", outcome.code)


if __name__ == "__main__":
    sys.exit(main())
