"""Scores word vectors on WS-353, SimLex-999, a file of pairs, and analogies.

python jobs/evaluate_embeddings.py build/run other/vectors.bin
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

if not __package__:  # run as a file, from any folder, with nothing installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from commandline.argument_types import add_trust_pickle, count, path
from commandline.running import EPILOG, CommandParser, run_command


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the job; the exit code."""
    given = make_parser().parse_args(arguments)
    return run_command("evaluate_embeddings", lambda: evaluate_all(**vars(given)))


def evaluate_all(
    *,
    vectors: Sequence[str],
    trust_pickle: bool,
    pairs: Sequence[Path],
    analogies: bool,
    questions: Path | None,
    as_json: bool,
    resamples: int,
    seed: int,
) -> None:
    """Every file's scores, as tables or as one JSON array."""
    from embeddings.scoring.analogies import score_analogies
    from embeddings.scoring.evaluation import evaluate
    from embeddings.scoring.text_tables import analogy_table, score_table
    from embeddings.scoring.word_pairs import read_pairs, simlex999
    from embeddings.vectors.vectors_file import load_vectors
    from storage.printable import printable

    tables = [simlex999(), *map(read_pairs, pairs)]
    results = []
    for location in vectors:
        loaded = load_vectors(location, trust_pickle=trust_pickle)
        scores = [score.to_dict() for score in evaluate(loaded, tables, resamples, seed)]
        sections = score_analogies(loaded, questions) if analogies or questions else []
        results.append(
            {
                "vectors": location,
                "words": len(loaded),
                "dimensions": loaded.vector_size,
                "scores": scores,
                "analogies": [section.to_dict() for section in sections],
            }
        )
        if not as_json:
            size = f"{len(loaded):,} vectors of {loaded.vector_size} dimensions"
            print(printable(f"{location}: {size}"))
            print(score_table(scores))
            if sections:
                print(analogy_table(sections))
    if as_json:
        print(json.dumps(results, indent=2, allow_nan=False))


def make_parser() -> argparse.ArgumentParser:
    """The command line: which vectors, on what."""
    parser = CommandParser(
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
        type=path,
        metavar="FILE",
        help="score on these too: two words and a number a line; may be given again",
    )
    add("--analogies", action="store_true", help="also gensim's questions-words.txt")
    add("--questions", type=path, metavar="FILE", help="analogies of your own, in the same form")
    add(
        "--json", action="store_true", dest="as_json", help="print one JSON array instead of tables"
    )
    add(
        "--resamples",
        type=count,
        default=1000,
        metavar="N",
        help="of the bootstrap, 0 for no intervals; default: 1000",
    )
    add("--seed", type=count, default=1, metavar="N", help="of the bootstrap; default: 1")
    return parser


if __name__ == "__main__":
    sys.exit(main())
