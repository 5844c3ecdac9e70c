"""Checks a training file before BlazingText is paid to train on it, ours or any other.

python jobs/check_corpus.py build/corpus --min_count 40
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

if not __package__:  # run as a file, from any folder, with nothing installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from blazingtext.costs import INSTANCES, PRICES_OF, estimate
from commandline.argument_types import cpus, dollars, path, positive
from commandline.running import EPILOG, CommandParser, run_command
from embeddings.corpus.corpus_file import find_corpus
from embeddings.training.hyperparameters import PRESETS, Hyperparameters
from storage.errors import QualityError

NAME = "check_corpus"
HYPERPARAMETERS = ("mode", "epochs", "min_count", "vector_dim", "window_size", "negative_samples")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the job; the exit code."""
    given = make_parser().parse_args(arguments)
    return run_command(NAME, lambda: check(given))


def check(given: argparse.Namespace) -> None:
    """Prints what the file is like and what a training would cost.

    Raises:
        QualityError: a check of severity error failed; all is printed all the same.
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
    quality = judge_file(metrics, standard, strict=given.strict or bool(corpus.manifest))
    tokens, lines = metrics["corpus"]["tokens"], metrics["corpus"]["lines"]
    instances = given.instance_type, given.instance_count, given.price_per_hour
    training = estimate(tokens, lines, chosen, *instances)
    if given.json:
        result = {"metrics": metrics, "quality": quality, "training": asdict(training)}
        print(json.dumps(result, indent=1, allow_nan=False))
    else:
        print(describe_preflight(metrics, quality, training.rows()))
    sys.stdout.flush()
    if not quality["passed"]:
        raise QualityError(explain(quality))


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
