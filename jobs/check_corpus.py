"""Checks a training file before BlazingText is paid to train on it, and an output with its tables.

python jobs/check_corpus.py other.txt --min_count 40
python jobs/check_corpus.py build/corpus --docs build/data-docs
python jobs/check_corpus.py build/corpus --suggest > mine.toml
"""

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

if not __package__:  # run as a file, from any folder, with nothing installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from blazingtext.costs import INSTANCES, PRICES_OF, estimate
from commandline.argument_types import cpus, dollars, path, positive
from commandline.running import EPILOG, CommandParser, run_command
from embeddings.corpus.corpus_file import CorpusFile, find_corpus
from embeddings.training.hyperparameters import PRESETS, Hyperparameters
from schemas.output import CORPUS_FILE
from storage.errors import QualityError, UsageError
from storage.folders import downloaded, working_folder
from storage.locations import is_s3

NAME = "check_corpus"
HYPERPARAMETERS = ("mode", "epochs", "min_count", "vector_dim", "window_size", "negative_samples")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the job; the exit code."""
    given = make_parser().parse_args(arguments)
    return run_command(NAME, lambda: check(given))


def check(given: argparse.Namespace) -> None:
    """Prints what the file is like, what a training would cost, and what is wrong.

    Raises:
        QualityError: a check of severity error failed; all is printed all the same.
        UsageError: --docs or --suggest, of a file alone.
    """
    values = {name: getattr(given, name) for name in HYPERPARAMETERS if getattr(given, name)}
    chosen = Hyperparameters.of(values, given.preset)
    corpus = find_corpus(given.path, given.cache)
    # Only now: it takes its second to import, and wrong arguments need none of it.
    from commandline.preflight import measure
    from quality.gate import explain, read_standard
    from quality.preflight import judge_file
    from quality.preflight_report import describe_preflight

    standard = read_standard(given.thresholds, given.baseline)
    metrics = measure(corpus, chosen.min_count, given.processes)
    with ExitStack() as stack:
        output = find_output(given, corpus, stack)
        if output is None:
            quality = judge_file(metrics, standard, strict=given.strict or bool(corpus.manifest))
        else:
            quality, suggested = check_output(given, output, metrics, standard, stack)
    tokens, lines = metrics["corpus"]["tokens"], metrics["corpus"]["lines"]
    instances = given.instance_type, given.instance_count, given.price_per_hour
    training = estimate(tokens, lines, chosen, *instances)
    if given.suggest:
        print(suggested)
    elif given.json:
        result = {"metrics": metrics, "quality": quality, "training": asdict(training)}
        print(json.dumps(result, indent=1, allow_nan=False))
    else:
        print(describe_preflight(metrics, quality, training.rows()))
    sys.stdout.flush()
    if not quality["passed"]:
        raise QualityError(explain(quality))


def find_output(given: argparse.Namespace, corpus: CorpusFile, stack: ExitStack) -> Any:
    """The output whose tables are checked too, copied from S3 for as long; None for a file alone.

    Raises:
        UsageError: what was asked for needs one.
    """
    from quality.tables import Output

    output = None
    if corpus.manifest and not given.no_tables:
        root = given.path.partition(CORPUS_FILE)[0]
        is_here = not is_s3(root)
        folder = corpus.path.parents[1] if is_here else stack.enter_context(downloaded(root))
        output = Output.find(folder, corpus.manifest)
    if output is None and (given.docs or given.suggest):
        raise UsageError("--docs and --suggest need the output of a build, with its tables")
    return output


def check_output(
    given: argparse.Namespace, output: Any, metrics: Any, standard: Any, stack: ExitStack
) -> tuple[dict[str, Any], str]:
    """The verdicts on an output, and thresholds for ones like it if they are asked for."""
    from quality.output_check import PANDAS_ROWS, describe_output, judge_output
    from quality.suggest import suggest

    start = None
    if given.engine == "spark" or (given.engine is None and output.rows > PANDAS_ROWS):
        from etl.spark.session import start_session

        start = partial(start_session, NAME)
    docs = stack.enter_context(working_folder(given.docs)) if given.docs else None
    described = describe_output(output, metrics)
    judged = judge_output(output, described, standard, start_spark=start, docs=docs)
    tokens = metrics["corpus"]["tokens"]
    return judged.quality, suggest(output, judged, tokens) if given.suggest else ""


def make_parser() -> argparse.ArgumentParser:
    """The command line: the file, what it is held to, and the training that is planned."""
    parser = CommandParser(prog=NAME, description=__doc__.splitlines()[0], epilog=EPILOG)
    add = parser.add_argument
    add("path", metavar="PATH", help="training file, output of a build, or s3://bucket/key")
    add("--json", action="store_true", help="print one JSON object: metrics, quality, training")
    add("--thresholds", type=path, metavar="FILE", help="TOML, bounds that differ from the default")
    add("--baseline", metavar="PATH", help="another build, its manifest or metrics; or on S3")
    add(
        "--strict",
        action="store_true",
        help="hold it to all that a build has to pass; ours always is, told by its manifest",
    )
    add("--no-tables", action="store_true", help="check the file of an output, not its tables")
    add("--engine", choices=("pandas", "spark"), help="of the tables; default: by their size")
    add("--docs", metavar="PLACE", help="folder or s3:// prefix where Data Docs keep all runs")
    add("--suggest", action="store_true", help="print thresholds around what an output has")
    add("--processes", type=positive, default=cpus(), metavar="N", help="default: all cores")
    add("--cache", type=path, metavar="FOLDER", help="where files from S3 are kept")
    _add_training(parser)
    return parser


def _add_training(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("the training that is planned").add_argument
    add("--preset", choices=tuple(PRESETS), default="default", help="hyperparameters")
    for name in HYPERPARAMETERS:
        add(f"--{name}", metavar="VALUE", help="as BlazingText has it")
    add(
        "--instance-type",
        choices=tuple(INSTANCES),
        default="ml.c5.xlarge",
        metavar="TYPE",
        help=f"{', '.join(INSTANCES)}; default: ml.c5.xlarge",
    )
    add("--instance-count", type=positive, default=1, metavar="N", help="default: 1")
    add("--price-per-hour", type=dollars, metavar="DOLLARS", help=f"of one instance; {PRICES_OF}")


if __name__ == "__main__":
    sys.exit(main())
