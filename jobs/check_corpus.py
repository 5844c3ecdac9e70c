"""Checks a training file before BlazingText is paid to train on it, ours or any other.

python jobs/check_corpus.py build/corpus --min_count 40
"""

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

if not __package__:  # run as a file, from any folder, with nothing installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from embeddings.corpus_file import CORPUS_IN_OUTPUT, CorpusFile, find_corpus
from embeddings.errors import EmbeddingsError, InputNotFoundError, describe_os_error
from embeddings.hyperparameters import PRESETS, Hyperparameters
from embeddings.word_pairs import ws353
from etl.errors import BuildError, UsageError
from jobs.arguments import cpus, positive
from quality.training_time import INSTANCES, PRICES_OF, Estimate, Work, estimate
from storage import errors as storage_errors
from storage.locations import is_s3

NAME = "check_corpus"
HYPERPARAMETERS = ("mode", "epochs", "min_count", "vector_dim", "window_size", "negative_samples")
PASSED, INTERRUPTED = 0, 130
MISSING_PACKAGES = storage_errors.PackageMissingError.exit_code
EXIT_CODES = {
    PASSED: "passed, perhaps with warnings",
    2: "wrong arguments, hyperparameters or thresholds, or several files",
    3: "file or baseline not found or not readable",
    4: "the manifest beside it can't be read",
    12: "a check failed",
    INTERRUPTED: "interrupted",
} | storage_errors.EXIT_CODES
EPILOG = "exit codes: " + "; ".join(f"{code} {text}" for code, text in sorted(EXIT_CODES.items()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the job; the exit code."""
    given = make_parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        check(given)
    except (BuildError, EmbeddingsError, storage_errors.StorageError) as error:
        return _fail(str(error), error.exit_code)
    except ModuleNotFoundError as error:
        hint = "pip install 'blazing-corpus[quality]'"
        return _fail(f"{error.name} is missing: {hint}", MISSING_PACKAGES)
    except KeyboardInterrupt:
        print(f"{NAME}: interrupted", file=sys.stderr)
        return INTERRUPTED
    return PASSED


def check(given: argparse.Namespace) -> None:
    """Prints what the file is like and what a training would cost.

    Raises:
        QualityError: a check of severity error failed; all is printed all the same.
    """
    values = {name: getattr(given, name) for name in HYPERPARAMETERS if getattr(given, name)}
    chosen = Hyperparameters.of(values, given.preset)
    corpus = local_corpus(given.path, given.cache)
    # Only now: Great Expectations takes seconds to import, and wrong arguments need none of it.
    from quality.gate import explain, read_standard
    from quality.preflight import describe_file, judge_file
    from quality.preflight_report import describe_preflight

    standard = read_standard(given.thresholds, given.baseline)
    pairs = [(pair.first, pair.second) for pair in ws353()[0].pairs]
    sha256 = corpus.manifest.get("corpus", {}).get("sha256")
    try:
        metrics = describe_file(corpus.path, pairs, chosen.min_count, given.processes, sha256)
    except OSError as error:
        raise InputNotFoundError(f"can't read {given.path}: {describe_os_error(error)}") from error
    quality = judge_file(metrics, standard, strict=given.strict or bool(corpus.manifest))
    training = estimate_training(metrics, chosen, given)
    if given.json:
        result = {"metrics": metrics, "quality": quality, "training": asdict(training)}
        print(json.dumps(result, indent=1, ensure_ascii=False))
    else:
        print(describe_preflight(metrics, quality, training))
    sys.stdout.flush()
    if not quality["passed"]:
        from quality.errors import QualityError

        raise QualityError(explain(quality))


def local_corpus(location: str, cache: Path | None) -> CorpusFile:
    """The one file that is meant, fetched if it is on S3.

    Raises:
        UsageError: a folder that is no output of a build and does not hold just one file.
        EmbeddingsError, StorageError: it is not there; see `embeddings.corpus_file.find_corpus`.
    """
    folder = Path(location)
    if not is_s3(location) and folder.is_dir() and not (folder / CORPUS_IN_OUTPUT).exists():
        files = sorted(path for path in folder.iterdir() if path.is_file())
        if len(files) != 1:
            raise UsageError(
                f"{location} holds {len(files)} files, and BlazingText takes one: name it, or "
                "put several into one"
            )
        return find_corpus(str(files[0]))
    return find_corpus(location, cache)


def estimate_training(
    metrics: dict[str, Any], chosen: Hyperparameters, given: argparse.Namespace
) -> Estimate:
    """Time and price of training on the file."""
    work = Work.of(chosen.to_dict())
    corpus = metrics["corpus"]
    instances = given.instance_type, given.instance_count, given.price_per_hour
    return estimate(corpus["tokens"], corpus["lines"], work, *instances)


def make_parser() -> argparse.ArgumentParser:
    """The command line: the file, what it is held to, and the training that is planned."""
    parser = argparse.ArgumentParser(prog=NAME, description=__doc__.splitlines()[0], epilog=EPILOG)
    add = parser.add_argument
    add("path", metavar="PATH", help="training file, output of a build, or s3://bucket/key")
    add("--json", action="store_true", help="print one JSON object: metrics, quality, training")
    add("--thresholds", type=Path, metavar="FILE", help="TOML over quality/thresholds.toml")
    add("--baseline", metavar="PATH", help="another build, its manifest or metrics; or on S3")
    add(
        "--strict",
        action="store_true",
        help="hold it to all that a build has to pass; ours always is, told by its manifest",
    )
    add("--processes", type=positive, default=cpus(), metavar="N", help="default: all cores")
    add("--cache", type=Path, metavar="FOLDER", help="where files from S3 are kept")
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
    add("--price-per-hour", type=_price, metavar="DOLLARS", help=f"of one instance; {PRICES_OF}")


def _price(value: str) -> float:
    try:
        price = float(value)
    except ValueError:
        price = -1.0
    if not 0 <= price < float("inf"):
        raise argparse.ArgumentTypeError(f"{value} is not a price")
    return price


def _fail(message: str, code: int) -> int:
    print(f"{NAME}: error: {message}", file=sys.stderr)
    return code


def _interrupt(signum: int, frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
