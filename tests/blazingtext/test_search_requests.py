"""The request for a tuning job, field by field; what is refused before anything is paid for."""

from dataclasses import replace
from typing import Any

import pytest
from job_settings import CORPUS, DEFINITION, EVERY_FIELD, EVERYTHING, SETTINGS

from blazingtext.costs import Plan
from blazingtext.jobs.job import TuningJob
from blazingtext.jobs.job_description import (
    parent_discrepancies,
    searched,
    short_name,
    tuning_status,
    warm_start_type,
)
from blazingtext.requests.limits import TUNING_BASE, TUNING_JOB, new_name
from blazingtext.requests.tuning_request import (
    IDENTICAL,
    TRANSFER,
    Search,
    reference_search,
    tuning_request,
)
from embeddings.training.hyperparameters import Hyperparameters
from embeddings.tuning.search_ranges import Choice, Range, make_ranges
from storage.errors import HyperparameterError, RequestError

REFERENCE = reference_search()
WARM = replace(
    REFERENCE, seed=7, early_stopping=True, warm_start_parents=("one", "two"), parallel=3
)


def make_search(*changes: str, preset: str = "reference", **values: Any) -> Search:
    return Search(*make_ranges(changes, Hyperparameters.of({}, preset)), **values)


def test_the_references_search():
    assert tuning_request("blogs-1", CORPUS, REFERENCE, SETTINGS) == {
        "HyperParameterTuningJobName": "blogs-1",
        "HyperParameterTuningJobConfig": {
            "Strategy": "Bayesian",
            "HyperParameterTuningJobObjective": {
                "Type": "Maximize",
                "MetricName": "train:mean_rho",
            },
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 12, "MaxParallelTrainingJobs": 2},
            "ParameterRanges": {
                "CategoricalParameterRanges": [
                    {"Name": "mode", "Values": ["batch_skipgram", "cbow"]}
                ],
                "ContinuousParameterRanges": [
                    {
                        "Name": "learning_rate",
                        "MinValue": "0.005",
                        "MaxValue": "0.05",
                        "ScalingType": "Logarithmic",
                    }
                ],
                "IntegerParameterRanges": [
                    {"Name": name, "MinValue": low, "MaxValue": high, "ScalingType": "Linear"}
                    for name, low, high in (
                        ("window_size", "5", "30"),
                        ("vector_dim", "50", "100"),
                        ("min_count", "20", "50"),
                        ("negative_samples", "5", "25"),
                    )
                ],
            },
            "TrainingJobEarlyStoppingType": "Off",
        },
        "TrainingJobDefinition": {
            "StaticHyperParameters": {
                "batch_size": "11",
                "epochs": "10",
                "evaluation": "True",
                "sampling_threshold": "0.0001",
                "subwords": "False",
            },
            **DEFINITION,
        },
        "Tags": [{"Key": "user:application", "Value": "BlazingText"}],
    }


def test_every_option_has_its_field():
    request = tuning_request("blogs-1", CORPUS, WARM, EVERYTHING)
    config, definition = request["HyperParameterTuningJobConfig"], request["TrainingJobDefinition"]
    assert (config["RandomSeed"], config["TrainingJobEarlyStoppingType"]) == (7, "Auto")
    assert config["ResourceLimits"]["MaxParallelTrainingJobs"] == 3
    assert request["WarmStartConfig"] == {
        "ParentHyperParameterTuningJobs": [
            {"HyperParameterTuningJobName": "one"},
            {"HyperParameterTuningJobName": "two"},
        ],
        "WarmStartType": "IdenticalDataAndAlgorithm",
    }
    assert definition | EVERY_FIELD == definition


@pytest.mark.parametrize(
    ("search", "settings"), [(REFERENCE, SETTINGS), (WARM, EVERYTHING)], ids=["plain", "everything"]
)
def test_just_that_is_sent(aws, search, settings):
    aws.starts.clear()
    request = tuning_request("blogs-1", CORPUS, search, settings)
    job = TuningJob.start(request)
    assert (job.name, aws.searches) == ("blogs-1", [request])
    job.cancel()


