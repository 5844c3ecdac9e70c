"""Compares training runs: every run.json below some folders, or SageMaker's training jobs.

python jobs/compare_models.py build/runs s3://bucket/models/ --html build/runs.html
python jobs/compare_models.py --source sagemaker --tag user:application=BlazingText
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if not __package__:  # run as a file, from any folder, with nothing installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from commandline.argument_types import dollars, pair, path, s3_uri
from commandline.running import EPILOG, CommandParser, run_command
from storage.errors import InputNotFoundError
from storage.printable import printable

if TYPE_CHECKING:
    from embeddings.runs.run_record import RunRecord

NAME = "compare_models"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the job; the exit code."""
    given = parse(arguments)
    return run_command(NAME, lambda: compare(**vars(given)))


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


def compare(*, csv: Path | None, html: Path | None, overwrite: bool, **query: Any) -> None:
    """The table, on stdout and in the files asked for; `query` is for `find`."""
    from embeddings.pictures.comparison_page import comparison_page
    from embeddings.runs.comparison import make_rows
    from embeddings.runs.comparison_table import comparison_csv, comparison_text
    from storage.output_folder import check_replaceable, write_files

    asked = [path for path in (csv, html) if path]
    check_replaceable(asked, overwrite)
    rows = make_rows(find(**query))
    texts = {csv: comparison_csv, html: comparison_page}
    files = {path: make(rows).encode() for path, make in texts.items() if path}
    write_files(files, overwrite)
    print(comparison_text(rows))


def find(
    *,
    folders: Sequence[str],
    source: str,
    tags: Sequence[tuple[str, str]],
    input: str | None,
    name_contains: str,
    price_per_hour: float | None,
) -> dict[str, "RunRecord"]:
    """The runs that are asked for, by their places; a job whose run.json is there, only by that.

    Raises:
        InputNotFoundError: there are none.
    """
    from embeddings.runs.comparison import find_runs

    runs = find_runs(folders, _warn) if folders else {}
    if source == "sagemaker":
        from blazingtext.jobs import job_search

        known = {record.details.get("job_arn") for record in runs.values()}
        request = job_search.search_request(tags, input or "", name_contains)
        jobs = job_search.find_runs(request, name_contains, price_per_hour, _warn)
        runs |= {place: record for place, record in jobs.items() if place not in known}
    if not runs:
        raise InputNotFoundError("SageMaker has no such training job of BlazingText's word2vec")
    return runs


def _warn(line: str) -> None:
    print(printable(f"{NAME}: left out: {line}"), file=sys.stderr)


def make_parser() -> argparse.ArgumentParser:
    """The command line: which runs, and what else to write."""
    parser = CommandParser(prog=NAME, description=__doc__.splitlines()[0], epilog=EPILOG)
    add = parser.add_argument
    add("folders", nargs="*", metavar="FOLDER", help="with runs anywhere below; local or s3://")
    add(
        "--source",
        choices=("files", "sagemaker"),
        default="files",
        help="run.json files, or SageMaker's training jobs (and files, if there are folders); "
        "default: files",
    )
    add("--csv", type=path, metavar="FILE", help="write all runs with all hyperparameters too")
    add("--html", type=path, metavar="FILE", help="write a page with plots too")
    add("--overwrite", action="store_true", help="replace these files if they are there")
    add = parser.add_argument_group("with --source sagemaker").add_argument
    add("--tag", action="append", dest="tags", default=[], type=pair, metavar="KEY=VALUE")
    add("--input", type=s3_uri, metavar="S3", help="corpus, or a prefix with its slash")
    add("--name-contains", default="", metavar="TEXT", help="part of the job's name")
    add("--price-per-hour", type=dollars, metavar="DOLLARS", help="of one machine; else as listed")
    return parser


if __name__ == "__main__":
    sys.exit(main())
