"""Trains word vectors on a corpus file, with BlazingText's hyperparameters, and evaluates them.

python jobs/train_embeddings.py --corpus build/corpus --output build/run --preset reference
python jobs/train_embeddings.py --backend sagemaker --corpus s3://bucket/corpus/ --output build/run
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

if not __package__:  # run as a file, from any folder, with nothing installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from commandline.argument_types import cpus, positive, seed
from commandline.running import EPILOG, run_command
from embeddings.hyperparameter_rules import SUPERVISED_ONLY
from embeddings.hyperparameters import PRESETS, TYPES, Hyperparameters
from embeddings.local_meaning import LOCAL_MEANING
from embeddings.run_record import BACKENDS
from jobs.sagemaker_arguments import add_sagemaker_options, given_options

SEED = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the job; the exit code."""
    given = parse(arguments)
    action = train if given.backend == "local" else train_on_sagemaker
    return run_command("train_embeddings", lambda: action(given))


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line; argparse exits with 2 where it is wrong."""
    parser = make_parser()
    given = parser.parse_args(arguments)
    if given.backend == "local" and (names := given_options(given)):
        parser.error(f"{', '.join(names)}: with --backend sagemaker only")
    needed = {"--corpus": not (given.attach or given.stop), "--output": not given.stop}
    needed["--output"] &= not given.detach
    missing = [name for name, is_needed in needed.items() if is_needed and not _has(given, name)]
    if missing:
        parser.error(f"the following arguments are required: {', '.join(missing)}")
    return given


def train(given: argparse.Namespace) -> None:
    """The run that the command line describes, and what came of it."""
    hyperparameters = _hyperparameters(given)
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
            seed=SEED if given.seed is None else given.seed,
            workers=given.workers or cpus(),
            overwrite=given.overwrite,
            cache=given.cache,
        ),
        make_progress(),
    )
    print(describe_run(record))
    if record.scores:
        print(score_table(record.scores))


def train_on_sagemaker(given: argparse.Namespace) -> None:
    """The same on SageMaker; or what is asked of a job that was started before."""
    hyperparameters = _hyperparameters(given)
    from embeddings.training_progress import make_progress
    from jobs import sagemaker_training

    if given.stop:
        return sagemaker_training.stop(given)
    progress = make_progress()
    record = (
        sagemaker_training.attach(given, progress)
        if given.attach
        else sagemaker_training.train(given, hyperparameters, progress)
    )
    if record:
        from blazingtext.job_report import describe_job
        from embeddings.report import describe_run, score_table

        print(describe_run(record))
        print(describe_job(record))
        if record.scores:
            print(score_table(record.scores))


def make_parser() -> argparse.ArgumentParser:
    """The command line: what to train on, with what, where to."""
    parser = argparse.ArgumentParser(
        prog="train_embeddings",
        description=__doc__.splitlines()[0],
        epilog=EPILOG,
    )
    add = parser.add_argument
    add("--corpus", help="corpus file, or a build's output; local or s3://")
    add("--output", type=Path, help="local folder of the run")
    add("--backend", choices=BACKENDS, default="local", help="default: local")
    add("--name", default="", help="of the run; default: the output folder's")
    add("--overwrite", action="store_true", help="replace a run that is there already")
    add("--seed", type=seed, metavar="N", help=f"default: {SEED}")
    add(
        "--workers",
        type=positive,
        metavar="N",
        help="threads; with 1 the same seed gives the same vectors; default: all cores",
    )
    add("--cache", type=Path, metavar="FOLDER", help="for corpora from S3; default: ~/.cache")
    _add_hyperparameters(parser)
    add_sagemaker_options(parser)
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


def _hyperparameters(given: argparse.Namespace) -> Hyperparameters:
    names = [*TYPES, *SUPERVISED_ONLY]
    values = {name: getattr(given, name) for name in names if getattr(given, name) is not None}
    return Hyperparameters.of(values, given.preset)


def _has(given: argparse.Namespace, option: str) -> bool:
    return getattr(given, option.removeprefix("--")) is not None


if __name__ == "__main__":
    sys.exit(main())
