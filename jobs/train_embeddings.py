"""Trains word vectors on a corpus file, with BlazingText's hyperparameters, and evaluates them.

python jobs/train_embeddings.py --corpus build/corpus --output build/run --preset reference
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

if not __package__:  # run as a file, from any folder, with nothing installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from embeddings.hyperparameter_rules import SUPERVISED_ONLY
from embeddings.hyperparameters import PRESETS, TYPES, Hyperparameters
from embeddings.local_meaning import LOCAL_MEANING
from embeddings.run_record import BACKENDS
from jobs.command import EPILOG, run_command


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the job; the exit code."""
    given = make_parser().parse_args(arguments)
    return run_command("train_embeddings", lambda: train(given))


def train(given: argparse.Namespace) -> None:
    """The run that the command line describes, and what came of it."""
    names = [*TYPES, *SUPERVISED_ONLY]
    values = {name: getattr(given, name) for name in names if getattr(given, name) is not None}
    hyperparameters = Hyperparameters.of(values, given.preset)
    # Only now: gensim takes a second to import, and --help and wrong values need none of it.
    from embeddings.report import describe_run, score_table
    from embeddings.train import TrainingConfig, run
    from embeddings.training_progress import make_progress

    record = run(
        TrainingConfig(
            corpus=given.corpus,
            output=given.output,
            hyperparameters=hyperparameters,
            backend=given.backend,
            name=given.name,
            seed=given.seed,
            workers=given.workers,
            overwrite=given.overwrite,
            cache=given.cache,
        ),
        make_progress(),
    )
    print(describe_run(record))
    if record.scores:
        print(score_table(record.scores))


def make_parser() -> argparse.ArgumentParser:
    """The command line: what to train on, with what, where to."""
    parser = argparse.ArgumentParser(
        prog="train_embeddings", description=__doc__.splitlines()[0], epilog=EPILOG
    )
    add = parser.add_argument
    add("--corpus", required=True, help="corpus file, or a build's output; local or s3://")
    add("--output", required=True, type=Path, help="local folder of the run")
    add("--backend", choices=BACKENDS, default="local", help="default: local")
    add("--name", default="", help="of the run; default: the output folder's")
    add("--overwrite", action="store_true", help="replace a run that is there already")
    add("--seed", type=_seed, default=1, metavar="N", help="default: 1")
    add(
        "--workers",
        type=_positive,
        default=_cpus(),
        metavar="N",
        help="threads; with 1 the same seed gives the same vectors; default: all cores",
    )
    add("--cache", type=Path, metavar="FOLDER", help="for corpora from S3; default: ~/.cache")
    _add_hyperparameters(parser)
    return parser


def _add_hyperparameters(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("BlazingText's hyperparameters")
    group.add_argument(
        "--preset",
        default="default",
        metavar="NAME",
        help=f"values to start from: {' or '.join(PRESETS)}",
    )
    for name in TYPES:
        default = getattr(Hyperparameters, name)
        group.add_argument(
            *_spellings(name),
            dest=name,
            metavar="X",
            help=f"default {default}; locally: {LOCAL_MEANING[name]}".replace("%", "%%"),
        )
    for name in SUPERVISED_ONLY:
        group.add_argument(*_spellings(name), dest=name, help=argparse.SUPPRESS)


def _spellings(name: str) -> list[str]:
    """BlazingText's own, and the one with dashes."""
    return list(dict.fromkeys([f"--{name}", f"--{name.replace('_', '-')}"]))


def _positive(value: str) -> int:
    if not value.isdecimal() or int(value) < 1:
        raise argparse.ArgumentTypeError(f"{value} is not a number from 1")
    return int(value)


def _seed(value: str) -> int:
    if not value.isdecimal() or int(value) >= 2**32:
        raise argparse.ArgumentTypeError(f"{value} is not a number from 0 to {2**32 - 1}")
    return int(value)


def _cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


if __name__ == "__main__":
    sys.exit(main())
