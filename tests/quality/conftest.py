"""Metrics, verdicts and a manifest, as reports and cards are made of them."""

import json
from pathlib import Path

import pytest


def make_metrics():
    """Metrics of the shipped sample, as `quality.metrics` made them."""
    return json.loads((Path(__file__).parent / "metrics.json").read_text())


def make_manifest():
    """A manifest that goes with them."""
    metrics = make_metrics()
    return {
        "format": 1,
        "tool": "blazing-corpus",
        "code": {"version": "0.1.0", "sources_sha256": "c0de", "spacy": "3.8.18"},
        "environment": {"commit": None, "python": "3.11.9"},
        "started": "2024-05-01T10:00:00+00:00",
        "finished": "2024-05-01T10:00:06+00:00",
        "seconds": 6.1,
        "options": {"splitter": "spacy", "keep_apostrophes": False, "min_tokens": 1},
        "entries": ["manifest.json", "corpus"],
        "corpus": {"path": "corpus/cleaned_sentences.csv", "sha256": "5a3", **metrics["corpus"]},
        "ledger": metrics["ledger"],
        "input": {
            **{"uri": "data/sample", "kind": "folder", "files": 43, "bytes": 101801},
            **{"ignored": 0, "digest": "d16e57", "listing": [["1.male.24.Arts.Leo.xml", 9, "1"]]},
        },
    }


def make_quality():
    """A gate that found one error and one warning in three checks, and let the corpus through."""
    names = ("dataset", "expectation", "says", "severity", "passed", "found", "expected", "look")
    verdicts = [
        ("corpus", "empty", "No line is empty", "error", True, 0, "at most 0", "lines.empty"),
        (
            "posts",
            "spread_share",
            "Posts are many",
            "warning",
            False,
            0.25,
            "at least 0.5",
            "posts",
        ),
        ("corpus", "long", "No line is too long", "error", False, 8, "at most 0", "lines.too_long"),
    ]
    row = {"figure": "tokens", "says": "tokens a line", "found": 15.29, "expected": 18.87}
    row |= {"ratio": 0.81, "severity": "warning", "passed": True, "tolerance": "±25 %", "note": ""}
    size = {"figure": "lines", "says": "lines", "found": 1288, "expected": 7480869}
    size |= {"ratio": 0.0002, "severity": None, "passed": None, "tolerance": None}
    repeats = size | {"figure": "repeated_share", "says": "share of repeated lines"}
    repeats |= {"found": 0.0241, "expected": 0.25, "ratio": 0.09}
    return {
        **{"passed": False, "gate": "failed", "errors": 1, "warnings": 1},
        "verdicts": [dict(zip(names, verdict, strict=True)) for verdict in verdicts],
        "comparisons": [
            {"with": "reference", "source": "the run of 2020", "rows": [size, row]},
            {"with": "baseline", "source": "/home/ann/build", "rows": [repeats]},
        ],
    }


metrics, manifest, quality = map(pytest.fixture, (make_metrics, make_manifest, make_quality))


@pytest.fixture(scope="session")
def inputs():
    """Makes metrics, quality and manifest, in the order in which a page takes them."""
    return lambda: (make_metrics(), make_quality(), make_manifest())
