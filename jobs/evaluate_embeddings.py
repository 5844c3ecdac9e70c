"""Scores word vectors on WS-353, SimLex-999, a file of pairs, and analogies.

python jobs/evaluate_embeddings.py build/run other/vectors.bin
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

if not __package__:  # run as a file, from any folder, with nothing installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from commandline.argument_types import add_trust_pickle
from commandline.running import EPILOG, run_command


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the job; the exit code."""
    given = make_parser().parse_args(arguments)
    return run_command("evaluate_embeddings", lambda: evaluate_all(given))


def evaluate_all(given: argparse.Namespace) -> None:
    """Every file's scores, as tables or as one JSON array."""
    from embeddings.word_pairs import read_pairs, simlex999

    tables = [simlex999(), *(read_pairs(path) for path in given.pairs)]
    results = []
    for location in given.vectors:
        result = _evaluate_one(location, tables, given)
        if not given.json:
            print(result.pop("text"))
        results.append(result)
    if given.json:
        print(json.dumps([_without_text(result) for result in results], indent=2))


def _evaluate_one(location: str, tables: Sequence[Any], given: argparse.Namespace) -> Any:
    from embeddings.analogies import analogies
    from embeddings.evaluation import evaluate
    from embeddings.report import analogy_table, score_table
    from embeddings.vectors_file import load_vectors

    vectors = load_vectors(location, trust_pickle=given.trust_pickle)
    scores = [one.to_dict() for one in evaluate(vectors, tables, given.resamples, given.seed)]
    questions = analogies(vectors, given.questions) if given.analogies or given.questions else []
    text = f"{location}: {len(vectors):,} vectors of {vectors.vector_size} dimensions\n"
    text += score_table(scores)
    if questions:
        text += "\n" + analogy_table(questions)
    return {
        "vectors": location,
        "words": len(vectors),
        "dimensions": vectors.vector_size,
        "scores": scores,
        "analogies": [one.to_dict() for one in questions],
        "text": text,
    }


def _without_text(result: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in result.items() if name != "text"}


def make_parser() -> argparse.ArgumentParser:
    """The command line: which vectors, on what."""
    parser = argparse.ArgumentParser(
        prog="evaluate_embeddings", description=__doc__.splitlines()[0], epilog=EPILOG
    )
    add = parser.add_argument
    add(
        "vectors",
        nargs="+",
        metavar="VECTORS",
        help="a run's folder, model.tar.gz, vectors.bin or .txt, fastText's .bin; local or s3://; "
        "or, with --trust-pickle, a local save of gensim",
    )
    add_trust_pickle(parser)
    add(
        "--pairs",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="score on these too: two words and a number a line; may be given again",
    )
    add("--analogies", action="store_true", help="also gensim's questions-words.txt")
    add("--questions", type=Path, metavar="FILE", help="analogies of your own, in the same form")
    add("--json", action="store_true", help="print one JSON array instead of tables")
    add(
        "--resamples",
        type=_count,
        default=1000,
        metavar="N",
        help="of the bootstrap, 0 for no intervals; default: 1000",
    )
    add("--seed", type=_count, default=1, metavar="N", help="of the bootstrap; default: 1")
    return parser


def _count(value: str) -> int:
    if not value.isdecimal():
        raise argparse.ArgumentTypeError(f"{value} is not a number from 0")
    return int(value)


if __name__ == "__main__":
    sys.exit(main())
