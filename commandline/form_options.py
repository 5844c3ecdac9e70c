"""The options of `jobs/build_corpus.py` that say what form the input has."""

import argparse
from typing import Any

from etl.reading.layouts import FORMATS, KNOWN, Wanted, parse_columns
from storage.errors import UsageError


def add_form_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options, in a group of their own; see docs/input.md."""
    add = parser.add_argument_group("form of the input").add_argument
    add("--format", choices=FORMATS, default="auto", help="default: what the files look like")
    add("--text-column", metavar="COLUMN", help="of a table, that holds the posts")
    add("--id-column", metavar="COLUMN", help="of a table, that tells whose post it is")
    add(
        "--column",
        action="append",
        default=[],
        metavar="NAME=COLUMN",
        help=f"of a table, such as age=years; NAME is one of {', '.join(KNOWN)}",
    )


def take_form(parser: argparse.ArgumentParser, given: dict[str, Any]) -> Wanted:
    """Takes these options out of all that were parsed; ends the program where they are wrong."""
    text, blogger = given.pop("text_column"), given.pop("id_column")
    try:
        columns = parse_columns(given.pop("column"))
    except UsageError as error:
        parser.error(str(error))
    named = {"text": text, "blogger_id": blogger}
    columns |= {key: name for key, name in named.items() if name is not None}
    return Wanted(given.pop("format"), columns)
