"""Makes the report and the card of a built corpus anew, from its manifest and metrics.

python jobs/report_corpus.py OUTPUT
"""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

if not __package__:  # run as a file, from any folder, with nothing installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from etl import errors

NAME = "report_corpus"
MISSING_PACKAGES = 11
EXIT_CODES = {
    errors.BUILT: "done",
    errors.USAGE: "wrong arguments",
    3: "no output of a build, or one without metrics",
    8: "the output can't be written",
    MISSING_PACKAGES: "a package is missing",
    errors.INTERRUPTED: "interrupted",
}
EPILOG = "exit codes: " + "; ".join(f"{code} {text}" for code, text in EXIT_CODES.items())


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the job; the exit code."""
    given = make_parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        from quality.report.files import renew

        print("\n".join(map(str, renew(given.output))))
    except errors.BuildError as error:
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


def make_parser() -> argparse.ArgumentParser:
    """The command line: the output."""
    parser = argparse.ArgumentParser(prog=NAME, description=__doc__.splitlines()[0], epilog=EPILOG)
    parser.add_argument("output", type=Path, metavar="OUTPUT", help="local folder of a build")
    return parser


def _interrupt(signum: int, frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
