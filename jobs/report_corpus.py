"""Makes the report and the card of a built corpus anew, from its manifest and metrics.

python jobs/report_corpus.py OUTPUT
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

if not __package__:  # run as a file, from any folder, with nothing installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from commandline.running import EPILOG, CommandParser, run_command
from commandline.s3_options import S3_OPTIONS, add_s3_options, check_s3_options
from storage.s3_client import S3Options

NAME = "report_corpus"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the job; the exit code."""
    parser = make_parser()
    given = parser.parse_args(arguments)
    s3 = check_s3_options(parser, {name: getattr(given, name) for name in S3_OPTIONS})
    return run_command(NAME, lambda: print(*renew(given.output, s3), sep="\n"))


def renew(output: str, s3: S3Options) -> list[str]:
    """Makes both; where they are."""
    from quality.report.report_files import renew_report

    return renew_report(output, s3)


def make_parser() -> argparse.ArgumentParser:
    """The command line: the output."""
    parser = CommandParser(prog=NAME, description=__doc__.splitlines()[0], epilog=EPILOG)
    parser.add_argument("output", metavar="OUTPUT", help="folder of a build, or s3://bucket/prefix")
    add_s3_options(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
