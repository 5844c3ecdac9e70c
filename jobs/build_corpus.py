"""Builds the training file: blog files → one sentence a line, with a ledger.

spark-submit jobs/build_corpus.py --input INPUT --output OUTPUT
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

if not __package__:  # run as a file, from any folder, with nothing installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from commandline.process import prepare_process

    prepare_process("the output is as it was")

from commandline.argument_types import positive, share, size
from commandline.cleaning_options import add_cleaning_options, take_cleaning
from commandline.form_options import add_form_options, take_form
from commandline.process import seconds_waited
from commandline.quality_options import QUALITY_OPTIONS, add_quality_options, take_quality
from commandline.running import EPILOG, CommandParser, run_command
from commandline.s3_options import S3_OPTIONS, add_s3_options, check_s3_options
from etl import options
from etl.options import LINES, SPLITTERS, ChainOptions
from etl.publishing.version import VERSION
from etl.reading.sources import REMOTE_URI
from etl.spark.progress import Progress
from etl.text.english import english
from etl.text.sentences import ANYTHING, BREAKS_BEFORE
from storage.locations import is_s3

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

QUIET = "quiet"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the job; the exit code."""
    config, wanted = read(arguments)
    return run_command("build_corpus", lambda: build(config, wanted), "the output is as it was")


def build(config: options.BuildOptions, wanted: Mapping[str, Any]) -> None:
    """Builds, and prints what came out.

    Raises:
        JobError: any of its kinds; the output is as it was.
    """
    progress = Progress(seconds_waited(), is_shown=False if wanted[QUIET] else None)
    with progress.note("build_corpus: getting ready"):
        # Only now: it takes its second to import, and --help and wrong arguments need none of it.
        from etl.build import run

        quality = take_quality(wanted, config.s3)
    config = replace(config, standard=quality.standard)
    session = partial(start, config.verbose, quality.prepare)
    result = run(config, session, quality.gate, quality.describe, progress)
    if not wanted[QUIET]:
        print(result.message)


def parse(arguments: Sequence[str] | None) -> options.BuildOptions:
    """The command line as options; argparse exits with 2 where it is wrong."""
    return read(arguments)[0]


def read(arguments: Sequence[str] | None) -> tuple[options.BuildOptions, dict[str, Any]]:
    """The command line as options, and as what `take_quality` and `build` take."""
    parser = make_parser()
    given = vars(parser.parse_args(arguments))
    s3 = check_s3_options(parser, {name: given.pop(name) for name in S3_OPTIONS})
    chain = {name: given.pop(name) for name in ChainOptions.__dataclass_fields__ if name in given}
    chain["cleaning"] = take_cleaning(given)
    form = take_form(parser, given)
    wanted = {name: given.pop(name) for name in (*QUALITY_OPTIONS, QUIET)}
    if chain["splitter"] != "rules" and chain["break_before"] != ANYTHING:
        parser.error(f"--break-before {chain['break_before']}: not with --splitter spacy")
    return options.BuildOptions(chain=ChainOptions(**chain), form=form, s3=s3, **given), wanted


def make_parser() -> argparse.ArgumentParser:
    """The command line: what to build, what happens to the text, limits."""
    parser = CommandParser(prog="build_corpus", description=__doc__.splitlines()[0], epilog=EPILOG)
    add = parser.add_argument
    add(
        "--input",
        required=True,
        type=_text,
        help="folder, glob, file, zip or tar, local or s3://; or a Hadoop URI",
    )
    add_form_options(parser)
    add("--output", required=True, type=_output, help="local folder, or s3://bucket/prefix")
    add("--overwrite", action="store_true", help="replace an output that is there already")
    add("--tables", action="store_true", help="also write posts and sentences as Parquet")
    add("--keep-rejected-text", action="store_true", help="put dropped text into the rejects")
    _add_text_options(parser)
    add_cleaning_options(parser)
    _add_limits(parser)
    add_quality_options(parser)
    add_s3_options(parser)
    add("--partitions", type=positive, metavar="N", help="number of Spark tasks")
    add(
        "--verbose",
        action="store_true",
        help="let Spark log, and show failures in full",
    )
    add("--quiet", action="store_true", help="say nothing but errors")
    add("--version", action="version", version=f"blazing-corpus {VERSION}")
    return parser


def _add_text_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("what happens to the text").add_argument
    add("--splitter", choices=SPLITTERS, default="rules", help="default: rules")
    add(
        "--break-before",
        choices=BREAKS_BEFORE,
        default=ANYTHING,
        help="upper: no sentence begins with a lower-case letter, and no ellipsis ends one; "
        "default: any",
    )
    add("--lines", choices=LINES, default="sentence", help="what becomes one; default: sentence")
    add(
        "--fold-diacritics",
        action="store_true",
        help="café becomes cafe: Latin, Greek and Cyrillic letters lose their accents, Arabic and "
        "Hebrew ones their points; other scripts keep their marks",
    )
    add("--keep-apostrophes", action="store_true", help="don't stays one token")
    add("--min-tokens", type=positive, default=1, metavar="N", help="drop shorter lines")


def _add_limits(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("limits").add_argument
    add(
        "--max-rejected-files",
        type=share,
        default=options.MAX_REJECTED_FILES,
        metavar="SHARE",
        help="of all files, such as 0.02 or 2%%; default 1%%",
    )
    add(
        "--max-expanded-bytes",
        type=size,
        default=options.MAX_EXPANDED_BYTES,
        metavar="BYTES",
        help="that a zip may expand to; default 16g",
    )
    add(
        "--max-file-bytes",
        type=size,
        default=options.MAX_FILE_BYTES,
        metavar="BYTES",
        help="of one file, larger ones are rejected; default 1g",
    )


def start(verbose: bool, prepare: Callable[[], object]) -> "SparkSession":
    """The session, while other things get ready: first what a build needs first."""
    from etl.spark.session import start_session

    def get_ready() -> None:
        with suppress(Exception):  # whoever needs it meets the error again
            english()
        prepare()

    Thread(target=get_ready, name="get-ready", daemon=True).start()
    return start_session("build_corpus", verbose)


def _text(value: str) -> str:
    if not value.strip():
        raise argparse.ArgumentTypeError("is empty")
    return value


def _output(value: str) -> str:
    if REMOTE_URI.match(_text(value)) and not is_s3(value):
        raise argparse.ArgumentTypeError(f"{value} is neither a local folder nor on S3")
    return value


if __name__ == "__main__":
    sys.exit(main())
