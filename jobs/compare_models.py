"""Compares training runs: every run.json below some folders, or SageMaker's training jobs.

python jobs/compare_models.py build/runs s3://bucket/models/ --html build/runs.html
python jobs/compare_models.py --source sagemaker --tag user:application=BlazingText
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if not __package__:  # run as a file, from any folder, with nothing installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from commandline.argument_types import dollars, pair, s3_uri
from commandline.running import EPILOG, run_command
from storage.errors import InputNotFoundError

if TYPE_CHECKING:
    from embeddings.runs.run_record import RunRecord

NAME = "compare_models"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the job; the exit code."""
    given = parse(arguments)
    return run_command(NAME, lambda: compare(given))


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line; argparse exits with 2 where it is wrong."""
    parser = make_parser()
    given = parser.parse_args(arguments)
    if given.source == "sagemaker":
        return given
    if not given.folders:
        parser.error("the following arguments are required: FOLDER")
    if given.tags or given.input or given.name_contains or given.price_per_hour is not None:
        parser.error("--tag, --input, --name-contains, --price-per-hour: with --source sagemaker")
    return given


def compare(given: argparse.Namespace) -> None:
    """The table, on stdout and in the files asked for."""
    from embeddings.pictures.comparison_page import comparison_page
    from embeddings.runs.comparison import make_rows
    from embeddings.runs.comparison_table import comparison_csv, comparison_text
    from storage.output_folder import check_replaceable, write_files

    asked = [path for path in (given.csv, given.html) if path]
    check_replaceable(asked, given.overwrite)
    rows = make_rows(find(given))
    files = {}
    if given.csv:
        files[given.csv] = comparison_csv(rows).encode()
    if given.html:
        files[given.html] = comparison_page(rows).encode()
    write_files(files, given.overwrite)
    print(comparison_text(rows))


def find(given: argparse.Namespace) -> dict[str, "RunRecord"]:
    """The runs that are asked for, by their places; a job whose run.json is there, only by that.

    Raises:
        InputNotFoundError: there are none.
    """
    from embeddings.runs.comparison import find_runs

    runs = find_runs(given.folders, _warn) if given.folders else {}
    if given.source == "sagemaker":
        known = {record.details.get("job_arn") for record in runs.values()}
        jobs = _find_jobs(given)
        runs |= {place: record for place, record in jobs.items() if place not in known}
    if not runs:
        raise InputNotFoundError("SageMaker has no such training job of BlazingText's word2vec")
    return runs


def _find_jobs(given: argparse.Namespace) -> dict[str, "RunRecord"]:
    from blazingtext.jobs.job_search import find_runs, search_request

    request = search_request(given.tags, given.input or "", given.name_contains)
    return find_runs(request, given.name_contains, given.price_per_hour, _warn)


def _warn(line: str) -> None:
    print(f"{NAME}: left out: {line}", file=sys.stderr)


def make_parser() -> argparse.ArgumentParser:
    """The command line: which runs, and what else to write."""
    parser = argparse.ArgumentParser(prog=NAME, description=__doc__.splitlines()[0], epilog=EPILOG)
    add = parser.add_argument
    add("folders", nargs="*", metavar="FOLDER", help="with runs anywhere below; local or s3://")
    add(
        "--source",
        choices=("files", "sagemaker"),
        default="files",
        help="run.json files, or SageMaker's training jobs (and files, if there are folders); "
        "default: files",
    )
    add("--csv", type=Path, metavar="FILE", help="write all runs with all hyperparameters too")
    add("--html", type=Path, metavar="FILE", help="write a page with plots too")
    add("--overwrite", action="store_true", help="replace these files if they are there")
    add = parser.add_argument_group("with --source sagemaker").add_argument
    add("--tag", action="append", dest="tags", default=[], type=pair, metavar="KEY=VALUE")
    add("--input", type=s3_uri, metavar="S3", help="corpus, or a prefix with its slash")
    add("--name-contains", default="", metavar="TEXT", help="part of the job's name")
    add("--price-per-hour", type=dollars, metavar="DOLLARS", help="of one machine; else as listed")
    return parser


if __name__ == "__main__":
    sys.exit(main())
