"""The options of the quality gate: what a corpus is held to before it is published."""

import argparse
import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from commandline.argument_types import path
from embeddings.scoring.word_pairs import ws353
from etl.built_corpus import Describe, Gate
from storage.errors import PackageMissingError
from storage.s3_client import S3Options

PACKAGES = ("great_expectations", "jinja2", "matplotlib")
"""What gate and report need, the extra `quality`."""


QUALITY_OPTIONS = ("no_gate", "thresholds", "baseline")
"""Their names among the parsed arguments."""


class Quality(NamedTuple):
    """What a build is given.

    Attributes:
        gate: judges the corpus.
        describe: writes report and card.
        standard: what it is held to, as part of what makes two builds the same.
        prepare: imports what gate and report will need; for a thread, while the driver waits.
    """

    gate: Gate | None
    describe: Describe | None
    standard: dict[str, Any] | None
    prepare: Callable[[], object] = lambda: None


def add_quality_options(parser: argparse.ArgumentParser) -> None:
    """Adds them to a job that builds a corpus."""
    add = parser.add_argument_group("quality").add_argument
    add("--no-gate", action="store_true", help="publish whatever the checks say")
    add("--thresholds", type=path, metavar="FILE", help="TOML, bounds that differ from the default")
    add(
        "--baseline",
        metavar="PATH",
        help="an older output, or its metrics.json, to compare with; local or s3://",
    )


def take_quality(given: Mapping[str, Any], s3: S3Options | None = None) -> Quality:
    """What the options ask for.

    Args:
        given: the parsed arguments of `QUALITY_OPTIONS`.
        s3: how to reach a baseline on S3.

    Raises:
        PackageMissingError: the gate is wanted, and what it needs is not installed.
        UsageError, InputNotFoundError: one of the files is not what it should be.
        AwsError: S3 said no.
    """
    is_enforced = not given["no_gate"]
    thresholds, baseline = given["thresholds"], given["baseline"]
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing and not is_enforced:
        return Quality(None, None, None)
    if missing:
        raise PackageMissingError(
            f"the quality gate needs {missing[0]}: pip install 'blazing-corpus[quality]', "
            "or publish unchecked with --no-gate"
        )
    from quality.baseline import digest_baseline
    from quality.gate import make_gate, read_standard

    pairs = [(pair.first, pair.second) for pair in ws353()[0].pairs]
    gate = make_gate(read_standard(thresholds, baseline, s3), pairs, enforce=is_enforced)
    digests = {
        "thresholds": thresholds and hashlib.sha256(thresholds.read_bytes()).hexdigest(),
        "baseline": baseline and digest_baseline(baseline, s3),
    }
    return Quality(gate, describe, {"is_enforced": is_enforced, **digests}, import_packages)


def import_packages() -> None:
    """Imports what gate and report need, one after the other, which takes seconds."""
    with suppress(Exception):  # whoever needs them meets the error again
        import_module("quality.expectations.judging")
        import_module("quality.report.report_files")


def describe(output: Path, manifest: dict[str, Any]) -> None:
    """Writes report and card of a build into its folder."""
    from quality.report.report_files import write_report

    write_report(str(output), manifest)
