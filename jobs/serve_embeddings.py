"""Serves vectors of words that no corpus had, from their n-grams, on a SageMaker endpoint.

python jobs/serve_embeddings.py deploy build/run --expires 2h
python jobs/serve_embeddings.py query NAME cofffee coffee
python jobs/serve_embeddings.py list
python jobs/serve_embeddings.py delete NAME
"""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

if not __package__:  # run as a file, from any folder, with nothing installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from blazingtext.costs import HOSTING_PRICES, Budget
from blazingtext.requests.serving_request import Serving
from commandline.argument_types import dollars, path, span
from commandline.running import EPILOG, CommandParser, run_command
from storage.errors import AwsError, RequestError

NAME = "serve_embeddings"
EXPIRES = "1h"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the job; the exit code."""
    parser = make_parser()
    given = parser.parse_args(arguments)
    if given.command == "delete" and bool(given.name) == given.expired:
        parser.error("delete takes the NAME of an endpoint, or --expired")
    action = {"deploy": deploy, "query": query, "list": show, "delete": delete}[given.command]
    return run_command(NAME, lambda: action(given))


def deploy(given: argparse.Namespace) -> None:
    """An endpoint for the model of a run, and the schedule that deletes it."""
    from blazingtext import endpoint
    from embeddings.runs.run_record import read_run

    serving = Serving(
        role_arn=given.role or "",
        scheduler_role_arn=given.scheduler_role or "",
        image=given.image or "",
        expires=datetime.now(UTC) + given.expires,
        instance_type=given.instance_type,
    )
    budget = Budget(given.price_per_hour, given.max_cost, given.yes)
    endpoint.deploy(read_run(given.run), serving, budget, wait=not given.detach)


def query(given: argparse.Namespace) -> None:
    """Vectors as JSON lines, as BlazingText returns them; or the cosine of each two words."""
    from blazingtext.endpoint import Endpoint, cosine_table

    words = list(dict.fromkeys(word.lower() for word in given.words))
    if given.cosine and len(words) < 2:
        raise RequestError("--cosine takes two words or more")
    vectors = Endpoint(given.name).vectors(words)
    if given.cosine:
        return print(cosine_table(vectors))
    for word in words:
        print(json.dumps({"word": word, "vector": vectors[word]}, allow_nan=False))


def show(given: argparse.Namespace) -> None:
    """All endpoints that were made here, and what is left of those that are deleted."""
    from blazingtext.endpoint import endpoint_table

    print(endpoint_table())


def delete(given: argparse.Namespace) -> None:
    """One endpoint, or all whose time is over, with all that belongs to them."""
    from blazingtext.endpoint import Endpoint, list_endpoints

    expired = (listed.name for listed in list_endpoints() if listed.is_expired)
    failures: list[AwsError] = []
    for name in list(expired) if given.expired else [given.name]:
        try:
            Endpoint(name).delete()
            print(f"deleted {name}")
        except AwsError as error:  # the others cost money too
            failures.append(error)
    if failures:
        raise type(failures[0])("; ".join(map(str, failures)))


def make_parser() -> argparse.ArgumentParser:
    """The command line: four commands."""
    parser = CommandParser(prog=NAME, description=__doc__.splitlines()[0], epilog=EPILOG)
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
    add("run", type=path, metavar="RUN", help="folder of a run that SageMaker trained")
    spans = f"after which it is deleted: 45m, 2h, 1d; default: {EXPIRES}"
    add("--expires", type=span, default=EXPIRES, metavar="SPAN", help=spans)
    types = ", ".join(HOSTING_PRICES)
    add("--instance-type", default=Serving.instance_type, metavar="TYPE", help=types)
    add("--role", metavar="ARN", help="of the endpoint; default: the account's blazing-corpus")
    text = "that deletes it; default: as --role, else the account's blazing-corpus-scheduler"
    add("--scheduler-role", metavar="ARN", help=text)
    add("--image", metavar="URI", help="default: BlazingText's in the region")
    add("--price-per-hour", type=dollars, metavar="DOLLARS", help="of the machine")
    add("--max-cost", type=dollars, metavar="DOLLARS", help="refuse if it is more until its end")
    add("--yes", action="store_true", help="do not ask whether to deploy")
    add("--detach", action="store_true", help="do not wait until it is in service")


if __name__ == "__main__":
    sys.exit(main())
