"""Which corpus makes better vectors: trains on each with the same seeds, and compares the scores.

python jobs/compare_cleaning.py --corpus build/corpus --corpus build/dedup --output build/cleaning
"""

import argparse
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

if not __package__:  # run as a file, from any folder, with nothing installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from blazingtext.requests.limits import TRAINING_BASE
from commandline.argument_types import cpus, path, positive, seed
from commandline.preflight import add_preflight, take_preflight
from commandline.running import EPILOG, CommandParser, run_command
from commandline.sagemaker_options import add_sagemaker_options, check_backend, job_options
from embeddings.runs.run_record import BACKENDS
from embeddings.training.hyperparameters import PRESETS, TYPES, Hyperparameters
from storage.errors import InputNotFoundError, UsageError

if TYPE_CHECKING:
    from embeddings.runs.run_scores import RunScore
    from embeddings.scoring.word_pairs import PairSet
    from embeddings.tuning.arms import Arm

NAME = "compare_cleaning"
AFTER_INTERRUPT = "the runs that have ended stay: the same command goes on"
RUNS, COMPARISON = "runs.csv", "comparison"
ARM_NAME = re.compile(r"[\w][\w .,+=-]*")
FEWEST_ARMS = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the job; the exit code."""
    given = parse(arguments)
    return run_command(NAME, lambda: compare(given), AFTER_INTERRUPT)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line; argparse exits with 2 where it is wrong."""
    parser = make_parser()
    given = parser.parse_args(arguments)
    if given.no_training:
        return given
    check_backend(parser, given)
    if given.attach or given.stop or given.detach:
        parser.error("--attach, --detach, --stop: not here; the same command goes on")
    if len(given.corpus) + len(given.yardstick) < FEWEST_ARMS:
        parser.error("two of --corpus and --yardstick are needed at least")
    names = [name for name, _ in given.corpus]
    if twice := [name for name in names if names.count(name) > 1]:
        parser.error(f"two corpora are called {twice[0]}: say --corpus NAME=CORPUS")
    return given


def compare(given: argparse.Namespace) -> None:
    """The runs that are missing, and the comparison of all, on stdout and in the output folder."""
    # Only now: gensim takes a second to import, and --help and wrong values need none of it.
    from embeddings.pictures.forest import forest_page, forest_svg
    from embeddings.runs.arm_comparison import (
        compare_arms,
        comparison_csv,
        comparison_json,
        comparison_markdown,
        comparison_text,
        fill_document,
    )
    from storage.files import read_bytes
    from storage.output_folder import write_files

    tables = take_tables(given.pairs)
    scores = present_scores(given) if given.no_training else train(given, tables)
    known = {score.pair_set for score in scores}
    comparison = compare_arms(scores, [table for table in tables if table.name in known])
    makers = {
        "json": comparison_json,
        "csv": comparison_csv,
        "md": comparison_markdown,
        "html": forest_page,
        "svg": forest_svg,
    }
    texts = {given.output / f"{COMPARISON}.{end}": make(comparison) for end, make in makers.items()}
    if document := given.document:
        texts[document] = fill_document(
            read_bytes(str(document)).decode(), str(document), comparison_markdown(comparison)
        )
        texts[document.with_suffix(".svg")] = forest_svg(comparison)
    files = {path: text.encode() for path, text in texts.items()}
    write_files(files, overwrite=True)
    print(comparison_text(comparison))


def train(given: argparse.Namespace, tables: Sequence["PairSet"]) -> list["RunScore"]:
    """Trains what is missing; the scores of what was asked for."""
    arms = take_arms(given)
    from embeddings.training.training_progress import make_progress
    from embeddings.tuning.arms import Experiment, LocalTrainer, run_experiment

    experiment = Experiment(
        arms=arms,
        seeds=range(given.seed, given.seed + given.seeds),
        tables=tables,
        output=given.output,
        scores=given.runs or given.output / RUNS,
        parallel=given.parallel or cpus(),
        keep_all=given.keep_all,
        cache=given.cache,
        preflight=take_preflight(given.no_preflight),
    )
    progress = make_progress()
    if given.backend == "local":
        return run_experiment(experiment, LocalTrainer(given.cache), progress)
    from blazingtext.jobs.arm_jobs import PARALLEL, SageMakerTrainer

    options = job_options(argparse.Namespace(**vars(given) | {"corpus": ""}), TRAINING_BASE)
    experiment = replace(experiment, parallel=given.parallel or PARALLEL)
    trainer = SageMakerTrainer(options, given.output, progress)
    return run_experiment(experiment, trainer, progress)


def present_scores(given: argparse.Namespace) -> list["RunScore"]:
    """Those of all runs that are there.

    Raises:
        InputNotFoundError: there are none.
    """
    from embeddings.runs.run_scores import read_scores

    runs = given.runs or given.output / RUNS
    if not (scores := read_scores(runs)):
        raise InputNotFoundError(f"{runs} holds no run")
    return scores


