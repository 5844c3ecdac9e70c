"""Serves vectors of words that no corpus had, from their n-grams, on a SageMaker endpoint.

python jobs/serve_embeddings.py deploy build/run --expires 2h
python jobs/serve_embeddings.py query NAME cofffee coffee
python jobs/serve_embeddings.py list
python jobs/serve_embeddings.py delete NAME
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

if not __package__:  # run as a file, from any folder, with nothing installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from blazingtext.serving_request import PRICES, Serving, duration
from commandline.argument_types import dollars
from commandline.running import EPILOG, run_command

NAME = "serve_embeddings"
EXPIRES = "1h"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the job; the exit code."""
    parser = make_parser()
    given = parser.parse_args(arguments)
    if given.command == "delete" and bool(given.name) == given.expired:
        parser.error("delete takes the NAME of an endpoint, or --expired")
    return run_command(NAME, lambda: act(given))


def act(given: argparse.Namespace) -> None:
    """What the command line asks for."""
    from jobs import serving

    {
        "deploy": serving.deploy,
        "query": serving.query,
        "list": serving.show,
        "delete": serving.delete,
    }[given.command](given)


def make_parser() -> argparse.ArgumentParser:
    """The command line: four commands."""
    parser = argparse.ArgumentParser(prog=NAME, description=__doc__.splitlines()[0], epilog=EPILOG)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_deploy(commands.add_parser("deploy", help="an endpoint for a run with subwords"))
    query = commands.add_parser("query", help="an endpoint for the vectors of words")
    query.add_argument("name", metavar="NAME", help="of the endpoint")
    query.add_argument("words", nargs="+", metavar="WORD")
    query.add_argument("--cosine", action="store_true", help="of each two words, not the vectors")
    commands.add_parser("list", help="all endpoints, and when they expire")
    delete = commands.add_parser("delete", help="an endpoint, with all that belongs to it")
    delete.add_argument("name", nargs="?", metavar="NAME")
    delete.add_argument("--expired", action="store_true", help="all whose time is over")
    return parser


def _add_deploy(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("run", type=Path, metavar="RUN", help="folder of a run that SageMaker trained")
    add(
        "--expires",
        type=_span,
        default=EXPIRES,
        metavar="SPAN",
        help=f"after which it is deleted: 45m, 2h, 1d; default: {EXPIRES}",
    )
    add("--instance-type", default=Serving.instance_type, metavar="TYPE", help=", ".join(PRICES))
    add("--role", metavar="ARN", help="of the endpoint; default: the account's blazing-corpus")
    add("--image", metavar="URI", help="default: BlazingText's in the region")
    add("--price-per-hour", type=dollars, metavar="DOLLARS", help="of the machine")
    add("--max-cost", type=dollars, metavar="DOLLARS", help="refuse if it is more until its end")
    add("--yes", action="store_true", help="do not ask whether to deploy")
    add("--detach", action="store_true", help="do not wait until it is in service")


def _span(value: str) -> object:
    try:
        return duration(value)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


if __name__ == "__main__":
    sys.exit(main())
