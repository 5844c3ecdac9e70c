"""Why a build failed, in one line: its exit code, and the error in its driver's log. Pure."""

import re

RETRIED = (10, 23, 24, 27)
"""Exit codes after which the same again may go well: another build writes, AWS not reachable or
throttled, an object changed. So may a job without an exit code, as when a machine was lost."""

ERROR_LINE = re.compile(r"^[a-z_]+: error: .+$", re.MULTILINE)
MEANINGS = {12: "the quality gate failed, so nothing was published"}


def error_line(log: str) -> str:
    r"""The one line that a job says an error in; empty if it said none.

    >>> error_line("WARN x\nbuild_corpus: error: nothing at s3://b/x\n")
    'build_corpus: error: nothing at s3://b/x'
    """
    found = ERROR_LINE.findall(log)
    return found[-1] if found else ""


def explain(job: str, exit_code: int | None, line: str, details: str = "") -> str:
    """A failure for people.

    Args:
        job: what failed.
        exit_code: None where the service tells none.
        line: as `error_line` found it.
        details: what the service says.
    """
    code = "without an exit code" if exit_code is None else f"with exit code {exit_code}"
    meaning = MEANINGS.get(exit_code or 0, "")
    why = line or " ".join(details.split())
    return f"{job} ended {code}" + "".join(f": {one}" for one in (meaning, why) if one)


def may_go_well(exit_code: int | None) -> bool:
    """Whether the same again is worth a try."""
    return exit_code is None or exit_code in RETRIED
