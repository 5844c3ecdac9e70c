"""Puts a run's record where all runs are, for `compare_models.py`; its vectors stay where they are.

python jobs/register_run.py build/run s3://bucket/blazing-corpus/runs/my-run/
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

if not __package__:  # run as a file, from any folder, with nothing installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from commandline.argument_types import path
from commandline.running import EPILOG, CommandParser, run_command
from commandline.s3_options import S3_OPTIONS, add_s3_options, check_s3_options
from storage.locations import is_s3

NAME = "register_run"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the job; the exit code."""
    parser = make_parser()
    given = vars(parser.parse_args(arguments))
    options = check_s3_options(parser, {name: given.pop(name) for name in S3_OPTIONS})
    return run_command(NAME, lambda: show(options=options, **given))


def show(**given: Any) -> None:
    """Registers the run; prints where its record is."""
    # Only now: it takes seconds to import, and --help and wrong arguments need none of it.
    from embeddings.runs.run_copies import register

    print(register(**given))


def make_parser() -> argparse.ArgumentParser:
    """The command line: which run, and where to."""
    parser = CommandParser(prog=NAME, description=__doc__.splitlines()[0], epilog=EPILOG)
    add = parser.add_argument
    add("run", type=path, metavar="RUN", help="folder of a run")
    add("prefix", type=_prefix, metavar="S3", help="prefix for it: s3://bucket/runs/NAME/")
    add("--overwrite", action="store_true", help="replace another run's record that is there")
    add_s3_options(parser)
    return parser


def _prefix(value: str) -> str:
    if not is_s3(value) or not value.rstrip("/").count("/") > 2:
        raise argparse.ArgumentTypeError(f"{value} is not s3://bucket/prefix/")
    return value


if __name__ == "__main__":
    sys.exit(main())
