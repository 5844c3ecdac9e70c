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
from storage.s3_client import S3Options

NAME = "register_run"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the job; the exit code."""
    parser = make_parser()
    given = vars(parser.parse_args(arguments))
    options = check_s3_options(parser, {name: given.pop(name) for name in S3_OPTIONS})
    group = given.pop("model_group")
    return run_command(NAME, lambda: register_all(group, given, options))


def register_all(group: str | None, given: dict[str, Any], options: S3Options) -> None:
    """The record, and the model if a group is given, which then is its newest version."""
    # Only now: it takes seconds to import, and --help and wrong arguments need none of it.
    from embeddings.runs.run_copies import register
    from embeddings.runs.run_record import read_run

    uri = register(options=options, **given)
    print(uri)
    if group:
        from blazingtext.model_registry import register_model

        print(register_model(group, read_run(given["run"]), uri))


def make_parser() -> argparse.ArgumentParser:
    """The command line: which run, and where to."""
    parser = CommandParser(prog=NAME, description=__doc__.splitlines()[0], epilog=EPILOG)
    add = parser.add_argument
    add("run", type=path, metavar="RUN", help="folder of a run")
    add("prefix", type=_prefix, metavar="S3", help="prefix for it: s3://bucket/runs/NAME/")
    add("--overwrite", action="store_true", help="replace another run's record that is there")
    text = "of the SageMaker Model Registry, for a run that SageMaker trained; made if missing"
    add("--model-group", metavar="NAME", help=text)
    add_s3_options(parser)
    return parser


def _prefix(value: str) -> str:
    if not is_s3(value) or not value.rstrip("/").count("/") > 2:
        raise argparse.ArgumentTypeError(f"{value} is not s3://bucket/prefix/")
    return value


if __name__ == "__main__":
    sys.exit(main())
