"""Makes the report and the card of a built corpus anew, from its manifest and metrics.

python jobs/report_corpus.py OUTPUT
"""

import argparse
import signal
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

if not __package__:  # run as a file, from any folder, with nothing installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from etl import errors
from jobs.s3_arguments import S3_OPTIONS, add_s3_options, check_s3_options
from storage import errors as storage_errors
from storage.locations import is_s3
from storage.s3_client import S3Options

NAME = "report_corpus"
MISSING_PACKAGES = 11
EXIT_CODES = {
    errors.BUILT: "done",
    errors.USAGE: "wrong arguments",
    3: "no output of a build, or one without metrics",
    8: "the output can't be written",
    MISSING_PACKAGES: "a package is missing",
    errors.INTERRUPTED: "interrupted",
} | storage_errors.EXIT_CODES
EPILOG = "exit codes: " + "; ".join(f"{code} {text}" for code, text in sorted(EXIT_CODES.items()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the job; the exit code."""
    parser = make_parser()
    given = parser.parse_args(arguments)
    s3 = check_s3_options(parser, {name: getattr(given, name) for name in S3_OPTIONS})
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        for place in renew(given.output, s3):
            print(place)
    except (errors.BuildError, storage_errors.StorageError) as error:
        print(f"{NAME}: error: {error}", file=sys.stderr)
        return error.exit_code
    except ModuleNotFoundError as error:
        if error.name not in ("matplotlib", "jinja2"):
            raise
        hint = "pip install 'blazing-corpus[quality]'"
        print(f"{NAME}: error: {error.name} is missing: {hint}", file=sys.stderr)
        return MISSING_PACKAGES
    except KeyboardInterrupt:
        print(f"{NAME}: interrupted", file=sys.stderr)
        return errors.INTERRUPTED
    return errors.BUILT


def renew(output: str, s3: S3Options) -> Iterable[object]:
    """Makes both; where they are."""
    if is_s3(output):
        from quality.report.remote import renew_remote

        return renew_remote(output, s3)
    from quality.report import files

    return files.renew(Path(output))


def make_parser() -> argparse.ArgumentParser:
    """The command line: the output."""
    parser = argparse.ArgumentParser(prog=NAME, description=__doc__.splitlines()[0], epilog=EPILOG)
    parser.add_argument("output", metavar="OUTPUT", help="folder of a build, or s3://bucket/prefix")
    add_s3_options(parser)
    return parser


def _interrupt(signum: int, frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
