"""Trains one model on two corpora with several seeds, and tells the difference of mean_rho.

python jobs/compare_cleaning.py --corpus build/corpus --corpus build/dedup --output build/cleaning
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

if not __package__:  # run as a file, from any folder, with nothing installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from commandline.argument_types import cpus, path, positive, seed
from commandline.preflight import add_preflight, take_preflight
from commandline.running import EPILOG, CommandParser, run_command
from embeddings.training.hyperparameters import PRESETS, TYPES, Hyperparameters

NAME = "compare_cleaning"
AFTER_INTERRUPT = "the runs that have ended stay: the same command goes on"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the job; the exit code."""
    parser = make_parser()
    given = vars(parser.parse_args(arguments))
    if len(given["corpora"]) != 2:
        parser.error("--corpus must be given twice")
    values = {name: given.pop(name) for name in TYPES if name != "evaluation"}
    return run_command(NAME, lambda: compare(values=values, **given), AFTER_INTERRUPT)


def compare(
    *,
    corpora: tuple[str, str],
    values: dict[str, str | None],
    preset: str,
    seeds: int,
    output: Path,
    no_preflight: bool,
    **options: Any,
) -> None:
    """The runs that are missing, and the table of all.

    Args:
        corpora: two paths or URIs.
        values: hyperparameters as text; None for the preset's.
        preset: its name.
        seeds: runs per corpus.
        output: for a run folder each.
        no_preflight: train whatever the corpora are like.
        options: others of `TrainingConfig`.
    """
    changed = {name: value for name, value in values.items() if value is not None}
    hyperparameters = Hyperparameters.of(changed | {"evaluation": True}, preset)
    # Only now: gensim takes a second to import, and --help and wrong values need none of it.
    from embeddings.training.local_run import TrainingConfig
    from embeddings.training.training_progress import make_progress
    from embeddings.tuning.paired import paired_text, train_pairs

    look = take_preflight(no_preflight)
    base = TrainingConfig("", output, hyperparameters, preflight=look, **options)
    print(paired_text(train_pairs(corpora, base, seeds, make_progress())))


def make_parser() -> argparse.ArgumentParser:
    """The command line: two corpora, how many seeds, what to train, where to."""
    parser = CommandParser(prog=NAME, description=__doc__.splitlines()[0], epilog=EPILOG)
    add = parser.add_argument
    add(
        "--corpus",
        action="append",
        dest="corpora",
        required=True,
        metavar="CORPUS",
        help="corpus file, or a build's output; local or s3://; twice: A, then B",
    )
    add("--output", required=True, type=path, metavar="FOLDER", help="for a run folder each")
    add("--seeds", type=positive, default=3, metavar="N", help="runs per corpus; default: 3")
    add("--seed", type=seed, default=1, metavar="N", help="the first seed; default: 1")
    add("--workers", type=positive, default=cpus(), metavar="N", help="threads; default: all cores")
    add("--preset", default="reference", metavar="NAME", help=f"{' or '.join(PRESETS)}")
    add("--cache", type=path, metavar="FOLDER", help="for corpora from S3; default: ~/.cache")
    add("--backend", choices=("local", "sagemaker"), default="local", help="default: local")
    add_preflight(parser)
    group = parser.add_argument_group("hyperparameters over the preset's; see train_embeddings")
    for name in (name for name in TYPES if name != "evaluation"):
        group.add_argument(f"--{name}", metavar="X")
    return parser


if __name__ == "__main__":
    sys.exit(main())