@pytest.mark.parametrize(
    ("search", "settings", "text"),
    [
        (make_search("mode=cbow"), {"instance_count": 2}, "cbow takes one instance, not 2"),
        (REFERENCE, {"instance_count": 2}, "cbow takes one instance, not 2: use batch_skipgram"),
        (REFERENCE, {"instance_type": "ml.p3.2xlarge"}, "batch_skipgram runs on CPUs only"),
        (replace(REFERENCE, max_jobs=0), {}, "0 jobs, and a search has 1 to 750"),
        (replace(REFERENCE, parallel=13), {}, "13 jobs at a time, and there may be the number of"),
        (replace(REFERENCE, strategy="Grid"), {}, "strategy is 'Grid', and may be Bayesian or Ra"),
        (replace(REFERENCE, objective="x"), {}, "objective is 'x'; BlazingText reports train:mean"),
        (replace(REFERENCE, seed=-1), {}, "seed is -1, and must be from 0 to 2147483647"),
        (replace(REFERENCE, warm_start_parents=("a_b",)), {}, "'a_b' is no name of a tuning job"),
        (replace(REFERENCE, warm_start_parents=("a",) * 6), {}, "6 searches to start from, and t"),
        (replace(REFERENCE, warm_start_parents=("a",) * 2), {}, "to start from is named twice"),
        (replace(REFERENCE, warm_start_type="x"), {}, "warm start is 'x', not IdenticalDataAndAl"),
        (
            make_search("mode=cbow", "subwords=True,False"),
            {},
            "subwords can't be searched, only fixed: SageMaker tunes batch_size, epochs,",
        ),
        (
            replace(REFERENCE, ranges={"window_size": Range(1, 9, "Cubic")}),
            {},
            "scaling of window_size is 'Cubic'",
        ),
        (
            replace(REFERENCE, ranges={"window_size": Choice(tuple(range(1, 32)))}),
            {},
            "window_size has 31 choices, and may have 30",
        ),
        (
            replace(REFERENCE, ranges={"mode": Choice(("batch_skipgram", "glove"))}),
            {},
            "mode is 'glove', and may be one of",
        ),
        (replace(REFERENCE, ranges={}), {}, "nothing is searched"),
        (REFERENCE, {"role_arn": "x"}, "role is 'x', not arn:aws:iam::ACCOUNT:role/NAME"),
    ],
)
def test_refused_in_one_line(search, settings, text):
    with pytest.raises(RequestError) as error:
        tuning_request("blogs-1", CORPUS, search, replace(SETTINGS, **settings))
    assert text in str(error.value)
    assert "\n" not in str(error.value)


def test_all_that_is_wrong_is_in_the_one_line():
    search = replace(REFERENCE, max_jobs=0, strategy="Grid")
    with pytest.raises(RequestError) as error:
        tuning_request("x" * 33, "s3://bucket/folder/", search, replace(SETTINGS, volume_gb=0))
    line = str(error.value)
    for text in ("corpus is ", f"name is '{'x' * 33}'", "0 jobs", "'Grid'", "volume is 0 GB"):
        assert text in line


def test_corners_are_checked_together_and_only_where_they_can_meet():
    _, common = make_ranges(["mode=skipgram,cbow", "subwords=True"], Hyperparameters())
    assert common.subwords
    with pytest.raises(HyperparameterError, match="min_char is 5, more than max_char, 3"):
        make_ranges(["min_char=2:5", "max_char=3:6"], Hyperparameters())
    with pytest.raises(HyperparameterError, match="subwords can't be learned in mode batch_skip"):
        make_ranges(["mode=skipgram,batch_skipgram", "subwords=False,True"], Hyperparameters())
    with pytest.raises(HyperparameterError, match="the same value twice"):
        make_ranges(["mode=cbow,cbow"], Hyperparameters())
    request = tuning_request(
        "a", CORPUS, make_search("mode=skipgram,cbow", "subwords=True", preset="default"), SETTINGS
    )
    fixed = request["TrainingJobDefinition"]["StaticHyperParameters"]
    assert (fixed["subwords"], fixed["min_char"], fixed["buckets"]) == ("True", "3", "2000000")
    assert "mode" not in fixed


def test_a_searchs_hyperparameters_are_the_same_whatever_is_fixed():
    """Else SageMaker would not let one search start from the other."""
    first = tuning_request("a", CORPUS, REFERENCE, SETTINGS)
    for changes in (("mode=cbow",), ("mode=batch_skipgram", "batch_size=8:32"), ("epochs=5:15",)):
        other = tuning_request("b", CORPUS, make_search(*changes), SETTINGS)
        assert parent_discrepancies(described(first), other) == []


