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

from commandline.argument_types import cpus, path, positive, seed
from commandline.hyperparameter_options import add_hyperparameters, take_hyperparameters
from commandline.preflight import add_preflight, take_preflight
from commandline.running import EPILOG, CommandParser, run_command
from commandline.sagemaker_options import add_sagemaker_options, check_backend, job_options
from embeddings.runs.run_record import BACKENDS

NAME = "train_embeddings"
SEED = 1
LOCAL_ONLY = ("seed", "workers")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the job; the exit code."""
    given = parse(arguments)
    action = train if given.backend == "local" else train_on_sagemaker
    return run_command(NAME, lambda: action(given))


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line; argparse exits with 2 where it is wrong."""
    parser = make_parser()
    given = parser.parse_args(arguments)
    check_backend(parser, given)
    return given


def train(given: argparse.Namespace) -> None:
    """The run that the command line describes, and what came of it."""
    hyperparameters = take_hyperparameters(given)
    # Only now: gensim takes a second to import, and --help and wrong values need none of it.
    from embeddings.runs.run_record import describe_run
    from embeddings.scoring.text_tables import score_table
    from embeddings.training.local_run import TrainingConfig, run
    from embeddings.training.training_progress import make_progress

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
            preflight=take_preflight(given.no_preflight),
        ),
        make_progress(),
    )
    print(describe_run(record))
    if record.scores:
        print(score_table(record.scores))


def train_on_sagemaker(given: argparse.Namespace) -> None:
    """The same on SageMaker; or what is asked of a job that was started before."""
    hyperparameters = take_hyperparameters(given)
    from blazingtext.jobs.finishing import stop, train
    from blazingtext.jobs.job_report import describe_job
    from blazingtext.jobs.training_job import TrainingJob
    from blazingtext.requests.limits import TRAINING_BASE
    from embeddings.runs.run_record import describe_run
    from embeddings.scoring.text_tables import score_table
    from embeddings.training.training_progress import make_progress

    if given.stop:
        return stop(TrainingJob(given.stop))
    named = [f"--{name}" for name in LOCAL_ONLY if getattr(given, name) is not None]
    notes = (f"{' and '.join(named)} mean nothing to BlazingText",) if named else ()
    own = {"name": given.name, "overwrite": given.overwrite, "notes": notes}
    options = job_options(given, TRAINING_BASE, **own)
    job = TrainingJob(given.attach, given.output) if given.attach else None
    record = train(options, job or hyperparameters, make_progress())
    if record:
        print(describe_run(record))
        print(describe_job(record))
        if record.scores:
            print(score_table(record.scores))


def make_parser() -> argparse.ArgumentParser:
    """The command line: what to train on, with what, where to."""
    parser = CommandParser(prog=NAME, description=__doc__.splitlines()[0], epilog=EPILOG)
    add = parser.add_argument
    add("--corpus", help="corpus file, or a build's output; local or s3://")
    add("--output", type=path, help="local folder of the run")
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
    add_preflight(parser)
    add_hyperparameters(parser)
    add_sagemaker_options(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
