"""Compares training runs: every run.json below some folders, the best mean_rho first.

python jobs/compare_models.py build/runs s3://bucket/models/ --html build/runs.html
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

if not __package__:  # run as a file, from any folder, with nothing installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from jobs.command import EPILOG, run_command

NAME = "compare_models"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the job; the exit code."""
    given = make_parser().parse_args(arguments)
    return run_command(NAME, lambda: compare(given))


def compare(given: argparse.Namespace) -> None:
    """The table, on stdout and in the files asked for."""
    from embeddings.comparison import collect
    from embeddings.comparison_page import comparison_page
    from embeddings.comparison_table import comparison_csv, comparison_text
    from embeddings.output_files import check_replaceable, write_files

    asked = [path for path in (given.csv, given.html) if path]
    check_replaceable(asked, given.overwrite)
    rows = collect(given.folders, _warn)
    files = {}
    if given.csv:
        files[given.csv] = comparison_csv(rows).encode()
    if given.html:
        files[given.html] = comparison_page(rows).encode()
    write_files(files, given.overwrite)
    print(comparison_text(rows))


def _warn(line: str) -> None:
    print(f"{NAME}: left out: {line}", file=sys.stderr)


def make_parser() -> argparse.ArgumentParser:
    """The command line: which runs, and what else to write."""
    parser = argparse.ArgumentParser(prog=NAME, description=__doc__.splitlines()[0], epilog=EPILOG)
    add = parser.add_argument
    add("folders", nargs="+", metavar="FOLDER", help="with runs anywhere below; local or s3://")
    add("--csv", type=Path, metavar="FILE", help="write all runs with all hyperparameters too")
    add("--html", type=Path, metavar="FILE", help="write a page with plots too")
    add("--overwrite", action="store_true", help="replace these files if they are there")
    return parser


if __name__ == "__main__":
    sys.exit(main())
