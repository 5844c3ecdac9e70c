"""Metrics and thresholds → what Great Expectations is given to judge."""

from collections.abc import Mapping, Sequence
from types import ModuleType

from quality.figures import Metrics
from quality.judge import Subject, judged
from quality.suites import corpus_file, ledger, posts, rejects, sentences
from quality.suites.comparisons import Baseline, compared_figures
from quality.thresholds import Threshold, Thresholds

OF_BUILD: dict[str, ModuleType] = {"ledger": ledger, "posts": posts}
"""Datasets that only a build has, beside the rejects."""

OF_FILE: dict[str, ModuleType] = {"sentences": sentences, "corpus": corpus_file}


def make_subjects(
    metrics: Metrics, thresholds: Thresholds, baselines: Sequence[Baseline]
) -> list[Subject]:
    """One for each dataset that the metrics know, and one for each comparison."""
    suites = (OF_BUILD if metrics["ledger"] else {}) | OF_FILE
    subjects = [
        Subject(name, suite.figures(metrics), suite.CHECKS, thresholds.get(name, {}))
        for name, suite in suites.items()
    ]
    if metrics["ledger"]:
        subjects.insert(2, _rejects(metrics, thresholds.get("rejects", {})))
    subjects += [_comparison(metrics, one, thresholds.get(one.name, {})) for one in baselines]
    return [judged(subject, metrics["corpus"]["tokens"]) for subject in subjects]


def _rejects(metrics: Metrics, thresholds: Mapping[str, Threshold]) -> Subject:
    """Each reason that occurs is a check."""
    figures = rejects.figures(metrics)
    return Subject(
        "rejects",
        figures,
        {name: rejects.check_of(name) for name in figures},
        {
            name: thresholds.get(name) or thresholds.get(rejects.threshold_of(name)) or Threshold()
            for name in figures
        },
    )


def _comparison(
    metrics: Metrics, baseline: Baseline, thresholds: Mapping[str, Threshold]
) -> Subject:
    ratios = baseline.ratios(compared_figures(metrics))
    checks = {name: baseline.check_of(name) for name in ratios}
    return Subject(baseline.name, ratios, checks, thresholds)
