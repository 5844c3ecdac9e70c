"""Tells which posts two builds do not have in common: by blogger, date and ordinal, never by text.

python jobs/compare_corpora.py build/from-xml build/from-csv
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

if not __package__:  # run as a file, from any folder, with nothing installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from commandline.argument_types import positive
from commandline.running import EPILOG, CommandParser, run_command
from storage.errors import PostsDifferError

NAME = "compare_corpora"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the job; the exit code."""
    given = make_parser().parse_args(arguments)
    return run_command(NAME, lambda: compare(given.a, given.b, given.limit))


def compare(a: str, b: str, limit: int) -> None:
    """Prints how many posts each output has, and where they differ.

    Raises:
        PostsDifferError: some blogger has other numbers of posts, kept or rejected.
        JobError: an output can't be read.
    """
    from quality import post_differences as posts

    ours, theirs = posts.count_posts(a), posts.count_posts(b)
    print("A", posts.describe_counts(a, ours))
    print("B", posts.describe_counts(b, theirs))
    everybody = sorted(ours.all.keys() | theirs.all.keys())
    differ = [
        blogger
        for blogger in everybody
        if ours.kept[blogger] != theirs.kept[blogger]
        or ours.rejected.get(blogger) != theirs.rejected.get(blogger)
    ]
    print(f"{len(everybody) - len(differ):,} bloggers have as many in both, {len(differ):,} do not")
    _print_some((posts.describe_blogger(blogger, ours, theirs) for blogger in differ), limit)
    in_both = [name for name in differ if ours.all[name] and theirs.all[name]]
    for side, pair in (("A", (a, b)), ("B", (b, a))):
        missing = posts.find_missing(*pair, in_both) if in_both else []
        lines = (
            f"only in {side}: blogger {place.blogger_id}, {place.date or 'no date'}, "
            f"post_ordinal {place.post_ordinal}"
            for place in missing
        )
        _print_some(lines, limit)
    sys.stdout.flush()
    if differ:
        raise PostsDifferError(f"{len(differ):,} of {len(everybody):,} bloggers have other posts")


def _print_some(lines: Iterable[str], limit: int) -> None:
    """Some lines, and how many more there are."""
    remaining = iter(lines)
    for line in islice(remaining, limit):
        print(line)
    if more := sum(1 for _ in remaining):
        print(f"and {more:,} more; --limit shows them")


def make_parser() -> argparse.ArgumentParser:
    """The command line: two outputs, and how much to print."""
    parser = CommandParser(prog=NAME, description=__doc__.splitlines()[0], epilog=EPILOG)
    add = parser.add_argument
    add("a", metavar="A", help="output of a build with --tables, local or s3://")
    add("b", metavar="B", help="another one")
    add("--limit", type=positive, default=100, metavar="N", help="lines of a kind; default 100")
    return parser


if __name__ == "__main__":
    sys.exit(main())
