"""Shows the words nearest to given ones; with subwords, of any word at all.

python jobs/neighbours.py --model build/run coffee monday
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

if not __package__:  # run as a file, from any folder, with nothing installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from commandline.argument_types import add_trust_pickle, positive
from commandline.running import EPILOG, CommandParser, run_command
from storage.errors import WordNotFoundError

ALIKE = (
    "all of these cosines are near 1: the vectors point one way, as after too little training; "
    "more text, more epochs or a lower min_count"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the job; the exit code."""
    given = make_parser().parse_args(arguments)
    return run_command("neighbours", lambda: show(**vars(given)))


def show(
    *, words: Sequence[str], model: str, trust_pickle: bool, count: int, as_json: bool
) -> None:
    """The neighbours of every word that has a vector.

    Raises:
        WordNotFoundError: one or more have none; the others' are printed all the same.
    """
    from embeddings.scoring.nearest_words import Neighbours, are_alike, neighbours
    from embeddings.scoring.text_tables import neighbour_table
    from embeddings.vectors.vectors_file import load_vectors

    vectors = load_vectors(model, subwords=True, trust_pickle=trust_pickle)
    lists, missing = list[Neighbours](), list[WordNotFoundError]()
    for word in words:
        try:
            lists.append(neighbours(vectors, word, count))
        except WordNotFoundError as error:
            missing.append(error)
    if as_json:
        print(json.dumps([asdict(nearest) for nearest in lists], indent=2, allow_nan=False))
    else:
        print("\n\n".join(map(neighbour_table, lists)) + "\n" * bool(lists), end="")
    sys.stdout.flush()
    if are_alike(lists):
        print(f"neighbours: warning: {ALIKE}", file=sys.stderr)
    if missing:
        raise WordNotFoundError("; ".join(map(str, missing)))


def make_parser() -> argparse.ArgumentParser:
    """The command line: which model, which words."""
    parser = CommandParser(prog="neighbours", description=__doc__.splitlines()[0], epilog=EPILOG)
    add = parser.add_argument
    add("words", nargs="+", metavar="WORD", help="looked up in lower case")
    add("--model", required=True, metavar="VECTORS", help="as of evaluate_embeddings")
    add_trust_pickle(parser)
    add("--count", type=positive, default=10, metavar="N", help="neighbours; default: 10")
    add(
        "--json", action="store_true", dest="as_json", help="print one JSON array instead of tables"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