def take_arms(given: argparse.Namespace) -> list["Arm"]:
    """What is compared: the corpora, then the first one trained otherwise.

    Raises:
        HyperparameterError: some of them would be refused.
        UsageError: a yardstick is none.
    """
    from embeddings.tuning.arms import Arm

    values = {name: getattr(given, name) for name in TYPES if name != "evaluation"}
    common = {name: value for name, value in values.items() if value is not None}
    common["evaluation"] = True
    chosen = Hyperparameters.of(common, given.preset)
    arms = [Arm(name, corpus, chosen) for name, corpus in given.corpus]
    for change in given.yardstick:
        changes = dict(part.partition("=")[::2] for part in change.split(","))
        if "evaluation" in changes:
            raise UsageError("evaluation is no yardstick: every run is scored")
        arms.append(Arm(change, arms[0].corpus, Hyperparameters.of(common | changes, given.preset)))
    return arms


def take_tables(named: Sequence[tuple[str, Path]]) -> list["PairSet"]:
    """WordSim-353, SimLex-999, and the user's tables.

    Raises:
        InputNotFoundError, BadPairsError: a file is none.
        UsageError: two tables have the same name.
    """
    from embeddings.scoring.word_pairs import name_pairs, simlex999, ws353

    tables = [ws353()[0], simlex999(), *(name_pairs(name, file) for name, file in named)]
    names = [table.name for table in tables]
    if twice := [name for name in names if names.count(name) > 1]:
        raise UsageError(f"two tables of pairs are called {twice[0]}")
    return tables


def make_parser() -> argparse.ArgumentParser:
    """The command line: which corpora, how many seeds, what to train, where to."""
    parser = CommandParser(prog=NAME, description=__doc__.splitlines()[0], epilog=EPILOG)
    add = parser.add_argument
    add(
        "--corpus",
        action="append",
        default=[],
        type=_corpus,
        metavar="[NAME=]CORPUS",
        help="corpus file, or a build's output; local or s3://; the others are compared with the "
        "first; may be given again",
    )
    add(
        "--yardstick",
        action="append",
        default=[],
        type=_yardstick,
        metavar="NAME=VALUE",
        help="the first corpus once more, with another hyperparameter, as window_size=10; may be "
        "given again",
    )
    add(
        "--pairs",
        action="append",
        default=[],
        type=_pairs,
        metavar="NAME=FILE",
        help="score on these too: two words and a number a line, see docs/evaluation.md; may be "
        "given again",
    )
    add("--output", required=True, type=path, metavar="FOLDER", help="of the comparison")
    add("--runs", type=path, metavar="FILE", help=f"scores of all runs; default: OUTPUT/{RUNS}")
    add(
        "--document",
        type=path,
        metavar="FILE",
        help="put the table between the marks of a Markdown file too, and the plot beside it",
    )
    add("--no-training", action="store_true", help="compare the runs that are there")
    add("--seeds", type=positive, default=3, metavar="N", help="runs a corpus; default: 3")
    add("--seed", type=seed, default=1, metavar="N", help="the first seed; default: 1")
    add(
        "--parallel",
        type=positive,
        metavar="N",
        help="runs at a time; default: all cores, or 2 jobs on SageMaker",
    )
    add("--keep-all", action="store_true", help="keep the vectors of all runs")
    add("--preset", default="reference", metavar="NAME", help=f"{' or '.join(PRESETS)}")
    add("--cache", type=path, metavar="FOLDER", help="for corpora from S3; default: ~/.cache")
    add("--backend", choices=BACKENDS, default="local", help="default: local")
    add_preflight(parser)
    group = parser.add_argument_group("hyperparameters over the preset's; see train_embeddings")
    for name in (name for name in TYPES if name != "evaluation"):
        group.add_argument(f"--{name}", metavar="X")
    add_sagemaker_options(parser)
    return parser


def _corpus(value: str) -> tuple[str, str]:
    """Name and place; the name is the last folder's, or the file's, where none is given."""
    name, has_name, place = value.partition("=")
    if not has_name or "/" in name:
        place = value
        name = PurePosixPath(value.rstrip("/")).stem
    if not place or not ARM_NAME.fullmatch(name):
        raise argparse.ArgumentTypeError(f"{value!r} is not NAME=CORPUS")
    return name, place


def _yardstick(value: str) -> str:
    parts = [part.partition("=") for part in value.split(",")]
    if any(name not in TYPES or not has_value for name, has_value, _ in parts):
        raise argparse.ArgumentTypeError(f"{value!r} is not NAME=VALUE of a hyperparameter")
    return value


def _pairs(value: str) -> tuple[str, Path]:
    name, has_name, place = value.partition("=")
    if not has_name or not place or not ARM_NAME.fullmatch(name):
        raise argparse.ArgumentTypeError(f"{value!r} is not NAME=FILE")
    return name, path(place)


if __name__ == "__main__":
    sys.exit(main())
