"""Searches for hyperparameters: Bayesian (TPE), for the best mean_rho, over the reference's ranges.

python jobs/tune_embeddings.py --corpus build/corpus --output build/tuning --max-jobs 12
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

if not __package__:  # run as a file, from any folder, with nothing installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from embeddings.hyperparameters import PRESETS, Hyperparameters
from jobs.arguments import cpus, positive, seed
from jobs.command import EPILOG, run_command

NAME = "tune_embeddings"
AFTER_INTERRUPT = "the jobs that have ended stay: the same command goes on"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the job; the exit code."""
    given = make_parser().parse_args(arguments)
    return run_command(NAME, lambda: search(given), AFTER_INTERRUPT)


def search(given: argparse.Namespace) -> None:
    """The search that the command line describes, and the table of its jobs."""
    base = Hyperparameters.of({}, given.preset)
    # Only now: optuna and gensim take seconds to import, and --help and wrong values need neither.
    from embeddings.search_space import make_space
    from embeddings.tuning import tune
    from embeddings.tuning_config import TuningConfig
    from embeddings.tuning_table import tuning_text

    space, common = make_space(given.set, base)
    config = TuningConfig(
        corpus=given.corpus,
        output=given.output,
        space=space,
        common=common,
        max_jobs=given.max_jobs,
        parallel=given.parallel,
        seed=given.seed,
        workers=given.workers or max(1, cpus() // given.parallel),
        keep_all=given.keep_all,
        cache=given.cache,
        backend=given.backend,
    )
    study = tune(config, lambda line: print(line, file=sys.stderr, flush=True))
    print(tuning_text(study, given.output))


def make_parser() -> argparse.ArgumentParser:
    """The command line: what to search, how long, where to."""
    parser = argparse.ArgumentParser(prog=NAME, description=__doc__.splitlines()[0], epilog=EPILOG)
    add = parser.add_argument
    add("--corpus", required=True, help="corpus file, or a build's output; local or s3://")
    add("--output", required=True, type=Path, help="local folder; a search in it goes on")
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
    add("--seed", type=seed, default=1, metavar="N", help="of the search and the jobs; default: 1")
    add(
        "--workers",
        type=positive,
        metavar="N",
        help="threads of a job; with 1 a job's vectors can be made again; default: cores by jobs",
    )
    add("--keep-all", action="store_true", help="keep the vectors of all jobs, not the best only")
    add("--cache", type=Path, metavar="FOLDER", help="for corpora from S3; default: ~/.cache")
    add("--backend", choices=("local", "sagemaker"), default="local", help="default: local")
    return parser


if __name__ == "__main__":
    sys.exit(main())
