"""Searches for hyperparameters: Bayesian, for the best mean_rho, over the reference's ranges.

python jobs/tune_embeddings.py --corpus build/corpus --output build/tuning --max-jobs 12
python jobs/tune_embeddings.py --backend sagemaker --corpus s3://bucket/c.csv --output build/tuning
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

if not __package__:  # run as a file, from any folder, with nothing installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from blazingtext.requests.limits import TUNING_BASE
from commandline.argument_types import cpus, path, positive, seed
from commandline.preflight import add_preflight, take_preflight
from commandline.running import EPILOG, CommandParser, run_command
from commandline.sagemaker_options import (
    add_sagemaker_options,
    add_search_options,
    check_backend,
    job_options,
    take_search,
)
from embeddings.runs.run_record import BACKENDS
from embeddings.training.hyperparameters import PRESETS, Hyperparameters
from embeddings.training.training_progress import make_progress

NAME = "tune_embeddings"
AFTER_INTERRUPT = "the jobs that have ended stay: the same command goes on"
SEED = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the job; the exit code."""
    parser = make_parser()
    given = parser.parse_args(arguments)
    check_backend(parser, given, ("warm_start", "early_stopping"))
    if given.backend == "sagemaker":
        return run_command(NAME, lambda: search_on_sagemaker(given))
    return run_command(NAME, lambda: search(given), AFTER_INTERRUPT)


def search(given: argparse.Namespace) -> None:
    """The search that the command line describes, and the table of its jobs."""
    base = Hyperparameters.of({}, given.preset)
    # Only now: optuna and gensim take seconds to import, and --help and wrong values need neither.
    from embeddings.tuning.local_search import TuningConfig, tune
    from embeddings.tuning.search_ranges import make_ranges
    from embeddings.tuning.search_table import tuning_text

    ranges, common = make_ranges(given.set, base)
    config = TuningConfig(
        corpus=given.corpus,
        output=given.output,
        ranges=ranges,
        common=common,
        max_jobs=given.max_jobs,
        parallel=given.parallel,
        seed=SEED if given.seed is None else given.seed,
        workers=given.workers or max(1, cpus() // given.parallel),
        keep_all=given.keep_all,
        cache=given.cache,
        preflight=take_preflight(given.no_preflight),
    )
    print(tuning_text(tune(config, make_progress()), given.output))


def search_on_sagemaker(given: argparse.Namespace) -> None:
    """The same on SageMaker; or what is asked of a search that was started before."""
    search = None if given.attach or given.stop else take_search(given, SEED)
    # Only now: gensim takes its second, and wrong values need none of it.
    from blazingtext.jobs.finishing import stop, tune
    from blazingtext.jobs.job import TuningJob

    if given.stop:
        return stop(TuningJob(given.stop))
    options = job_options(given, TUNING_BASE, keep_all=given.keep_all)
    tune(options, search or TuningJob(given.attach, given.output), make_progress())


def make_parser() -> argparse.ArgumentParser:
    """The command line: what to search, how long, where to."""
    parser = CommandParser(prog=NAME, description=__doc__.splitlines()[0], epilog=EPILOG)
    add = parser.add_argument
    add("--corpus", help="corpus file, or a build's output; local or s3://")
    add("--output", type=path, help="local folder; a local search in it goes on")
    add("--max-jobs", type=positive, default=12, metavar="N", help="in all; default: 12")
    add("--parallel", type=positive, default=2, metavar="N", help="jobs at a time; default: 2")
    add(
        "--set",
        action="append",
        default=[],
        metavar="NAME=…",
        help="search another range (min_count=5:20) or choice (mode=skipgram,cbow), or fix a value "
        "(epochs=5); may be given again; default: the reference's ranges",
    )
    add(
        "--preset",
        default="reference",
        metavar="NAME",
        help=f"of what is not searched: {' or '.join(PRESETS)}; default: reference",
    )
    add("--seed", type=seed, metavar="N", help=f"of the search and local jobs; default: {SEED}")
    add(
        "--workers",
        type=positive,
        metavar="N",
        help="threads of a local job; with 1 its vectors can be made again; default: cores by jobs",
    )
    add("--keep-all", action="store_true", help="keep the vectors of all jobs, not the best only")
    add("--cache", type=path, metavar="FOLDER", help="for corpora from S3; default: ~/.cache")
    add("--backend", choices=BACKENDS, default="local", help="default: local")
    add_preflight(parser)
    add_sagemaker_options(parser, TUNING_BASE)
    add_search_options(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
