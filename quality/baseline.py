"""A previous build, to compare with: its metrics, or as much as its manifest alone tells."""

import json
from pathlib import Path
from typing import Any

from quality.errors import BaselineError
from quality.metrics import FORMAT
from quality.suites.comparisons import Baseline, compared_figures

MANIFEST, METRICS = "manifest.json", "report/metrics.json"


def read_baseline(path: Path) -> Baseline:
    """From an output folder, a manifest.json with or without its report, or a metrics.json.

    Raises:
        BaselineError: it can't be read, or is none of these.
    """
    content = _read(path / MANIFEST if path.is_dir() else path)
    if "ledger" not in content or not isinstance(content.get("corpus"), dict):
        raise BaselineError(f"{path} is neither a manifest nor metrics of a corpus")
    if "vocabulary" not in content:
        folder = path if path.is_dir() else path.parent
        if (folder / METRICS).is_file():
            content = _read(folder / METRICS)
    if "vocabulary" in content and content.get("format") != FORMAT:
        raise BaselineError(f"{path} has format {content.get('format')!r}, not {FORMAT}")
    try:
        figures = compared_figures(content)
    except (KeyError, TypeError, StopIteration) as error:
        raise BaselineError(f"{path} lacks figures of a corpus: {error}") from None
    return Baseline("baseline", str(path), dict(figures))


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BaselineError(f"can't read the baseline {path}: {error.strerror}") from error
    except ValueError:
        raise BaselineError(f"the baseline {path} is no JSON") from None
    if not isinstance(content, dict):
        raise BaselineError(f"the baseline {path} is no JSON object")
    return content
