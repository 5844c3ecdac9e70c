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

from blazingtext.search_name import BASE_NAME
from commandline.argument_types import cpus, positive, seed
from commandline.running import EPILOG, run_command
from embeddings.hyperparameters import PRESETS, Hyperparameters
from embeddings.run_record import BACKENDS
from jobs.sagemaker_arguments import add_sagemaker_options, given_options

NAME = "tune_embeddings"
AFTER_INTERRUPT = "the jobs that have ended stay: the same command goes on"
SEED = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the job; the exit code."""
    given = parse(arguments)
    if given.backend == "sagemaker":
        return run_command(NAME, lambda: search_on_sagemaker(given))
    return run_command(NAME, lambda: search(given), AFTER_INTERRUPT)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line; argparse exits with 2 where it is wrong."""
    parser = make_parser()
    given = parser.parse_args(arguments)
    if given.backend == "local":
        remote = given_options(given)
        remote += ["--warm-start"] if given.warm_start else []
        remote += ["--early-stopping"] if given.early_stopping else []
        if remote:
            parser.error(f"{', '.join(remote)}: with --backend sagemaker only")
    needed = []
    if not given.corpus and not (given.attach or given.stop):
        needed.append("--corpus")
    if not given.output and not (given.stop or given.detach):
        needed.append("--output")
    if needed:
        parser.error(f"the following arguments are required: {', '.join(needed)}")
    return given


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
        seed=SEED if given.seed is None else given.seed,
        workers=given.workers or max(1, cpus() // given.parallel),
        keep_all=given.keep_all,
        cache=given.cache,
    )
    study = tune(config, lambda line: print(line, file=sys.stderr, flush=True))
    print(tuning_text(study, given.output))


def search_on_sagemaker(given: argparse.Namespace) -> None:
    """The same on SageMaker; or what is asked of a search that was started before."""
    if not (given.attach or given.stop):
        from jobs.tuning_start import make_search

        make_search(given)  # wrong values are told before gensim takes its second
    from embeddings.training_progress import make_progress
    from jobs import sagemaker_tuning

    if given.stop:
        sagemaker_tuning.stop(given)
    elif given.attach:
        sagemaker_tuning.attach(given, make_progress())
    else:
        sagemaker_tuning.tune(given, make_progress())


def make_parser() -> argparse.ArgumentParser:
    """The command line: what to search, how long, where to."""
    parser = argparse.ArgumentParser(
        prog=NAME,
        description=__doc__.splitlines()[0],
        epilog=EPILOG,
    )
    add = parser.add_argument
    add("--corpus", help="corpus file, or a build's output; local or s3://")
    add("--output", type=Path, help="local folder; a local search in it goes on")
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
    add("--cache", type=Path, metavar="FOLDER", help="for corpora from S3; default: ~/.cache")
    add("--backend", choices=BACKENDS, default="local", help="default: local")
    add_sagemaker_options(parser, BASE_NAME)
    _add_search_options(parser)
    return parser


def _add_search_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("searches with --backend sagemaker").add_argument
    add(
        "--warm-start",
        action="append",
        metavar="NAME",
        help="of an earlier search to learn from; may be repeated, five times at most",
    )
    add(
        "--early-stopping",
        choices=("off", "auto"),
        help="of jobs that do badly; default: off. BlazingText tells that at their ends only",
    )


if __name__ == "__main__":
    sys.exit(main())