def described(request: dict[str, Any], state: str = "Completed", **more: Any) -> dict[str, Any]:
    return request | {"HyperParameterTuningJobStatus": state} | more


def test_what_no_search_can_start_from():
    request = tuning_request("a", CORPUS, REFERENCE, SETTINGS)
    running = described(request, "InProgress")
    assert parent_discrepancies(running, request) == ["a is InProgress, and must have ended"]
    other = tuning_request(
        "b", CORPUS, make_search("mode=skipgram", "subwords=True", preset="default"), SETTINGS
    )
    assert parent_discrepancies(described(other), request) == [
        "b has other hyperparameters, searched and fixed together: buckets, max_char, min_char"
    ]
    objective = {"HyperParameterTuningJobObjective": {"MetricName": "validation:accuracy"}}
    supervised = described(request, HyperParameterTuningJobConfig=objective)
    assert parent_discrepancies(supervised, request) == [
        "a searched for validation:accuracy, not train:mean_rho"
    ]


def test_warm_start_knows_whether_corpus_and_image_are_the_same():
    same = described(tuning_request("a", CORPUS, REFERENCE, SETTINGS))
    other = described(tuning_request("b", f"{CORPUS}2", REFERENCE, SETTINGS))
    assert warm_start_type([same], CORPUS, SETTINGS.image) == IDENTICAL
    assert warm_start_type([same, other], CORPUS, SETTINGS.image) == TRANSFER
    assert warm_start_type([same], CORPUS, "mirror/blazingtext:2") == TRANSFER


def test_how_far_a_search_is():
    request = tuning_request("a", CORPUS, REFERENCE, SETTINGS)
    counters = {"Completed": 3, "InProgress": 2, "NonRetryableError": 1, "Stopped": 0}
    best = {
        "TrainingJobName": "a-002-0123abcd",
        "FinalHyperParameterTuningJobObjectiveMetric": {"Value": 0.61234},
    }
    running = described(
        request, "InProgress", TrainingJobStatusCounters=counters, BestTrainingJob=best
    )
    found = tuning_status(running)
    assert found.state == (
        "InProgress: 4 of 12 jobs ended; 2 running; 1 failed; best mean_rho 0.6123 (job-002)"
    )
    assert (found.is_final, found.exit_code) == (False, None)
    assert tuning_status(described(request)).exit_code == 0
    failed = tuning_status(described(request, "Failed", FailureReason="all failed"))
    assert (failed.is_final, failed.exit_code, failed.details) == (True, None, "all failed")
    assert tuning_status(described(request, "Stopping")).is_final is False
    assert searched(request) == [
        *("mode", "learning_rate", "window_size", "vector_dim", "min_count", "negative_samples")
    ]


def test_names():
    found = {new_name(TUNING_BASE, TUNING_JOB) for _ in range(200)}
    assert len(found) == 200
    assert {len(name) for name in found} == {32}
    with pytest.raises(RequestError, match="my-own-search is 2 characters too long"):
        new_name("my-own-search", TUNING_JOB)
    assert short_name("by-hand") == "by-hand"


def test_the_estimate_of_the_references_search():
    """It cost US$ 2.84 at the price of 2020: more of its jobs were in the dearer mode."""
    planned = Plan(REFERENCE, SETTINGS, 141_146_651, 7_480_869, 0.238)
    low, middle, high = planned.cheapest(), planned.middle(), planned.dearest()
    assert low and middle and high
    assert low.dollars < middle.dollars < high.dollars
    assert 12 * middle.dollars == pytest.approx(1.93, abs=0.01)
    assert high.seconds == pytest.approx(655 * 31 * 26 / 36, rel=0.01)
    assert low.seconds == pytest.approx(655 * 50 * (5 + 5 + 2) / 3600, rel=0.01)
    assert planned.most() == pytest.approx(12 * 5 * 0.238)
    assert planned.describe().startswith("estimate: 12 jobs, 2 at a time on 1 x ml.c5.xlarge, US$ ")
    unknown = replace(planned, tokens=None)
    assert unknown.describe() == (
        "estimate: none for 12 jobs, 2 at a time on 1 x ml.c5.xlarge; each is stopped after "
        "18,000 s, so US$ 14.28 at most"
    )
