"""The options of the quality gate: what a corpus is held to before it is published."""

import argparse
import hashlib
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from embeddings.word_pairs import ws353
from etl.gate import Describe, Gate
from storage.errors import PackageMissingError

PACKAGES = ("great_expectations", "jinja2", "matplotlib")
"""What gate and report need, the extra `quality`."""


FILES = ("thresholds", "baseline")
QUALITY_OPTIONS = ("no_gate", *FILES)
"""Their names among the parsed arguments."""


class Quality(NamedTuple):
    """What a build is given.

    Attributes:
        gate: judges the corpus.
        describe: writes report and card.
        standard: what it is held to, as part of what makes two builds the same.
    """

    gate: Gate | None
    describe: Describe | None
    standard: dict[str, Any] | None


def add_quality_options(parser: argparse.ArgumentParser) -> None:
    """Adds them to a job that builds a corpus."""
    add = parser.add_argument_group("quality").add_argument
    add("--no-gate", action="store_true", help="publish whatever the checks say")
    add("--thresholds", type=Path, metavar="FILE", help="TOML, bounds that differ from the default")
    add(
        "--baseline",
        type=Path,
        metavar="PATH",
        help="an older output, or its metrics.json, to compare with",
    )


def take_quality(given: dict[str, Any]) -> Quality:
    """What the options ask for.

    Args:
        given: the parsed arguments of `QUALITY_OPTIONS`.

    Raises:
        PackageMissingError: the gate is wanted, and what it needs is not installed.
        ThresholdsError, BaselineError: one of the files is not what it should be.
    """
    is_enforced = not given["no_gate"]
    files = {name: given[name] for name in FILES}
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing and not is_enforced:
        return Quality(None, None, None)
    if missing:
        raise PackageMissingError(
            f"the quality gate needs {missing[0]}: pip install 'blazing-corpus[quality]', "
            "or publish unchecked with --no-gate"
        )
    from quality.gate import make_gate, read_standard

    pairs = [(pair.first, pair.second) for pair in ws353()[0].pairs]
    gate = make_gate(read_standard(**files), pairs, enforce=is_enforced)
    digests = {name: _digest(path) for name, path in files.items()}
    return Quality(gate, describe, {"is_enforced": is_enforced, **digests})


def describe(output: Path, manifest: dict[str, Any]) -> None:
    """Writes report and card of a build into its folder."""
    from quality.report.files import METRICS, REPORT, write_card, write_report

    metrics = json.loads((output / REPORT / METRICS).read_text(encoding="utf-8"))
    write_report(output / REPORT, metrics, manifest["quality"], manifest)
    write_card(output, manifest, metrics)


def _digest(path: Path | None) -> str | None:
    """sha256 of a file, or of the manifest in a folder; None if there is none."""
    if path is None:
        return None
    if path.is_dir():
        path = path / "manifest.json"
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
